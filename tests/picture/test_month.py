"""What a person sees in the picture of a month."""

from itertools import combinations, pairwise

import pytest

from custom_components.han_port.picture import Words
from custom_components.han_port.picture.words import KEYS

from .months import APRIL, HUGE, LANGUAGES, MONTHS, april, facts, words
from .seen import Area, Picture, Seen

NORWEGIAN = words("nb")


def drawn(name: str) -> Picture:
    """Return a month as it is drawn in Norwegian."""
    return Picture(MONTHS[name], NORWEGIAN)


def day(picture: Picture, number: int) -> Seen:
    """Return the bar of a day."""
    (bar,) = (bar for bar in picture.days() if bar.about.startswith(f"{number}. "))
    return bar


def test_bars_are_as_high_as_the_energies_are_large() -> None:
    picture = drawn("whole")
    assert len(picture.days()) == 30
    unit = day(picture, 9).area.height / APRIL[9]
    for number, energy in APRIL.items():
        bar = day(picture, number)
        assert bar.area.height == pytest.approx(energy * unit, abs=0.05)
        assert bar.area.bottom == day(picture, 1).area.bottom
    middles = [day(picture, number).area.middle for number in APRIL]
    steps = {round(after - before, 1) for before, after in pairwise(middles)}
    assert len(steps) == 1
    assert day(picture, 9).about == "9. April: 5,94 kWh, teller"


def test_the_days_that_count_are_told_by_colour_and_by_number() -> None:
    picture = drawn("whole")
    counted = [bar for bar in picture.days() if "fill-counted" in bar.kinds]
    assert [bar.about.split(".")[0] for bar in counted] == ["9", "17", "26"]
    for bar, energy, number in zip(counted, ("5,9", "4,8", "4,3"), ("9", "17", "26"), strict=True):
        value = picture.text(energy)
        assert abs(value.area.middle - bar.area.middle) < 1
        assert 0 < bar.area.top - value.area.bottom < 10
        assert picture.text(number).area.top > bar.area.bottom


def test_energies_of_neighbours_stand_in_their_order() -> None:
    picture = drawn("neighbours")
    places = [picture.text(energy).area for energy in ("5,9", "5,8", "5,7")]
    assert places == sorted(places)
    for place, number in zip(places, (9, 10, 11), strict=True):
        assert abs(place.middle - day(picture, number).area.middle) < 30
        assert place.bottom < day(picture, number).area.top


def test_the_headline_is_the_mean_the_step_and_the_cost() -> None:
    picture = drawn("whole")
    said = picture.said
    for text in ("Snitt av tre døgn", "4,99 kW", "Effekttrinn", "2–5 kW", "Kapasitetsledd", "250 kr", "April"):
        assert text in said
    height = picture.size[1]
    assert picture.text("4,99 kW").area.height > height / 12
    assert "4,99 kW" in picture.root[0].text  # type: ignore[operator] # the title, for those who do not see it


def test_the_steps_near_the_bars_are_lines_with_names_and_prices() -> None:
    picture = drawn("whole")
    unit = day(picture, 9).area.height / APRIL[9]
    axis = day(picture, 9).area.bottom
    for boundary, about in ((2000, "2 kW"), (5000, "5 kW")):
        (line,) = (line for line in picture.lines if line.about == about)
        assert axis - line.area.top == pytest.approx(boundary * unit, abs=0.1)
    for name, price in (("0–2 kW", "150 kr"), ("5–10 kW", "420 kr")):
        assert name in picture.said
        assert price in picture.said
    assert not [text for text in picture.said if text.startswith(("10–15", "100"))]
    step = next(shape for shape in picture.rectangles if "fill-step" in shape.kinds)
    assert axis - step.area.bottom == pytest.approx(2000 * unit, abs=0.1)
    assert axis - step.area.top == pytest.approx(5000 * unit, abs=0.1)


