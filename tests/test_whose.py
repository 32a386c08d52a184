"""Whose lists are on the line: ours are told from another meter's, and a mixture from an exchange."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from custom_components.han_port.whose import DOUBT, OFTEN, OFTEN_TIME, Whose
from custom_components.han_port.wire.reading import Meter

OURS = Meter("Aidon", "6525", "1", "AIDON_V0001", None)
OTHER = Meter("Aidon", "6525", "2", "AIDON_V0001", None)
NAMELESS = Meter("Aidon", "", "", "AIDON_V0001", None)


def whose(times: Iterator[float]) -> Whose:
    """Return what tells them apart; time passes each time that it is asked for."""
    return Whose(OURS, lambda: next(times), lambda _: None)


def test_a_list_without_a_number_is_from_the_meter_named_last() -> None:
    told = whose(count(0.0))
    lists = (NAMELESS, None, OTHER, NAMELESS, None, OURS, NAMELESS)
    assert [told.is_ours(meter) for meter in lists] == [True, True, False, False, False, True, True]


def test_a_meter_that_is_exchanged_is_no_mixture() -> None:
    told = whose(count(0.0))
    for meter in (OURS, OTHER, OURS, *(OTHER,) * 100):
        told.is_ours(meter)
    assert not told.is_mixed()


def test_a_mixture_is_known_while_it_lasts() -> None:
    told = whose(count(0.0))
    for _ in range(OFTEN - 1):
        told.is_ours(OTHER)
        told.is_ours(OURS)
    assert not told.is_mixed()
    told.is_ours(OTHER)
    told.is_ours(OURS)
    assert told.is_mixed()


def test_a_mixture_is_forgotten() -> None:
    step = OFTEN_TIME / OFTEN
    told = whose(count(0.0, step))
    for _ in range(2 * OFTEN):
        told.is_ours(OTHER)
        told.is_ours(OURS)
    assert not told.is_mixed()


def test_after_a_silence_a_list_must_name_its_meter_first() -> None:
    for named, theirs in ((OURS, True), (OTHER, False)):
        told = whose(count(0.0))
        told.is_ours(OURS)
        told.doubt()
        assert [told.is_ours(meter) for meter in (None, NAMELESS, named, None)] == [False, False, theirs, theirs]


def test_a_line_that_breaks_all_lists_that_name_the_meter_is_believed_after_a_while() -> None:
    told = whose(count(0.0, DOUBT / 4))
    told.doubt()
    assert [told.is_ours(None) for _ in range(5)] == [False, False, False, False, True]


SILENT = Meter("Aidon", "", "", "", None)
"""A meter whose lists never tell a number."""


def test_a_meter_without_a_number() -> None:
    """Its lists are ours until a list with a number comes, and again when they are like before."""
    told = Whose(SILENT, lambda: 0.0, lambda _: None)
    lists = (SILENT, None, OTHER, None, replace(OTHER, id=""), SILENT, None)
    assert [told.is_ours(meter) for meter in lists] == [True, True, False, False, False, True, True]


def test_a_meter_without_a_number_after_a_silence() -> None:
    for named, theirs in ((SILENT, True), (OTHER, False)):
        told = Whose(SILENT, lambda: 0.0, lambda _: None)
        told.doubt()
        assert [told.is_ours(meter) for meter in (None, named, None)] == [False, theirs, theirs]


def test_what_a_meter_without_a_number_says_of_itself_is_learned() -> None:
    learned: list[Meter] = []
    told = Whose(SILENT, lambda: 0.0, learned.append)
    newer = replace(SILENT, model="6534", list_id="P1")
    assert told.is_ours(newer)
    assert told.is_ours(newer)
    assert learned == [newer]


def test_a_meter_without_a_number_in_the_place_of_one_that_has_one() -> None:
    told = whose(count(0.0))
    assert [told.is_ours(meter) for meter in (OURS, SILENT, None, SILENT)] == [True, False, False, False]
    assert told.stranger is SILENT
    assert told.is_ours(OURS)


def test_one_of_its_lists_says_nothing_of_the_meter() -> None:
    """As in Cyprus: another one tells the number."""
    told = whose(count(0.0))
    assert [told.is_ours(meter) for meter in (replace(OURS, maker="", id=""), OURS)] == [True, True]
