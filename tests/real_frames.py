"""Frames captured from real meters: not part of the project, named by HAN_FRAMES where somebody has them."""

from collections.abc import Callable
import json
import os
from pathlib import Path
from typing import Any

import pytest

type Frame = dict[str, Any]


def every_frame() -> list[Frame] | None:
    """Return all of them; None where there are none."""
    if not (name := os.environ.get("HAN_FRAMES")):
        return None
    with Path(name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def real_frames(wanted: Callable[[Frame], bool]) -> pytest.MarkDecorator:
    """Run a test for each wanted frame, as its argument `frame`; skip it where there are none."""
    if (every := every_frame()) is None:
        return pytest.mark.skip(reason="HAN_FRAMES is not set")
    frames = [frame for frame in every if wanted(frame)]
    return pytest.mark.parametrize("frame", frames, ids=[frame["id"] for frame in frames])
