"""Names that several modules share: the domain, the keys of entry data and options, addresses on the web."""

from typing import Final

DOMAIN: Final = "han_port"

# Entry data. "port" is Home Assistant's own CONF_PORT.
CONF_BAUDRATE: Final = "baudrate"
CONF_PARITY: Final = "parity"
CONF_METER: Final = "meter"
CONF_QUANTITIES: Final = "quantities"
CONF_ADAPTER: Final = "adapter"

# Entry options.
CONF_POWER_INTERVAL: Final = "power_interval"
CONF_INTERVAL: Final = "interval"
CONF_ENERGY_FACTOR: Final = "energy_factor"
CONF_CORRECT_HISTORY: Final = "correct_history"
"""Whether the hours of before the energy factor was set were put on its scale: what mends a wrong scale asks."""
CONF_POWER_FACTOR: Final = "power_factor"
CONF_CURRENT_FACTOR: Final = "current_factor"
CONF_VOLTAGE_FACTOR: Final = "voltage_factor"

DEFAULT_POWER_INTERVAL: Final = 0
"""Seconds: every list."""
DEFAULT_INTERVAL: Final = 30
"""Seconds."""

DOCUMENTATION: Final = "https://github.com/OWNER/han_port"
ISSUES: Final = "https://github.com/OWNER/han_port/issues"
