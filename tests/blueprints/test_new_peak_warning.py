"""The blueprint that warns of a new day peak: when, what it says, and the picture that comes with it."""

from pathlib import Path

import pytest

from scripts.months.living import automation

from .evening import Evening, spend
from .phone import Phone

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def _earlier_peaks(evening: Evening, *energies: float) -> None:
    """Set the peaks of the month's first days, kWh."""
    for day, energy in enumerate(energies, start=1):
        data = {"day": f"2027-01-{day:02}", "energy": energy}
        await evening.hass.services.async_call("han_port", "correct_peak", data, blocking=True, return_response=True)


def test_it_warns_once_in_an_hour_that_is_about_to_be_one_of_the_three(tmp_path: Path) -> None:
    own: list[dict[str, object]] = []

    async def scenario(evening: Evening) -> None:
        async with evening.started() as hass, Phone(hass, "Ola's phone").registered() as phone:
            await _earlier_peaks(evening, 9.0, 8.5, 8.0)
            hass.bus.async_listen("own_warning", lambda event: own.append(dict(event.data)))
            warning = automation(
                "new_peak_warning",
                forecast=evening.entity("sensor", "capacity_forecast"),
                day_peak=evening.entity("sensor", "day_peak"),
                third_peak=evening.entity("sensor", "month_peak_3"),
                capacity_mean=evening.entity("sensor", "capacity_mean"),
                picture=evening.entity("image", "month_picture_png"),
                phones=[phone.device_id],
                actions=[{"event": "own_warning", "event_data": {"message": "{{ message }}", "beat": "{{ to_beat }}"}}],
            )
            await evening.automate(warning)
            await evening.passes_until(17, 10)
            assert phone.told == []
            await evening.passes_until(17, 20)
            (told,) = phone.told
            assert told["title"] == "A new day peak is coming"
            # 3 kW, and 7.4 kW and 2 kW from 17:00 on: 12.4 kWh, in place of 8.
            assert told["message"] == (
                "This hour is on its way to 12.4 kWh. The month's third peak: 8.0 kWh."
                " It would raise the mean from 8.5 to 10.0 kW."
            )
            picture = told["data"]["image"]
            assert told["data"]["attachment"] == {"url": picture, "content-type": "png"}
            assert phone.pictures[0].startswith(b"\x89PNG")
            await evening.passes_until(17, 59)
            assert len(phone.told) == 1
            # 11.9 kWh came of it: the next hour, with 10.4 kW, is no new peak.
            await evening.passes_until(19)
            assert len(phone.told) == 1
        assert own == [{"message": told["message"], "beat": 8.0}]

    spend(tmp_path / "home", scenario, charge=30_000)


def test_on_the_first_days_of_a_month_it_tells_of_what_is_above_its_lower_limit(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with (
            evening.started() as hass,
            Phone(hass, "Kari").registered() as kari,
            Phone(hass, "Ola").registered() as ola,
        ):
            inputs = {
                "forecast": evening.entity("sensor", "capacity_forecast"),
                "day_peak": evening.entity("sensor", "day_peak"),
                "third_peak": evening.entity("sensor", "month_peak_3"),
            }
            high = automation("new_peak_warning", **inputs, lower_limit=15, phones=[ola.device_id])
            low = automation("new_peak_warning", **inputs, lower_limit=5, phones=[kari.device_id])
            await evening.automate({**high, "id": "high", "alias": "high"}, low)
            await evening.passes_until(17, 30)
            assert ola.told == []
            (told,) = kari.told
            assert told["message"].endswith("kWh. It would be one of the month's three.")
            # No picture was chosen, and iOS does not take an empty one.
            assert told["data"].keys() == {"tag", "group"}

    spend(tmp_path / "home", scenario)
