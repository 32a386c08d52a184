"""The words and numbers of the picture, as the reader's language writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
KEYS: Final = (
    *("mean", "mean_of_days", "highest_hour", "step", "cost", "target", "this_hour", "so_far", "forecast"),
    *("counts", "estimated", "corrected", "no_data"),
    *MONTHS,
)
"""All the words there are."""
UNKNOWN: Final = "–"
_CURRENCY: Final = "kr"
_POINT: Final = (".", ",")
_SEPARATORS: Final = {
    "nb": (",", "\N{NO-BREAK SPACE}"),
    "nn": (",", "\N{NO-BREAK SPACE}"),
    "sv": (",", "\N{NO-BREAK SPACE}"),
    "da": (",", "."),
}
"""Between whole and decimals, and between thousands. A language without words of its own reads English."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. A word that is missing is shown by its key."""

    language: str
    texts: Mapping[str, str]
    """By key."""

    def __getitem__(self, key: str) -> str:
        return self.texts.get(key) or key.replace("_", " ")

    def month(self, day: date) -> str:
        """Return the name of a day's month."""
        return self[MONTHS[day.month - 1]]

    def number(self, number: float, decimals: int) -> str:
        """Return a number with so many decimals."""
        point, thousands = _SEPARATORS.get(self.language, _POINT)
        return f"{number:,.{decimals}f}".translate({ord(","): thousands, ord("."): point})

    def kilo(self, thousandths: float, decimals: int | None = None) -> str:
        """Return W as kW, or Wh as kWh: with two decimals, from 100 on with one, as nobody needs them."""
        return self.number(thousandths / 1000, decimals if decimals is not None else 2 if thousandths < 99_995 else 1)

    def label(self, label: str) -> str:
        """Return the name of a step, with the decimals of the language."""
        return label.replace(".", _SEPARATORS.get(self.language, _POINT)[0])

    def price(self, price: float | None) -> str:
        """Return a price in whole kroner; a dash if it is not known."""
        return UNKNOWN if price is None else f"{self.number(price, 0)}\N{NO-BREAK SPACE}{_CURRENCY}"
