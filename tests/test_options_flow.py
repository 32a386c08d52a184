"""The options are filled in form by form; each section leaves the others alone, and what is wrong is said at its field.

The forms go through Home Assistant's own flow manager, with the entry set up behind them.
"""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.capacity_options import Fuse, fuse_of, target_of, tariff_of
from custom_components.han_port.ledger.capacity import Rule
from custom_components.han_port.presets import PRESETS

from .conftest import Bridge, entity, entry_for, full, set_up, until

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

type Form = dict[str, Any]

ELVIA = PRESETS["elvia"]


async def opened(hass: HomeAssistant, entry: MockConfigEntry, section: str) -> ConfigFlowResult:
    """Click the cogwheel, and a line of the menu."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["values", "capacity", "fuse", "import_hours"]
    result = await hass.config_entries.options.async_configure(result["flow_id"], {"next_step_id": section})
    shows(result, section)
    return result


async def fill_in(hass: HomeAssistant, result: ConfigFlowResult, form: Form) -> ConfigFlowResult:
    """Send a form."""
    return await hass.config_entries.options.async_configure(result["flow_id"], form)


def shows(result: ConfigFlowResult, step: str, **errors: str) -> None:
    """See that a form comes, with these errors at its fields."""
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step)
    assert (result["errors"] or {}) == errors


def shown(result: ConfigFlowResult) -> Form:
    """Return what a form has filled in."""
    assert result["data_schema"] is not None
    return {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description and "suggested_value" in field.description
    }


def choices(result: ConfigFlowResult, name: str) -> dict[str, str]:
    """Return the choices of a field, with their labels."""
    assert result["data_schema"] is not None
    selector = result["data_schema"].schema[name]
    return {option["value"]: option["label"] for option in selector.config["options"]}


async def end(hass: HomeAssistant, result: ConfigFlowResult, form: Form) -> None:
    """Send the last form, and wait until the entry has been reloaded."""
    result = await fill_in(hass, result, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


def rule(name: str = "three_days", start: str = "usual", *, count_estimated: bool = False) -> Form:
    """Return the first form of the tariff."""
    return {"rule": name, "start": start, "count_estimated": count_estimated}


async def to_steps(hass: HomeAssistant, entry: MockConfigEntry, form: Form | None = None) -> ConfigFlowResult:
    """Go to the table of steps."""
    result = await fill_in(hass, await opened(hass, entry, "capacity"), form or rule())
    shows(result, "steps")
    return result


async def to_target(hass: HomeAssistant, entry: MockConfigEntry, form: Form | None = None) -> ConfigFlowResult:
    """Go to the target, with the table as it is."""
    result = await to_steps(hass, entry, form)
    result = await fill_in(hass, result, shown(result) | {})
    shows(result, "target")
    return result


@pytest.fixture
async def entry(hass: HomeAssistant, bridge: Bridge) -> MockConfigEntry:
    """Return a meter that is read."""
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    return entry


# How values are shown.


async def test_values(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await end(hass, await opened(hass, entry, "values"), {"power_factor": 60})
    assert entry.options == {
        "power_interval": 0,
        "interval": 30,
        "power_factor": 60,
        "energy_factor": 1,
        "current_factor": 1,
        "voltage_factor": 1,
    }
    await until(hass, entity(hass, "power_import"), "151560")  # reloaded by itself
    assert shown(await opened(hass, entry, "values"))["power_factor"] == 60


@pytest.mark.parametrize("wrong", [{"energy_factor": 0}, {"current_factor": -1}, {"interval": -1}])
async def test_values_that_make_no_sense(hass: HomeAssistant, entry: MockConfigEntry, wrong: Form) -> None:
    result = await opened(hass, entry, "values")
    with pytest.raises(InvalidData):
        await fill_in(hass, result, wrong)
    hass.config_entries.options.async_abort(result["flow_id"])


# The capacity tariff.


@pytest.mark.parametrize("company", PRESETS)
async def test_a_price_list_is_taken_as_it_is(hass: HomeAssistant, entry: MockConfigEntry, company: str) -> None:
    result = await to_steps(hass, entry, rule(start=company))
    preset = PRESETS[company]
    assert [(row["above"], row["price"]) for row in shown(result)["steps"]][1] == (2, preset.prices[1])
    assert shown(result)["vat"] == preset.vat
    result = await fill_in(hass, result, shown(result))
    shows(result, "target")
    assert choices(result, "target")["5"].startswith("2–5 kW · 250 kr")
    await end(hass, result, {"target": "5"})
    assert entry.state is ConfigEntryState.LOADED
    assert entry.options["capacity"] == {
        "rule": "three_days",
        "count_estimated": False,
        **preset.options(),
        "target": 5,
    }
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert tariff.steps[1].price == 250
    assert target_of(entry.options) == 5000


async def test_every_price_list_is_offered_with_its_date(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    offered = choices(await opened(hass, entry, "capacity"), "start")
    assert list(offered) == ["usual", *PRESETS]  # there is nothing to keep yet
    assert offered["elvia"] == "Elvia – 2026-07-01"


async def test_the_usual_boundaries_without_prices(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await opened(hass, entry, "capacity")
    assert shown(result) == {"rule": "three_days", "start": "usual"}
    result = await to_target(hass, entry, rule("month_maximum", count_estimated=True))
    assert choices(result, "target") == {
        "none": "none",
        "2": "0–2 kW",
        "5": "2–5 kW",
        "10": "5–10 kW",
        "15": "10–15 kW",
        "20": "15–20 kW",
        "25": "20–25 kW",
        "50": "25–50 kW",
        "75": "50–75 kW",
        "100": "75–100 kW",
        "own": "own",
    }
    assert shown(result) == {"target": "none"}
    await end(hass, result, {"target": "none"})
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert tariff.rule is Rule.MONTH_MAXIMUM
    assert tariff.count_estimated
    assert tariff.steps[3].price is None
    assert target_of(entry.options) is None


async def test_a_step_that_is_added_finds_its_place(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A click on Add puts it last; the target's list follows the table."""
    result = await to_steps(hass, entry)
    table = [{"above": 0, "price": 100}, {"above": 5, "price": 300.5}, {"above": 2.5}]
    form = {**shown(result), "steps": table, "vat": 25, "boundary": "lower"}
    result = await fill_in(hass, result, form)
    shows(result, "target")
    assert choices(result, "target") == {"none": "none", "2.5": "0–2.5 kW · 125 kr", "5": "2.5–5 kW", "own": "own"}
    await end(hass, result, {"target": "2.5"})
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert [tuple(step) for step in tariff.steps] == [(0, 125), (2500, None), (5000, 375.62)]
    assert not tariff.steps.boundary_to_higher
    assert target_of(entry.options) == 2500


