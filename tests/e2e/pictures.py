"""Pictures of what the test sees, for the README. Taken always, kept only when HAN_PORT_SCREENSHOTS=1 asks for it."""

from io import BytesIO
import os
from pathlib import Path
import re

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page, expect

FOLDER = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 200_000
FORWARD = re.compile("^(Next|Submit)$")
MARGIN = 24  # pixels of the page around the thing itself


def wanted() -> bool:
    """Whether pictures are to be kept."""
    return os.environ.get("HAN_PORT_SCREENSHOTS") == "1"


def small(picture: bytes) -> bytes:
    """Return a PNG with a palette of its own: the pages have few colours, and text stays sharp."""
    out = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        palette = image.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette.save(out, "PNG", optimize=True)
    return out.getvalue()


async def take(page: Page, name: str, of: Locator | None = None, *, margin: int = MARGIN) -> None:
    """Take a picture of the page, or of one thing on it with a margin around."""
    clip: FloatRect | None = None
    if of is not None and (box := await of.bounding_box()) is not None:
        left, top = max(0, box["x"] - margin), max(0, box["y"] - margin)
        clip = {"x": left, "y": top, "width": box["width"] + 2 * margin, "height": box["height"] + 2 * margin}
    picture = small(await page.screenshot(clip=clip, animations="disabled"))
    assert len(picture) < MOST_BYTES, f"{name} has {len(picture)} bytes"
    if wanted():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.png").write_bytes(picture)


async def take_form(page: Page, name: str) -> None:
    """Take a picture of a form of a config flow, once it has grown to its size."""
    await expect(page.get_by_role("button", name=FORWARD)).to_be_in_viewport()
    await page.locator("step-flow-form").scroll_into_view_if_needed()  # waits until it stands still
    await take(page, name, page.get_by_role("dialog").last)
