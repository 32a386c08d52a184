"""The table that is made of what was measured."""

from pathlib import Path
import subprocess
import sys
from typing import Any

from scripts.reliability import BEGIN, END, HEAD, Collector, line, put, table

ROW: dict[str, Any] = {
    "fault": "connection refused",
    "sees": "13 numbers unavailable",
    "noticed_s": 10.0,
    "lasted_s": 720.0,
    "healed_s": 31.27,
    "healed_limit_s": 75.0,
    "log_lines": 2,
    "tasks": 0,
    "files": 0,
    "memory_kb": 3.6,
    "note": "",
}


def test_a_row() -> None:
    assert line(ROW) == (
        "| connection refused | 13 numbers unavailable | 10.0 s | 31.3 s (limit 75 s) | 2 | nothing, memory +4 kB |"
    )


def test_a_fault_that_nobody_notices_and_that_leaves_something() -> None:
    row = {**ROW, "noticed_s": None, "memory_kb": None, "tasks": 2, "note": "a | b"}
    assert (
        line(row) == "| connection refused | 13 numbers unavailable; a \\| b | – | 31.3 s (limit 75 s) | 2 | 2 tasks |"
    )


def test_what_was_not_measured_is_in_the_table() -> None:
    collector = Collector()
    collector.rows.append(ROW)
    collector.skipped.append("cable pulled: no network namespace")
    collector.failed.append("noise")
    assert table(collector)[: len(HEAD)] == list(HEAD)
    assert table(collector)[-2:] == [
        "| cable pulled: no network namespace | not measured | | | | |",
        "| noise | **failed** | | | | |",
    ]


def test_the_table_replaces_what_is_between_the_marks() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter {END}\n"
    assert put(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter {END}\n"
    assert put("no marks", "new") is None


def test_a_file_without_a_place_for_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    command = [sys.executable, "-m", "scripts.reliability", "--write", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert BEGIN in done.stderr
    assert page.read_text() == "nothing here"