TABLE = [{"above": 0, "price": 1}, {"above": 2, "price": 2}]


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"steps": []}, {"steps": "no_steps"}),
        ({"steps": [{"above": 1}]}, {"steps": "first_step_not_zero"}),
        ({"steps": [*TABLE, {"above": 2}]}, {"steps": "steps_not_ascending"}),
        ({"steps": [*TABLE, {"above": 2.0001}]}, {"steps": "steps_not_ascending"}),
        ({"steps": [*TABLE, {"price": 5}]}, {"steps": "no_boundary"}),
        ({"steps": [*TABLE, {"above": -2}]}, {"steps": "no_boundary"}),
        ({"steps": [*TABLE, {"above": "5"}]}, {"steps": "no_boundary"}),
        ({"steps": [*TABLE, {"above": float("inf")}]}, {"steps": "no_boundary"}),
        ({"steps": [*TABLE, {"above": 5, "price": -1}]}, {"steps": "no_price"}),
        ({"steps": [{"above": n} for n in range(31)]}, {"steps": "too_many_steps"}),
        ({"vat": -1}, {"vat": "no_vat"}),
        ({"vat": 101}, {"vat": "no_vat"}),
        ({"vat": 1000, "steps": []}, {"vat": "no_vat", "steps": "no_steps"}),
    ],
)
async def test_a_table_that_makes_no_sense(
    hass: HomeAssistant, entry: MockConfigEntry, wrong: Form, errors: dict[str, str]
) -> None:
    """It is said at its field, nothing that was filled in is lost, and it goes on when it is put right."""
    result = await to_steps(hass, entry)
    form = {"steps": TABLE, "price_per": "year", "vat": 12, "boundary": "lower", **wrong}
    result = await fill_in(hass, result, form)
    shows(result, "steps", **errors)
    after = shown(result)
    assert sorted(after.pop("steps"), key=repr) == sorted(form["steps"], key=repr)
    assert after == {key: form[key] for key in after}
    assert {"price_per", "vat", "boundary"} <= after.keys()
    assert entry.options == {}
    result = await fill_in(hass, result, {**form, "steps": TABLE, "vat": 0})
    await end(hass, result, {"target": "2"})
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert len(tariff.steps) == 2


