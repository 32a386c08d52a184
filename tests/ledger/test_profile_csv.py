"""A user's own profile as a file: every form that it may have, and everything that may be wrong with it."""

from datetime import datetime

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import MONTHLY_SHARES, OSLO, Profile, ProfileError, ProfileKind

from .hand_home import HOUR, known_hours, oslo

MONTHS = [(oslo(2026, month, 1), oslo(2026 + month // 12, month % 12 + 1, 1)) for month in range(1, 13)]
SHARES = list(MONTHLY_SHARES)


def month_sums(data: bytes) -> list[float]:
    """Return what a file's profile gives each month."""
    profile = Profile.from_csv(data)
    assert profile.kind is ProfileKind.CSV
    return [sum(profile.shares(*month)) for month in MONTHS]


def comma(number: float) -> str:
    return str(number).replace(".", ",")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{month};{share}" for month, share in enumerate(SHARES, 1)),
        "\r\n".join(f"{month};{comma(share)}" for month, share in enumerate(SHARES, 1)) + "\r\n\r\n",
        "\n".join(f"{month},{share}" for month, share in enumerate(SHARES, 1)),
        "month,share\n" + "\n".join(f'{month},"{comma(share)}"' for month, share in enumerate(SHARES, 1)),
        "Måned;Andel i %\n" + "\n".join(f"{month:02d}; {comma(share)} %;" for month, share in enumerate(SHARES, 1)),
        "\n".join(f"{month};{share}" for month, share in reversed(list(enumerate(SHARES, 1)))),
        "\n".join(map(str, SHARES)),
        "share\n" + "\n".join(map(comma, SHARES)),
        "\n".join(map(comma, SHARES)),
        ";".join(map(comma, SHARES)),
        ",".join(map(str, SHARES)) + "\n",
        "\n".join(f"{month};{share:e}" for month, share in enumerate(SHARES, 1)),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_months(text: str, mark: bytes) -> None:
    assert month_sums(mark + text.encode()) == pytest.approx(SHARES)


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "offset"])
def test_hours(form: str, separator: str) -> None:
    """A year of them, with the days of 23 and 25 hours, by the Norwegian clock or with its offset."""
    known = known_hours(oslo(2026, 1, 1), 8760)
    lines = ["Tid" + separator + "Andel"]
    for at, weight in known.items():
        local = at.astimezone(OSLO)
        share = f"{weight:.6f}" if separator == "," else comma(float(f"{weight:.6f}"))
        lines.append((local.isoformat() if form == "offset" else local.strftime(form)) + separator + share)
    assert sum("25.10.2026 02:00" in line for line in lines) == (2 if form.startswith("%d") else 0)
    profile = Profile.from_csv("\n".join(lines).encode())
    assert profile.shares(oslo(2026, 1, 1), oslo(2027, 1, 1)) == pytest.approx(list(known.values()), abs=1e-6)


def week(**lines: str) -> str:
    """Return hours of a week, in which lines (from 1: `line_3`) may be others."""
    rows = [f"{(oslo(2026, 3, 24) + number * HOUR).astimezone(OSLO):%Y-%m-%d %H:%M};1,5" for number in range(168)]
    for name, line in lines.items():
        rows[int(name.removeprefix("line_")) - 1] = line
    return "\n".join(rows)


def twelve(**lines: str) -> str:
    """Return shares of months, in which lines may be others."""
    rows = [f"{month};8,25" for month in range(1, 13)]
    for name, line in lines.items():
        rows[int(name.removeprefix("line_")) - 1] = line
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("data", "key", "line"),
    [
        (b"", "profile_empty", None),
        (b"\n \n;;\n", "profile_empty", None),
        (b"month;share\n", "profile_empty", None),
        (b"M\xe5ned;Andel\n1;2", "profile_not_text", None),
        ("1;2".encode("utf-16"), "profile_not_text", None),
        (b"1;\0", "profile_not_text", None),
        (b"1" * 2_000_001, "profile_too_large", None),
        (b"hello, world\nthis is it", "profile_bad_number", "2"),
        (twelve(line_3="3").encode(), "profile_bad_row", "3"),
        (twelve(line_3="3;4;5").encode(), "profile_bad_row", "3"),
        (b"1;2;3\n4;5;6", "profile_bad_row", "1"),
        (twelve(line_3='3;"4').encode(), "profile_bad_row", "12"),
        (twelve(line_3="13;4").encode(), "profile_bad_time", "3"),
        (twelve(line_3="mars;4").encode(), "profile_bad_time", "3"),
        (twelve(line_3="2;4").encode(), "profile_twice", "3"),
        (twelve(line_3="3;much").encode(), "profile_bad_number", "3"),
        (twelve(line_1="1;much").encode(), "profile_bad_number", "1"),
        (twelve(line_3="3;1.234,5").encode(), "profile_bad_number", "3"),
        (twelve(line_3="3;1e99").encode(), "profile_bad_number", "3"),
        (twelve(line_3="3;nan").encode(), "profile_bad_number", "3"),
        (twelve(line_3="3;-4").encode(), "profile_negative", "3"),
        (twelve()[:-8].encode(), "profile_months", None),
        (b"1\n2\n3", "profile_months", None),
        ("\n".join(f"{month};0" for month in range(1, 13)).encode(), "profile_all_zero", None),
        (week(line_3="yesterday;1").encode(), "profile_bad_time", "3"),
        (week(line_3="2026-13-01 00:00;1").encode(), "profile_bad_time", "3"),
        (week(line_3="31.02.2026 00:00;1").encode(), "profile_bad_time", "3"),
        (week(line_3="1812-02-01 00:00;1").encode(), "profile_bad_time", "3"),
        (week(line_3="2026-03-29 02:00;1").encode(), "profile_bad_time", "3"),
        (week(line_3="2026-03-24 02:15;1").encode(), "profile_not_hour", "3"),
        (week(line_3="2026-03-24T02:00+05:30;1").encode(), "profile_not_hour", "3"),
        (week(line_3="2026-03-24 01:00;1").encode(), "profile_twice", "3"),
        (week(line_3="2026-03-24 02:00;x").encode(), "profile_bad_number", "3"),
        (week(line_3="2026-03-24 02:00;-1,5").encode(), "profile_negative", "3"),
        (week(line_1="2026-03-24 00:00;x").encode(), "profile_bad_number", "1"),
        (week().rpartition("\n")[0].encode(), "profile_too_short", None),
        (week().replace(";1,5", ";0").encode(), "profile_all_zero", None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(data: bytes, key: str, line: str | None) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.from_csv(data)
    assert (caught.value.key, caught.value.placeholders.get("line")) == (key, line)
    assert all(len(value) <= 40 for value in caught.value.placeholders.values())


def test_the_lines_that_the_wrong_ones_were_made_of_are_right() -> None:
    assert month_sums(twelve().encode()) == pytest.approx([8.25] * 12)
    assert Profile.from_csv(week().encode()).shares(oslo(2026, 3, 24), oslo(2026, 3, 25)) == [1.5] * 24


def test_whole_shares_behind_commas_are_no_decimals() -> None:
    """If the numbers before the commas are those of the months."""
    lines = [f"{month},{month + 20}" for month in range(1, 13)]
    assert month_sums("\n".join(lines).encode()) == pytest.approx(list(range(21, 33)))


def test_a_blank_line_counts_as_a_line() -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.from_csv(("\n\nmonth;share\n" + twelve(line_3="3;x")).encode())
    assert caught.value.placeholders == {"line": "6", "found": "x"}


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text('0123456789.,;-\n"e% T:', max_size=200).map(str.encode)))
def test_noise_is_refused_or_a_profile(data: bytes) -> None:
    try:
        profile = Profile.from_csv(data)
    except ProfileError:
        return
    start = datetime(2026, 1, 1, tzinfo=OSLO)
    assert min(profile.shares(start, start + 10 * HOUR)) >= 0
