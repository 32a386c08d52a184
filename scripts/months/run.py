"""One month of the house, in a Home Assistant of its own."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from typing import Any, override

from homeassistant.components.image import async_get_image

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.ledger import Status
from custom_components.han_port.presets import PRESETS
from scripts.soaking.clock import Clock, FastLoop
from tests.meters import Meter, SwitchedLoad, make_meter
from tests.meters.maker import CIVIL_TIME

from .home_time import fast, home_time
from .house import CAR, WATER_HEATER, at, house
from .living import Living, keep_step
from .outcome import Outcome, Peak

SPEED = 50_000.0
"""Times as fast as on the wall: more than any machine keeps up with, so that it never waits for nothing."""
PICTURES = {"month_picture": "svg", "month_picture_png": "png"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A month to be lived through."""

    first: date
    days: int
    target: float
    """kW."""
    blueprint: bool
    folder: Path | None = None
    """For the pictures; None: none are drawn."""
    seed: int = 1

    @property
    def begin(self) -> datetime:
        """The first midnight."""
        return at(self.first, 0)

    @property
    def end(self) -> datetime:
        """The last midnight."""
        return at(self.first, 24 * self.days)


def month(plan: Plan) -> Outcome:
    """Live through a month."""
    clock = Clock()
    complaints = Complaints()
    logging.basicConfig(level=logging.WARNING, handlers=[complaints])
    with home_time(clock), TemporaryDirectory(prefix="han_port_month_") as configuration:
        found = asyncio.run(_live(plan, Path(configuration), clock), loop_factory=partial(FastLoop, clock))
    found.complaints = complaints.lines
    return found


async def _live(plan: Plan, configuration: Path, clock: Clock) -> Outcome:
    home, car, tank = house(plan.first, plan.days, plan.seed)
    meter = make_meter("kaifa", household=home)
    loads = {"car": car, "water_heater": tank}
    living = Living(configuration, clock, meter, loads, tariff(plan.target))
    start = plan.begin - timedelta(minutes=10)
    clock.set(start - timedelta(seconds=30))
    async with living.bridge.playing(start, ("full", "hourly")), living.started():
        if plan.blueprint:
            await living.automate(keep_step(living, {"car": sum(CAR), "water_heater": sum(WATER_HEATER)}))
        wall, cpu = monotonic(), process_time()
        with fast(clock, SPEED):
            await living.until(plan.end - timedelta(seconds=30))
        if plan.folder is not None:  # while it is still that month
            await _draw(living, plan.folder, "with" if plan.blueprint else "without")
        with fast(clock, SPEED):
            await living.until(plan.end + timedelta(minutes=1))
        found = Outcome(plan.blueprint, wall=monotonic() - wall, cpu=process_time() - cpu)
        _settle(found, living, meter, plan)
    found.car, found.water_heater = _served(car), _served(tank)
    found.turned_off = dict(Counter(name for _, name, on in living.switched if not on))
    found.lists = living.bridge.lists
    return found


def tariff(target: float) -> dict[str, Any]:
    """Return the options of a meter at Elvia, with a target in kW."""
    kept = {"rule": "three_days", "count_estimated": False, "target": target, **PRESETS["elvia"].options()}
    return {"capacity": kept}


async def _draw(living: Living, folder: Path, name: str) -> None:
    """Write what the image entities show."""
    for key, suffix in PICTURES.items():
        image = await async_get_image(living.hass, living.entity("image", key))
        (folder / f"{name}.{suffix}").write_bytes(image.content)


def _settle(found: Outcome, living: Living, meter: Meter, plan: Plan) -> None:
    """Write down what the integration makes of the hours, and how far they are from what the house has drawn."""
    keeper = living.coordinator.capacity
    assert keeper is not None  # noqa: S101 - there is a tariff
    assessed = keeper.month_at(plan.first)
    for peak in assessed.days:
        hour = "" if peak.start is None else f"{peak.start.astimezone(CIVIL_TIME):%H:%M}"
        found.days.append(Peak(peak.day.isoformat(), hour, peak.energy, peak in assessed.counting))
    found.mean = float(assessed.mean or 0)
    found.step_number = assessed.step or 0
    found.step = keeper.tariff.steps.label(found.step_number)
    found.cost = assessed.price
    hours = living.coordinator.bookkeeper.book.hours(plan.begin, plan.end)
    found.measured = sum(hour.status is Status.MEASURED for hour in hours)
    found.over = sum((hour.imported or 0) > plan.target * 1000 for hour in hours)
    found.energy = sum(hour.imported or 0 for hour in hours)
    drawn = meter.register(plan.end)["energy_import"] - meter.register(plan.begin)["energy_import"]
    found.error = found.energy - drawn


def _served(load: SwitchedLoad) -> dict[str, Any]:
    waits = sorted((until - since).total_seconds() / 3600 for since, until in load.served)
    return {
        "delivered": round(load.delivered),
        "given_up": round(load.given_up),
        "missing": round(load.missing),
        "worst_missing": round(load.worst),
        "served": len(waits),
        "mean_hours": round(sum(waits) / max(1, len(waits)), 2),
        "most_hours": round(max(waits, default=0), 2),
    }


class Complaints(logging.Handler):
    """Collects what the integration or the automation has to complain of."""

    names = (
        DOMAIN,
        "homeassistant.components.automation",
        "homeassistant.helpers.template",
        "homeassistant.helpers.script",
    )

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        named = any(name in record.name for name in self.names) or DOMAIN in message
        if named and "has not been tested by Home Assistant" not in message:
            self.lines.append(f"{record.levelname} {record.name}: {message}")
