"""A scene as SVG, light or dark as the reader's screen is.

The file stands alone, so it works as the source of an <img>: nothing is fetched and nothing is run. Texts are escaped,
and characters that XML does not have are left out.
"""

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from .palette import DARK, LIGHT, Palette
from .scene import DASH, HALO, Line, Paint, Polygon, Rectangle, Scene, Shape, Text

_FONTS: Final = "Roboto,'Noto Sans','Segoe UI','Helvetica Neue',Arial,sans-serif"
_TEXT: Final = f"text{{font-family:{_FONTS}}}"
_RIM: Final = f".halo{{paint-order:stroke;stroke-width:{2 * HALO};stroke-linejoin:round}}"
_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def write_svg(scene: Scene) -> bytes:
    """Return a scene as an SVG file."""
    width, height = _number(scene.width), _number(scene.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{_text(scene.about)}</title>",
        f"<style>{_TEXT}{_RIM}{_rules(LIGHT)}@media (prefers-color-scheme:dark){{{_rules(DARK)}}}</style>",
        f'<rect class="fill-{Paint.BACKGROUND}" width="{width}" height="{height}"/>',
        *map(_shape, scene.shapes),
        "</svg>",
    ]
    return "\n".join(parts).encode()


def _rules(palette: Palette) -> str:
    rules = (f".fill-{paint}{{fill:{colour}}}.stroke-{paint}{{stroke:{colour}}}" for paint, colour in palette.items())
    return "".join(rules)


def _shape(shape: Shape) -> str:
    match shape:
        case Rectangle():
            return _rectangle(shape)
        case Line():
            dash = f' stroke-dasharray="{_dash()}"' if shape.dashed else ""
            (x1, y1), (x2, y2) = shape.start, shape.end
            return _closed(
                f'<line class="stroke-{shape.stroke}" x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" '
                f'y2="{_number(y2)}" stroke-width="{_number(shape.width)}"{dash}',
                "line",
                shape.about,
            )
        case Polygon():
            points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
            return _closed(
                f'<polygon class="fill-{shape.fill} stroke-{Paint.BACKGROUND} halo" points="{points}"',
                "polygon",
                shape.about,
            )
        case Text():
            classes = f"fill-{shape.fill}" + (f" stroke-{Paint.BACKGROUND} halo" if shape.halo else "")
            weight = ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text class="{classes}" x="{_number(shape.x)}" y="{_number(shape.y)}" '
                f'font-size="{_number(shape.size)}" text-anchor={quoteattr(shape.anchor)}{weight}>'
                f"{_text(shape.text)}</text>"
            )


def _rectangle(shape: Rectangle) -> str:
    inset = shape.stroke_width / 2 if shape.stroke else 0.0
    box = shape.box
    width, height = max(0.0, box.width - 2 * inset), max(0.0, box.height - 2 * inset)
    fill = f'class="fill-{shape.fill}' if shape.fill else 'fill="none" class="'
    stroke = ""
    if shape.stroke:
        fill += f" stroke-{shape.stroke}"
        stroke = f' stroke-width="{_number(shape.stroke_width)}"'
        if shape.dashed:
            stroke += f' stroke-dasharray="{_dash()}"'
    radius = f' rx="{_number(shape.radius)}"' if shape.radius else ""
    return _closed(
        f'<rect {fill}" x="{_number(box.x + inset)}" y="{_number(box.y + inset)}" '
        f'width="{_number(width)}" height="{_number(height)}"{radius}{stroke}',
        "rect",
        shape.about,
    )


def _closed(opened: str, name: str, about: str) -> str:
    return f"{opened}><title>{_text(about)}</title></{name}>" if about else f"{opened}/>"


def _dash() -> str:
    return " ".join(map(_number, DASH))


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
