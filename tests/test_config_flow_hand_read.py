"""A meter that somebody reads is added, read, put right and changed, in the forms that people see."""

from base64 import b64decode
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import FormData, web
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.han_port.hand_read import flow as hand_read_flow
from custom_components.han_port.hand_read.home import HandReadHome
from custom_components.han_port.hand_read.open_data import Patience, household_profile
from custom_components.han_port.ledger import profile_csv

from .conftest import complaints
from .hand_read_flow import METER, OTHER_POINT, POINT, about, add, begin, change, describe, fields, fill_in
from .open_data_server import OpenData
from .test_config_flow import texts

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "norway")

MONTHS = "\n".join(f"{month};{share}" for month, share in zip(range(1, 13), [5] * 6 + [1] * 6, strict=True))


@pytest.fixture
async def norway(hass: HomeAssistant) -> None:
    """Have Home Assistant by the Norwegian clock."""
    await hass.config.async_set_time_zone("Europe/Oslo")


@pytest.fixture
async def elhub(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[OpenData]:  # noqa: ARG001
    """Return a server in the place of Elhub's."""
    async with OpenData() as server:
        assert household_profile.__kwdefaults__ is not None
        monkeypatch.setitem(household_profile.__kwdefaults__, "base", server.base)
        monkeypatch.setitem(household_profile.__kwdefaults__, "patience", Patience(answer=5, pause=0))
        yield server


def home(entry: Any) -> HandReadHome:
    """Return the meter of an entry that is set up."""
    assert entry.state is ConfigEntryState.LOADED
    found: HandReadHome = entry.runtime_data
    return found


def ago(**time: float) -> str:
    """Return a time as the field of a form has it."""
    return (dt_util.now() - timedelta(**time)).strftime("%Y-%m-%d %H:%M:%S")


def bars(result: ConfigFlowResult) -> list[float]:
    """Return how high the months' bars are in the picture of a form."""
    kind, _, content = about(result)["picture"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    root = ET.fromstring(b64decode(content))  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    found = [bar for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("class") == "fill-bar"]
    return [float(bar.get("height", "")) for bar in found]


def sentence(key: str) -> str:
    """Return the English text of an error."""
    return texts("en")[f"config.error.{key}"]


# A new meter.


async def test_a_meter_that_somebody_reads(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    result = await begin(hass)
    filled_in = fields(result)
    assert (filled_in["digits"], filled_in["every"], filled_in["profile"]) == ("5", "1", "monthly")
    assert abs(datetime.fromisoformat(filled_in["first_time"]) - dt_util.now().replace(tzinfo=None)) < timedelta(
        minutes=1
    )
    assert about(result)["source"] == "Elhub"
    assert about(result)["licence"] == "CC BY 4.0"

    result = await fill_in(hass, result, **METER, metering_point="7070 5750 0012 3456 71", area="NO5")
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "profile", {})
    heights = bars(result)
    assert len(heights) == 12
    assert heights[0] == max(heights) > 2 * heights[6] == 2 * min(heights)

    result = await fill_in(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["result"].unique_id) == ("The cabin", POINT)
    assert result["data"] == {
        "kind": "hand_read",
        "metering_point": POINT,
        "expected": 9000,
        "first_reading": 12_345.6,
        "first_time": "2026-09-01T06:00:00+00:00",
        "digits": 6,
        "every": 2,
        "area": "NO5",
        "profile": "monthly",
    }
    await hass.async_block_till_done()
    assert home(result["result"]).meter.last.register == 12_345_600
    assert not result["result"].supports_options
    assert complaints(caplog) == []


async def test_without_a_metering_point_the_id_is_random(hass: HomeAssistant) -> None:
    first = await add(hass)
    second = await add(hass, name="The boathouse", metering_point=" ")
    assert first.unique_id != second.unique_id
    assert first.unique_id
    assert second.unique_id
    assert "metering_point" not in second.data


@pytest.mark.parametrize(
    ("other", "errors"),
    [
        ({"name": "  "}, {"name": "no_name"}),
        ({"name": f"Cabin {POINT}"}, {"name": "name_is_number"}),
        ({"name": "7359992 000000116"}, {"name": "name_is_number"}),
        ({"expected": 0}, {"expected": "no_expected"}),
        ({"expected": -5}, {"expected": "no_expected"}),
        ({"expected": 10_000_001}, {"expected": "no_expected"}),
        ({"first_reading": -1}, {"first_reading": "no_first_reading"}),
        ({"first_reading": 100_000, "digits": "5"}, {"first_reading": "no_first_reading"}),
        ({"first_reading": 99_999.9999, "digits": "5"}, {"first_reading": "no_first_reading"}),
        ({"first_time": "2100-01-01 00:00:00"}, {"first_time": "time_in_future"}),
        ({"first_time": "1900-01-01 00:00:00"}, {"first_time": "time_too_old"}),
        ({"profile": "open_data"}, {"area": "area_needed"}),
        ({"metering_point": "707057500012345678"}, {"metering_point": "metering_point_check"}),
        ({"metering_point": "7070575"}, {"metering_point": "metering_point_length"}),
        ({"metering_point": "my bill"}, {"metering_point": "metering_point_letters"}),
        ({"metering_point": "7359992000000116"}, {"metering_point": "metering_point_is_meter"}),
        (
            {"metering_point": "x", "name": "", "expected": 0},
            {"metering_point": "metering_point_letters", "name": "no_name", "expected": "no_expected"},
        ),
    ],
)
async def test_what_cannot_be_right_is_said_at_its_field(
    hass: HomeAssistant, other: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await describe(hass, **other)
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "hand_read", errors)
    assert fields(result).items() >= {**METER, **other}.items()  # nothing has to be typed again
    for key in errors.values():
        assert sentence(key).format(**about(result))
    result = await fill_in(hass, result, **METER)
    assert (result["step_id"], result["errors"]) == ("profile", {})


async def test_a_name_and_a_metering_point_are_there_once(hass: HomeAssistant) -> None:
    entry = await add(hass, metering_point=POINT)
    result = await describe(hass, metering_point=POINT)
    assert result["errors"] == {"name": "name_taken", "metering_point": "metering_point_used"}
    assert about(result)["name"] == "The cabin"
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    result = await fill_in(hass, result, **{**METER, "name": "Other", "metering_point": POINT})
    result = await fill_in(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "metering_point_known")


async def test_an_unusual_metering_point_is_taken_the_second_time(hass: HomeAssistant) -> None:
    unusual = "707057600012345678"
    result = await describe(hass, metering_point=unusual)
    assert result["errors"] == {"metering_point": "metering_point_unusual"}
    result = await fill_in(hass, result, **METER, metering_point="707057600012345661")
    assert result["errors"] == {"metering_point": "metering_point_unusual"}
    result = await fill_in(hass, result, **METER, metering_point="707057600012345661")
    result = await fill_in(hass, result)
    assert result["data"]["metering_point"] == "707057600012345661"
    await hass.async_block_till_done()


# Its profile.


async def test_a_flat_profile(hass: HomeAssistant) -> None:
    heights = bars(await describe(hass, profile="flat"))
    assert max(heights) / min(heights) == pytest.approx(31 / 28, abs=0.01)


async def test_a_profile_as_text(hass: HomeAssistant) -> None:
    result = await describe(hass, profile="csv")
    assert (result["step_id"], result["errors"]) == ("profile_csv", {})
    result = await fill_in(hass, result, profile_csv=MONTHS)
    assert (result["step_id"], result["errors"]) == ("profile", {})
    heights = bars(result)
    assert heights[:6] == [pytest.approx(5 * heights[6], abs=0.1)] * 6
    entry = (await fill_in(hass, result))["result"]
    assert (entry.data["profile"], entry.data["profile_csv"]) == ("csv", MONTHS)
    await hass.async_block_till_done()
    assert home(entry).meter.profile.kind == "csv"


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [
        ("", "profile_empty", {}),
        ("1;5\n2;five", "profile_bad_number", {"line": "2", "found": "five"}),
        ("1;5\n1;5", "profile_twice", {"line": "2", "found": "1"}),
        ("1;5\n2;-5", "profile_negative", {"line": "2", "found": "-5"}),
        ("1;5\n2;5;5", "profile_bad_row", {"line": "2", "found": "2;5;5"}),
        ("1;5", "profile_months", {"found": "1"}),
        ("2026-01-01 00:00;5", "profile_too_short", {"found": "1"}),
        ("2026-01-01 00:30;5", "profile_not_hour", {"line": "1"}),
        ("2026-01-01 00:00;1\n2026-13-01 00:00;5", "profile_bad_time", {"line": "2", "found": "2026-13-01 00:00"}),
        ("\n".join(["0"] * 12), "profile_all_zero", {}),
        ("1\0;5", "profile_not_text", {}),
    ],
)
async def test_a_profile_that_is_wrong(hass: HomeAssistant, text: str, error: str, named: dict[str, str]) -> None:
    result = await fill_in(hass, await describe(hass, profile="csv"), profile_csv=text)
    assert (result["step_id"], result["errors"]) == ("profile_csv", {"base": error})
    assert about(result).items() >= named.items()
    assert sentence(error).format(**about(result))
    result = await fill_in(hass, result, profile_csv=MONTHS)
    assert (result["step_id"], result["errors"]) == ("profile", {})


async def uploaded(hass: HomeAssistant, hass_client: ClientSessionGenerator, content: bytes) -> str:
    """Upload a file as the browser does."""
    client = await hass_client()
    form = FormData()
    form.add_field("file", content, filename="profile.csv", content_type="text/csv")
    response = await client.post("/api/file_upload", data=form)
    file_id: str = (await response.json())["file_id"]
    await hass.async_block_till_done()
    return file_id


@pytest.fixture
def tmp_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have uploads in a folder of this test alone."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    return tmp_path


def left(folder: Path) -> list[Path]:
    """Return the uploads that are still there."""
    return list(folder.rglob("profile.csv"))


async def test_a_profile_as_a_file(hass: HomeAssistant, hass_client: ClientSessionGenerator, tmp_uploads: Path) -> None:
    result = await describe(hass, profile="csv")
    file = await uploaded(hass, hass_client, b"\xef\xbb\xbfmonth;share\r\n" + MONTHS.encode())
    result = await fill_in(hass, result, file=file)
    assert (result["step_id"], result["errors"]) == ("profile", {})
    entry = (await fill_in(hass, result))["result"]
    assert entry.data["profile_csv"] == "month;share\r\n" + MONTHS
    await hass.async_block_till_done()
    assert not left(tmp_uploads)


@pytest.mark.usefixtures("tmp_uploads")
async def test_a_file_that_is_wrong(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await describe(hass, profile="csv")
    file = await uploaded(hass, hass_client, b"\xff\xfe1\x00;\x005\x00")
    result = await fill_in(hass, result, file=file)
    assert result["errors"] == {"base": "profile_not_text"}
    result = await fill_in(hass, result, file=file)  # it is not there any more
    assert result["errors"] == {"base": "profile_empty"}
    for module in (profile_csv, hand_read_flow):
        monkeypatch.setattr(module, "MOST_BYTES", 100)
    result = await fill_in(hass, result, file=await uploaded(hass, hass_client, b"1;1\n" * 100))
    assert result["errors"] == {"base": "profile_too_large"}


async def fetched(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until Elhub has been asked."""
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "fetch")
    assert about(result)["area"] == "NO1"
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


async def test_elhubs_open_data(hass: HomeAssistant, elhub: OpenData) -> None:
    await add(hass, name="Another", area="NO1")
    assert elhub.asked == []  # nobody has chosen it
    result = await fetched(hass, await describe(hass, profile="open_data", area="NO1"))
    assert (result["step_id"], result["errors"], len(elhub.asked)) == ("profile", {}, 12)
    heights = bars(result)
    assert heights[0] > 2 * heights[6]
    entry = (await fill_in(hass, result))["result"]
    assert (entry.data["profile"], entry.data["area"]) == ("open_data", "NO1")
    await hass.async_block_till_done()
    assert len(elhub.asked) == 12
    assert home(entry).meter.profile.kind == "open_data"


async def test_elhub_does_not_answer(hass: HomeAssistant, elhub: OpenData) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=403)

    elhub.answer = refuse
    result = await fetched(hass, await describe(hass, profile="open_data", area="NO1"))
    assert (result["step_id"], result["errors"]) == ("profile", {"base": "open_data_refused"})
    assert "shares of months" in sentence("open_data_refused")
    assert bars(result) == bars(await describe(hass, profile="monthly"))  # what stands in
    entry = (await fill_in(hass, result))["result"]
    assert entry.data["profile"] == "open_data"
    await hass.async_block_till_done()


async def test_the_page_is_loaded_anew_while_elhub_answers(hass: HomeAssistant, elhub: OpenData) -> None:
    result = await describe(hass, profile="open_data", area="NO1")
    again = await hass.config_entries.flow.async_configure(result["flow_id"])
    assert again["type"] is FlowResultType.SHOW_PROGRESS
    assert (await fetched(hass, again))["step_id"] == "profile"
    assert len(elhub.asked) == 12


# Its readings.


async def test_submitting_a_reading(hass: HomeAssistant) -> None:
    entry = await add(hass, first_time=ago(days=60), first_reading=1000)
    result = await change(hass, entry, "reading")
    assert fields(result)["time"] is not None
    result = await fill_in(hass, result, reading=2000, time=ago(days=1))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reading_kept")
    last = home(entry).meter.last
    assert last.register == 2_000_000
    assert abs(last.at - (dt_util.utcnow() - timedelta(days=1))) < timedelta(minutes=1)
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("reading", "time", "error"),
    [
        (900, ago(days=1), "reading_below"),
        (2000, "2100-01-01 00:00:00", "reading_future"),
        (-1, ago(days=1), "reading_negative"),
        (1_000_000, ago(days=1), "reading_digits"),
        (900_000, ago(days=1), "reading_absurd"),
    ],
    ids=["below", "future", "negative", "digits", "absurd"],
)
async def test_a_reading_that_cannot_be_right(hass: HomeAssistant, reading: float, time: str, error: str) -> None:
    entry = await add(hass, first_time=ago(days=60), first_reading=1000)
    result = await fill_in(hass, await change(hass, entry, "reading"), reading=reading, time=time)
    assert (result["step_id"], result["errors"]) == ("reading", {"base": error})
    assert sentence(error).format(**about(result))
    assert fields(result)["reading"] == reading
    assert ("confirmed" in fields(result)) is (error == "reading_absurd")
    assert len(home(entry).meter.readings) == 1


async def test_an_absurd_reading_is_taken_when_it_is_confirmed(hass: HomeAssistant) -> None:
    entry = await add(hass, first_time=ago(days=60), first_reading=1000)
    absurd = {"reading": 30_000, "time": ago(days=1)}
    result = await fill_in(hass, await change(hass, entry, "reading"), **absurd)
    assert result["errors"] == {"base": "reading_absurd"}
    result = await fill_in(hass, result, **absurd, confirmed=False)
    assert result["errors"] == {"base": "reading_absurd"}
    result = await fill_in(hass, result, **absurd, confirmed=True)
    assert result["reason"] == "reading_kept"
    await hass.async_block_till_done()


async def test_digits_that_rolled_over(hass: HomeAssistant) -> None:
    entry = await add(hass, first_time=ago(days=60), first_reading=99_000, digits="5")
    rolled = {"reading": 30_000, "time": ago(days=1)}
    result = await fill_in(hass, await change(hass, entry, "reading"), **rolled)
    assert result["errors"] == {"base": "reading_below_or_rolled"}
    assert sentence("reading_below_or_rolled").format(**about(result))
    result = await fill_in(hass, result, **rolled, confirmed=True)
    assert result["reason"] == "reading_kept"
    await hass.async_block_till_done()


async def test_putting_a_reading_right(hass: HomeAssistant) -> None:
    entry = await add(hass, first_time=ago(days=60), first_reading=1000)
    await fill_in(hass, await change(hass, entry, "reading"), reading=2000, time=ago(days=1))
    result = await change(hass, entry, "correct")
    which = fields(result)["which"]
    assert which == home(entry).meter.last.at.isoformat()
    assert result["data_schema"] is not None
    (options,) = [one.config["options"] for field, one in result["data_schema"].schema.items() if field == "which"]
    assert [option["label"].split(" · ")[1] for option in options] == ["2000 kWh", "1000 kWh"]

    result = await fill_in(hass, result, which=which, forget=False)
    assert result["errors"] == {"base": "reading_missing"}
    result = await fill_in(hass, result, which=which, forget=False, reading=900)
    assert result["errors"] == {"base": "reading_below"}
    result = await fill_in(hass, result, which=which, forget=False, reading=2100)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reading_corrected")
    assert home(entry).meter.last.register == 2_100_000

    result = await fill_in(hass, await change(hass, entry, "correct"), which=which, forget=True)
    assert result["reason"] == "reading_corrected"
    (only,) = home(entry).meter.readings
    result = await fill_in(hass, await change(hass, entry, "correct"), which=only.at.isoformat(), forget=True)
    assert result["errors"] == {"base": "reading_only_one"}
    await hass.async_block_till_done()


@pytest.mark.parametrize("step", ["reading", "correct"])
async def test_a_meter_that_is_not_running(hass: HomeAssistant, step: str) -> None:
    entry = await add(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    result = await change(hass, entry, step)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "meter_not_loaded")


# What it is estimated by.


async def test_changing_what_it_is_estimated_by(hass: HomeAssistant) -> None:
    entry = await add(hass, metering_point=POINT)
    result = await change(hass, entry, "change")
    filled_in = fields(result)
    assert (filled_in["expected"], filled_in["every"], filled_in["profile"]) == (9000, "2", "monthly")
    assert not filled_in["metering_point"]
    assert about(result)["metering_point"] == "7070575•••••••5671"
    result = await fill_in(hass, result, expected=12_000, every="3", profile="flat", remove_metering_point=False)
    assert result["step_id"] == "profile"
    result = await fill_in(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "hand_read_changed")
    await hass.async_block_till_done()
    assert (entry.title, entry.unique_id) == ("The cabin", POINT)
    assert entry.data == {
        "kind": "hand_read",
        "metering_point": POINT,
        "expected": 12_000,
        "first_reading": 12_345.6,
        "first_time": "2026-09-01T06:00:00+00:00",
        "digits": 6,
        "every": 3,
        "area": "",
        "profile": "flat",
    }
    assert home(entry).meter.expected == 12_000_000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"remove_metering_point": True}, None),
        ({"remove_metering_point": False}, POINT),
        ({"remove_metering_point": False, "metering_point": OTHER_POINT}, OTHER_POINT),
    ],
)
async def test_changing_the_metering_point(hass: HomeAssistant, typed: dict[str, Any], kept: str | None) -> None:
    entry = await add(hass, metering_point=POINT)
    result = await change(hass, entry, "change")
    result = await fill_in(hass, result, expected=9000, every="2", profile="monthly", **typed)
    await fill_in(hass, result)
    await hass.async_block_till_done()
    assert entry.data.get("metering_point") == kept
    assert (entry.unique_id == kept) is (kept is not None)


async def test_a_metering_point_of_a_meter_that_is_disabled(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant would write a unique id that is there already to its log."""
    other = await add(hass, name="Other", metering_point=POINT)
    await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    entry = await add(hass)
    result = await change(hass, entry, "change")
    assert "remove_metering_point" not in fields(result)
    assert about(result)["metering_point"] == "–"
    result = await fill_in(hass, result, expected=9000, every="2", profile="monthly", metering_point=POINT)
    await fill_in(hass, result)
    await hass.async_block_till_done()
    assert entry.data["metering_point"] == POINT
    assert POINT not in caplog.text


async def test_what_cannot_be_right_is_said_again(hass: HomeAssistant) -> None:
    entry = await add(hass)
    result = await change(hass, entry, "change")
    result = await fill_in(hass, result, expected=-1, every="2", profile="open_data", metering_point="1")
    assert result["errors"] == {
        "expected": "no_expected",
        "area": "area_needed",
        "metering_point": "metering_point_length",
    }


async def test_leaving_a_csv_profile_forgets_its_text(hass: HomeAssistant) -> None:
    result = await fill_in(hass, await describe(hass, profile="csv"), profile_csv=MONTHS)
    entry = (await fill_in(hass, result))["result"]
    await hass.async_block_till_done()
    result = await change(hass, entry, "change")
    kept = await fill_in(hass, result, expected=9000, every="2", profile="csv")
    assert fields(kept)["profile_csv"] == MONTHS
    result = await change(hass, entry, "change")
    result = await fill_in(hass, result, expected=9000, every="2", profile="flat")
    await fill_in(hass, result)
    await hass.async_block_till_done()
    assert "profile_csv" not in entry.data


# What nobody else is to know.


async def test_no_metering_point_in_the_log(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result = await describe(hass, metering_point=POINT[:-1])
    result = await fill_in(hass, result, **METER, metering_point=POINT)
    entry = (await fill_in(hass, result))["result"]
    await hass.async_block_till_done()
    result = await fill_in(hass, await change(hass, entry, "reading"), reading=12_400, time=ago(hours=1))
    result = await change(hass, entry, "change")
    result = await fill_in(hass, result, expected=9000, every="2", profile="flat", metering_point=OTHER_POINT)
    await fill_in(hass, result)
    await hass.async_block_till_done()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert "the_cabin_meter_reading" in caplog.text  # the log was listened to
    for point in (POINT, OTHER_POINT):
        assert point[:-1] not in caplog.text
