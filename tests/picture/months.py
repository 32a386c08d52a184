"""Months to draw, made by the rule itself from hours."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
import json
from pathlib import Path
from typing import Final

import custom_components.han_port
from custom_components.han_port.ledger.capacity import OSLO, Corrections, Rule, Tariff, assess
from custom_components.han_port.ledger.hours import Hour, Status
from custom_components.han_port.ledger.steps import Step, Steps
from custom_components.han_port.picture import Facts, Running, Words

BOUNDARIES: Final = (0, 2, 5, 10, 15, 20, 25, 50, 75, 100)  # kW
PRICES: Final = (150, 250, 420, 585, 755, 925, 1760, 2600, 3440, 6800)  # kr a month, invented
STEPS: Final = Steps(tuple(Step(kilowatts * 1000, price) for kilowatts, price in zip(BOUNDARIES, PRICES, strict=True)))
TARIFF: Final = Tariff(Rule.THREE_DAYS, STEPS)
WITH_ESTIMATED: Final = Tariff(Rule.THREE_DAYS, STEPS, count_estimated=True)
MONTH_MAXIMUM: Final = Tariff(Rule.MONTH_MAXIMUM, STEPS)
NO_PRICES: Final = Tariff(Rule.THREE_DAYS, Steps(tuple(Step(step.above, None) for step in STEPS)))
ONE_STEP: Final = Tariff(Rule.THREE_DAYS, Steps((Step(0, 300),)))
HALVES: Final = Tariff(Rule.THREE_DAYS, Steps((Step(0, 99.5), Step(2500, 12_345))))

APRIL: Final = {day: 2100 + 613 * day % 1900 for day in range(1, 31)} | {9: 5939, 17: 4779, 26: 4262}
"""A month in which three days stand out, Wh by day."""
LANGUAGES: Final = ("en", "nb", "nn", "sv", "da")
_TRANSLATIONS: Final = Path(custom_components.han_port.__path__[0]) / "translations"


def words(language: str) -> Words:
    """Return the words of a language, as they are shipped."""
    texts = json.loads((_TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    return Words(language, texts["selector"]["picture"]["options"])


def april(day: int) -> date:
    """Return a day of that April."""
    return date(2026, 4, day)


def upto(last: int) -> dict[int, int]:
    """Return the days of April until one of them."""
    return {day: energy for day, energy in APRIL.items() if day <= last}


def facts(
    energies: Mapping[int, int],
    today: date,
    *,
    tariff: Tariff = TARIFF,
    target: int | None = 5000,
    running: Running | None = None,
    corrections: Corrections | None = None,
    estimated: frozenset[int] = frozenset(),
) -> Facts:
    """Return a month whose days' highest hours came to so many Wh, at 17 o'clock."""
    hours = [
        Hour(
            datetime(today.year, today.month, day, 17, tzinfo=OSLO).astimezone(UTC),
            energy,
            0,
            Status.ESTIMATED if day in estimated else Status.MEASURED,
        )
        for day, energy in energies.items()
    ]
    corrections = corrections or {}
    month = assess(hours, corrections, tariff, today)
    dropped = frozenset(day for day, energy in corrections.items() if energy is None)
    return Facts(month, tariff, today, target, running, dropped)


HUGE: Final = {day: 40_000 + day * 7919 % 15_000 for day in range(1, 20)} | {11: 60_000}
MONTHS: Final[Mapping[str, Facts]] = {
    "whole": facts(APRIL, april(30)),
    "golden": facts(upto(28), april(28), running=Running(1800, 3600)),
    "over": facts(upto(24), april(24), running=Running(3100, 6240)),
    "marked": facts(
        {day: energy for day, energy in upto(24).items() if day not in {3, 14, 15}},
        april(24),
        tariff=WITH_ESTIMATED,
        running=Running(3100, 6240),
        estimated=frozenset({9, 12}),
        corrections={april(17): 4700, april(8): None},
    ),
    "empty": facts({}, april(1), running=Running(120, 400)),
    "nothing at all": facts({}, april(1), target=None),
    "first day": facts({1: 1400}, april(1), running=Running(700, 1500)),
    "second day": facts({1: 1400, 2: 900}, april(2), running=Running(700, 500)),
    "zeros": facts(dict.fromkeys(range(1, 10), 0), april(9), running=Running(0, 0)),
    "31 days": facts(
        {day: 3000 + day * 997 % 3000 for day in range(1, 32)}, date(2026, 12, 31), running=Running(2500, 4200)
    ),
    "28 days": facts(dict.fromkeys(range(1, 29), 2000), date(2027, 2, 28), running=Running(1500, 2500)),
    "huge": facts(HUGE, april(19), target=50_000, running=Running(20_000, 52_000)),
    "far above all steps": facts({1: 250_000, 2: 1}, april(2), target=100_000),
    "one day of three": facts({2: 4000, 3: 60_000}, april(3)),
    "neighbours": facts(upto(20) | {9: 5939, 10: 5800, 11: 5700}, april(20), running=Running(1000, 1200)),
    "first neighbours": facts({1: 12_100, 2: 12_050, 3: 12_000}, april(3), target=None),
    "last neighbours": facts(APRIL | {28: 12_100, 29: 12_050, 30: 12_000}, april(30), running=Running(11_000, 12_000)),
    "far target": facts(upto(20), april(20), target=15_000, running=Running(1000, 1200)),
    "low target": facts(upto(20), april(20), target=100),
    "no target": facts(upto(20), april(20), target=None),
    "no prices": facts(upto(20), april(20), tariff=NO_PRICES),
    "one step": facts(upto(20), april(20), tariff=ONE_STEP, target=None),
    "halves": facts(upto(20), april(20), tariff=HALVES, target=2500),
    "month's maximum": facts(upto(20), april(20), tariff=MONTH_MAXIMUM, running=Running(1000, 1200)),
}
