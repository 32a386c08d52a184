"""A målepunkt-ID is taken as people type it, and whatever else they type is told apart."""

import pytest

from custom_components.han_port.metering_point import MeteringPointError, is_unusual, masked, metering_point

POINT = "707057500012345671"


@pytest.mark.parametrize("point", [POINT, "707057500000000001", "707057500010000008"])
def test_valid(point: str) -> None:
    assert metering_point(point) == point
    assert not is_unusual(point)


@pytest.mark.parametrize(
    "typed",
    [
        " 707057500012345671\n",
        "7070 5750 0012 3456 71",
        "707057500012345671.",
        "7070575-000-1234567-1",
        "70705750\N{NO-BREAK SPACE}0012\N{THIN SPACE}3456\N{EN DASH}71",
        "\N{ZERO WIDTH NO-BREAK SPACE}707057500012345671",
    ],
)
def test_what_stands_between_digits_is_forgiven(typed: str) -> None:
    assert metering_point(typed) == POINT


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("707057500012345678", "metering_point_check"),
        ("707057500000000002", "metering_point_check"),
        ("707057500012345617", "metering_point_check"),  # two digits changed places
        ("70705750001234567", "metering_point_length"),
        ("7070575000123456711", "metering_point_length"),
        ("1", "metering_point_length"),
        ("70705750001234567I", "metering_point_letters"),
        ("NO1", "metering_point_letters"),
        ("", "metering_point_letters"),
        ("٧٠٧٠٥٧٥٠٠٠١٢٣٤٥٦٧١", "metering_point_letters"),
        ("7359992000000116", "metering_point_is_meter"),
        ("6970 6310 0000 0338", "metering_point_is_meter"),
        ("57065670000", "metering_point_is_meter"),
        ("1234567890123456", "metering_point_is_meter"),
        ("12345678", "metering_point_is_meter"),  # the number of this very meter
    ],
)
def test_invalid(typed: str, key: str) -> None:
    with pytest.raises(MeteringPointError) as told:
        metering_point(typed, "1234 5678")
    assert told.value.key == key


def test_any_wrong_digit_is_found() -> None:
    for place, right in enumerate(POINT):
        for wrong in set("0123456789") - {right}:
            with pytest.raises(MeteringPointError, match="metering_point_check"):
                metering_point(POINT[:place] + wrong + POINT[place + 1 :])


def test_another_prefix_is_unusual_and_valid() -> None:
    other = "707057600012345678"
    assert metering_point(other) == other
    assert is_unusual(other)


def test_masked() -> None:
    assert masked(POINT) == "7070575•••••••5671"
    assert masked("7070") == "••••"
