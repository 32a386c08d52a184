"""The house of the month, the same for the same seed: cold, with an electric car and a water heater.

What the car and the water heater want does not depend on when they get it; what the rest of the house draws, on
nothing that is done to them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tests.meters import SwitchedHousehold, SwitchedLoad, Wish
from tests.meters.appliances import Appliance, Base, Cooker, Fridge, Heater, Washer
from tests.meters.maker import CIVIL_TIME

CAR = (2460, 2470, 2470)
"""W: 7.4 kW on three phases."""
WATER_HEATER = (0, 2000, 0)
"""W."""
CHARGES = (0, 2, 3, 5)
"""Week-days on whose evening the car is plugged in: Monday, Wednesday, Thursday, Saturday."""
USES = ((6, 8, 1500, 4000), (9, 16, 200, 800), (17, 19, 300, 1200), (19, 22, 900, 3500))
"""When warm water is drawn, hours of the day, and how much, Wh."""
TANK_BEGINS = 400
"""Wh: its thermostat lets the tank cool by 2 °C (200 litres)."""


def house(first: date, days: int, seed: int = 1) -> tuple[SwitchedHousehold, SwitchedLoad, SwitchedLoad]:
    """Return the house, the car and the water heater, from an hour before a local day."""
    car = SwitchedLoad(CAR, car_wishes(first, days, Random(f"{seed} car")))  # noqa: S311 - nothing is kept secret
    tank = SwitchedLoad(WATER_HEATER, tank_wishes(first, days, Random(f"{seed} tank")), begins_at=TANK_BEGINS)  # noqa: S311
    rest: list[Appliance] = [Base(), Fridge(), Cooker(), Washer()]
    rest += [Heater(0, 1000), Heater(1, 750), Heater(2, 1200), Heater(0, 800), Heater(2, 1000)]
    start = at(first, 0) - timedelta(hours=1)
    return SwitchedHousehold(loads=(car, tank), start=start, seed=seed, appliances=rest), car, tank


def car_wishes(first: date, days: int, random: Random) -> Iterator[Wish]:
    """Yield what the car wants: home between 16:30 and 17:30, 10 to 30 kWh, off again at seven or, on Sundays, ten."""
    for day in (first + timedelta(number) for number in range(days)):
        home, energy = random.uniform(16.5, 17.5), random.randint(10_000, 30_000)
        if day.weekday() in CHARGES:
            leaves = day + timedelta(1)
            yield Wish(at(day, home), energy, at(leaves, 10 if leaves.weekday() == 6 else 7))


def tank_wishes(first: date, days: int, random: Random) -> Iterator[Wish]:
    """Yield what is drawn from the tank: showers and dishes in the morning and the evening, and its loss of 60 W."""
    for day in (first + timedelta(number) for number in range(days)):
        for early, late, least, most in USES:
            yield Wish(at(day, random.uniform(early, late)), random.randint(least, most))
        for hour in range(24):
            yield Wish(at(day, hour + 0.5), 60)


def at(day: date, hour: float) -> datetime:
    """Return an instant of a local day that has 24 hours."""
    return datetime.combine(day, time(), CIVIL_TIME).astimezone(UTC) + timedelta(seconds=round(hour * 3600))
