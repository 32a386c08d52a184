"""The configuration folder of a Home Assistant that runs HAN Port and little else."""

from dataclasses import dataclass
import json
from pathlib import Path
import shutil

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "han_port"

# The steps of the first visit that need no person. Done beforehand, since the one named core_config would start four
# integrations that call out to the internet (weather, radio, speech, shopping list).
ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}

# default_config would bring dozens of integrations that search the network; these are what a person needs to look
# around: the settings, the energy dashboard, history and activity.
TEMPLATE = """\
homeassistant:
  name: Home
  latitude: 59.91
  longitude: 10.75
  elevation: 23
  unit_system: metric
  currency: NOK
  country: "NO"
  language: {language}
  time_zone: Europe/Oslo

http:
  server_host: 127.0.0.1
  server_port: {port}

frontend:
config:
my:
recorder:
  commit_interval: 1
history:
logbook:
energy:
sun:

logger:
  default: warning
  logs:
    custom_components.han_port: {log_level}
"""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A fresh configuration folder at `folder`, for a Home Assistant on `port`."""

    folder: Path
    port: int
    language: str = "en"
    log_level: str = "info"

    @property
    def url(self) -> str:
        """Where this Home Assistant answers, on this machine alone."""
        return f"http://127.0.0.1:{self.port}"

    def write(self) -> None:
        """Make the folder anew, whatever it held, with the integration of this repository linked into it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        custom = self.folder / "custom_components"
        custom.mkdir(parents=True)
        (custom / INTEGRATION.name).symlink_to(INTEGRATION, target_is_directory=True)
        (self.folder / "configuration.yaml").write_text(
            TEMPLATE.format(port=self.port, language=self.language, log_level=self.log_level), encoding="utf-8"
        )
        storage = self.folder / ".storage"
        storage.mkdir()
        (storage / "onboarding").write_text(json.dumps(ONBOARDING), encoding="utf-8")
