"""Words of ours in the system's language, for what a form shows of itself."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN, TEAM


async def async_options(hass: HomeAssistant, selector: str) -> dict[str, str]:
    """Return the words of a selector's options by the options."""
    return await _async_words(hass, "selector", f"{selector}.options.")


async def async_team_word(hass: HomeAssistant) -> str:
    """Return what a team without a name is called."""
    return (await _async_words(hass, "config", f"step.{TEAM}."))["title"]


async def _async_words(
    hass: HomeAssistant, category: str, within: str
) -> dict[str, str]:
    """Return the words below a key of a category."""
    prefix = f"component.{DOMAIN}.{category}.{within}"
    words = await async_get_translations(hass, hass.config.language, category, [DOMAIN])
    return {
        key.removeprefix(prefix): text
        for key, text in words.items()
        if key.startswith(prefix)
    }
