"""The main job from end to end: a meter, a real Home Assistant, HAN Port between them.

scripts/demo                         a simulated Aidon; look around at http://localhost:8123
scripts/demo --meter kamstrup        another maker
scripts/demo --meter kamstrup-dk     one whose lists are ciphered: the demo types its keys
scripts/demo --source /dev/ttyUSB0   your own meter (a path, or a URL such as socket://host:port)
scripts/demo --check                 no looking around: wait until all is live, print it, exit 0
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
import shutil
import signal
import sys

from scripts.home_assistant.client import ApiError, Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.flow import FlowError, add_integration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.meter import NO_STATISTICS_YET, Shown, energy_issues, fill_in_energy, shown
from scripts.home_assistant.process import HomeAssistantProcess, PortTakenError, ProcessError, assert_free, free_port
from scripts.simulated_meter import METERS, MeterError, SimulatedMeter, keys_of, quantities_of

ROOT = Path(__file__).parent.parent
USERNAME = "demo"
PASSWORD = "demo"  # noqa: S105 - this Home Assistant answers on this machine alone
LANGUAGES = ("en", "nb", "nn", "sv", "da")
CHECK_SECONDS = 165  # the whole of --check, once the environment is there
LIVE_SECONDS = 75  # voltages and currents are shown every 30 s
POLL_SECONDS = 0.5

# What a simulated meter of any make shows; in an IT house, L2 may have neither voltage nor current of its own. A real
# meter may have one phase, and tells its energy once an hour. What there is of an hour is told once its beginning has
# been seen.
ALWAYS = {"power_import"}
HOURLY = {"energy_import", "energy_export"}
AFTER_AN_HOUR = {"energy_this_hour_import", "energy_this_hour_export", "hour_settled", "last_settled_hour"}
EVERY_10_SECONDS = {"power_export", "voltage_l1", "voltage_l3", "current_l1", "current_l3"}


class NotLiveError(Exception):
    """Some entity did not come to life. The text says which."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="A meter, a real Home Assistant, and HAN Port between them."
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--meter", choices=METERS, default="aidon", help="which meter to simulate (default: aidon)")
    source.add_argument("--source", metavar="URL_OR_PATH", help="a real port instead of a simulated meter")
    parser.add_argument("--port", type=int, help="where Home Assistant answers (default: 8123; with --check, any)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the pages (default: en)")
    parser.add_argument("--check", action="store_true", help="wait until every entity is live, print them, and exit")
    return parser.parse_args()


def say(text: str) -> None:
    """Tell the person at the terminal what happens."""
    print(text, flush=True)


def table(entities: list[Shown]) -> str:
    """Return the entities as lines of name, state and id."""
    rows = [(one.name, f"{one.state} {one.unit}".strip(), one.entity_id) for one in entities]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"  {name:<{widths[0]}}  {state:>{widths[1]}}  {entity}" for name, state, entity in rows)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must show a value."""

    quantities: set[str]
    patience_with: set[str]
    """Entities for these quantities may be without a value as yet."""

    def lacking(self, entities: list[Shown], since: datetime) -> list[str]:
        """Return what is missing, without a value, or older than `since`, in words."""
        missing = self.quantities - {one.quantity for one in entities}
        return [f"no entity for {quantity}" for quantity in sorted(missing)] + [
            f"{one.entity_id} is {one.state}" if one.live else f"{one.entity_id} is {one.state or 'without a state'}"
            for one in entities
            if one.quantity not in self.patience_with and (one.reported is None or not one.live or one.reported < since)
        ]


OF_ANY_METER = Expected(ALWAYS, HOURLY | AFTER_AN_HOUR)


def of_a_simulated(meter: str) -> Expected:
    """Return what a simulated meter must show: what its lists have."""
    return Expected(ALWAYS | HOURLY | EVERY_10_SECONDS & quantities_of(meter) | AFTER_AN_HOUR, AFTER_AN_HOUR)


async def wait_until_live(client: Client, entry_id: str, expected: Expected, since: datetime) -> list[Shown]:
    """Wait until every enabled entity shows a value written after `since`, power twice, and return them all."""
    lacks = ["nothing yet"]
    first: datetime | None = None
    try:
        async with asyncio.timeout(LIVE_SECONDS):
            while True:
                entities = await shown(client, entry_id)
                lacks = expected.lacking(entities, since)
                if not lacks:
                    power = next(one.reported for one in entities if one.quantity == "power_import")
                    first = first or power
                    if power != first:
                        return entities
                    lacks = ["power_import was written once only"]
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise NotLiveError(f"after {LIVE_SECONDS} s still: " + "; ".join(lacks)) from None


async def run(options: argparse.Namespace) -> None:
    """Start everything, and keep it running until told to stop; with --check, until all is live."""
    port = options.port or (free_port() if options.check else 8123)
    configuration = Configuration(ROOT / ".demo" / str(port), port, options.language)
    home = HomeAssistantProcess(configuration)
    async with AsyncExitStack() as running:
        if (source := options.source) is None:
            simulated = SimulatedMeter("--meter", options.meter, "--tcp", "127.0.0.1:0", "--first-hourly")
            source = (await running.enter_async_context(simulated)).address
            say(f"A simulated {options.meter} meter is on {source}.")
        say("Starting Home Assistant …")
        assert_free(port)
        configuration.write()
        await running.enter_async_context(home)
        client = await running.enter_async_context(Client(configuration.url))
        await client.onboard(User("Demo", USERNAME, PASSWORD, options.language))
        say("Adding HAN Port: listening to the meter …")
        began = datetime.now(UTC)
        answers: dict[str, dict[str, str]] = {"user": {"next_step_id": "port"}, "port": {"port": source}}
        if not options.source and (keys := keys_of(options.meter)):
            answers["keys"] = keys
        added = await add_integration(client, "han_port", answers)
        say(f"Found and added: {added.title}.")
        expected = OF_ANY_METER if options.source else of_a_simulated(options.meter)
        entities = await wait_until_live(client, added.entry_id, expected, began)
        await fill_in_energy(client, entities)
        say(table(entities))
        if issues := (await energy_issues(client)).keys() - {NO_STATISTICS_YET}:
            raise NotLiveError("the energy dashboard objects: " + ", ".join(issues))
        if not options.check:
            address = f"http://localhost:{port}"
            say(
                f"\nHome Assistant runs at {address}  (user: {USERNAME}, password: {PASSWORD})\n"
                f"  the meter    {address}/config/integrations/integration/han_port\n"
                f"  the energy   {address}/energy  (its first hour takes an hour)\n"
                f"  the log      {home.console}\n"
                "Ctrl-C stops it all."
            )
            await home.ended()
            home.assert_running()
    if against := complaints(home.log(), "han_port"):
        raise NotLiveError("Home Assistant complains:\n" + "\n".join(against))
    shutil.rmtree(configuration.folder)
    say("Every expected entity is live, and Home Assistant's log has nothing against HAN Port.")


FAILURES = (ApiError, FlowError, ProcessError, MeterError, NotLiveError, PortTakenError)


async def main() -> int:
    """Run the demo; end it in good order at a signal. Return the exit code."""
    options = arguments()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        async with asyncio.timeout(CHECK_SECONDS if options.check else None):
            await run(options)
    except FAILURES as failure:
        print(f"scripts/demo: {failure}", file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"scripts/demo: not ready within {CHECK_SECONDS} s", file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        say("Stopped.")
        return 130 if options.check else 0
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
