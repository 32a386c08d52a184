"""Registers that do not agree with power are told of, and mended when the user wants it."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import RepairsFlowManager, repairs_flow_manager
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN

from .conftest import Bridge, entry_for, full, hourly, set_up, shown

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "hass_storage")

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEP = timedelta(seconds=10)
WATTS = 3000
HOURS = 8
"""So many that it is clear."""
TEXTS = Path(__file__).parent.parent / "custom_components/han_port/translations/en.json"


class House:
    """A house that draws 3 kW, and a meter whose registers say more or less."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry) -> None:
        self.hass = hass
        self.entry = entry
        self._freezer = freezer
        self._hour = START
        self._register = 31_450_000

    async def hours(self, number: int, scale: float) -> None:
        """Let hours pass in which the registers say so many times of what was drawn."""
        coordinator = self.entry.runtime_data
        for _ in range(number):
            for seconds in range(10, 3610, 10):
                self._freezer.move_to(self._hour + timedelta(seconds=seconds))
                if seconds == 10:
                    clock = (self._hour + HOUR).replace(tzinfo=None)
                    coordinator.feed(
                        hourly(clock=clock, power_import=WATTS, energy_import=self._register, energy_export=0)
                    )
                else:
                    coordinator.feed(full(power_import=WATTS))
            self._hour += HOUR
            self._register += round(WATTS * scale)
        self._freezer.tick(1)
        await self.hass.async_block_till_done()

    @property
    def issue(self) -> ir.IssueEntry | None:
        """What is told of the scale."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, f"wrong_scale_{self.entry.entry_id}")


@pytest.fixture
async def house(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> House:
    """Return a house, set up."""
    freezer.move_to(START)
    return House(hass, freezer, await set_up(hass, entry_for(bridge.url, power_interval=60)))


@pytest.mark.parametrize("scale", [10, 0.1, 1.5])
async def test_a_wrong_scale_is_told_of(house: House, scale: float) -> None:
    await house.hours(HOURS, scale)
    assert house.issue is not None
    assert house.issue.is_fixable
    assert house.issue.translation_placeholders == {"name": "Aidon 6525"}


async def test_a_right_scale_is_no_issue(house: House) -> None:
    await house.hours(HOURS, 1)
    assert house.issue is None


async def test_the_issue_goes_when_both_agree_again(house: House) -> None:
    """As when the grid company sets the meter right."""
    await house.hours(HOURS, 10)
    assert house.issue is not None
    await house.hours(2, 1)
    assert house.issue is None


async def test_the_issue_goes_with_the_entry(hass: HomeAssistant, house: House) -> None:
    await house.hours(HOURS, 10)
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert house.issue is None


async def test_the_issue_goes_when_the_entry_is_switched_off(hass: HomeAssistant, house: House) -> None:
    await house.hours(HOURS, 10)
    await hass.config_entries.async_reload(house.entry.entry_id)
    assert house.issue is not None
    await hass.config_entries.async_set_disabled_by(house.entry.entry_id, ConfigEntryDisabler.USER)
    assert house.issue is None


async def test_the_issue_goes_with_a_factor_from_the_options(hass: HomeAssistant, house: House) -> None:
    await house.hours(HOURS, 10)
    await set_factor(hass, house.entry, 0.1)
    assert house.issue is None
    await house.hours(HOURS, 10)
    assert house.issue is None


async def set_factor(hass: HomeAssistant, entry: MockConfigEntry, factor: float) -> None:
    """Set the factor in the options."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": "values"})
    user_input = {
        "power_interval": 0,
        "interval": 30,
        "power_factor": 1,
        "energy_factor": factor,
        "current_factor": 1,
        "voltage_factor": 1,
    }
    await hass.config_entries.options.async_configure(flow["flow_id"], user_input)
    await hass.async_block_till_done()


class Flow:
    """The repair flow, as Repairs goes through it. Over HTTP a token would not outlive the hours that pass here."""

    def __init__(self, manager: RepairsFlowManager) -> None:
        self._manager: Any = manager

    async def begin(self, house: House) -> dict[str, Any]:
        """Open the issue."""
        data = {"issue_id": f"wrong_scale_{house.entry.entry_id}"}
        return dict(await self._manager.async_init(DOMAIN, data=data))

    async def submit(self, flow: dict[str, Any], **user_input: Any) -> dict[str, Any]:
        """Submit the form."""
        return dict(await self._manager.async_configure(flow["flow_id"], user_input))


