"""A speech service for the demo, which asks nobody in the internet."""

from io import BytesIO
from typing import Any, Final, override
import wave

from homeassistant.components.tts import TextToSpeechEntity, TtsAudioType
from homeassistant.components.tts.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

DOMAIN: Final = "demo_voice"
CONFIG_SCHEMA: Final = cv.empty_config_schema(DOMAIN)
RATE: Final = 8000


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Add the voice."""
    await hass.data[DATA_COMPONENT].async_add_entities([Voice()])
    return True


class Voice(TextToSpeechEntity):
    """A voice that says nothing, for as long as the text would take."""

    _attr_name = "Demo voice"
    _attr_unique_id = DOMAIN
    _attr_default_language = "en"
    _attr_supported_languages = ["en", "ru"]  # noqa: RUF012

    @override
    def get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> TtsAudioType:
        """Return silence."""
        file = BytesIO()
        with wave.open(file, "wb") as audio:
            audio.setnchannels(1)
            audio.setsampwidth(1)
            audio.setframerate(RATE)
            audio.writeframes(b"\x80" * (RATE * (1 + len(message) // 12)))
        return "wav", file.getvalue()
