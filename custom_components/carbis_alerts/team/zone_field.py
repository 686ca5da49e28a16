"""The field of a zone: areas, floors, labels and devices."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import (
    ATTR_AREA_ID,
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
    ENTITY_MATCH_NONE,
)
from homeassistant.helpers.selector import TargetSelector
from homeassistant.helpers.template import Template

from ..const import CONF_ZONE
from ..services.form import FieldError
from ..targets import CONF_EXCLUDE

ZONE_SELECTOR: Final = TargetSelector()
PARTS: Final = (ATTR_AREA_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID, ATTR_DEVICE_ID)


def zone_of(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return a zone as it is stored; raise a ``FieldError`` for what is none."""
    zone: dict[str, Any] = {}
    for part in (*PARTS, ATTR_ENTITY_ID):
        chosen = target.get(part)
        if not chosen or chosen == ENTITY_MATCH_NONE:
            continue
        several = chosen if isinstance(chosen, list) else [chosen]
        if any(isinstance(one, Template) for one in several):
            raise FieldError(CONF_ZONE, "zone_templates")
        if part == ATTR_ENTITY_ID:
            raise FieldError(CONF_ZONE, "zone_entities")
        zone[part] = [str(one) for one in several]
    if without := target.get(CONF_EXCLUDE):
        excluded = zone_of(without)
        if excluded and not zone:
            raise FieldError(CONF_ZONE, "zone_excludes")
        if excluded:
            zone[CONF_EXCLUDE] = excluded
    return zone
