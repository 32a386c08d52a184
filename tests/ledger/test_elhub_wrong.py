"""Files that are not as Elhub writes them: each fault has its own name, and its line."""

import csv
import json
from pathlib import Path

import pytest

from custom_components.han_port.ledger import ElhubError, read_file
from tests.elhub_files import METERING_POINT

OLD = ("Fra;Til;KWH 60 Forbruk", *(f"01.05.2024 0{hour}:00;01.05.2024 0{hour + 1}:00;1,5" for hour in range(4)))
QUARTERS = (
    "Fra;Til;KWH 15 Forbruk",
    *(f"01.05.2024 00:{minute};01.05.2024 0{end};1,5" for minute, end in ((15, "0:30"), (30, "0:45"), (45, "1:00"))),
)
COMMAS = (
    "Fra,Til,KWH 60 Forbruk",
    *(f'01.05.2022 0{hour}:00,01.05.2022 0{hour + 1}:00,"1,5"' for hour in range(4)),
)
NEW = (
    "Fra;Til;Målenavn;Volum;Enhet;Kvalitet;Registreringstidspunkt",
    *(
        f"2026-04-01T0{hour}:00:00+02:00;2026-04-01T0{hour + 1}:00:00+02:00;KWH 60 Forbruk;1,5;kWh;Målt;"
        "2026-04-02T06:12:00+02:00"
        for hour in range(4)
    ),
)
TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / "han_port" / "translations"
SENTENCES = [json.loads(path.read_text())["exceptions"] for path in sorted(TRANSLATIONS.iterdir())]
"""Of each language."""


