"""What this process holds: tasks, open files, memory."""

import asyncio
import gc
from pathlib import Path
import tracemalloc
from typing import NamedTuple

from tests.serving import open_files

_PAGE = 4096
_ROOT = Path(__file__).parent.parent.parent
_OURS = ("scripts/soaking/", "scripts/soak.py", "tests/meters/", "tests/serving.py", "tracemalloc.py")


class Resources(NamedTuple):
    """What is held at one moment."""

    tasks: int
    files: int
    rss: int
    """Bytes."""
    objects: int
    """What the garbage collector knows of."""


def held() -> Resources:
    """Return what is held, when what is garbage has been collected."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Resources(len(asyncio.all_tasks()), open_files(), pages * _PAGE, len(gc.get_objects()))


def grown() -> tuple[int, list[tuple[str, int]]]:
    """Return how much of what was allocated since tracing began is still there, in bytes, and the files with the most.

    What the soak itself keeps is left out.
    """
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(inclusive=False, filename_pattern=f"*{name}*") for name in _OURS]
    )
    files = [(_short(one.traceback[0].filename), one.size) for one in snapshot.statistics("filename")]
    return sum(size for _, size in files), files[:8]


def _short(path: str) -> str:
    return path.rpartition("site-packages/")[2].removeprefix(f"{_ROOT}/")
