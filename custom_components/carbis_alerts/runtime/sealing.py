"""The secret of this Home Assistant, with which what goes out to people is sealed."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..domain.seal import SECRET_BYTES, Seal, new_secret
from .storage import NO_SUCH_FILE

VERSION: Final = 1
STORAGE_KEY: Final = f"{DOMAIN}.answers"
# What reading a file that is none of ours may raise.
UNREADABLE: Final = (*NO_SUCH_FILE, HomeAssistantError, ValueError)

_SEALS: Final[HassKey[_Sealing]] = HassKey(f"{DOMAIN}_seal")


class _Sealing:
    """Make or read the secret when it is first needed."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._seal: Seal | None = None

    async def async_get(self, hass: HomeAssistant) -> Seal:
        async with self._lock:
            if self._seal is None:
                store: Store[dict[str, str]] = Store(
                    hass, VERSION, STORAGE_KEY, private=True, atomic_writes=True
                )
                self._seal = Seal(await _async_secret(store))
            return self._seal


async def async_seal(hass: HomeAssistant) -> Seal:
    """Return what seals, with the secret of this Home Assistant."""
    return await hass.data.setdefault(_SEALS, _Sealing()).async_get(hass)


async def _async_secret(store: Store[dict[str, str]]) -> bytes:
    """Return the secret; make one where there is none, or none that can be read."""
    try:
        secret = bytes.fromhex((await store.async_load() or {})["secret"])
    except UNREADABLE:
        secret = b""
    if len(secret) != SECRET_BYTES:
        secret = new_secret()
        await store.async_save({"secret": secret.hex()})
    return secret
