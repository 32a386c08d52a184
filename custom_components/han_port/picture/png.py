"""A scene as PNG: for notifications, which show no SVG.

The companion apps take JPEG, GIF and PNG (Home Assistant Companion Docs, "Notification attachments": supported media
types). Pillow comes with Home Assistant. Its own font has neither "ø" nor "–", so the fonts are ours.
"""

from io import BytesIO
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from .palette import LIGHT, Palette
from .scene import DASH, HALO, Anchor, Line, Paint, Point, Polygon, Rectangle, Scene, Text

SCALE: Final = 1.5
"""Pixels to a unit: 1 200 wide, which the largest phones show without blur."""
_FINER: Final = 2
"""Times that it is drawn larger first, since Pillow's lines have hard edges."""
_FONTS: Final = Path(__file__).parent / "fonts"
_ANCHORS: Final = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}


def write_png(scene: Scene, palette: Palette = LIGHT, scale: float = SCALE) -> bytes:
    """Return a scene as a PNG file. Reads the fonts from disk: not for the event loop."""
    size = round(scene.width * scale) * _FINER, round(scene.height * scale) * _FINER
    image = Image.new("RGB", size, palette[Paint.BACKGROUND])
    pen = _Pen(ImageDraw.Draw(image), palette, scale * _FINER)
    for shape in scene.shapes:
        match shape:
            case Rectangle():
                pen.rectangle(shape)
            case Line():
                pen.line(shape.start, shape.end, shape.stroke, shape.width, dashed=shape.dashed)
            case Polygon():
                pen.polygon(shape)
            case Text():
                pen.text(shape)
    file = BytesIO()
    image.reduce(_FINER).save(file, "PNG", optimize=True)
    return file.getvalue()


def font_of(*, bold: bool, pixels: int) -> ImageFont.FreeTypeFont:
    """Return the font of a size."""
    name = f"Roboto-{'Bold' if bold else 'Regular'}-Latin.ttf"
    return ImageFont.truetype(_FONTS / name, pixels, layout_engine=ImageFont.Layout.BASIC)


class _Pen:
    """Draws shapes on an image, in its pixels."""

    def __init__(self, draw: ImageDraw.ImageDraw, palette: Palette, scale: float) -> None:
        self._draw = draw
        self._palette = palette
        self._scale = scale
        self._fonts: dict[tuple[bool, int], ImageFont.FreeTypeFont] = {}
        """By weight and size. Not shared: another thread may draw at the same time."""

    def rectangle(self, shape: Rectangle) -> None:
        box = shape.box
        corners = self._at((box.x, box.y)), self._at((box.right, box.bottom))
        fill = self._palette[shape.fill] if shape.fill else None
        if shape.stroke and shape.dashed:
            if fill:
                self._draw.rectangle(self._inside(*corners), fill)
            inset = shape.stroke_width / 2
            left, top, right, bottom = box.x + inset, box.y + inset, box.right - inset, box.bottom - inset
            path = (left, bottom), (left, top), (right, top), (right, bottom), (left, bottom)
            for start, end in pairwise(path):
                self.line(start, end, shape.stroke, shape.stroke_width, dashed=True)
            return
        stroke = self._palette[shape.stroke] if shape.stroke else None
        width = max(1, round(shape.stroke_width * self._scale)) if stroke else 0
        self._draw.rounded_rectangle(self._inside(*corners), shape.radius * self._scale, fill, stroke, width)

    def line(self, start: Point, end: Point, paint: Paint, width: float, *, dashed: bool) -> None:
        pixels = max(1, round(width * self._scale))
        for first, last in _dashes(start, end) if dashed else [(start, end)]:
            self._draw.line((*self._at(first), *self._at(last)), self._palette[paint], pixels)

    def polygon(self, shape: Polygon) -> None:
        points = [self._at(point) for point in shape.points]
        rim = self._palette[Paint.BACKGROUND]
        self._draw.line([*points, *points[:2]], rim, round(2 * HALO * self._scale), joint="curve")
        self._draw.polygon(points, self._palette[shape.fill])

    def text(self, text: Text) -> None:
        self._draw.text(
            self._at((text.x, text.y)),
            text.text,
            self._palette[text.fill],
            self._font(bold=text.bold, pixels=max(1, round(text.size * self._scale))),
            _ANCHORS[text.anchor],
            stroke_width=round(HALO * self._scale) if text.halo else 0,
            stroke_fill=self._palette[Paint.BACKGROUND],
        )

    def _font(self, *, bold: bool, pixels: int) -> ImageFont.FreeTypeFont:
        if (font := self._fonts.get((bold, pixels))) is None:
            font = self._fonts[bold, pixels] = font_of(bold=bold, pixels=pixels)
        return font

    def _at(self, point: Point) -> tuple[int, int]:
        return round(point[0] * self._scale), round(point[1] * self._scale)

    @staticmethod
    def _inside(first: tuple[int, int], last: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return the corners as Pillow has them: the last pixel belongs to the area."""
        return *first, max(first[0], last[0] - 1), max(first[1], last[1] - 1)


def _dashes(start: Point, end: Point) -> list[tuple[Point, Point]]:
    """Return the dashes of a line."""
    length = dist(start, end)
    dash, gap = DASH
    dashes = []
    done = 0.0
    while done < length:
        parts = done / length, min(done + dash, length) / length
        first, last = ((start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part) for part in parts)
        dashes.append((first, last))
        done += dash + gap
    return dashes
