"""Names that several modules share: the domain, the keys of entry data and options, addresses on the web."""

from typing import Final

DOMAIN: Final = "han_port"

# Entry data. "port" is Home Assistant's own CONF_PORT.
CONF_BAUDRATE: Final = "baudrate"
CONF_PARITY: Final = "parity"
CONF_METER: Final = "meter"
CONF_QUANTITIES: Final = "quantities"
CONF_ADAPTER: Final = "adapter"
CONF_REPLACES: Final = "replaces"
"""The entry id of the meter that this one has come in the place of."""
CONF_METERING_POINT: Final = "metering_point"
"""The målepunkt-ID of the installation, 18 digits. Absent: not given."""
CONF_KEYS: Final = "keys"
"""The keys of a meter that ciphers its lists. Absent: it does not."""
CONF_ENCRYPTION: Final = "encryption"
"""Inside CONF_KEYS: the key that opens the lists, 32 hex digits."""
CONF_AUTHENTICATION: Final = "authentication"
"""Inside CONF_KEYS: the key that proves who sent them, 32 hex digits. Absent: not given."""
CONF_KIND: Final = "kind"
"""What an entry stands for. Absent: a meter with a HAN port."""
KIND_HAND_READ: Final = "hand_read"
"""A meter that somebody reads."""

# Entry data of a meter that is read by hand. Its name is the title of the entry.
CONF_EXPECTED: Final = "expected"
"""kWh a year."""
CONF_FIRST_READING: Final = "first_reading"
"""kWh."""
CONF_FIRST_TIME: Final = "first_time"
"""When that was: ISO 8601, UTC."""
CONF_DIGITS: Final = "digits"
"""Of whole kWh on the meter's face."""
CONF_AREA: Final = "area"
"""The price area, NO1 to NO5; "" where it is not known."""
CONF_PROFILE: Final = "profile"
"""One of the PROFILE_ names."""
CONF_PROFILE_CSV: Final = "profile_csv"
"""The text of the user's own profile."""
CONF_EVERY: Final = "every"
"""Months between two readings of who uses much: 1, 2 or 3."""
PROFILE_FLAT: Final = "flat"
PROFILE_MONTHLY: Final = "monthly"
PROFILE_CSV: Final = "csv"
PROFILE_OPEN_DATA: Final = "open_data"
DEFAULT_DIGITS: Final = 5
DEFAULT_EVERY: Final = 1

# Entry options.
CONF_POWER_INTERVAL: Final = "power_interval"
CONF_INTERVAL: Final = "interval"
CONF_ENERGY_FACTOR: Final = "energy_factor"
CONF_CORRECT_HISTORY: Final = "correct_history"
"""Whether the hours of before the energy factor was set were put on its scale: what mends a wrong scale asks."""
CONF_POWER_FACTOR: Final = "power_factor"
CONF_CURRENT_FACTOR: Final = "current_factor"
CONF_VOLTAGE_FACTOR: Final = "voltage_factor"
CONF_CAPACITY: Final = "capacity"
"""The capacity tariff, as `capacity_options` reads it. Absent, or with the rule "off": off."""
CONF_FUSE: Final = "fuse"
"""The main fuse, as `capacity_options` reads it. Absent, or 0 A: off."""

# Inside CONF_CAPACITY.
CONF_RULE: Final = "rule"
CONF_STEPS: Final = "steps"
CONF_ABOVE: Final = "above"
CONF_PRICE: Final = "price"
CONF_PRICE_PER: Final = "price_per"
CONF_VAT: Final = "vat"
CONF_BOUNDARY: Final = "boundary"
CONF_COUNT_ESTIMATED: Final = "count_estimated"
CONF_TARGET: Final = "target"

# Inside CONF_FUSE.
CONF_AMPERES: Final = "amperes"
CONF_DELAY: Final = "delay"

DEFAULT_POWER_INTERVAL: Final = 0
"""Seconds: every list."""
DEFAULT_INTERVAL: Final = 30
"""Seconds."""
DEFAULT_OVERLOAD_DELAY: Final = 30
"""Seconds that a phase is above the main fuse before it counts as overload.

Three lists of most meters: a motor that starts is over in one. A circuit breaker carries 1.13 times its current for an
hour, is to break 1.45 times within an hour, and may break 2.55 times after a second (IEC 60898-1); at twice its current
it holds about a minute, of which half is left to turn something off.
"""

DOCUMENTATION: Final = "https://github.com/OWNER/han_port"
ISSUES: Final = "https://github.com/OWNER/han_port/issues"
