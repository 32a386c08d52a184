"""The integration's modules without Home Assistant: decoder and link stand on their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sys
from types import ModuleType

ROOT = Path(__file__).parent.parent
_PACKAGE = "custom_components.han_port"


@contextmanager
def without_home_assistant() -> Iterator[None]:
    """Let modules of the integration be imported without running its `__init__`, which imports Home Assistant."""
    if _PACKAGE in sys.modules:
        yield
        return
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(ROOT / "custom_components" / "han_port")]
    sys.modules[_PACKAGE] = package
    try:
        yield
    finally:
        del sys.modules[_PACKAGE]
