"""Runs Home Assistant as `python -m homeassistant` does, but by a shared clock: its file, then the usual arguments."""

from datetime import datetime, tzinfo
from pathlib import Path
import sys
from typing import Self, override
from unittest.mock import patch

from homeassistant.__main__ import main
from jwt import api_jwt

sys.path.append(str(Path(__file__).parents[2]))

from scripts.months.home_time import home_time
from tests.e2e.shared_clock import SharedClock


def run(clock: SharedClock) -> int:
    """Run it to its end, and return its exit code."""

    class Now(datetime):
        """What says whether a token has run out."""

        @classmethod
        @override
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.now().timestamp(), tz)

    with home_time(clock), patch.object(api_jwt, "datetime", Now):
        return main()


if __name__ == "__main__":
    sys.exit(run(SharedClock(Path(sys.argv.pop(1)))))
