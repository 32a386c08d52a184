"""What tests of a meter that is read by hand have in common."""

from collections.abc import Generator
from pathlib import Path

import pytest

from .hand_home import House


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file, and keep it over a restart."""
    return True


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a house whose meter is read by hand. Its files are real ones, in a directory of its own."""
    return House(tmp_path)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Spare what is logged of every statement; see that the recorder, and who makes statistics, warn of nothing."""
    for name in ("", "homeassistant", "sqlalchemy.engine", "custom_components"):
        caplog.set_level("WARNING", name)
    yield
    records = [record for record in caplog.get_records("call") if record.name.startswith("homeassistant.components")]
    assert [text for record in records if "shutdown cleanly" not in (text := record.getMessage())] == []
