"""What there is to see in an SVG of the month."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self
from xml.etree import ElementTree as ET

from PIL import ImageFont

import custom_components.han_port.picture
from custom_components.han_port.picture import Facts, Words, month_scene, write_svg

SVG: Final = "{http://www.w3.org/2000/svg}"
_FONTS: Final = Path(custom_components.han_port.picture.__path__[0]) / "fonts"
_MEASURE: Final = 100
_FACES: Final = {
    bold: ImageFont.truetype(_FONTS / f"Roboto-{'Bold' if bold else 'Regular'}-Latin.ttf", _MEASURE)
    for bold in (False, True)
}


class Area(NamedTuple):
    """An area in the picture's units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half way from left to right."""
        return (self.left + self.right) / 2

    def meets(self, other: Self) -> bool:
        """Return whether two have something in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Seen(NamedTuple):
    """One thing in the picture."""

    area: Area
    kinds: frozenset[str]
    """For what its colours are."""
    about: str
    """What it says of itself, or its text."""
    dashed: bool = False


class Picture:
    """A picture that has been drawn and read again."""

    def __init__(self, facts: Facts, words: Words) -> None:
        self.file = write_svg(month_scene(facts, words))
        self.root = ET.fromstring(self.file)  # noqa: S314 - our own
        self.size = tuple(map(float, self.root.attrib["viewBox"].split()[2:]))
        self.rectangles = [*self._read("rect")][1:]
        self.lines = [*self._read("line")]
        self.polygons = [*self._read("polygon")]
        self.texts = [*self._read("text")]

    def about(self, *parts: str) -> list[Seen]:
        """Return the shapes that say all of this of themselves."""
        shapes = (*self.rectangles, *self.lines, *self.polygons)
        return [shape for shape in shapes if all(part in shape.about for part in parts)]

    def days(self) -> list[Seen]:
        """Return the bars of days."""
        return [shape for shape in self.rectangles if ". " in shape.about]

    def text(self, text: str) -> Seen:
        """Return the one text that says this."""
        (found,) = (one for one in self.texts if one.about == text)
        return found

    @property
    def said(self) -> list[str]:
        """All texts."""
        return [one.about.replace("\N{NO-BREAK SPACE}", " ") for one in self.texts]

    def _read(self, tag: str) -> Iterator[Seen]:
        for element in self.root.iter(SVG + tag):
            kinds = frozenset(element.attrib.get("class", "").split())
            about = element.findtext(f"{SVG}title", element.text or "")
            yield Seen(_area(element), kinds, about, "stroke-dasharray" in element.attrib)


def _area(element: ET.Element) -> Area:
    get = element.attrib.get
    if element.tag == f"{SVG}text":
        size = float(get("font-size", ""))
        width = _FACES[get("font-weight") == "bold"].getlength(element.text or "") / _MEASURE * size
        left = float(get("x", "")) - {"start": 0, "middle": width / 2, "end": width}[get("text-anchor", "")]
        line = float(get("y", ""))
        return Area(left, line - 0.72 * size, left + width, line + 0.05 * size)
    if element.tag == f"{SVG}line":
        x1, y1, x2, y2 = (float(get(name, "")) for name in ("x1", "y1", "x2", "y2"))
        return Area(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    if element.tag == f"{SVG}polygon":
        points = [tuple(map(float, point.split(","))) for point in get("points", "").split()]
        (lefts, tops) = zip(*points, strict=True)
        return Area(min(lefts), min(tops), max(lefts), max(tops))
    x, y, width, height = (float(get(name, "0")) for name in ("x", "y", "width", "height"))
    rim = float(get("stroke-width", "0")) / 2
    return Area(x - rim, y - rim, x + width + rim, y + height + rim)
