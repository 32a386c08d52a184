"""Runs the tests of faults, and shows what they measured: seconds are those of a home, not of the test's faster clock.

Each row is one fault: what the owner sees, when, for how long after its end, what the log says, and what it leaves.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import redirect_stdout
import json
from pathlib import Path
import re
import sys
from typing import Any

import pytest

TESTS = "tests/faults"
BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
HEAD = (
    "| Fault | What you see | Noticed after | Healed after | Log lines | Left behind |",
    "| --- | --- | --- | --- | --- | --- |",
)

type Row = dict[str, Any]


class Collector:
    """Takes the rows out of the reports of a run of pytest, and notes which tests have none."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.skipped: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one report."""
        name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        if report.failed and name not in self.failed:
            self.failed.append(name)
        if report.skipped and isinstance(report.longrepr, tuple):
            self.skipped.append(f"{name}: {report.longrepr[2].removeprefix('Skipped: ')}")
        if report.when == "teardown":
            found = (value for key, value in report.user_properties if key == "fault")
            self.rows.extend(row for row in found if isinstance(row, dict))


def main() -> int:
    """Measure and show; 1 if a fault was not borne, 2 for a file that has no place for the table."""
    parser = ArgumentParser(
        prog="scripts/reliability", description=__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", metavar="WORD", help="only the tests that pytest's -k finds by it")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"put the table between {BEGIN} and {END} of a file")
    options = parser.parse_args()
    if options.write is not None and put(text := options.write.read_text(), "") is None:
        print(f"{options.write} has no {BEGIN} … {END} ({len(text)} characters)", file=sys.stderr)
        return 2
    collector = Collector()
    with redirect_stdout(sys.stderr):
        chosen = ["-k", options.only] if options.only else []
        code = pytest.main(["-q", "--tb=short", "--show-capture=no", *chosen, TESTS], plugins=[collector])
    print(as_json(collector) if options.json else "\n".join(table(collector)))
    if code:
        return 1
    if options.write is not None:
        options.write.write_text(put(options.write.read_text(), "\n".join(table(collector))) or "")
    return 0


def as_json(collector: Collector) -> str:
    """Return everything that was measured."""
    found = {"faults": collector.rows, "skipped": collector.skipped, "failed": collector.failed}
    return json.dumps(found, indent=2, ensure_ascii=False)


def table(collector: Collector) -> list[str]:
    """Return the lines of the table, in Markdown."""
    lines = [*HEAD, *(line(row) for row in collector.rows)]
    lines += [f"| {name} | not measured | | | | |" for name in collector.skipped]
    lines += [f"| {name} | **failed** | | | | |" for name in collector.failed]
    return lines


def line(row: Row) -> str:
    """Return one row in Markdown."""
    sees = row["sees"] + (f"; {row['note']}" if row["note"] else "")
    healed = f"{seconds(row['healed_s'])} (limit {row['healed_limit_s']:.0f} s)"
    cells = (row["fault"], sees, seconds(row["noticed_s"]), healed, str(row["log_lines"]), left(row))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def seconds(measured: float | None) -> str:
    """Return a time as the table has it; a dash where there was nothing to notice."""
    return "–" if measured is None else f"{measured:.1f} s"


def left(row: Row) -> str:
    """Return what a fault left: nothing, or how much of what; and by how much memory grew while it lasted."""
    counts = [f"{row[what]} {what}" for what in ("tasks", "files") if row[what]]
    grown = [] if row["memory_kb"] is None else [f"memory +{row['memory_kb']:.0f} kB"]
    return ", ".join([*(counts or ["nothing"]), *grown])


def put(text: str, lines: str) -> str | None:
    """Return a text with lines between the marks, or None where it has no marks."""
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return marked.sub(lambda _: f"{BEGIN}\n{lines}\n{END}", text, count=1) if marked.search(text) else None


if __name__ == "__main__":
    sys.exit(main())
