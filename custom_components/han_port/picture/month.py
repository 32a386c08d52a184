"""The scene of a month: all its parts in the order in which they lie upon each other."""

from .axis import axis, has_legend, legend
from .bars import bars, values
from .facts import Facts
from .frame import HEADER, HEIGHT, MARGIN, WIDTH, frame_of
from .header import header, headline
from .ladder import ladder
from .levels import level_labels, levels
from .places import Places
from .running import running_hour, running_labels
from .scene import Box, Rectangle, Scene
from .words import Words


def month_scene(facts: Facts, words: Words) -> Scene:
    """Return the picture of a month."""
    legends = has_legend(facts)
    frame = frame_of(facts, legend=legends)
    steps = tuple(ladder(facts, words, frame))
    days = tuple(bars(facts, words, frame))
    hour = tuple(running_hour(facts, words, frame))
    obstacles = [shape.box for shape in (*days, *hour) if isinstance(shape, Rectangle)]
    places = Places(obstacles, Box(0, HEADER - 12, frame.end + MARGIN, HEIGHT - HEADER + 12))
    about = f"{words.month(facts.month.first)}: " + ", ".join(
        f"{label} {value}" for label, value, _ in headline(facts, words)
    )
    return Scene(
        WIDTH,
        HEIGHT,
        about,
        (
            *steps,
            *days,
            *hour,
            *levels(facts, words, frame),
            *running_labels(facts, words, frame, places),
            *values(facts, words, frame, places),
            *level_labels(facts, words, frame, places),
            *axis(facts, frame, places),
            *(legend(facts, words) if legends else ()),
            *header(facts, words),
        ),
    )
