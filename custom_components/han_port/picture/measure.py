"""How wide a text is, about: the reader's browser has a font of its own, so this is on the safe side."""

from typing import Final

from .scene import HALO, Anchor, Box, Text

_WIDTHS: Final = {
    letter: width
    for width, letters in (
        (0.28, "' ,.ijlI|!:;[]·\N{NO-BREAK SPACE}"),
        (0.40, '"t`{}fr()-/\\'),
        (0.54, "^_*vxyz<?csk"),
        (0.60, "aeFL+åbdhnopquEJøöäé0123456789g$=Z#STY"),
        (0.72, "BDKPRXCUV&AGØÅÖÄNHOQ–"),
        (0.92, "w%æmMW@Æ"),
    )
    for letter in letters
}
"""Of letters of the size 1, bold; those of Roboto, Arial and their like, rounded up."""
_OTHER: Final = 1.0
_ASCENT: Final = 0.78
_DESCENT: Final = 0.22
_SMALLEST: Final = 1.0


def width_of(text: str, size: float) -> float:
    """Return the width of a text."""
    return size * sum(_WIDTHS.get(letter, _OTHER) for letter in text)


def box_of(text: Text) -> Box:
    """Return the area that a text needs."""
    width = width_of(text.text, text.size)
    left = {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[text.anchor]
    rim = HALO if text.halo else 0.0
    return Box(
        text.x - left - rim,
        text.y - _ASCENT * text.size - rim,
        width + 2 * rim,
        (_ASCENT + _DESCENT) * text.size + 2 * rim,
    )


def fitted(text: Text, width: float) -> Text:
    """Return a text no wider than asked for: smaller, if need be and as far as that goes."""
    needed = width_of(text.text, text.size)
    return text if needed <= width else text._replace(size=max(_SMALLEST, text.size * width / needed))
