"""Simulated meters for tests, the demo and benchmarks: a house, a maker's lists of it, faults, and a line to read.

They know nothing of the decoder: their encoder is written from the makers' papers and checked against real frames.
"""

from .aidon import Aidon
from .embriq import Embriq
from .household import Energy, Household, Power
from .kaifa import Kaifa
from .kamstrup import Kamstrup
from .make import MODELS, make_maker, make_meter, meter_id
from .maker import Grid, Kind, Maker, Values
from .meter import Meter, Sent
from .pty import PtyLine
from .serve import Line
from .switched import SwitchedHousehold, SwitchedLoad, Wish
from .tcp import TcpLine

__all__ = [
    "MODELS",
    "Aidon",
    "Embriq",
    "Energy",
    "Grid",
    "Household",
    "Kaifa",
    "Kamstrup",
    "Kind",
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