def test_the_target_and_the_mean_are_lines_of_different_kinds() -> None:
    picture = drawn("over")
    unit = day(picture, 9).area.height / APRIL[9]
    axis = day(picture, 9).area.bottom
    mean = (5939 + 4779 + 3974) / 3
    assert [text for text in picture.said if text == "Mål 5 kW"]
    (target,) = (line for line in picture.lines if line.about == "Mål 5 kW")
    (average,) = (line for line in picture.lines if "Snitt" in line.about)
    assert target.dashed
    assert not average.dashed
    assert axis - target.area.top == pytest.approx(5000 * unit, abs=0.1)
    assert axis - average.area.top == pytest.approx(mean * unit, abs=1)


def test_the_running_hour_is_filled_so_far_and_an_outline_ahead() -> None:
    picture = drawn("over")
    unit = day(picture, 9).area.height / APRIL[9]
    (so_far,) = picture.about("Denne timen", "hittil")
    (expected,) = picture.about("Denne timen", "prognose")
    assert so_far.area.height == pytest.approx(3100 * unit, abs=0.1)
    assert expected.area.height == pytest.approx(6240 * unit, abs=0.1)
    assert expected.dashed
    assert not so_far.dashed
    assert "fill-now" in so_far.kinds
    assert "stroke-now" in expected.kinds
    value = picture.text("6,2")
    assert abs(value.area.middle - expected.area.middle) < 1
    assert value.area.bottom < expected.area.top
    assert "Denne timen" in picture.said


def test_a_silent_meter_has_no_running_hour() -> None:
    assert "Denne timen" not in drawn("whole").said


def test_estimated_corrected_and_missing_days_look_different() -> None:
    picture = drawn("marked")
    estimated = day(picture, 9)
    assert "beregnet" in estimated.about
    assert estimated.kinds == {"fill-background", "stroke-counted"}
    assert day(picture, 12).kinds == {"fill-background", "stroke-bar"}
    corrected = day(picture, 17)
    assert "rettet" in corrected.about
    assert corrected.about.startswith("17. April: 4,70 kWh")
    diamonds = [shape.area.middle for shape in picture.polygons if "rettet" in shape.about]
    assert corrected.area.middle in [pytest.approx(middle, abs=0.02) for middle in diamonds]
    assert len(diamonds) == 2
    assert not [bar for bar in picture.days() if bar.about.startswith("8.")]
    missing = {line.about for line in picture.lines if "ingen data" in line.about}
    assert missing == {f"{number}. April: ingen data" for number in (3, 14, 15)}
    assert {"beregnet", "rettet", "ingen data"} <= {*picture.said}
    assert not {"beregnet", "rettet", "ingen data"} & {*drawn("whole").said}


def test_days_to_come_are_not_missing() -> None:
    assert "ingen data" not in drawn("golden").said


def test_today_is_marked_wherever_it_is() -> None:
    for name, number in (("31 days", "31"), ("first day", "1"), ("over", "24")):
        picture = drawn(name)
        text = picture.text(number)
        assert any(
            rectangle.area.left < text.area.left and text.area.right < rectangle.area.right
            for rectangle in picture.rectangles
            if "fill-text" in rectangle.kinds
        ), name


def test_an_empty_month_says_that_nothing_is_known() -> None:
    picture = drawn("empty")
    assert not picture.days()
    assert picture.said.count("–") == 3
    assert "Mål 5 kW" in picture.said


def test_huge_peaks_leave_the_small_steps_out() -> None:
    picture = drawn("huge")
    assert day(picture, 11).area.height / day(picture, 19).area.height == pytest.approx(HUGE[11] / HUGE[19], abs=0.01)
    assert "60,0" in picture.said
    assert "50–75 kW" in picture.said
    assert not [text for text in picture.said if text.startswith(("0–2", "2–5"))]
    heights = sorted(line.area.top for line in picture.lines if line.kinds == {"stroke-grid"})
    assert min(after - before for before, after in pairwise(heights)) > 10


