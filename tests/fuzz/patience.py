"""How long anything may take."""

from typing import Final

MOST_SECONDS: Final = 0.005
"""That 4 KiB of any input may take."""


class Patience:
    """How many times as long as it should things may take, where something slows them down (a fuzzer's probes)."""

    times: float = 1
