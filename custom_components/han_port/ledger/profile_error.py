"""What is wrong with a profile that a user gave."""

from typing import Final


class ProfileError(ValueError):
    """A profile cannot be used.

    `key` says why: profile_not_text, profile_too_large, profile_empty, profile_bad_row, profile_bad_time,
    profile_not_hour, profile_bad_number, profile_negative, profile_twice, profile_months, profile_too_short or
    profile_all_zero. `placeholders` have the line (from 1) and what was `found`, where there is one to blame.
    """

    def __init__(self, key: str, **placeholders: str) -> None:
        super().__init__(key, placeholders)
        self.key: Final = key
        self.placeholders: Final = placeholders