def test_a_high_line_does_not_make_the_bars_low() -> None:
    picture = drawn("far target")
    assert day(picture, 9).area.height > picture.size[1] / 3
    assert "Mål 15 kW" in picture.said
    assert not [line for line in picture.lines if "Mål" in line.about]


def test_without_prices_or_target_nothing_is_said_of_them() -> None:
    said = " ".join(drawn("no prices").said)
    assert "kr" not in said.split()
    assert "Kapasitetsledd" not in said
    assert "–" not in drawn("no prices").said
    picture = drawn("no target")
    assert not [text for text in picture.said if "Mål" in text]
    assert not [line for line in picture.lines if line.dashed]


def test_one_step_has_no_boundary() -> None:
    picture = drawn("one step")
    assert not [line for line in picture.lines if line.kinds == {"stroke-grid"}]
    assert "300 kr" in picture.said


def test_the_month_s_maximum_is_called_so() -> None:
    picture = drawn("month's maximum")
    assert "5,94 kW" in picture.said
    assert picture.said.count("Høyeste time") == 2
    assert len([bar for bar in picture.days() if "fill-counted" in bar.kinds]) == 1


def test_fewer_days_are_not_called_three() -> None:
    assert "Snitt av tre døgn" not in drawn("second day").said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MONTHS)
def test_everything_is_within_and_no_text_lies_upon_another(name: str, language: str) -> None:
    picture = Picture(MONTHS[name], words(language))
    page = Area(0, 0, *picture.size)
    for seen in (*picture.rectangles, *picture.lines, *picture.polygons, *picture.texts):
        assert seen.area.left >= page.left, seen
        assert seen.area.top >= page.top, seen
        assert seen.area.right <= page.right, seen
        assert seen.area.bottom <= page.bottom, seen
        assert seen.area.height >= 0, seen
    for one, other in combinations(picture.texts, 2):
        assert not one.area.meets(other.area), (one.about, other.about)


@pytest.mark.parametrize(
    ("language", "numbers"),
    [
        ("en", ("4.99 kW", "2.5 kW", "12,345 kr")),
        ("nb", ("4,99 kW", "2,5 kW", "12 345 kr")),
        ("nn", ("4,99 kW", "2,5 kW", "12 345 kr")),
        ("sv", ("4,99 kW", "2,5 kW", "12 345 kr")),
        ("da", ("4,99 kW", "2,5 kW", "12.345 kr")),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language: str, numbers: tuple[str, ...]) -> None:
    said = Picture(facts(APRIL, april(30), tariff=MONTHS["halves"].tariff, target=2500), words(language)).said
    mean, target, price = numbers
    assert mean in said
    assert price in said
    assert [text for text in said if text.endswith(target)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(language: str) -> None:
    assert {*words(language).texts} == {*KEYS}


def test_hostile_words_are_only_words() -> None:
    evil = "</text><script>alert(1)</script>&\"'\x00\ud800\x1b"
    picture = Picture(MONTHS["marked"], Words("nb", dict.fromkeys(KEYS, evil)))
    tags = {element.tag.partition("}")[2] for element in picture.root.iter()}
    assert tags == {"svg", "title", "style", "rect", "line", "polygon", "text"}
    assert "</text><script>alert(1)</script>&\"'" in picture.said


def test_nothing_is_fetched() -> None:
    file = drawn("marked").file.decode().replace("http://www.w3.org/2000/svg", "")
    assert "http" not in file
    assert "url(" not in file
    assert "href" not in file


def test_the_page_s_colours_decide_between_light_and_dark() -> None:
    file = drawn("golden").file.decode()
    assert "@media (prefers-color-scheme:dark)" in file
    assert "#" not in "".join(line for line in file.splitlines() if "<style>" not in line)


def test_equal_facts_make_equal_pictures() -> None:
    assert drawn("golden").file == drawn("golden").file
