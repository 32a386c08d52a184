"""The colours of the picture, for a light and for a dark page.

Each has a background of its own, so either can be read on any page. On it, text has a contrast of at least 4.5 to 1 and
bars and marks at least 3 to 1 (W3C, Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11); blue and orange
are told apart by the colour blind, and nothing is told by colour alone.
"""

from collections.abc import Mapping
from typing import Final

from .scene import Paint

type Palette = Mapping[Paint, str]

LIGHT: Final[Palette] = {
    Paint.BACKGROUND: "#ffffff",
    Paint.TEXT: "#14181d",
    Paint.MUTED: "#57606b",
    Paint.GRID: "#c8ced6",
    Paint.STEP: "#e8f1fb",
    Paint.BAR: "#688ab5",
    Paint.COUNTED: "#0a4a96",
    Paint.NOW: "#a84a00",
    Paint.TARGET: "#b01040",
}
DARK: Final[Palette] = {
    Paint.BACKGROUND: "#1b1e23",
    Paint.TEXT: "#f2f4f6",
    Paint.MUTED: "#a9b2bd",
    Paint.GRID: "#474e58",
    Paint.STEP: "#222f42",
    Paint.BAR: "#5f80aa",
    Paint.COUNTED: "#9accff",
    Paint.NOW: "#ffb050",
    Paint.TARGET: "#ff8fa6",
}
