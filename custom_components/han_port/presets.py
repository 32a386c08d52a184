"""Steps and prices of a few large grid companies, each as its own price list has them on a date.

They fill in a form that the user checks against the bill; nothing is billed by them. Where they come from:

- Elvia, from 2026-07-01: "Tariffblad 1.0, standardtariff privat", elvia.no; a year, before VAT.
- BKK, from 2026-01-01: "Nettleiepriser for privatkunder", bkk.no; a year, before VAT.
- Lnett, from 2026-01-01: "Tariffhefte fra 1. januar 2026", l-nett.no; a month, with VAT.

All three bill the mean of the month's three highest daily maxima, and a mean on a boundary belongs to the higher step.
"""

from datetime import date
from typing import Any, Final, NamedTuple

from .capacity_options import HIGHER, PER_MONTH, PER_YEAR
from .const import CONF_ABOVE, CONF_BOUNDARY, CONF_PRICE, CONF_PRICE_PER, CONF_STEPS, CONF_VAT

USUAL_BOUNDARIES: Final = (0, 2, 5, 10, 15, 20, 25, 50, 75, 100)
"""kW; of most Norwegian grid companies."""


class Preset(NamedTuple):
    """A price list."""

    company: str
    valid_from: date
    prices: tuple[float | None, ...]
    """NOK, of the steps that begin at USUAL_BOUNDARIES."""
    price_per: str
    vat: float
    """Per cent that are still to be added."""

    @property
    def name(self) -> str:
        """What the list is called where the user chooses it: a price without its date is worth little."""
        return f"{self.company} – {self.valid_from.isoformat()}"

    def options(self) -> dict[str, Any]:
        """Return it as it is kept in CONF_CAPACITY."""
        return {
            CONF_STEPS: [
                {CONF_ABOVE: above, CONF_PRICE: price}
                for above, price in zip(USUAL_BOUNDARIES, self.prices, strict=True)
            ],
            CONF_PRICE_PER: self.price_per,
            CONF_VAT: self.vat,
            CONF_BOUNDARY: HIGHER,
        }


PRESETS: Final = {
    "elvia": Preset(
        "Elvia",
        date(2026, 7, 1),
        (1440, 2400, 4032, 5616, 7248, 8880, 16896, 24960, 33024, 65280),
        PER_YEAR,
        25,
    ),
    "bkk": Preset(
        "BKK",
        date(2026, 1, 1),
        (1488, 2400, 3984, 5760, 7392, 9024, 17280, 25440, 33600, 66240),
        PER_YEAR,
        25,
    ),
    "lnett": Preset(
        "Lnett",
        date(2026, 1, 1),
        (150, 250, 400, 650, 900, 1150, 2150, 3150, 4150, 7000),
        PER_MONTH,
        0,
    ),
}


def usual() -> dict[str, Any]:
    """Return the usual boundaries without prices, as they are kept in CONF_CAPACITY."""
    return {
        CONF_STEPS: [{CONF_ABOVE: above, CONF_PRICE: None} for above in USUAL_BOUNDARIES],
        CONF_PRICE_PER: PER_MONTH,
        CONF_VAT: 0,
        CONF_BOUNDARY: HIGHER,
    }
