"""The blueprint that warns of overload: which phase, how much, and when it is over."""

from pathlib import Path

import pytest

from scripts.months.living import automation

from .evening import Evening, Steady, spend
from .phone import Phone

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_it_tells_which_phase_is_overloaded_and_when_it_is_over(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started() as hass, Phone(hass, "Ola").registered() as phone:
            warning = automation(
                "overload_warning",
                overload=evening.entity("binary_sensor", "overload"),
                fuse_load=evening.entity("sensor", "fuse_load"),
                phones=[phone.device_id],
            )
            await evening.automate(warning)
            await evening.passes_until(16, 59)
            assert phone.told == []
            # L2 then has 1000 W of the house, 2470 W of the car and 2000 W of the tank: 23.8 A.
            await evening.passes_until(17, 5)
            (begun,) = phone.told
            assert begun["title"] == "Overload"
            assert (
                begun["message"] == "Phase L2 carries 119 % of the main fuse. Turn something off before the fuse blows."
            )
            await evening.call("switch", "turn_off", "switch.car")
            await evening.passes_until(17, 10)
            _, over = phone.told
            assert over["title"] == "Overload is over"
            assert over["message"] == "Phase L2 carries 65 % of the main fuse."

    spend(tmp_path / "home", scenario, rest=[Steady(3000)], options={"fuse": {"amperes": 20, "delay": 30}})


def test_it_need_not_tell_when_it_is_over(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started() as hass, Phone(hass, "Ola").registered() as phone:
            warning = automation(
                "overload_warning",
                overload=evening.entity("binary_sensor", "overload"),
                fuse_load=evening.entity("sensor", "fuse_load"),
                phones=[phone.device_id],
                when_over=False,
            )
            await evening.automate(warning)
            await evening.passes_until(17, 5)
            await evening.call("switch", "turn_off", "switch.car")
            await evening.passes_until(17, 10)
            assert [told["title"] for told in phone.told] == ["Overload"]

    spend(tmp_path / "home", scenario, rest=[Steady(3000)], options={"fuse": {"amperes": 20, "delay": 30}})
