"""Who made a meter, by the three letters that stand in its system title, its logical device name or its P1 ident.

The letters are the FLAG association's (Blue Book, 4.1.8.4: a system title begins with them; DIN 43863-5: so does a
device's number, after the digit of its medium). Some grid companies have Sagemcom's meters send letters of their own.
"""

from typing import Final

_MAKERS: Final = {
    "ADN": "Aidon",
    "ELL": "Sagemcom",  # Ellevio, Sweden
    "ELS": "Elster",
    "EMR": "Energomera",
    "EST": "Sagemcom",  # Energienetze Steiermark, Austria
    "FLU": "Sagemcom",  # Fluvius, Belgium
    "ISK": "Iskra",
    "ITR": "Itron",
    "KAM": "Kamstrup",
    "KFM": "Kaifa",
    "LGB": "Landis+Gyr",
    "LGF": "Landis+Gyr",
    "LGZ": "Landis+Gyr",
    "NES": "NES",
    "SAG": "Sagemcom",
    "SMS": "Siemens",
    "XMX": "Landis+Gyr",  # with Xemex's modem
}
_ELECTRICITY: Final = "1"
"""Before the letters of a device's number (DIN 43863-5)."""


def maker(letters: str) -> str | None:
    """Return who made a meter whose ident, device name or number begins with these letters. None where nobody knows."""
    return _MAKERS.get(letters.removeprefix(_ELECTRICITY)[:3].upper())


def maker_of_title(title: str) -> str | None:
    """Return who made a meter by its system title: 16 hex digits, or none."""
    return maker(bytes.fromhex(title[:6]).decode("latin-1"))
