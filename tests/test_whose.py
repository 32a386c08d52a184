"""Whose lists are on the line: ours are told from another meter's, and a mixture from an exchange."""

from collections.abc import Iterator
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
