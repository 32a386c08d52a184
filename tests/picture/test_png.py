"""The picture as PNG, for notifications; and its colours."""

from io import BytesIO

from PIL import Image
import pytest

from custom_components.han_port.picture import Scene, Words, month_scene, write_png
from custom_components.han_port.picture.measure import width_of
from custom_components.han_port.picture.palette import DARK, LIGHT, Palette
from custom_components.han_port.picture.png import font_of
from custom_components.han_port.picture.scene import Paint, Text
from custom_components.han_port.picture.words import KEYS

from .months import LANGUAGES, MONTHS, words


def colours(file: bytes) -> dict[str, int]:
    """Return how many pixels of each colour a picture has."""
    image = Image.open(BytesIO(file)).convert("RGB")
    found = image.getcolors(image.width * image.height)
    assert found is not None
    return {"#{:02x}{:02x}{:02x}".format(*colour): count for count, colour in found if isinstance(colour, tuple)}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_a_png_shows_what_the_scene_has(palette: Palette) -> None:
    file = write_png(month_scene(MONTHS["marked"], words("nb")), palette)
    image = Image.open(BytesIO(file))
    assert image.format == "PNG"
    assert image.size == (1200, 600)
    counted = colours(file)
    for paint in (Paint.BAR, Paint.COUNTED, Paint.NOW, Paint.STEP, Paint.TEXT, Paint.TARGET, Paint.MUTED):
        assert counted[palette[paint]] > 200, paint
    assert counted[palette[Paint.BACKGROUND]] > 1200 * 600 / 3


@pytest.mark.parametrize("name", MONTHS)
def test_every_month_can_be_drawn(name: str) -> None:
    file = write_png(month_scene(MONTHS[name], words("nb")), scale=0.5)
    assert Image.open(BytesIO(file)).size == (400, 200)
    assert len(colours(file)) > 20


def test_it_is_small_enough_for_a_notification() -> None:
    assert max(len(write_png(month_scene(month, words("nb")))) for month in MONTHS.values()) < 150_000


def test_hostile_words_can_be_drawn() -> None:
    write_png(
        month_scene(MONTHS["marked"], Words("nb", dict.fromkeys(KEYS, "</text>&\x00\n\x1b" + "W" * 200))), scale=0.5
    )


@pytest.mark.parametrize("bold", [False, True])
def test_the_font_has_every_letter_that_is_used(bold: bool) -> None:
    font = font_of(bold=bold, pixels=40)
    missing = bytes(font.getmask("\uffff"))
    used = {*"0123456789 ,.–+:€kWhr\N{NO-BREAK SPACE}"}
    for language in LANGUAGES:
        used |= {*"".join(words(language).texts.values())}
    assert not {letter for letter in used if bytes(font.getmask(letter)) == missing}


def texts(scene: Scene) -> list[Text]:
    """Return the texts of a scene."""
    return [shape for shape in scene.shapes if isinstance(shape, Text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_wider_than_thought(language: str) -> None:
    for month in MONTHS.values():
        for text in texts(month_scene(month, words(language))):
            real = font_of(bold=text.bold, pixels=100).getlength(text.text) / 100 * text.size
            assert real <= width_of(text.text, text.size) * 1.01, text.text


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (Web Content Accessibility Guidelines 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_everything_can_be_told_from_what_is_behind_it(palette: Palette) -> None:
    assert {*palette} == {*Paint}
    for behind in (palette[Paint.BACKGROUND], palette[Paint.STEP]):
        for paint in (Paint.TEXT, Paint.MUTED, Paint.COUNTED, Paint.NOW, Paint.TARGET):
            assert contrast(palette[paint], behind) >= 4.5, paint
        assert contrast(palette[Paint.BAR], behind) >= 3
    assert contrast(palette[Paint.BAR], palette[Paint.COUNTED]) >= 2
