"""What the log of a Home Assistant says against an integration: complaints that name it, and no others."""

import pytest

from scripts.home_assistant.log import complaints

STANDING = (
    "2026-11-24 03:07:23.427 WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration han_port "
    "which has not been tested by Home Assistant. This component might cause stability problems"
)
INFO = "2026-11-24 03:07:24.000 INFO (MainThread) [custom_components.han_port.coordinator] Aidon 6525: lists come again"
OTHER = "2026-11-24 03:07:25.000+00:00 ERROR (MainThread) [haffmpeg.core] FFmpeg fails"
BLOCKING = (
    "2026-11-24 03:07:26.000 WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open inside the "
    "event loop by custom integration 'han_port' at custom_components/han_port/link.py, line 1"
)
UNCAUGHT = """\
2026-11-24 03:07:27.000+00:00 ERROR (MainThread) [homeassistant] Error doing job
Traceback (most recent call last):
  File "/config/custom_components/han_port/link.py", line 1, in open
ValueError: 1"""


def test_a_quiet_log() -> None:
    assert complaints(f"{STANDING}\n{INFO}\n{OTHER}", "han_port") == []


def slow(seconds: float) -> str:
    return (
        "2026-11-24 03:07:26.000 WARNING (MainThread) [asyncio] Executing <Task finished name='config entry setup "
        f"Aidon 6525 han_port'> took {seconds} seconds"
    )


def test_a_busy_machine() -> None:
    assert complaints(slow(0.326), "han_port") == []


@pytest.mark.parametrize("complaint", [BLOCKING, UNCAUGHT, slow(2.5)])
def test_a_complaint_among_others(complaint: str) -> None:
    assert complaints(f"{STANDING}\n{INFO}\n{complaint}\n{OTHER}", "han_port") == [complaint]


def test_a_crash_before_there_is_a_log() -> None:
    crash = 'Traceback (most recent call last):\n  File "custom_components/han_port/__init__.py", line 1'
    assert complaints(crash + "\n" + OTHER, "han_port") == [crash]
