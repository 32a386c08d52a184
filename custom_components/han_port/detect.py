"""What is on the line: tries the settings that meters use until one names itself, or says why none does.

What belongs here: which settings to try, for how long, and what to conclude. The config flow calls `detect` before
there is an entry; it knows nothing of Home Assistant.

How a wrong setting shows itself: Linux hands bytes on whose parity or framing is wrong, so a line that is read with
the wrong settings brings garbage, never nothing. A line that is silent with one setting is silent with all of them.
That a setting is right is proved by one whole frame, with a checksum that holds. Which one to try after a wrong one,
the garbage tells: see `garbage`. So no more than three are tried before the right one is, and a meter that sends a list
every 10 s is found with its fourth list at the latest, as a rule with its second.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from .garbage import Clues, Garbage
from .link import Connection, Line, LinkError, Opener, Parity, SettingsError, has_line_settings, is_topic
from .wire.cipher import Keys, Refusal
from .wire.decoder import Decoder
from .wire.reading import Meter, Number, Quantity, Reading

LINES = (
    Line(2400, Parity.EVEN),  # Aidon, Kaifa, Embriq: an M-Bus line as EN 13757-2 has it
    Line(2400, Parity.NONE),  # Kamstrup
    Line(9600, Parity.NONE),  # readers with a processor of their own
    Line(115200, Parity.NONE),  # the RJ12 port of newer meters
)
"""The settings that are tried, the likeliest first."""

ROUNDS = 2
"""How many times: a frame that noise has damaged makes right settings look wrong, but hardly twice."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to listen for what. Seconds, but for `flood`."""

    silence: float = 12.0
    """For the first byte, and for the first list after it: every meter sends one in 10 s."""
    pause: float = 1.0
    """A pause as long as this parts bursts: one after another lists come 1.4 s apart or more, and inside one the
    bytes may stop for most of a second on their way over a network."""
    burst: float = 3.5
    """For a burst that does not end: the longest list in one frame takes 2.7 s at 2400 baud (Aidon, 581 octets)."""
    naming: float = 25.0
    """For the list that names the meter, when others have proved the settings right: it comes every 10 s."""
    enough: float = 32.0
    """After this no other settings are tried, so that the whole never takes much longer than 40 s."""
    tick: float = 0.25
    """Between two looks at what has come, and two calls of `progress`."""
    flood: int = 8192
    """Octets without a frame that no meter would send in the time: something else is at the other end."""


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Found:
    """The meter on the line."""

    meter: Meter
    line: Line
    """The settings it was heard with; of no meaning on a raw socket."""
    values: Mapping[Quantity, Number]
    """The last value of all that it has sent so far; an hourly list may bring more."""

    title: str = ""
    """The system title of its last ciphered list, 16 hex digits; empty where it ciphers none."""

    @property
    def power(self) -> Number | None:
        """The last active power from the grid, W."""
        return self.values.get(Quantity.POWER_IMPORT)


class DetectionError(Exception):
    """The port opened, and no meter could be found on it."""


class Silent(DetectionError):  # noqa: N818 - they say what was heard
    """Nothing was heard at all."""


class Unreadable(DetectionError):  # noqa: N818
    """Bytes came, but no list that could be read in them."""


class CipheredError(DetectionError):
    """The lists are ciphered, and cannot be opened."""

    def __init__(self, title: str, line: Line) -> None:
        super().__init__("the lists are ciphered")
        self.title = title
        """The system title of who sent them: 16 hex digits, the first six of which name the maker. May be empty."""
        self.line = line
        """The settings with which they were heard."""


class Ciphered(CipheredError):  # noqa: N818
    """No key is known."""


class WrongKey(CipheredError):  # noqa: N818
    """The encryption key does not open them."""


class WrongTag(CipheredError):  # noqa: N818
    """The encryption key opens them, but by the authentication key they are from somebody else."""


_REFUSED: Mapping[Refusal, type[CipheredError]] = {
    Refusal.NO_KEY: Ciphered,
    Refusal.WRONG_KEY: WrongKey,
    Refusal.WRONG_TAG: WrongTag,
}
"""What no later list will change."""


class UnknownList(DetectionError):  # noqa: N818
    """Whole lists came, but none that is known and names its meter."""

    def __init__(self, list_id: str, items: int) -> None:
        super().__init__(f"unknown list {list_id!r} of {items} items")
        self.list_id = list_id
        """The name the list gives itself; empty where it gives none."""
        self.items = items


def _no_progress(_part: float, _line: Line) -> None:
    """Show nothing."""


