"""Whether this Home Assistant's targets can exclude anything, which came with 2026.11."""

from contextlib import suppress

from homeassistant.helpers import config_validation as cv
import voluptuous as vol


def _can_exclude() -> bool:
    target = {"entity_id": ["event.any"], "exclude": {"area_id": ["any"]}}
    with suppress(vol.Invalid):
        return "exclude" in vol.Schema(cv.TARGET_FIELDS)(target)
    return False


CAN_EXCLUDE = _can_exclude()
