"""The picture of the month's capacity peaks: as SVG for dashboards, and as PNG for notifications.

Nothing is drawn until somebody asks for it, and then it is drawn as things stand at that moment. So the time of its
last change, the entity's state, is for those who want to know of it. It moves
  - at once when a peak, the target or the day has changed;
  - for the running hour when Home Assistant renews the entity's access token, which it does each five minutes with a
    state of its own for every image. So the running hour costs no state and no row of the recorder.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import dt as dt_util

from .capacity_keeper import CapacityKeeper
from .const import DOMAIN
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .entity import HanPortEntity
from .picture import Facts, Running, Scene, Words, month_scene, write_png, write_svg

PARALLEL_UPDATES = 0  # nothing is polled

_CATEGORY: Final = "selector"
_WORDS: Final = f"component.{DOMAIN}.selector.picture.options."
_FINEST: Final = 10
"""Wh of the running hour that can be told apart in the picture."""


class PictureDescription(ImageEntityDescription, frozen_or_thawed=True):
    """A picture in one format."""

    content_type: str
    write: Callable[[Scene], bytes]


PICTURES: Final = (
    PictureDescription(
        key="month_picture", translation_key="month_picture", content_type="image/svg+xml", write=write_svg
    ),
    PictureDescription(
        key="month_picture_png", translation_key="month_picture_png", content_type="image/png", write=write_png
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: HanPortConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Make the pictures, where there is a tariff."""
    coordinator = entry.runtime_data
    if (keeper := coordinator.capacity) is None:
        return
    await async_get_translations(hass, hass.config.language, _CATEGORY, {DOMAIN})
    async_add_entities(MonthPicture(hass, coordinator, keeper, description) for description in PICTURES)


class _Drawing(NamedTuple):
    """What was drawn last, and of what."""

    facts: Facts
    words: Words
    content: bytes


class MonthPicture(HanPortEntity, ImageEntity):
    """The picture in one format. What has been measured can be seen whether the meter is silent or not."""

    entity_description: PictureDescription

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: HanPortCoordinator,
        keeper: CapacityKeeper,
        description: PictureDescription,
    ) -> None:
        HanPortEntity.__init__(self, coordinator, description)
        self._keeper = keeper
        self._drawing: _Drawing | None = None
        self._attr_content_type = description.content_type
        self._told = self._facts()
        """What was there at the time of the last change."""
        self._attr_image_last_updated = dt_util.utcnow()
        ImageEntity.__init__(self, hass)

    @property
    @override
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the tariff."""
        await super().async_added_to_hass()
        self.async_on_remove(self._keeper.follow(self._handle_coordinator_update))

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._look()
        self.async_write_ha_state()

    @callback
    @override
    def async_update_token(self) -> None:
        """Renew the access token; Home Assistant writes the state after it."""
        super().async_update_token()
        self._look()

    @callback
    def _look(self) -> None:
        """Take note of the time, if the picture has changed."""
        if (facts := self._facts()) != self._told:
            self._told = facts
            self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        """Return the picture as things stand."""
        facts, words = self._facts(), self._words()
        drawing = self._drawing
        if drawing is None or (drawing.facts, drawing.words) != (facts, words):
            write = self.entity_description.write
            content = await self.hass.async_add_executor_job(lambda: write(month_scene(facts, words)))
            drawing = self._drawing = _Drawing(facts, words, content)
        return drawing.content

    def _facts(self) -> Facts:
        keeper = self._keeper
        month = keeper.month
        forecast = keeper.forecast
        running = None
        if forecast is not None:
            running = Running(*(round(energy / _FINEST) * _FINEST for energy in (forecast.so_far, forecast.expected)))
        dropped = frozenset(day for day, energy in keeper.corrections.items() if energy is None)
        return Facts(month, keeper.tariff, keeper.today, keeper.target, running, dropped)

    def _words(self) -> Words:
        language = self.hass.config.language
        texts = async_get_cached_translations(self.hass, language, _CATEGORY, DOMAIN)
        return Words(
            language, {key.removeprefix(_WORDS): text for key, text in texts.items() if key.startswith(_WORDS)}
        )