async def detect(
    url: str,
    progress: Callable[[float, Line], None] = _no_progress,
    *,
    patience: Patience = PATIENCE,
    keys: Keys | None = None,
    opener: Opener = Connection.open,
    first: Line = LINES[0],
) -> Found:
    """Listen on a port until a meter has named itself, or has sent a list without a number that is not of power alone.

    `progress` is told, several times a second, which part of the longest time has passed (0…1), and the settings that
    are tried, those in `first` before all others. `keys` open what is ciphered. Raises `LinkError` when the port cannot
    be opened or is lost meanwhile, and a `DetectionError` when no meter was found. The port is closed again in every
    case.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()

    def tell(line: Line) -> None:
        progress(min((loop.time() - began) / (patience.enough + patience.silence), 1.0), line)

    if not has_line_settings(url):
        only = _Ear(LINES[0], patience, Decoder(keys, in_messages=is_topic(url)), is_only=True)
        await _listen(url, only, opener, tell)
        return only.conclusion()
    refused: SettingsError | None = None
    heard = 0
    clues = Clues()
    for _ in range(ROUNDS):
        left = [first, *(line for line in LINES if line != first)]
        while left and loop.time() - began < patience.enough:
            ear = _Ear(left.pop(0), patience, Decoder(keys))
            try:
                await _listen(url, ear, opener, tell, is_again=heard > 0)
            except SettingsError as error:
                refused = error  # not every adapter can do everything
                continue
            if ear.frames or (ear.is_silent() and not heard):
                return ear.conclusion()
            heard += ear.octets
            clues.add(ear.garbage, ear.line)
            left = clues.likeliest_first(left)
    if refused is not None and not heard:
        raise refused
    raise Unreadable(f"{heard} bytes came, but no list in them with any settings")


async def _listen(url: str, ear: _Ear, opener: Opener, tell: Callable[[Line], None], *, is_again: bool = False) -> None:
    """Listen with one setting for as long as that makes sense. Raises `LinkError`."""
    line, patience = ear.line, ear.patience
    tell(line)
    try:
        connection = await opener(url, line, ear.hear, ear.lose)
    except LinkError as error:
        if not is_again or isinstance(error, SettingsError):
            raise
        await asyncio.sleep(patience.pause)  # a serial server may need a moment to let go of its port
        connection = await opener(url, line, ear.hear, ear.lose)
    try:
        ear.open()
        while not ear.is_done():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience.tick):
                    await ear.ended.wait()
            tell(line)
    finally:
        await connection.close()
    if ear.lost is not None and ear.meter is None:
        raise ear.lost


class _Ear:
    """What was heard with one setting, and whether to go on listening."""

    def __init__(self, line: Line, patience: Patience, decoder: Decoder, *, is_only: bool = False) -> None:
        self.line = line
        self.patience = patience
        self.meter: Meter | None = None
        self.values: dict[Quantity, Number] = {}
        self.lost: LinkError | None = None
        self.ended = asyncio.Event()
        """Set at once when the meter has said its number, or the port was lost."""
        self.garbage = Garbage()
        """The last burst, should it have been one."""
        self._is_only = is_only
        self._decoder = decoder
        self._readings = 0
        self._opened = self._burst = self._last = self._now()
        self._is_settled = False
        """Whether a burst has begun after a pause. What comes before may be the end of a list, or of nothing."""

    @property
    def octets(self) -> int:
        """How many have come."""
        return self._decoder.counters.bytes

    @property
    def frames(self) -> int:
        """How many whole frames have come."""
        return self._decoder.counters.frames

    @property
    def _refused(self) -> type[CipheredError] | None:
        """Why the lists cannot be opened, where that is so."""
        refusal = self._decoder.refusal
        return _REFUSED.get(refusal) if refusal is not None else None

    def open(self) -> None:
        """Begin: the port is open. Before this, opening may have taken its time."""
        self._opened = self._burst = self._last = self._now()

    def hear(self, data: bytes) -> None:
        """Take bytes from the port."""
        now = self._now()
        if now - self._last >= self.patience.pause:
            self._is_settled = True
            self._burst = now
            self.garbage = Garbage()
        elif not self.octets:
            self._burst = now
        self._last = now
        self.garbage.add(data, now - self._burst)
        for reading in self._decoder.feed(data):
            self._take(reading)

    def lose(self, error: LinkError) -> None:
        """Take note that the port was lost."""
        self.lost = error
        self.ended.set()

    def _take(self, reading: Reading) -> None:
        self._readings += 1
        self.values.update(reading.values)
        self.meter = reading.meter or self.meter
        if self.meter is not None and self.meter.id:
            self.ended.set()

    def is_done(self) -> bool:
        """Whether there is no more to wait for with this setting."""
        now = self._now()
        waited = now - self._opened
        if self.ended.is_set() or waited >= self.patience.naming:
            return True
        is_quiet = now - self._last >= self.patience.pause
        if self.meter is not None:  # it has no number, unless one comes in the same burst
            return is_quiet and (self.meter.maker != "" or self._readings > 1)  # or in its other list
        if self._readings:
            return False
        if self._refused is not None:  # some readers send what they have opened right after it
            return is_quiet
        if self.frames or self.is_silent():
            return waited >= self.patience.silence
        return self._has_heard_garbage(is_quiet=is_quiet)

    def _has_heard_garbage(self, *, is_quiet: bool) -> bool:
        """Whether what has come so far, no frame among it, is enough to say that there will be none."""
        if self._is_only:
            return self.octets >= self.patience.flood
        # Not silent: a burst is under way, or one has passed that should have been a list and was none.
        return self._last - self._burst >= self.patience.burst or is_quiet

    def is_silent(self) -> bool:
        """Whether nothing has come, but perhaps the click of opening or the end of what was under way."""
        return not self._is_settled and self._now() - self._last >= self.patience.pause

    def conclusion(self) -> Found:
        """Return the meter that was heard. Raises a `DetectionError` when there was none."""
        if self.meter is not None:
            return Found(self.meter, self.line, self.values, self._decoder.cipher.title)
        if not self.frames and self.is_silent():
            raise Silent("nothing was heard")
        if (refused := self._refused) is not None:
            raise refused(self._decoder.cipher.title, self.line)
        unknown = self._decoder.unknown_list
        if unknown is not None:
            raise UnknownList(unknown.list_id, unknown.items)
        raise Unreadable(f"{self.octets} bytes came, but no list that names a meter")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
