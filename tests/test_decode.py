"""scripts/decode, as somebody with a problem would use it."""

from collections.abc import Iterator
from contextlib import contextmanager
import io
import json
from pathlib import Path
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.decode import main
from tests.wire.lists import lists, meter

ROOT = Path(__file__).parent.parent
FRAMES = [sent.frame for sent in lists("kaifa")]
HOURLY = next(sent for sent in lists("kaifa") if sent.kind == "hourly")
POWER = next(sent for sent in lists("kaifa") if sent.kind == "power")


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_file_of_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "capture"
    file.write_bytes(b"noise" + b"".join(FRAMES))
    assert main([str(file)]) == 0
    readings = printed(capsys)
    assert len(readings) == len(FRAMES)
    assert readings[0].keys() == {"maker", "model", "meter_id", "list_id", "list", "values"}


def test_an_hourly_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "capture"
    file.write_bytes(HOURLY.frame)
    assert main([str(file)]) == 0
    assert printed(capsys) == [
        {
            "maker": "Kaifa",
            "model": "MA304H3E",
            "meter_id": meter("kaifa").maker.id,
            "list_id": "KFM_001",
            "list": "hourly",
            "meter_clock": "2026-01-12T18:00:10",
            "values": HOURLY.values,
        }
    ]


def test_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(POWER.frame)))
    assert main(["-"]) == 0
    assert printed(capsys) == [{"list": "power", "values": POWER.values}]


def test_captures_in_hexadecimal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line gives one line: with flags, without, from the LLC header, from the APDU; nonsense gives null."""
    frame = HOURLY.frame
    llc = frame.index(b"\xe6\xe7\x00")
    captures = [
        frame.hex(),
        frame[1:-1].hex(),
        frame[:-1].hex(),
        frame[llc:-3].hex(),
        frame[llc + 3 : -3].hex(" ").upper(),
        (POWER.frame + frame).hex(),
        frame[:-9].hex(),
        "",
        "not hexadecimal",
        POWER.frame.hex(),
    ]
    file = tmp_path / "captures"
    file.write_text("\n".join(captures), encoding="utf-8")
    assert main(["--hex", str(file)]) == 0
    kinds = [line and line["list"] for line in printed(capsys)]
    assert kinds == ["hourly"] * 6 + [None] * 3 + ["power"]


def test_unknown_items_are_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    known = "0203 0906 0100010700ff 0600000005 02020f00161b"
    unknown = "0203 0906 0100630700ff 0600000007 02020f00161b"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"0f40000000 00 0102 {known} {unknown}"))
    assert main(["--hex", "-"]) == 0
    (reading,) = printed(capsys)
    assert reading["values"] == {"power_import": 5}
    assert reading["unknown"] == {"1-0:99.7.0.255": 7}


def test_nothing_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "capture"
    file.write_bytes(bytes(1000))
    assert main([str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "noise 1000" in captured.err


def test_an_unknown_list_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("0f40000000000202 0a084f544845525f5631 0600000001"))
    assert main(["--hex", "-"]) == 1
    assert "unknown list: id 'OTHER_V1', 2 items" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["/nowhere/at/all", "socket://127.0.0.1:1"])
def test_a_port_that_cannot_be_opened(source: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.decode", source], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert source in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--hex"], ["one", "two"], ["file", "--hex", "other"], ["file", "--key", "12"], ["--no-such"]]
)
def test_wrong_use(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_keys_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(POWER.frame)
    assert main([str(file), "--key", "00" * 16, "--auth-key", "ff" * 16]) == 0


@contextmanager
def simulated_meter(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a meter in a process of its own."""
    command = [sys.executable, "-m", "tests.meters", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().removeprefix("listening on ").strip()
        try:
            yield process, address
        finally:
            process.terminate()


def test_a_port(tmp_path: Path) -> None:
    """A meter on TCP and one on a serial line, until the connection ends."""
    for arguments in (
        ["--meter", "aidon", "--tcp", "127.0.0.1:0"],
        ["--meter", "kamstrup", "--pty", str(tmp_path / "tty")],
    ):
        with simulated_meter(*arguments, "--speed", "10") as (process, address):
            command = [sys.executable, "-m", "scripts.decode", address]
            with subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as decode:
                assert decode.stdout
                assert decode.stderr
                first = json.loads(decode.stdout.readline())
                assert first["values"]["power_import"] > 0
                process.terminate()
                decode.stdout.read()
                assert decode.wait(30) == 0
                assert "found" in decode.stderr.read()
