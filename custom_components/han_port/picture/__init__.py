"""The picture of a month's capacity peaks, for a dashboard and for a notification.

What belongs here: from what is known of a month to a scene of shapes, and from a scene to SVG or PNG. Nothing of Home
Assistant, nothing that happens in time: data in, bytes out.
"""

from .facts import Facts, Running
from .month import month_scene
from .png import write_png
from .scene import Scene
from .svg import write_svg
from .words import Words

__all__ = ["Facts", "Running", "Scene", "Words", "month_scene", "write_png", "write_svg"]
