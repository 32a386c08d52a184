"""Shapes that can be drawn in any format, and the parts that colours play in them.

Lengths are in the scene's own units, from its upper left corner. A shape may say what it shows, for those who do not
see it and for pointers that rest on it.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Paint(StrEnum):
    """What a colour is for."""

    BACKGROUND = "background"
    TEXT = "text"
    MUTED = "muted"
    """Text and marks that stand back."""
    GRID = "grid"
    STEP = "step"
    """Behind the step that the month is in."""
    BAR = "bar"
    """A day."""
    COUNTED = "counted"
    """A day that counts, and the mean of them."""
    NOW = "now"
    """The hour that is running."""
    TARGET = "target"


type Point = tuple[float, float]


class Box(NamedTuple):
    """An area."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def overlap(self, other: Box) -> float:
        """Return the area that two have in common."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return width * height if width > 0 and height > 0 else 0.0


class Rectangle(NamedTuple):
    """An area, filled or outlined or both. An outline lies within it."""

    box: Box
    fill: Paint | None = None
    stroke: Paint | None = None
    stroke_width: float = 0
    dashed: bool = False
    radius: float = 0
    about: str = ""


class Line(NamedTuple):
    """A straight line."""

    start: Point
    end: Point
    stroke: Paint
    width: float = 1
    dashed: bool = False
    about: str = ""


class Polygon(NamedTuple):
    """A filled polygon, with a rim of the background around it."""

    points: tuple[Point, ...]
    fill: Paint
    about: str = ""


class Anchor(StrEnum):
    """Which point of a text its x is for."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Text(NamedTuple):
    """One line of text; its y is the base line."""

    x: float
    y: float
    text: str
    size: float
    fill: Paint = Paint.TEXT
    bold: bool = False
    anchor: Anchor = Anchor.START
    halo: bool = False
    """Whether it has a rim of the background, because it may lie upon something."""


type Shape = Rectangle | Line | Polygon | Text

DASH: Final = (9.0, 6.0)
"""Lengths of a dash and of the gap after it."""
HALO: Final = 3.0
"""Width of a rim."""


class Scene(NamedTuple):
    """A picture: shapes, of which the later ones lie upon the earlier ones, on a background of its own."""

    width: float
    height: float
    about: str
    """What a person would say of it."""
    shapes: tuple[Shape, ...]
