"""The blueprints as Home Assistant imports them: from an address, by its own loader."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import re

from aiohttp import web
from awesomeversion import AwesomeVersion
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import importer
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.const import __version__
from homeassistant.helpers.selector import validate_selector
from homeassistant.util.yaml import parse_yaml
import pytest

from scripts.months.living import BLUEPRINTS, NOTE, automation

from .evening import Evening, capacity, spend

FOLDER = BLUEPRINTS / "automation" / "han_port"
NAMES = sorted(path.stem for path in FOLDER.iterdir())

pytestmark = pytest.mark.usefixtures("socket_enabled")


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[str]:
    """Serve a folder's files over HTTP; return the address."""
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def test_each_can_be_imported_by_its_address_and_then_used(tmp_path: Path) -> None:
    assert NAMES == ["keep_capacity_step", "new_peak_warning", "overload_warning"]

    async def scenario(evening: Evening) -> None:
        async with evening.started() as hass, served(FOLDER) as address:
            for name in NAMES:
                imported = await importer.fetch_blueprint_from_url(hass, f"{address}/{name}.yaml")
                blueprint = imported.blueprint
                assert blueprint.domain == "automation"
                assert blueprint.validate() is None  # this Home Assistant is new enough for it
                assert await async_get_blueprints(hass).async_add_blueprint(blueprint, f"imported/{name}.yaml") is False
            found = await async_get_blueprints(hass).async_get_blueprints()
            for name in NAMES:  # what was written from there can be read again
                assert not isinstance(found[f"imported/{name}.yaml"], Exception)
            forecast = evening.entity("sensor", "capacity_forecast")
            inputs = {
                "keep_capacity_step": {
                    "over_target": evening.entity("binary_sensor", "over_target"),
                    "available_power": evening.entity("sensor", "available_power"),
                    "note": NOTE,
                },
                "new_peak_warning": {"forecast": forecast, "day_peak": forecast, "third_peak": forecast},
                "overload_warning": {
                    "overload": evening.entity("binary_sensor", "overload"),
                    "fuse_load": evening.entity("sensor", "fuse_load"),
                },
            }
            automations = [automation(name, **inputs[name]) for name in NAMES]
            for one, name in zip(automations, NAMES, strict=True):
                one["use_blueprint"]["path"] = f"imported/{name}.yaml"
            await evening.automate(*automations)
            for name in NAMES:  # with nothing but what has no default
                assert evening.shown(f"automation.{name}") == "on"

    spend(tmp_path / "home", scenario, options={**capacity(5), "fuse": {"amperes": 25, "delay": 30}})


@pytest.mark.parametrize("name", NAMES)
def test_each_says_where_it_comes_from_and_what_it_wants(name: str) -> None:
    content = parse_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    blueprint = Blueprint(content, schema=BLUEPRINT_SCHEMA)
    metadata = blueprint.metadata
    path = f"blob/main/blueprints/automation/han_port/{name}.yaml"
    assert re.fullmatch(rf"https://github\.com/\w+/han_port/{path}", metadata["source_url"])
    assert importer.GITHUB_FILE_PATTERN.match(metadata["source_url"])
    assert metadata["homeassistant"]["min_version"] == "2026.5.0"
    assert AwesomeVersion(__version__) >= "2026.5.0"
    assert metadata["description"]
    for key, section in metadata["input"].items():
        assert section["name"], key
        assert section["icon"], key
        for one, described in section["input"].items():
            assert described["name"], one
            assert validate_selector(described["selector"]), one
