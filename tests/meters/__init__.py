"""Simulated meters for tests, the demo and benchmarks: a house, a maker's lists of it, faults, and a line to read.

They know nothing of the decoder: their encoder is written from the makers' papers and checked against real frames.
"""

from .aidon import Aidon
from .aidon_sweden import AidonSweden
from .embriq import Embriq
from .household import Energy, Household, Power
from .iskra import Iskra
from .kaifa import Kaifa
from .kaifa_austria import KaifaAustria
from .kamstrup import Kamstrup
from .kamstrup_push import KamstrupPush
from .landis_e450 import LandisE450
from .make import MODELS, make_maker, make_meter, meter_id
from .maker import Grid, Kind, Maker, Values
from .meter import Meter, Sent
from .p1 import P1
from .pty import PtyLine
from .serve import Line
from .switched import SwitchedHousehold, SwitchedLoad, Wish
from .tcp import TcpLine

__all__ = [
    "MODELS",
    "P1",
    "Aidon",
    "AidonSweden",
    "Embriq",
    "Energy",
    "Grid",
    "Household",
    "Iskra",
    "Kaifa",
    "KaifaAustria",
    "Kamstrup",
    "KamstrupPush",
    "Kind",
    "LandisE450",
    "Line",
    "Maker",
    "Meter",
    "Power",
    "PtyLine",
    "Sent",
    "SwitchedHousehold",
    "SwitchedLoad",
    "TcpLine",
    "Values",
    "Wish",
    "make_maker",
    "make_meter",
    "meter_id",
]