@pytest.fixture
async def flow(hass: HomeAssistant) -> Flow:
    """Return what goes through the flow."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return Flow(manager)


async def test_what_it_will_do_is_shown(house: House, flow: Flow) -> None:
    await house.hours(HOURS, 10)
    form = await flow.begin(house)
    assert form["type"] == "form"
    told = form["description_placeholders"]
    assert told == {
        "name": "Aidon 6525",
        "times": "10",
        "factor": "0.1",
        "before": "1",
        "after": "0.1",
        "power": told["power"],
        "register": "30.000",
        "register_after": "3.000",
        "shown": told["shown"],
        "shown_after": told["shown_after"],
    }
    assert float(told["power"]) == pytest.approx(3, abs=0.01)
    assert float(told["shown"]) == pytest.approx(31_450 + (HOURS - 1) * 30 + 3, abs=1)
    assert float(told["shown_after"]) == pytest.approx(float(told["shown"]) / 10, abs=0.001)
    assert form["data_schema"]({}) == {"correct_history": False}
    texts = json.loads(TEXTS.read_text("utf-8"))["issues"]["wrong_scale"]["fix_flow"]
    assert texts["step"][form["step_id"]]["description"].format(**told)


@pytest.mark.parametrize("history", [True, False])
@pytest.mark.parametrize(("scale", "factor"), [(10, 0.1), (0.1, 10)])
async def test_it_is_mended(
    hass: HomeAssistant, house: House, flow: Flow, *, scale: float, factor: float, history: bool
) -> None:
    """The registers are right from then on, and so are the hours of before if that was wanted."""
    await house.hours(HOURS, scale)
    form = await flow.begin(house)
    result = await flow.submit(form, correct_history=history)
    assert result["type"] == "create_entry"
    await hass.async_block_till_done()
    assert house.issue is None
    assert house.entry.options["energy_factor"] == factor
    assert house.entry.options["power_interval"] == 60
    assert float(shown(hass, "energy_import")) == pytest.approx((31_450 + (HOURS - 1) * scale * 3) * factor + 3, abs=4)
    await house.hours(3, scale)
    assert house.issue is None
    hours = house.entry.runtime_data.bookkeeper.book.hours(START, START + (HOURS + 2) * HOUR)
    assert {hour.status.value for hour in hours} == {"measured"}
    before = 3000 if history else scale * 3000
    assert [hour.imported for hour in hours] == [before] * (HOURS - 1) + [3000] * 3


async def test_a_factor_that_was_set_is_multiplied(hass: HomeAssistant, house: House, flow: Flow) -> None:
    await set_factor(hass, house.entry, 0.1)
    await house.hours(HOURS, 0.2)
    result = await flow.submit(await flow.begin(house), correct_history=False)
    assert result["type"] == "create_entry"
    assert house.entry.options["energy_factor"] == 5


async def test_an_issue_that_is_no_more(hass: HomeAssistant, house: House, flow: Flow) -> None:
    """The factor was set by hand while the form was open."""
    await house.hours(HOURS, 10)
    form = await flow.begin(house)
    await set_factor(hass, house.entry, 0.2)
    result = await flow.submit(form, correct_history=False)
    assert (result["type"], result["reason"]) == ("abort", "changed")
    assert house.entry.options["energy_factor"] == 0.2


async def test_a_meter_that_cannot_be_reached_now(
    hass: HomeAssistant, bridge: Bridge, house: House, flow: Flow
) -> None:
    await house.hours(HOURS, 10)
    await bridge.stop()
    await hass.config_entries.async_reload(house.entry.entry_id)
    form = await flow.begin(house)
    assert form["description_placeholders"]["shown"] == "–"
    await flow.submit(form, correct_history=True)
    await hass.async_block_till_done()
    async with bridge:
        await hass.config_entries.async_reload(house.entry.entry_id)
        await house.hours(2, 10)
    hours = house.entry.runtime_data.bookkeeper.book.hours(START, START + (HOURS + 1) * HOUR)
    assert [hour.imported for hour in hours] == [3000] * (HOURS + 1)


async def test_a_restart_does_not_make_it_forgotten(hass: HomeAssistant, house: House) -> None:
    """What was clear before is told at once, not after the next hour."""
    await house.hours(HOURS, 10)
    await hass.config_entries.async_unload(house.entry.entry_id)
    ir.async_delete_issue(hass, DOMAIN, f"wrong_scale_{house.entry.entry_id}")
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.issue is not None
