"""What is wrong with a reading that a person gave."""

from typing import Final


class ReadingError(ValueError):
    """A reading is not taken, and nothing is changed.

    `key` says why, with its `placeholders` (energies in kWh, times by the Norwegian clock):

    - reading_future (at); reading_too_old (at); reading_negative (found); reading_digits (found, digits);
      reading_same_time (at, register): another one is for that time; reading_unknown (at): none is;
    - reading_below (found, other, at): less than the one before, at that time, and not as if digits had rolled over;
    - reading_above (found, other, at): more than the one after;
    - reading_absurd (found, expected, start, end): what was used from start to end is far from what was expected;
    - reading_only_one: the last that is left cannot be removed; reading_needed: without it, digits that rolled over
      between two others would be lost.
    """

    def __init__(self, key: str, *, confirmable: bool = False, **placeholders: str) -> None:
        super().__init__(key, placeholders)
        self.key: Final = key
        self.placeholders: Final = placeholders
        self.confirmable: Final = confirmable
        """Whether the reading is taken if the person says that it is right."""
