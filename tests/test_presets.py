"""Grid companies' price lists: each becomes the kroner a month that its customers see on the bill."""

from datetime import date

import pytest

from custom_components.han_port.capacity_options import steps_of, usable_capacity
from custom_components.han_port.ledger.capacity import Rule
from custom_components.han_port.presets import PRESETS, usual

BILLED = {
    "elvia": [150, 250, 420, 585, 755, 925, 1760, 2600, 3440, 6800],
    "bkk": [155, 250, 415, 600, 770, 940, 1800, 2650, 3500, 6900],
    "lnett": [150, 250, 400, 650, 900, 1150, 2150, 3150, 4150, 7000],
}
"""Kroner a month with VAT, as the companies' pages for customers have them."""


@pytest.mark.parametrize("key", PRESETS)
def test_a_price_list_is_what_customers_pay(key: str) -> None:
    steps = steps_of(PRESETS[key].options())
    assert [step.price for step in steps] == BILLED[key]
    assert steps.labels[:3] == ("0–2 kW", "2–5 kW", "5–10 kW")
    assert steps.labels[-1] == "100 kW +"
    assert steps.of(5000) == 2
    assert usable_capacity({"rule": Rule.THREE_DAYS, **PRESETS[key].options()})


def test_a_price_list_says_from_when_it_is() -> None:
    assert PRESETS["elvia"].name == "Elvia – 2026-07-01"
    for preset in PRESETS.values():
        assert preset.company in preset.name
        assert preset.valid_from >= date(2026, 1, 1)
    assert len({preset.name for preset in PRESETS.values()}) == len(PRESETS)


def test_the_usual_boundaries_have_no_prices() -> None:
    steps = steps_of(usual())
    assert [step.above for step in steps] == [0, 2000, 5000, 10_000, 15_000, 20_000, 25_000, 50_000, 75_000, 100_000]
    assert {step.price for step in steps} == {None}
