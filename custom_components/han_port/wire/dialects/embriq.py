"""Landis+Gyr E350 with the Embriq module: EMBRIQ_V1_1 (models ZFF1…, ZMF1…).

Aidon's items, known from captured lists 1 and 2; no list 3 with a good checksum is known. Currents have two decimals.
On an IT net L2 is sent as 0 A and 0 V. The meter number is padded with NUL.
"""

from ..clock import normal_time
from ..items import Items
from ..layout import Layout
from . import phases

MAKER = "Landis+Gyr"
LIST_ID = "EMBRIQ"


def layout(items: Items) -> Layout:
    """Return the layout of an Embriq list. Its clock is taken to be like Aidon's: UTC+1 all the year."""
    return Layout(items, MAKER, phases.grid(items), normal_time)