async def test_as_many_steps_as_there_may_be(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await to_steps(hass, entry)
    result = await fill_in(hass, result, {**shown(result), "steps": [{"above": n} for n in range(30)]})
    shows(result, "target")


async def test_a_limit_of_ones_own(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await fill_in(hass, await to_target(hass, entry), {"target": "own"})
    shows(result, "limit")
    assert shown(result) == {}
    for wrong in (0, -3, float("inf")):
        result = await fill_in(hass, result, {"target": wrong})
        shows(result, "limit", target="no_limit")
        assert shown(result) == {"target": wrong}
    await end(hass, result, {"target": 7.5})
    assert target_of(entry.options) == 7500

    result = await to_target(hass, entry, rule(start="keep"))
    assert shown(result) == {"target": "own"}
    result = await fill_in(hass, result, {"target": "own"})
    assert shown(result) == {"target": 7.5}


async def test_what_is_there_is_kept(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A second visit begins with what the first has set; another price list leaves the target."""
    result = await to_target(hass, entry, rule(start="bkk"))
    await end(hass, result, {"target": "10"})
    before = entry.options

    result = await opened(hass, entry, "capacity")
    assert list(choices(result, "start")) == ["keep", "usual", *PRESETS]
    assert shown(result) == {"rule": "three_days", "start": "keep", "count_estimated": False}
    result = await to_target(hass, entry, shown(result))
    assert shown(result) == {"target": "10"}
    await end(hass, result, shown(result))
    assert entry.options == before

    result = await to_target(hass, entry, rule(start="elvia"))
    assert shown(result) == {"target": "10"}
    await end(hass, result, shown(result))
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert tariff.steps[0].price == 150


async def test_off_and_on_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Turned off, the tariff is not lost."""
    await end(hass, await to_target(hass, entry, rule(start="elvia")), {"target": "5"})
    await end(hass, await opened(hass, entry, "capacity"), rule("off", "keep"))
    assert tariff_of(entry.options) is None
    result = await opened(hass, entry, "capacity")
    assert shown(result) == {"rule": "off", "start": "keep", "count_estimated": False}
    result = await to_target(hass, entry, rule(start="keep"))
    assert shown(result) == {"target": "5"}
    await end(hass, result, shown(result))
    tariff = tariff_of(entry.options)
    assert tariff is not None
    assert tariff.steps[1].price == 250


async def test_off_before_it_was_ever_on(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await end(hass, await opened(hass, entry, "capacity"), rule("off"))
    assert tariff_of(entry.options) is None
    assert list(choices(await opened(hass, entry, "capacity"), "start")) == ["usual", *PRESETS]


async def test_nothing_is_set_before_the_last_form(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await to_target(hass, entry, rule(start="elvia"))
    hass.config_entries.options.async_abort(result["flow_id"])
    assert entry.options == {}


# The main fuse.


async def test_the_main_fuse(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await opened(hass, entry, "fuse")
    assert shown(result) == {}
    await end(hass, result, {"amperes": 63})
    assert fuse_of(entry.options) == Fuse(63, 30)
    result = await opened(hass, entry, "fuse")
    assert shown(result) == {"amperes": 63, "delay": 30}
    await end(hass, result, {"amperes": 40.5, "delay": 0})
    assert fuse_of(entry.options) == Fuse(40.5, 0)


@pytest.mark.parametrize("form", [{"delay": 45}, {"amperes": 0, "delay": 45}])
async def test_no_main_fuse(hass: HomeAssistant, entry: MockConfigEntry, form: Form) -> None:
    await end(hass, await opened(hass, entry, "fuse"), {"amperes": 63})
    await end(hass, await opened(hass, entry, "fuse"), form)
    assert fuse_of(entry.options) is None
    assert shown(await opened(hass, entry, "fuse"))["delay"] == 45


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"amperes": -1, "delay": 30}, {"amperes": "no_current"}),
        ({"amperes": 1e6, "delay": 30}, {"amperes": "no_current"}),
        ({"amperes": 63, "delay": -1}, {"delay": "no_delay"}),
        ({"amperes": -1, "delay": 1e6}, {"amperes": "no_current", "delay": "no_delay"}),
    ],
)
async def test_a_main_fuse_that_makes_no_sense(
    hass: HomeAssistant, entry: MockConfigEntry, form: Form, errors: dict[str, str]
) -> None:
    result = await fill_in(hass, await opened(hass, entry, "fuse"), form)
    shows(result, "fuse", **errors)
    assert shown(result) == form
    await end(hass, result, {"amperes": 25, "delay": 60})
    assert fuse_of(entry.options) == Fuse(25, 60)


# Each section for itself.


async def test_no_section_touches_another(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(entry, options={"energy_factor": 0.1, "of_later_version": 5})
    await end(hass, await opened(hass, entry, "fuse"), {"amperes": 63})
    await end(hass, await to_target(hass, entry, rule(start="elvia")), {"target": "5"})
    await end(hass, await opened(hass, entry, "values"), {"energy_factor": 10})
    assert entry.options["of_later_version"] == 5
    assert entry.options["energy_factor"] == 10
    assert fuse_of(entry.options) == Fuse(63, 30)
    assert target_of(entry.options) == 5000
    await end(hass, await opened(hass, entry, "capacity"), rule("off", "keep"))
    assert fuse_of(entry.options) == Fuse(63, 30)
    assert entry.options["energy_factor"] == 10
