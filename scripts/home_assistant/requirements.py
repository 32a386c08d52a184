"""What the integrations of a plain Home Assistant ask for, so that set-up can install it and the first start need not.

    python -m scripts.home_assistant.requirements          one requirement a line

Home Assistant installs the requirements of an integration when it first starts it. Which those are stands in the
manifests of the very Home Assistant that is installed, so this holds for whatever version that is.
"""

import importlib
import json
from pathlib import Path
from typing import Any

COMPONENTS = Path(next(iter(importlib.import_module("homeassistant").__path__))) / "components"

# What `configuration.py` switches on, and what HAN Port itself stands on.
WANTED = ("config", "energy", "frontend", "history", "http", "logbook", "mqtt", "my", "recorder", "sun", "usb")


def always_loaded() -> set[str]:
    """Return the integrations that Home Assistant starts whatever the configuration says."""
    bootstrap = importlib.import_module("homeassistant.bootstrap")
    return {*bootstrap.DEFAULT_INTEGRATIONS, *bootstrap.BASE_PLATFORMS}


def closure(domains: set[str]) -> dict[str, dict[str, Any]]:
    """Return the manifests of these integrations and of all that they depend on, as Home Assistant follows them."""
    manifests: dict[str, dict[str, Any]] = {}
    waiting = list(domains)
    while waiting:
        domain = waiting.pop()
        path = COMPONENTS / domain / "manifest.json"
        if domain in manifests or not path.exists():
            continue
        manifest = manifests[domain] = json.loads(path.read_text(encoding="utf-8"))
        waiting += [*manifest.get("dependencies", ()), *manifest.get("after_dependencies", ())]
    return manifests


def requirements() -> list[str]:
    """Return every requirement, sorted."""
    manifests = closure({*WANTED, *always_loaded()}).values()
    return sorted({line for manifest in manifests for line in manifest.get("requirements", ())})


if __name__ == "__main__":
    print("\n".join(requirements()))
