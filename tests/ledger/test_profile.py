"""Profiles: what each hour weighs."""

from datetime import datetime, timedelta
from math import inf, nan

import pytest

from custom_components.han_port.ledger import MONTHLY_SHARES, OSLO, Profile, ProfileError, ProfileKind

from .hand_home import HOUR, PROFILES, known_hours, oslo

YEAR = (oslo(2026, 1, 1), oslo(2027, 1, 1))
MONTHS = [(oslo(2026, month, 1), oslo(2026 + month // 12, month % 12 + 1, 1)) for month in range(1, 13)]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_hour_has_a_weight(profile: Profile) -> None:
    shares = profile.shares(*YEAR)
    assert len(shares) == 8760
    assert min(shares) >= 0
    assert sum(shares) > 0
    some = slice(1000, 1100)
    start = YEAR[0] + 1000 * HOUR
    assert profile.shares(start, start + 100 * HOUR) == shares[some]
    assert profile.shares(start, start) == []


def test_flat() -> None:
    assert set(Profile.flat().shares(*YEAR)) == {1.0}
    assert Profile.flat().kind is ProfileKind.FLAT


def test_months_have_their_shares_whatever_their_hours() -> None:
    """March has an hour less, October one more, and February's days do not matter."""
    profile = Profile.monthly()
    assert profile.kind is ProfileKind.MONTHLY
    assert len(profile.shares(*MONTHS[2])) == 31 * 24 - 1
    assert len(profile.shares(*MONTHS[9])) == 31 * 24 + 1
    for (start, end), share in zip(MONTHS, MONTHLY_SHARES, strict=True):
        shares = profile.shares(start, end)
        assert sum(shares) == pytest.approx(share)
        assert len(set(shares)) == 1
    assert sum(profile.shares(oslo(2028, 2, 1), oslo(2028, 3, 1))) == pytest.approx(MONTHLY_SHARES[1])
    assert sum(MONTHLY_SHARES) == pytest.approx(100, abs=0.02)


@pytest.mark.parametrize(
    ("shares", "key"),
    [
        ([1.0] * 11, "profile_months"),
        ([], "profile_months"),
        ([1.0] * 11 + [-1.0], "profile_negative"),
        ([1.0] * 11 + [nan], "profile_bad_number"),
        ([1.0] * 11 + [inf], "profile_bad_number"),
        ([0.0] * 12, "profile_all_zero"),
    ],
)
def test_shares_that_are_none(shares: list[float], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.monthly(shares)
    assert caught.value.key == key


class TestKnownHours:
    """A profile of hours that are known, such as those of Elhub's open data."""

    def test_has_them_as_they_are(self) -> None:
        """To the hour."""
        known = known_hours(YEAR[0], 8760)
        profile = Profile.from_hours(known)
        assert profile.kind is ProfileKind.OPEN_DATA
        assert profile.shares(*YEAR) == list(known.values())

    def test_another_year_has_the_means_of_month_and_hour_of_the_week(self) -> None:
        """Where nothing but these matters, it is foretold as it was."""

        def weight(at: datetime) -> float:
            local = at.astimezone(OSLO)
            return local.month * (1 + local.weekday() % 5) * (1 + local.hour)

        hours = [YEAR[0] + number * HOUR for number in range(8760)]
        profile = Profile.from_hours({at: weight(at) for at in hours})
        later = [at + timedelta(days=364) for at in hours]
        expected = [weight(at) for at in later]
        assert profile.shares(later[0], later[-1] + HOUR) == pytest.approx(expected, rel=0.08)

    def test_months_that_are_not_known_follow_the_built_in_shares(self) -> None:
        """With the pattern of the hours that are."""
        start, end = MONTHS[0]
        known = {at: 1.0 + (at.astimezone(OSLO).hour >= 12) for at in known_hours(start, (end - start) // HOUR)}
        profile = Profile.from_hours(known)
        january = sum(known.values())
        for month in (1, 6, 11):
            shares = profile.shares(*MONTHS[month])
            assert sum(shares) == pytest.approx(january * MONTHLY_SHARES[month] / MONTHLY_SHARES[0], rel=0.02)
            assert shares[12] == pytest.approx(2 * shares[0])

    def test_a_few_hours_do_not_speak_for_their_month(self) -> None:
        """Three cold days of May are no May."""
        january = dict.fromkeys(known_hours(MONTHS[0][0], 31 * 24), 1.0)
        cold = dict.fromkeys(known_hours(MONTHS[4][0], 72), 3.0)
        shares = Profile.from_hours(january | cold).shares(*MONTHS[4])
        assert shares[:72] == [3.0] * 72
        may, ours = (share / (31 * 24) for share in (MONTHLY_SHARES[4], MONTHLY_SHARES[0]))
        level = (744 * 1.0 + 72 * 3.0) / (744 * ours + 72 * may) * may
        assert min(shares[72:]) == pytest.approx(level)

    def test_a_month_in_which_nothing_was_used_stays_so(self) -> None:
        """A cabin that is shut in February."""
        known = {at: 0.0 if at.astimezone(OSLO).month == 2 else 1.0 for at in known_hours(YEAR[0], 2000)}
        profile = Profile.from_hours(known)
        assert set(profile.shares(oslo(2028, 2, 1), oslo(2028, 3, 1))) == {0.0}
        assert set(profile.shares(oslo(2028, 1, 1), oslo(2028, 2, 1))) == {1.0}

    def test_one_hour_is_enough(self) -> None:
        """What is not known of the week is flat."""
        shares = Profile.from_hours({YEAR[0]: 3.0}).shares(*MONTHS[0])
        assert set(shares) == {3.0}

    @pytest.mark.parametrize(
        ("weights", "key"),
        [
            ({}, "profile_empty"),
            ({YEAR[0]: 0.0}, "profile_all_zero"),
            ({YEAR[0]: 1.0, YEAR[1]: -0.1}, "profile_negative"),
            ({YEAR[0]: nan}, "profile_bad_number"),
            ({YEAR[0]: 1e13}, "profile_bad_number"),
        ],
    )
    def test_weights_that_are_none(self, weights: dict[datetime, float], key: str) -> None:
        """They are refused."""
        with pytest.raises(ProfileError) as caught:
            Profile.from_hours(weights)
        assert caught.value.key == key
