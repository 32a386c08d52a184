"""The step of the config flow that asks for a topic in the place of a port: the meter is heard by MQTT.

What belongs here: the form, and what is wrong with what was filled in. From then on a topic is a port like any other.
"""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PORT
from homeassistant.helpers.selector import TextSelector

from .explain import TEXTS
from .link import Cause, is_topic
from .mqtt_topic import is_mqtt_there, topic_of, topic_url, wrong_topic

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

CONF_TOPIC: Final = "topic"
_OF_TOPICS: Final = {"silent": "topic_silent", "unreadable": "topic_unreadable"}
"""What to say of a topic in the place of what is said of a port."""
_TOPIC_SCHEMA: Final = vol.Schema({vol.Required(CONF_TOPIC): TextSelector()})


class TopicSteps(ConfigFlow):
    """The form. Listening, and all that follows, is what the flow does with any port."""

    _port: str
    _error: str | None
    _about_error: dict[str, str]

    if TYPE_CHECKING:  # the flow has these

        async def _take_port(self, user_input: dict[str, Any]) -> bool:
            """Take the port; return whether nobody reads it yet."""

        async def async_step_listen(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
            """Listen on the port."""

    async def async_step_topic(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the topic of a new meter."""
        wrong: str | None = None
        if user_input is not None:
            topic = user_input[CONF_TOPIC].strip()
            if (wrong := wrong_topic(self.hass, topic)) is None:
                if await self._take_port({CONF_PORT: topic_url(topic)}):
                    return await self.async_step_listen()
            else:
                self._port, self._error = topic_url(topic), None
        elif not is_mqtt_there(self.hass):
            wrong = Cause.NO_MQTT.value
        error = wrong or _OF_TOPICS.get(self._error or "", self._error)
        return self.async_show_form(
            step_id="topic",
            data_schema=self.add_suggested_values_to_schema(
                _TOPIC_SCHEMA, {CONF_TOPIC: topic_of(self._port) if is_topic(self._port) else ""}
            ),
            errors={"base": error} if error else None,
            description_placeholders={**TEXTS, "port": self._port, **self._about_error},
            last_step=False,
        )
