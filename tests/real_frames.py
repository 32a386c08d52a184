"""Frames captured from real meters: not part of the project, named by HAN_FRAMES where somebody has them."""

from collections.abc import Callable
import json
import os
from pathlib import Path
from typing import Any

import pytest

type Frame = dict[str, Any]


def real_frames(wanted: Callable[[Frame], bool]) -> pytest.MarkDecorator:
    """Run a test for each wanted frame, as its argument `frame`; skip it where there are none."""
    name = os.environ.get("HAN_FRAMES")
    if not name:
        return pytest.mark.skip(reason="HAN_FRAMES is not set")
    with Path(name).open(encoding="utf-8") as lines:
        frames = [frame for frame in map(json.loads, lines) if wanted(frame)]
    return pytest.mark.parametrize("frame", frames, ids=[frame["id"] for frame in frames])
