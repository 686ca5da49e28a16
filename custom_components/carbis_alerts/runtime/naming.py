"""Names in the language that Home Assistant has now."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from ..const import CONF_SERVICE, DOMAIN
from ..domain.names import Names

_CATEGORY = "device"
# Where the last names are, and their language.
_NAMES: HassKey[tuple[str, Names]] = HassKey(f"{DOMAIN}_names")


async def async_load_names(hass: HomeAssistant) -> None:
    """Have the words of the present language at hand."""
    language = hass.config.language
    _keep(
        hass,
        language,
        await async_get_translations(hass, language, _CATEGORY, [DOMAIN]),
    )


@callback
def names_of(hass: HomeAssistant) -> Names:
    """Return names in the present language, in the one before until it is loaded."""
    language = hass.config.language
    known = hass.data.get(_NAMES)
    if known is not None and known[0] == language:
        return known[1]
    words = async_get_cached_translations(hass, language, _CATEGORY, DOMAIN)
    if not words:
        return known[1] if known else Names({})
    return _keep(hass, language, words)


@callback
def entry_name(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return what people read of an entry: its name, else its service and host."""
    # A team has no address.
    if entry.title != URL(entry.data.get(CONF_URL, "")).host:
        return entry.title
    return names_of(hass).hub(entry.data[CONF_SERVICE], entry.title)


def _keep(hass: HomeAssistant, language: str, words: Mapping[str, str]) -> Names:
    prefix = f"component.{DOMAIN}.{_CATEGORY}."
    names = Names(
        {
            key.removeprefix(prefix).removesuffix(".name"): text
            for key, text in words.items()
        }
    )
    hass.data[_NAMES] = language, names
    return names
