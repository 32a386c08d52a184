"""Adding an integration by the config flow's own API, as its pages do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client

FLOWS = "/api/config/config_entries/flow"
PROGRESS_SECONDS = 90


class FlowError(Exception):
    """The flow ended without an entry, or asked again. The text says at which step and why."""


@dataclass(frozen=True, slots=True)
class Added:
    """A new config entry, and the placeholders that the page before it showed (what was found)."""

    entry_id: str
    title: str
    found: Mapping[str, str]


async def add_integration(client: Client, domain: str, answers: Mapping[str, Mapping[str, Any]]) -> Added:
    """Go through the flow of `domain` and return the entry it makes.

    `answers` gives the input by step id; a page that is not named there is confirmed as it is;
    of a menu it is the choice, as {"next_step_id": …}. Raises `FlowError`.
    """
    result = await client.rest("POST", FLOWS, json={"handler": domain})
    found: Mapping[str, str] = {}
    async with asyncio.timeout(PROGRESS_SECONDS):
        while True:
            match result["type"]:
                case "create_entry":
                    entry = result["result"]
                    return Added(entry["entry_id"], entry["title"], found)
                case "form":
                    if errors := result.get("errors"):
                        raise FlowError(await in_words(client, domain, "error", errors.popitem()[1], result))
                    found = result.get("description_placeholders") or found
                    answer = dict(answers.get(result["step_id"], {}))
                    result = await client.rest("POST", f"{FLOWS}/{result['flow_id']}", json=answer)
                case "progress":
                    await asyncio.sleep(0.2)
                    result = await client.rest("GET", f"{FLOWS}/{result['flow_id']}")
                case "menu":
                    if (choice := answers.get(result["step_id"])) is None:
                        raise FlowError(f"{result['step_id']}: {result['menu_options']}")
                    result = await client.rest("POST", f"{FLOWS}/{result['flow_id']}", json=dict(choice))
                case "abort":
                    raise FlowError(await in_words(client, domain, "abort", result["reason"], result))
                case other:
                    raise FlowError(f"the flow went on with {other}")


async def in_words(client: Client, domain: str, kind: str, key: str, result: Mapping[str, Any]) -> str:
    """Return what the flow's page says about an error or an end, as a person reads it."""
    asked = {"language": "en", "category": "config", "integration": [domain]}
    texts = (await client.command("frontend/get_translations", **asked))["resources"]
    text: str = texts.get(f"component.{domain}.config.{kind}.{key}", key)
    for name, value in (result.get("description_placeholders") or {}).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
