"""What Home Assistant shows of one meter: its entities, their states, its place in the energy dashboard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from .client import Client

NOT_LIVE = {"unknown", "unavailable"}

# A state that is written anew with the same value is as fresh as one that changed, but get_states may not say so.
LAST_WRITTEN = "{% for id in ids if states[id] %}{{ id }} {{ states[id].last_reported.isoformat() }}\n{% endfor %}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One enabled entity of a config entry, with its state as it is now."""

    entity_id: str
    quantity: str  # the unique id without the meter in front
    name: str
    state: str | None  # None: Home Assistant has no state for it
    unit: str
    reported: datetime | None  # when it was last written

    @property
    def live(self) -> bool:
        """Whether it shows a value."""
        return self.state is not None and self.state not in NOT_LIVE

    @classmethod
    def of(cls, entity: dict[str, Any], state: dict[str, Any] | None, written: str | None) -> Self:
        """Put together an entity of the registry, its state, and when that was written."""
        attributes = state["attributes"] if state else {}
        return cls(
            entity_id=entity["entity_id"],
            quantity=entity["unique_id"].partition("_")[2],
            name=attributes.get("friendly_name") or entity["name"] or entity["original_name"] or "",
            state=state["state"] if state else None,
            unit=attributes.get("unit_of_measurement", ""),
            reported=datetime.fromisoformat(written) if written else None,
        )


async def shown(client: Client, entry_id: str) -> list[Shown]:
    """Return the enabled entities of this entry, in the order of their ids."""
    entities = [
        entity
        for entity in await client.command("config/entity_registry/list")
        if entity["config_entry_id"] == entry_id and entity["disabled_by"] is None
    ]
    ids = [entity["entity_id"] for entity in entities]
    states = {state["entity_id"]: state for state in await client.command("get_states")}
    lines = await client.rest("POST", "/api/template", json={"template": LAST_WRITTEN, "variables": {"ids": ids}})
    written = dict(line.split() for line in lines.splitlines())
    return sorted(
        (Shown.of(entity, states.get(id_), written.get(id_)) for entity, id_ in zip(entities, ids, strict=True)),
        key=lambda one: one.entity_id,
    )


def grid_source(entities: Iterable[Shown]) -> dict[str, Any]:
    """Return the meter as a grid source of the energy dashboard, with what it has of energy and power.

    The form is that of Home Assistant 2026.2 and later: one source with import, export and power. Power from two
    sensors, one a direction, is what the dashboard turns into one curve.
    """
    have = {one.quantity: one.entity_id for one in entities}
    source: dict[str, Any] = {"type": "grid", "cost_adjustment_day": 0.0}
    if "energy_import" in have:
        source["stat_energy_from"] = have["energy_import"]
    if "energy_export" in have:
        source["stat_energy_to"] = have["energy_export"]
    if "power_import" in have and "power_export" in have:
        source["power_config"] = {"stat_rate_from": have["power_import"], "stat_rate_to": have["power_export"]}
    elif "power_import" in have:
        source["stat_rate"] = have["power_import"]
    return source


async def fill_in_energy(client: Client, *meters: Iterable[Shown]) -> None:
    """Fill in the energy dashboard with these meters as its grid sources."""
    await client.command(
        "energy/save_prefs",
        energy_sources=[grid_source(entities) for entities in meters],
        device_consumption=[],
    )


NO_STATISTICS_YET = "statistics_not_defined"
"""What the energy dashboard says of a new sensor, until Home Assistant makes statistics, every five minutes."""


async def energy_issues(client: Client) -> dict[str, list[str]]:
    """Return what the energy dashboard finds wrong with its sources: the names of issues, and whom they concern."""
    issues: dict[str, list[str]] = {}
    for source in (await client.command("energy/validate"))["energy_sources"]:
        for issue in source:
            issues.setdefault(issue["type"], []).extend(str(whom) for whom, _ in issue["affected_entities"])
    return issues
