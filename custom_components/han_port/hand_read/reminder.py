"""The reminder that a meter is to be read: a repair issue, gone when a reading comes."""

from datetime import datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..ledger.capacity import OSLO


@callback
def remind(hass: HomeAssistant, entry_id: str, name: str, due: datetime, last: datetime) -> None:
    """Say that a reading is due since some time. Saying it again changes nothing."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _id(entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="reading_due",
        translation_placeholders={
            "name": name,
            "due": due.astimezone(OSLO).date().isoformat(),
            "last": last.astimezone(OSLO).date().isoformat(),
        },
    )


@callback
def forget_reminder(hass: HomeAssistant, entry_id: str) -> None:
    """Say it no more."""
    ir.async_delete_issue(hass, DOMAIN, _id(entry_id))


def _id(entry_id: str) -> str:
    return f"reading_due_{entry_id}"
