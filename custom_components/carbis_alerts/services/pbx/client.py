"""The client of an entry's PBX."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ...api.intake import Budget
from ...api.pbx import PbxClient
from ...api.recorder import Tap
from ...api.transport import Limits
from ...const import CONF_FINGERPRINT


def make_client(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    limits: Limits,
    tap: Tap | None = None,
    budget: Budget | None = None,
) -> PbxClient:
    """Return a client for the data of an entry."""
    return PbxClient(
        async_get_clientsession(hass),
        URL(data[CONF_URL]),
        token=data.get(CONF_TOKEN),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        fingerprint=data.get(CONF_FINGERPRINT),
        limits=limits,
        tap=tap,
        budget=budget,
    )
