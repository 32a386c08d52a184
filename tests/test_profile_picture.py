"""The picture of a profile: what a year and two days of it look like, for a person who chooses one."""

from datetime import UTC, datetime, timedelta
import re
from xml.etree import ElementTree as ET

import pytest

from custom_components.han_port.hand_read.profile_picture import profile_picture, profile_scene
from custom_components.han_port.ledger.capacity import OSLO
from custom_components.han_port.ledger.profile import Profile
from custom_components.han_port.ledger.profile_months import MONTHLY_SHARES
from custom_components.han_port.picture import Scene, Words
from custom_components.han_port.picture.measure import box_of
from custom_components.han_port.picture.scene import Line, Paint, Rectangle, Text
from custom_components.han_port.picture.words import MONTHS

WORDS = Words("en", {month: month.title() for month in MONTHS})
HOUR = timedelta(hours=1)


def texts(scene: Scene) -> list[str]:
    """Return what is written."""
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def bars(scene: Scene) -> list[Rectangle]:
    """Return the months."""
    return [shape for shape in scene.shapes if isinstance(shape, Rectangle)]


def levels(scene: Scene, paint: Paint) -> list[float]:
    """Return how high the line of a day is in each of its hours."""
    hours = [
        shape
        for shape in scene.shapes
        if isinstance(shape, Line)
        and shape.stroke is paint
        and shape.start[1] == shape.end[1]
        and shape.start[0] < shape.end[0]
    ]
    return [line.start[1] for line in hours if line.start[0] > 450 and line.start[1] > 50]


def test_months_have_their_shares() -> None:
    scene = profile_scene(Profile.monthly(), 16_000, 2026, WORDS)
    expected = [f"{16_000 * share / sum(MONTHLY_SHARES):.0f}" for share in MONTHLY_SHARES]
    assert [text for text in texts(scene) if text.isdigit() and int(text) > 100] == expected
    heights = [bar.box.height for bar in bars(scene)]
    ratios = [height / share for height, share in zip(heights, MONTHLY_SHARES, strict=True)]
    assert ratios == [pytest.approx(ratios[0])] * 12
    assert f"January {float(expected[0]):,.0f} kWh" in scene.about


def test_flat_hours_give_flat_days() -> None:
    scene = profile_scene(Profile.flat(), 8760, 2026, WORDS)
    for paint in (Paint.COUNTED, Paint.NOW):
        assert levels(scene, paint) == [pytest.approx(levels(scene, Paint.NOW)[0])] * 24
    assert "winter 24 kWh" in texts(scene)


def test_days_are_of_the_norwegian_clock() -> None:
    """An evening's use is in the evening, in summer as in winter."""
    start, end = (datetime(year, 1, 1, tzinfo=OSLO).astimezone(UTC) for year in (2026, 2027))
    hours = [start + number * HOUR for number in range(round((end - start) / HOUR))]
    evening = {hour: 1.0 if hour.astimezone(OSLO).hour == 18 else 0.0 for hour in hours}
    scene = profile_scene(Profile.from_hours(evening), 3650, 2026, WORDS)
    for paint in (Paint.COUNTED, Paint.NOW):
        day = levels(scene, paint)
        assert day.index(min(day)) == 18
        assert len(set(day)) == 2
    assert "summer 10 kWh" in texts(scene)


@pytest.mark.parametrize("expected", [1, 900, 16_000, 120_000, 10_000_000])
def test_everything_has_room(expected: float) -> None:
    scene = profile_scene(Profile.monthly(), expected, 2026, WORDS)
    for shape in scene.shapes:
        if isinstance(shape, Text):
            box = box_of(shape)
            assert box.x >= 0, shape.text
            assert box.right <= scene.width, shape.text
            assert 0 <= box.y <= box.bottom <= scene.height, shape.text
    for line in levels(scene, Paint.COUNTED):
        assert 60 <= line <= 270


def test_the_words_are_the_readers() -> None:
    words = Words("nb", {"january": "januar", "winter": "Vinter <&>", "day": "Døgnet"})
    root = ET.fromstring(profile_picture(Profile.monthly(), 16_000, 2026, words))  # noqa: S314 - our own
    assert re.fullmatch(r"\{http://www\.w3\.org/2000/svg\}svg", root.tag)
    written = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "jan" in written
    assert "Døgnet" in written
    assert any(text.startswith("Vinter <&> 63 kWh") for text in written)