def refused(data: bytes | str | tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return why a file is refused, which can be told in every language."""
    if isinstance(data, tuple):
        data = "\n".join(data)
    with pytest.raises(ElhubError) as error:
        read_file(data if isinstance(data, bytes) else data.encode(), "file.csv")
    key, placeholders = error.value.key, error.value.placeholders
    for sentences in SENTENCES:
        sentence = sentences[f"elhub_{key}"]["message"]
        assert sentence.format(**dict.fromkeys(placeholders, "◆")).count("◆") == len(placeholders)
    return key, placeholders


def changed(lines: tuple[str, ...], line: int, old: str, new: str) -> tuple[str, ...]:
    """Return a file with something else in one of its lines, counted from 1."""
    assert old in lines[line - 1]
    return (*lines[: line - 1], lines[line - 1].replace(old, new), *lines[line:])


def test_they_are_right_before_they_are_changed() -> None:
    for lines in (OLD, COMMAS, NEW):
        assert read_file("\n".join(lines).encode()).total == 6000


def test_what_is_no_text() -> None:
    assert refused(b"PK\x03\x04\x14\0\x06\0") == ("spreadsheet", {})
    assert refused(b"%PDF-1.7\n\xe2\xe3\x01\x02") == ("not_text", {})
    assert refused(bytes(50_000_000)) == ("too_large", {"found": "48", "expected": "16"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(encoding: str) -> None:
    assert refused("\n".join(NEW).encode(encoding)) == ("encoding", {"line": "1"})


def test_latin_1() -> None:
    assert refused("\n".join(NEW).encode("latin-1")) == ("encoding", {"line": "1"})
    lines = ("Fra,Til,KWH 60 Forbruk,Kvalitet", "01.05.2022 00:00,01.05.2022 01:00,1,Målt")
    assert refused("\r\n".join(lines).encode("cp1252")) == ("encoding", {"line": "2"})


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", "\n".join(OLD[:1]), "\n".join(NEW[:1]) + "\n;;\n"])
def test_empty(data: bytes | str) -> None:
    assert refused(data) == ("empty", {})


def test_what_is_not_from_elhub() -> None:
    assert refused("Date;Price\n1;2") == ("not_elhub", {"line": "1", "found": "Date;Price"})
    assert refused("\nFra;Til;Pris") == ("not_elhub", {"line": "2", "found": "Fra;Til;Pris"})
    assert refused(f"[x](http://a) {METERING_POINT}" + "y" * 99)[1]["found"] == "?x??http://a? …" + "y" * 25 + "…"


def test_another_delimiter() -> None:
    tabs = tuple(line.replace(";", "\t") for line in OLD)
    assert refused(tabs) == ("wrong_delimiter", {"line": "1", "found": "tab", "expected": ";"})
    assert refused("Fra Til KWH")[1]["found"] == "␣"
    bars = tuple(line.replace(";", "|") for line in NEW)
    assert refused(bars) == ("wrong_delimiter", {"line": "1", "found": "|", "expected": ";"})
    commas = tuple(line.replace(",", ".").replace(";", ",") for line in NEW)
    assert refused(commas) == ("wrong_delimiter", {"line": "1", "found": ",", "expected": ";"})
    mixed = (*OLD[:3], COMMAS[3])
    assert refused(mixed) == ("wrong_delimiter", {"line": "4", "found": ",", "expected": ";"})
    mixed = (*COMMAS[:3], OLD[3])
    assert refused(mixed) == ("wrong_delimiter", {"line": "4", "found": ";", "expected": ","})


def test_headers() -> None:
    reactive = changed(OLD, 1, "KWH", "KVARH")
    assert refused(reactive) == ("unknown_series", {"line": "1", "found": "KVARH 60 Forbruk"})
    both = changed(OLD, 1, "Forbruk", "Forbruk;KWH 60 Produksjon")
    assert refused(both) == (
        "mixed",
        {"line": "1", "found": "KWH 60 Produksjon", "expected": "KWH 60 Forbruk"},
    )
    assert refused(changed(NEW, 1, "Volum", "Mengde")) == ("no_column", {"line": "1", "expected": "Volum"})
    assert refused(changed(NEW, 1, "Målenavn", "Navn")) == ("no_column", {"line": "1", "expected": "Målenavn"})


def test_more_than_one_series() -> None:
    assert refused(changed(NEW, 3, "Forbruk", "Produksjon")) == (
        "mixed",
        {"line": "3", "found": "KWH 60 Produksjon", "expected": "KWH 60 Forbruk"},
    )
    assert refused(changed(NEW, 4, "60", "15"))[0] == "mixed"
    assert refused(changed(NEW, 4, "KWH", "KVARH")) == ("unknown_series", {"line": "4", "found": "KVARH 60 Forbruk"})
    assert refused(changed(NEW, 2, "kWh", "MWh")) == ("unit", {"line": "2", "found": "MWh"})


def test_two_files_in_one() -> None:
    assert refused((*OLD, *OLD)) == ("second_header", {"line": "6"})
    assert refused((*OLD, *NEW)) == ("second_header", {"line": "6"})


def test_rows() -> None:
    assert refused(changed(OLD, 3, ";1,5", "")) == ("bad_row", {"line": "3", "found": "2", "expected": "3"})
    assert refused(changed(OLD, 3, "1,5", "1,5;Målt")) == ("bad_row", {"line": "3", "found": "4", "expected": "3"})
    bare = changed(COMMAS, 4, '"1,5"', "1,5")
    assert refused(bare) == ("bad_row", {"line": "4", "found": "4", "expected": "3"})
    assert refused(changed(COMMAS, 3, '"1,5"', '"1,5')) == ("bad_quotes", {"line": "3"})
    assert refused((*COMMAS, '"01.05.2022 04:00,', '01.05.2022 05:00,1"')) == ("bad_quotes", {"line": "6"})
    assert refused((*OLD, '"' + "x" * (csv.field_size_limit() + 1))) == ("bad_quotes", {"line": "6"})


@pytest.mark.parametrize(
    "text", ["", "i går", "31.04.2024 01:00", "01.05.1924 01:00", "2024-05-01T25:00", "0001-01-01", "05/01/2024 1:00"]
)
def test_times(text: str) -> None:
    lines = changed(OLD, 3, "01.05.2024 01:00", text)
    assert refused(lines) == ("bad_time", {"line": "3", "found": text})


def test_the_hour_that_march_skips() -> None:
    lines = (OLD[0], "29.03.2026 01:00;29.03.2026 02:00;1", "29.03.2026 02:00;29.03.2026 03:00;1")
    assert refused(lines) == ("no_such_time", {"line": "3", "found": "2026-03-29 02:00"})


def test_spans() -> None:
    lines = changed(OLD, 3, "02:00", "02:15")
    assert refused(lines) == (
        "bad_span",
        {"line": "3", "found": "01.05.2024 01:00 – 01.05.2024 02:15", "expected": "60"},
    )
    assert refused(changed(OLD, 1, "60", "15"))[0] == "bad_span"
    assert refused(changed(QUARTERS, 1, "15", "60"))[0] == "bad_span"
    assert refused((NEW[0], NEW[1].replace("+02:00", "+05:30")))[0] == "bad_span"


@pytest.mark.parametrize("text", ["", "mye", "1 234,5", "1.234,5", "1,2345", "1e3", "nan", "١", "12345678", "0x1", ","])
def test_numbers(text: str) -> None:
    assert refused(changed(OLD, 4, "1,5", text)) == ("bad_number", {"line": "4", "found": text})


@pytest.mark.parametrize("text", ["-1,5", "-0,001", "−2"])
def test_negative(text: str) -> None:
    assert refused(changed(NEW, 4, "1,5", text)) == ("negative", {"line": "4", "found": text.replace("−", "-")})


@pytest.mark.parametrize("lines", [OLD, COMMAS, NEW])
def test_a_gap_and_overlapping_rows(lines: tuple[str, ...]) -> None:
    day = read_file("\n".join(lines).encode()).end.date().isoformat()
    one, two, three = (f"{day} 0{hour}:00+02:00" for hour in (1, 2, 3))
    assert refused((*lines[:2], *lines[3:])) == ("gap", {"line": "3", "from": one, "to": two})
    assert refused((*lines[:4], lines[3])) == ("overlapping", {"line": "5", "at": two, "expected": three})
    assert refused((lines[0], *reversed(lines[1:])))[0] == "overlapping"


def test_october_once() -> None:
    lines = (OLD[0], "25.10.2026 02:00;25.10.2026 02:00;1", "25.10.2026 03:00;25.10.2026 04:00;1")
    gap = {"line": "3", "from": "2026-10-25 02:00+01:00", "to": "2026-10-25 03:00+01:00"}
    assert refused(lines) == ("gap", gap)
    thrice = (OLD[0], *("25.10.2026 02:00;25.10.2026 03:00;1",) * 3)
    assert refused(thrice) == (
        "overlapping",
        {"line": "4", "at": "2026-10-25 02:00+01:00", "expected": "2026-10-25 03:00+01:00"},
    )


def test_an_hour_of_three_quarters() -> None:
    assert refused(QUARTERS) == ("incomplete_hour", {"line": "2", "at": "2024-05-01 00:00+02:00"})
    whole = (QUARTERS[0], "01.05.2024 00:00;01.05.2024 00:15;1", *QUARTERS[1:])
    assert read_file("\n".join(whole).encode()).total == 5500
    assert refused(whole[:4]) == ("incomplete_hour", {"line": "4", "at": "2024-05-01 00:00+02:00"})
    assert refused((*whole[:3], *whole[4:]))[0] == "gap"


def test_no_identity_is_told_on() -> None:
    key, placeholders = refused(changed(OLD, 3, "1,5", METERING_POINT))
    assert (key, placeholders["found"]) == ("bad_number", "…")
