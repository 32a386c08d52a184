"""A meter is found on whatever it hangs on, and where none is found people are told what was heard instead."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import serialx
from serialx.platforms.serial_posix import PosixSerial, PosixSerialTransport

from custom_components.han_port.detect import (
    LINES,
    Ciphered,
    CipheredError,
    Found,
    Patience,
    Silent,
    UnknownList,
    Unreadable,
    WrongKey,
    WrongTag,
    detect,
)
from custom_components.han_port.link import Cause, Connection, Line, LinkError, Parity, SettingsError
from custom_components.han_port.wire.cipher import Keys
from custom_components.han_port.wire.reading import Grid, Meter, Quantity

from .ciphered import KEYS, TITLE, ciphered
from .meters import Aidon, Kaifa, Kamstrup, Maker, make_maker
from .meters.aidon_sweden import AidonSweden
from .meters.apdu import notification
from .meters.axdr import array, octets, structure, u32, visible
from .meters.coded import instant, register, text
from .meters.hdlc import frame
from .meters.p1 import P1
from .serving import Client, Pty, Rfc2217Server, SerialClient, TcpServer, grievances, open_files
from .uart import heard

pytestmark = pytest.mark.usefixtures("socket_enabled")

type Tape = list[tuple[float, bytes]]
"""What a line carries: seconds of waiting, then bytes, and so on; from the beginning again at the end."""

QUICK = Patience(silence=0.6, pause=0.12, burst=0.4, naming=0.9, enough=1.8, tick=0.01)
"""For a world in which lists come every quarter of a second."""
EVERY = 0.25
CLOCK = datetime(2026, 11, 24, 13)  # noqa: DTZ001 - a meter's clock
AIDON = Aidon("6525", "7359992000000116")
KAMSTRUP = Kamstrup("6841131BN243101040", "5706567000000444")
GARBAGE = bytes.fromhex("7e132b00ff") * 40
NUMBER = "7359992000000116"
UNTAGGED = KEYS._replace(authentication=None)


def envelope(apdu: bytes) -> bytes:
    return frame(apdu, destination=b"\x41", source=b"\x08\x83", control=0x13)


UNKNOWN = envelope(notification(structure(visible("METER_V9"), u32(1), u32(2)), invoke=0))


def power(maker: Maker = AIDON, watts: float = 2526) -> bytes:
    return maker.encode("power", {"power_import": watts}, CLOCK)


def values_of(maker: Maker, watts: float) -> dict[str, float]:
    values = {name: float(number) for number, name in enumerate(maker.quantities("full"), start=1)}
    return {**values, "power_import": watts}


def full(maker: Maker = AIDON, watts: float = 2526) -> bytes:
    return maker.encode("full", values_of(maker, watts), CLOCK)


class Lines:
    """Plays tapes to whoever listens."""

    def __init__(self) -> None:
        self._playing: set[asyncio.Task[None]] = set()

    def play(self, tape: Tape, send: Callable[[bytes], None]) -> None:
        """Play a tape over and over."""
        self._playing.add(asyncio.create_task(self._play(tape, send)))

    async def _play(self, tape: Tape, send: Callable[[bytes], None]) -> None:
        while True:
            for wait, data in tape:
                await asyncio.sleep(wait)
                send(data)

    async def stop(self) -> None:
        """Stop all tapes."""
        for task in self._playing:
            task.cancel()
        await asyncio.gather(*self._playing, return_exceptions=True)


@pytest.fixture
async def lines() -> AsyncGenerator[Lines]:
    """Return a player of tapes."""
    playing = Lines()
    yield playing
    await playing.stop()


@pytest.fixture(autouse=True)
async def nothing_left(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """No test leaves a port open or a line in the log."""
    files = open_files()
    yield
    assert open_files() == files
    assert grievances(caplog.get_records("call") + caplog.records) == []


async def on_tcp(lines: Lines, tape: Tape, keys: Keys | None = None) -> Found:
    """Listen to a tape behind a raw socket."""
    async with TcpServer(lambda client: lines.play(tape, client.send)) as server:
        return await detect(server.url, patience=QUICK, keys=keys)


class Shared(Rfc2217Server):
    """A meter with one line setting behind a serial server, which brings garbage with any other."""

    def __init__(self, lines: Lines, line: Line, tape: Tape, garbage: Tape | None = None) -> None:
        super().__init__(self._begin)
        self._lines_to_play = lines
        self._line = line
        self._tape = tape
        self._garbage = garbage or [(EVERY, GARBAGE)]

    def _begin(self, client: Client) -> None:
        baudrate, parity = self.lines[-1]
        is_right = Line(baudrate, Parity(parity)) == self._line
        self._lines_to_play.play(self._tape if is_right else self._garbage, client.send)

    @property
    def tried(self) -> list[str]:
        """The settings that were tried, in order."""
        return [str(Line(baudrate, Parity(parity))) for baudrate, parity in self.lines]


# A meter is found


@pytest.mark.parametrize("maker", ["aidon", "kaifa", "kamstrup", "embriq"])
async def test_a_meter_behind_a_raw_socket(lines: Lines, maker: str) -> None:
    meter = make_maker(maker)  # type: ignore[arg-type]
    found = await on_tcp(lines, [(0.02, full(meter, 2526))])
    assert found.meter.maker == {"embriq": "Landis+Gyr"}.get(maker, meter.name)
    assert found.meter.model == meter.model
    assert found.meter.id == meter.id
    assert found.meter.list_id == meter.list_id
    assert found.meter.grid == meter.grid
    assert found.power == 2526
    assert found.values.keys() >= {Quantity.POWER_IMPORT, Quantity.CURRENT_L1, Quantity.VOLTAGE_L1}


async def test_power_lists_are_heard_until_one_names_the_meter(lines: Lines) -> None:
    tape = [(0.1, power(watts=watts)) for watts in (100, 200, 300)]
    found = await on_tcp(lines, [*tape, (0.1, full(watts=400))])
    assert found == Found(
        Meter("Aidon", "6525", NUMBER, "AIDON_V0001", Grid.IT),
        LINES[0],
        {Quantity(name): value for name, value in values_of(AIDON, 400).items()},
    )
    assert found.power == 400


async def test_an_hourly_list_shows_the_registers_too(lines: Lines) -> None:
    values = dict.fromkeys(AIDON.quantities("hourly"), 1000.0)
    found = await on_tcp(lines, [(0.02, AIDON.encode("hourly", values, CLOCK))])
    assert Quantity.ENERGY_IMPORT in found.values


async def test_noise_before_a_list_does_not_matter_on_a_socket(lines: Lines) -> None:
    assert (await on_tcp(lines, [(EVERY, GARBAGE), (EVERY, GARBAGE), (EVERY, full())])).meter.id == NUMBER


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_the_settings_of_a_line_are_found(lines: Lines, line: Line) -> None:
    async with Shared(lines, line, [(EVERY, full())]) as server:
        found = await detect(server.url, patience=QUICK)
    assert found.line == line
    assert found.meter.id == NUMBER
    assert server.tried == [str(line) for line in LINES[: LINES.index(line) + 1]]


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_garbage_tells_which_settings_to_try_next(lines: Lines, line: Line) -> None:
    class Real(Shared):
        def _begin(self, client: Client) -> None:
            baudrate, parity = self.lines[-1]
            read = heard(full(KAMSTRUP), line, Line(baudrate, Parity(parity)))
            self._lines_to_play.play([(EVERY, bytes(octet.value for octet in read))], client.send)

    async with Real(lines, line, []) as server:
        found = await detect(server.url, patience=QUICK)
    assert found.line == line
    assert server.tried == [str(one) for one in dict.fromkeys((LINES[0], line))]


async def test_a_kamstrup_is_found_in_time(lines: Lines) -> None:
    """Wrong settings cost one list, not the time it takes to be sure that none comes."""
    async with Shared(lines, LINES[1], [(EVERY, full(KAMSTRUP))]) as server:
        before = asyncio.get_running_loop().time()
        found = await detect(server.url, patience=QUICK)
        assert asyncio.get_running_loop().time() - before < QUICK.silence + 2 * EVERY
    assert found.meter.maker == "Kamstrup"


async def test_a_pseudo_terminal_takes_any_parity(lines: Lines) -> None:
    with Pty() as pty:
        lines.play([(EVERY, full(KAMSTRUP))], pty.send)
        for _ in range(2):
            found = await detect(pty.path, patience=QUICK)
            assert found.meter.maker == "Kamstrup"
        await lines.stop()


async def test_the_speed_of_a_device_is_set(lines: Lines) -> None:
    with Pty() as pty:
        lines.play([(EVERY, b"")], lambda _: pty.send(full() if pty.baudrate == 9600 else GARBAGE))
        found = await detect(pty.path, patience=QUICK)
        assert found.line == Line(9600, Parity.NONE)
        await lines.stop()


async def test_settings_that_an_adapter_cannot_do_are_left_out(lines: Lines) -> None:
    with Pty() as pty:
        url = f"posix://{pty.path}"  # this way serialx asks a pseudo-terminal for parity, which it refuses
        connection = await Connection.open(url, LINES[0], lambda _: None, lambda _: None)
        await connection.close()
        lines.play([(EVERY, full(KAMSTRUP))], pty.send)
        found = await detect(url, patience=QUICK)
        assert found.line == Line(2400, Parity.NONE)
        await lines.stop()


async def test_coming_in_the_middle_of_a_list_does_not_turn_the_settings_down(lines: Lines) -> None:
    listening: list[str] = []
    with Pty() as pty:
        lines.play([(0.01, full(KAMSTRUP)[100:]), (QUICK.burst + 0.1, full(KAMSTRUP))], pty.send)
        found = await detect(pty.path, lambda _, line: listening.append(str(line)), patience=QUICK)
        await lines.stop()
    assert found.line == LINES[0]
    assert set(listening) == {"2400 8E1"}


async def test_coming_in_the_middle_of_a_list_when_opening_takes_its_time(lines: Lines) -> None:
    class Sluggish(SerialClient):
        def data_received(self, data: bytes) -> None:
            asyncio.get_running_loop().call_later(0.03, super().data_received, data)

    class Far(Shared):
        def _client(self) -> Client:
            return Sluggish(self)

    tape = [*[(0.04, b"the end of a list")] * 5, (0.2, full())]
    async with Far(lines, LINES[0], tape) as server:
        assert (await detect(server.url, patience=QUICK)).line == LINES[0]
    assert server.tried == ["2400 8E1"]


async def test_a_list_that_is_not_known_does_not_hide_one_that_is(lines: Lines) -> None:
    async with Shared(lines, LINES[0], [(EVERY, UNKNOWN), (EVERY, full())]) as server:
        assert (await detect(server.url, patience=QUICK)).line == LINES[0]
    assert server.tried == ["2400 8E1"]


async def test_a_list_in_pieces_is_one_list(lines: Lines) -> None:
    pieces = [(QUICK.pause / 4, full()[at : at + 60]) for at in range(0, len(full()), 60)]
    async with Shared(lines, LINES[0], [(EVERY, pieces[0][1]), *pieces[1:]]) as server:
        assert (await detect(server.url, patience=QUICK)).line == LINES[0]


async def test_right_settings_get_a_second_chance_after_a_damaged_list(lines: Lines) -> None:
    tapes = iter([[(EVERY, GARBAGE)], [(EVERY, full())]])

    class Noisy(Shared):
        def _begin(self, client: Client) -> None:
            if self.lines[-1] == (2400, "E"):
                self._tape = next(tapes)
            super()._begin(client)

    async with Noisy(lines, LINES[0], []) as server:
        assert (await detect(server.url, patience=QUICK)).line == LINES[0]
    assert server.tried == [str(line) for line in (*LINES, LINES[0])]


async def test_a_serial_server_that_needs_a_moment_to_let_go(lines: Lines) -> None:
    class Slow(Shared):
        let_go = 0.0

        def came(self, client: Client) -> None:
            now = asyncio.get_running_loop().time()
            if now < self.let_go:
                client.close()
                return
            super().came(client)
            client.gone.set = self._gone  # type: ignore[method-assign]

        def _gone(self) -> None:
            self.let_go = asyncio.get_running_loop().time() + QUICK.pause / 2

    async with Slow(lines, LINES[1], [(EVERY, full())]) as server:
        assert (await detect(server.url, patience=QUICK)).line == LINES[1]


# None is found


async def test_silence_behind_a_socket(lines: Lines) -> None:
    with pytest.raises(Silent):
        await on_tcp(lines, [(60, b"")])


async def test_a_greeting_is_silence(lines: Lines) -> None:
    with pytest.raises(Silent):
        await on_tcp(lines, [(0.01, b"ser2net port 1\r\n"), (60, b"")])


async def test_silence_of_a_device_is_told_after_one_setting() -> None:
    listening: list[str] = []
    with Pty() as pty, pytest.raises(Silent):
        await detect(pty.path, lambda _, line: listening.append(str(line)), patience=QUICK)
    assert set(listening) == {"2400 8E1"}


async def test_a_click_when_the_port_opens_is_silence(lines: Lines) -> None:
    async with Shared(lines, LINES[0], [(0.03, b"\x00"), (60, b"")]) as server:
        with pytest.raises(Silent):
            await detect(server.url, patience=QUICK)
    assert server.tried == ["2400 8E1"]


async def test_noise_behind_a_socket(lines: Lines) -> None:
    with pytest.raises(Unreadable):
        await on_tcp(lines, [(EVERY, GARBAGE)])


async def test_a_flood_behind_a_socket_ends_soon(lines: Lines) -> None:
    before = asyncio.get_running_loop().time()
    with pytest.raises(Unreadable):
        await on_tcp(lines, [(0.001, GARBAGE * 10)])
    assert asyncio.get_running_loop().time() - before < QUICK.silence


@pytest.mark.parametrize("every", [EVERY, 0.02])
async def test_noise_with_all_settings(lines: Lines, every: float) -> None:
    garbage = [(every, GARBAGE)]
    patience = replace(QUICK, enough=30)
    async with Shared(lines, LINES[0], garbage, garbage) as server:
        before = asyncio.get_running_loop().time()
        with pytest.raises(Unreadable):
            await detect(server.url, patience=patience)
        assert asyncio.get_running_loop().time() - before < 8 * patience.naming
    assert server.tried == [str(line) for line in LINES * 2]


async def test_enough_is_enough(lines: Lines) -> None:
    garbage = [(QUICK.silence * 0.8, GARBAGE)]
    async with Shared(lines, LINES[0], garbage, garbage) as server:
        before = asyncio.get_running_loop().time()
        with pytest.raises(Unreadable):
            await detect(server.url, patience=QUICK)
        assert asyncio.get_running_loop().time() - before < QUICK.enough + QUICK.silence + 0.5
    assert len(server.tried) < 8


async def test_noise_that_falls_silent(lines: Lines) -> None:
    async with Shared(lines, LINES[0], [(EVERY, GARBAGE), (60, b"")], [(60, b"")]) as server:
        with pytest.raises(Unreadable):
            await detect(server.url, patience=QUICK)
    assert server.tried[:2] == ["2400 8E1", "2400 8N1"]


@pytest.mark.parametrize("keys", [KEYS, UNTAGGED], ids=["tag", "no tag"])
@pytest.mark.parametrize("line", LINES[:2], ids=str)
async def test_a_ciphered_meter_is_told_at_once(lines: Lines, line: Line, keys: Keys) -> None:
    async with Shared(lines, line, [(EVERY, ciphered(full(KAMSTRUP), keys=keys))]) as server:
        before = asyncio.get_running_loop().time()
        with pytest.raises(Ciphered) as caught:
            await detect(server.url, patience=QUICK)
        assert asyncio.get_running_loop().time() - before < QUICK.naming
    assert caught.value.title == TITLE.hex().upper()
    assert caught.value.line == line


@pytest.mark.parametrize("keys", [KEYS, UNTAGGED], ids=["both", "encryption alone"])
async def test_a_ciphered_meter_with_its_keys(lines: Lines, keys: Keys) -> None:
    found = await on_tcp(lines, [(EVERY, ciphered(full(KAMSTRUP)))], keys)
    assert found.title == TITLE.hex().upper()
    assert (found.meter.maker, found.meter.id) == ("Kamstrup", KAMSTRUP.id)
    assert found.power == 2526


@pytest.mark.parametrize(
    ("keys", "refusal"),
    [
        (KEYS._replace(encryption=bytes(16)), WrongKey),
        (KEYS._replace(authentication=bytes(16)), WrongTag),
        (Keys(bytes(16)), WrongKey),
    ],
    ids=["encryption", "authentication", "encryption alone"],
)
async def test_wrong_keys(lines: Lines, keys: Keys, refusal: type[CipheredError]) -> None:
    with pytest.raises(refusal) as caught:
        await on_tcp(lines, [(EVERY, ciphered(full(KAMSTRUP)))], keys)
    assert keys.encryption.hex() not in repr(caught.value) + str(caught.value)


async def test_keys_of_a_meter_that_does_not_cipher(lines: Lines) -> None:
    found = await on_tcp(lines, [(EVERY, full())], KEYS)
    assert (found.meter.id, found.title) == (NUMBER, "")


async def test_a_list_that_is_not_known(lines: Lines) -> None:
    async with Shared(lines, LINES[1], [(EVERY, UNKNOWN)]) as server:
        with pytest.raises(UnknownList) as caught:
            await detect(server.url, patience=QUICK)
    assert server.tried == ["2400 8E1", "2400 8N1"]
    assert (caught.value.list_id, caught.value.items) == ("METER_V9", 3)
    assert "METER_V9" in str(caught.value)


async def test_a_single_list_that_is_not_known_is_no_silence(lines: Lines) -> None:
    with pytest.raises(UnknownList):
        await on_tcp(lines, [(0.01, UNKNOWN), (60, b"")])


async def test_a_full_list_that_is_not_known_beside_known_power_lists(lines: Lines) -> None:
    unknown = envelope(notification(array(octets(b"NEW_LIST"), u32(1)), invoke=0))
    with pytest.raises(UnknownList) as caught:
        await on_tcp(lines, [(EVERY, power()), (EVERY, unknown)])
    assert caught.value.items == 2


@pytest.mark.parametrize("maker", [AidonSweden(), P1("LGF5E360", "")], ids=["HDLC", "P1"])
async def test_a_meter_without_a_number(lines: Lines, maker: Maker) -> None:
    list_ = maker.encode("hourly", {**dict.fromkeys(maker.quantities("hourly"), 7.0), "power_import": 2526}, CLOCK)
    found = await on_tcp(lines, [(EVERY, list_)])
    assert (found.meter.maker, found.meter.id) == (maker.name, "")
    assert found.power == 2526


async def test_a_number_that_comes_in_the_same_burst(lines: Lines) -> None:
    """What has none comes first: it is not concluded at once that there is none."""
    nameless = full(Aidon("6525", ""))
    found = await on_tcp(lines, [(EVERY, nameless), (QUICK.pause / 3, full())])
    assert found.meter.id == NUMBER


async def test_a_number_that_is_in_the_other_list(lines: Lines) -> None:
    """As in Cyprus: two lists in turns, of which one says neither the number nor who made the meter."""
    powers = structure(*(instant(name, 2526, 0) for name in ("power_import", "power_import_l1", "power_export")))
    registers = structure(text("0-0:96.1.0.255", NUMBER), register("energy_import", 7, 0))
    pair = [(EVERY, envelope(notification(items, invoke=0))) for items in (powers, registers)]
    found = await on_tcp(lines, pair)
    assert found.meter.id == NUMBER
    assert found.power == 2526


async def test_a_reader_that_sends_on_what_it_has_opened(lines: Lines) -> None:
    """First as it came, then plain: no key is needed."""
    found = await on_tcp(lines, [(EVERY, ciphered(full())), (QUICK.pause / 3, full())])
    assert found.meter.id == NUMBER


async def test_a_meter_that_never_says_its_number(lines: Lines) -> None:
    with pytest.raises(Unreadable):
        await on_tcp(lines, [(EVERY, power(Kaifa("MA304H4", "1")))])


async def test_whole_frames_of_something_else(lines: Lines) -> None:
    with pytest.raises(Unreadable):
        await on_tcp(lines, [(EVERY, envelope(b"something else"))])


# The port


async def test_a_port_that_cannot_be_opened() -> None:
    with pytest.raises(LinkError) as caught:
        await detect("/dev/serial/by-id/usb-gone-port0", patience=QUICK)
    assert caught.value.cause is Cause.NOT_FOUND


class Stubborn(PosixSerialTransport):
    """A port that can do none of the settings."""

    async def _connect(self, **_: object) -> None:
        raise serialx.UnsupportedSetting("not that either")


async def test_a_port_that_can_do_nothing() -> None:
    forget = serialx.register_uri_handler(
        scheme="stubborn://", unique_scheme="stubborn-port://", sync_cls=PosixSerial, async_transport_cls=Stubborn
    )
    try:
        with pytest.raises(SettingsError):
            await detect("stubborn://port", patience=QUICK)
    finally:
        forget()


@pytest.mark.parametrize("after", [0, 0.1])
async def test_a_bridge_that_closes(after: float) -> None:
    def close(client: Client) -> None:
        asyncio.get_running_loop().call_later(after, client.close)

    async with TcpServer(close) as server:
        with pytest.raises(LinkError) as caught:
            await detect(server.url, patience=QUICK)
    assert caught.value.cause is Cause.LOST


async def test_a_device_that_is_unplugged_between_two_settings(lines: Lines, tmp_path: Path) -> None:
    """It has a name of its own: the kernel's may at once be that of another pseudo-terminal."""
    with Pty() as pty:
        device = tmp_path / "ttyUSB0"
        device.symlink_to(pty.path)
        lines.play([(EVERY, GARBAGE)], pty.send)

        def progress(_: float, line: Line) -> None:
            if line != LINES[0]:
                device.unlink(missing_ok=True)
                pty.unplug()

        with pytest.raises(LinkError) as caught:
            await detect(str(device), progress, patience=QUICK)
        await lines.stop()
    assert caught.value.cause in {Cause.NOT_FOUND, Cause.LOST}


async def test_cancelled_it_lets_go_of_the_port_at_once() -> None:
    with Pty() as pty:
        for step in range(12):
            detecting = asyncio.create_task(detect(pty.path, patience=QUICK))
            await asyncio.sleep(step / 400)
            detecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await detecting
            found = await Connection.open(pty.path, LINES[0], lambda _: None, lambda _: None)
            await found.close()


async def test_progress_rises_to_the_end(lines: Lines) -> None:
    parts: list[float] = []
    async with Shared(lines, LINES[0], [(EVERY, GARBAGE)]) as server:
        with pytest.raises(Unreadable):
            await detect(server.url, lambda part, _: parts.append(part), patience=QUICK)
    assert parts == sorted(parts)
    assert 0 <= parts[0] < 0.1
    assert 0.5 < parts[-1] <= 1
    assert len(parts) > 20
