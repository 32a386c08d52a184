"""What is wrong with a port, and when that is told: the decision alone, hour by hour."""

from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest

from custom_components.han_port.troubles import EVERY, FEWEST, Facts, Kind, Troubles


@dataclass
class Port:
    """A port, and who looks at it every half a minute."""

    inherited: Kind | None = None
    now: float = 1000.0
    bytes: int = 0
    openings: int = 1
    frames: int = 0
    damaged: int = 0
    open_at: float = 1000.0
    listed_at: float = 1000.0
    stranger_since: float | None = None
    stranger_at: float = -inf
    is_mixed: bool = False
    has_fallen: bool = False
    told: list[tuple[float, Kind | None]] = field(default_factory=list)
    """Minutes, and what has been told from then on."""

    def __post_init__(self) -> None:
        self.troubles = Troubles(self.now, self.inherited)
        self._began = self.now

    @property
    def kind(self) -> Kind | None:
        """What is told."""
        return self.troubles.kind

    @property
    def minutes(self) -> float:
        """How much time has passed."""
        return (self.now - self._began) / 60

    def is_damaged(self) -> bool:
        """Return whether damaged frames are told of."""
        return self.troubles.is_damaged

    def pass_by(
        self,
        minutes: float,
        *,
        is_open: bool = True,
        lists: int = 0,
        noise: int = 0,
        strangers: int = 0,
        opened: int = 0,
        damaged: int = 0,
    ) -> None:
        """Let time pass, with so much of each in every half a minute."""
        for _ in range(round(minutes * 60 / EVERY)):
            self.now += EVERY
            self.open_at = self.now if is_open else self.open_at
            self.openings += opened
            self.bytes += noise + 400 * (lists + strangers)
            self.frames += lists + strangers
            self.damaged += damaged
            if strangers:
                self.stranger_at = self.now
                if self.stranger_since is None:
                    self.stranger_since = self.now
            if lists:
                self.listed_at = self.now
                self.stranger_since = None
            self.troubles.look(
                Facts(
                    self.now,
                    self.open_at,
                    self.openings,
                    self.listed_at,
                    self.bytes,
                    self.stranger_since,
                    self.stranger_at,
                    self.is_mixed,
                    self.frames,
                    self.damaged,
                    self.has_fallen,
                )
            )
            if not self.told or self.told[-1][1] is not self.kind:
                self.told.append((self.minutes, self.kind))


def test_a_port_that_works() -> None:
    port = Port()
    port.pass_by(180, lists=3)
    assert port.told == [(0.5, None)]
    assert not port.is_damaged()


@pytest.mark.parametrize(
    ("what", "kind", "after"),
    [
        ({}, Kind.SILENT, 10),
        ({"opened": 1, "noise": 20}, Kind.SILENT, 10),
        ({"noise": 100}, Kind.UNREADABLE, 10),
        ({"strangers": 3}, Kind.ANOTHER_METER, 5),
        ({"is_open": False}, Kind.UNREACHABLE, 10),
    ],
    ids=["nothing", "stray bytes", "noise", "another meter", "closed"],
)
def test_it_is_told_in_time_and_taken_back(what: dict[str, Any], kind: Kind, after: float) -> None:
    port = Port()
    port.pass_by(60, lists=3)
    port.pass_by(after - 0.5, **what)
    assert port.told == [(0.5, None)]
    port.pass_by(1.5, **what)
    assert [told for _, told in port.told] == [None, kind]
    port.pass_by(600, **what)
    port.pass_by(0.5, lists=3)
    assert [told for _, told in port.told] == [None, kind, None]
    assert port.told[-1][0] == port.minutes
    port.pass_by(60, lists=3)
    assert len(port.told) == 3


def test_one_trouble_after_another() -> None:
    """Each has its time again; never are two told at once."""
    port = Port()
    port.pass_by(20, is_open=False)
    port.pass_by(20)
    port.pass_by(20, noise=100)
    port.pass_by(20, strangers=3)
    port.pass_by(20)
    port.pass_by(20, is_open=False)
    kinds = [told for _, told in port.told]
    assert [kind for kind in kinds if kind] == [
        Kind.UNREACHABLE,
        Kind.SILENT,
        Kind.UNREADABLE,
        Kind.ANOTHER_METER,
        Kind.SILENT,
        Kind.UNREACHABLE,
    ]
    assert None in kinds[1:]  # a trouble that is over is not told until the next is sure


def test_a_silent_port_that_is_opened_anew_again_and_again() -> None:
    """It is closed for up to a minute each time."""
    port = Port()
    for _ in range(10):
        port.pass_by(1, is_open=False)
        port.pass_by(0.5, opened=1, noise=3)
    assert port.kind is Kind.SILENT


def test_noise_that_pauses() -> None:
    port = Port()
    for _ in range(10):
        port.pass_by(1, is_open=False)
        port.pass_by(0.5, opened=1, noise=300)
    assert port.kind is Kind.UNREADABLE


def test_two_meters_on_one_line() -> None:
    port = Port()
    port.is_mixed = True
    port.pass_by(5, lists=3, strangers=3)
    port.is_mixed = False
    port.pass_by(0.5, lists=3)
    assert [told for _, told in port.told] == [Kind.ANOTHER_METER, None]


def test_what_was_told_holds_while_the_entry_is_set_up_again() -> None:
    port = Port(inherited=Kind.SILENT)
    port.pass_by(9)
    assert port.kind is Kind.SILENT
    port.pass_by(10)
    assert port.kind is Kind.SILENT
    port = Port(inherited=Kind.SILENT)
    port.pass_by(1)
    port.pass_by(0.5, lists=1)
    assert port.kind is None
    port = Port(inherited=Kind.SILENT)
    port.pass_by(20, noise=100)
    assert port.kind is Kind.UNREADABLE


def test_damaged_frames() -> None:
    port = Port()
    port.pass_by(59, lists=30, damaged=1)
    assert not port.is_damaged()
    port.pass_by(2, lists=30, damaged=1)
    assert port.is_damaged()
    assert port.kind is None
    port.pass_by(63, lists=60, damaged=1)
    assert not port.is_damaged()
    port.pass_by(120, lists=60, damaged=1)
    assert not port.is_damaged()


def test_a_few_frames_say_nothing() -> None:
    port = Port()
    for _ in range(FEWEST // 2 - 1):
        port.pass_by(7)
        port.pass_by(0.5, lists=1, damaged=1)
    assert not port.is_damaged()


def test_damage_without_a_single_list_is_another_trouble() -> None:
    port = Port()
    port.pass_by(120, noise=500, damaged=3)
    assert port.kind is Kind.UNREADABLE
    assert not port.is_damaged()


def test_a_frame_counter_that_has_fallen() -> None:
    """It is told at once, instead of what else is wrong then; not while the port cannot be opened."""
    port = Port()
    port.pass_by(60, lists=3)
    port.has_fallen = True
    port.pass_by(0.5, noise=400)
    assert port.told == [(0.5, None), (60.5, Kind.COUNTER_FELL)]
    port.pass_by(60, noise=400)
    port.pass_by(11, is_open=False)
    port.has_fallen = False
    port.pass_by(0.5, lists=3)
    assert [told for _, told in port.told] == [None, Kind.COUNTER_FELL, Kind.UNREACHABLE, None]
