"""The chats of an account: which is which, whatever id the service uses today."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...api.errors import ServiceError
from ...api.green_api import GreenApiClient, Notification, chat_of_number
from ...const import CONF_CHAT_ID, LOGGER, SUBENTRY_CHAT
from ...domain.chats import ChatIds, number_in
from ...domain.groups import Groups
from ...runtime import issues
from ...runtime.devices import Devices
from ...runtime.timings import timings


class Chats:
    """The chats that a person has added, and a look-up of their other ids, once each."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: GreenApiClient,
        devices: Devices,
        *,
        stored: Callable[[], None],
    ) -> None:
        """Take whom to call when something is to be stored."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._devices = devices
        self._stored = stored
        self._ids = ChatIds(client.messenger)
        self._groups = Groups(client.messenger)
        self._task: asyncio.Task[None] | None = None
        # Asked since the start; the service does not know everybody.
        self._asked: set[str] = set()

    @callback
    def async_create_devices(self) -> None:
        """Create the device of each chat, before any entity is added."""
        chats = [
            subentry
            for subentry in self._entry.subentries.values()
            if subentry.subentry_type == SUBENTRY_CHAT
        ]
        added = [subentry.data[CONF_CHAT_ID] for subentry in chats]
        self._ids.set_chats(added)
        for chat_id in self._groups.known:
            issues.async_close(self._hass, self._entry, issues.GROUP_MOVED, chat_id)
        self._groups.keep(added)
        for subentry in chats:
            self._devices.async_add_subentry(subentry, subentry.data[CONF_CHAT_ID])

    @callback
    def async_look_up(self) -> None:
        """Ask for ids that are not known, in the way of nothing else."""
        if self._task is None and self._unknown():
            self._task = self._entry.async_create_background_task(
                self._hass, self._async_ask(), f"{self._entry.entry_id} chats"
            )

    @callback
    def async_heard(self, notification: Notification) -> None:
        """Note where something came from; say where a group goes on under another id."""
        chat_id, name = notification.chat_id, notification.chat_name
        if not notification.is_group:
            return
        if self.device_key(chat_id) is not None:
            if self._groups.has_new_name(chat_id, name):
                self._stored()
        elif before := self._groups.before(chat_id, name):
            issues.async_open(
                self._hass,
                self._entry,
                issues.GROUP_MOVED,
                severity=issues.Severity.WARNING,
                details={"name": name, "chat_id": chat_id},
                part=before,
                is_fixable=False,
            )

    def own(self, chat_id: str | None) -> str | None:
        """Return the id that a chat was added with; any other id stays as it is."""
        return self._ids.own(chat_id)

    def address(self, chat_id: str) -> str:
        """Return the id to write to where a chat was added with another."""
        return self._ids.address(chat_id)

    def caller_key(self, caller: str | None) -> str | None:
        """Return what callers are compared by: their number, else their id."""
        own = self.own(caller)
        return None if own is None else self._client.messenger.number_of(own) or own

    def device_key(self, chat_id: str | None) -> str | None:
        """Return the key of a chat's device, None where it has none."""
        return self._devices.known_key(self.own(chat_id))

    def name(self, chat_id: str | None) -> str | None:
        """Return the name of a chat that was added."""
        key = self.device_key(chat_id)
        if key is None:
            return None
        device = self._devices.all[key]
        return device.name or device.id

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {"chat_ids": self._ids.as_dict(), "groups": self._groups.as_dict()}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        chat_ids = stored.get("chat_ids")
        self._ids.restore(chat_ids if isinstance(chat_ids, dict) else {})
        groups = stored.get("groups")
        self._groups.restore(groups if isinstance(groups, dict) else {})

    def _unknown(self) -> list[str]:
        return [chat_id for chat_id in self._ids.unknown if chat_id not in self._asked]

    async def _async_ask(self) -> None:
        """Ask for one chat after the other; what fails is asked again later."""
        pause = timings().lookup_pause
        while unknown := self._unknown():
            try:
                others = await self._async_others(unknown[0])
            except ServiceError as err:
                LOGGER.debug("A chat's other ids are not known: %s", err)
                await asyncio.sleep(pause)
                pause = min(2 * pause, timings().max_lookup_pause)
                continue
            self._asked.add(unknown[0])
            # Who asks for a number again is punished where ids hold none.
            if others or self._client.messenger.number_suffix is None:
                self._ids.learn(unknown[0], others)
                self._stored()
            await asyncio.sleep(timings().lookup_interval)

    async def _async_others(self, chat_id: str) -> frozenset[str]:
        """Return by which other ids a person is known."""
        if self._client.messenger.number_suffix is not None:
            return await self._client.other_ids(chat_id)
        try:
            found = await chat_of_number(self._client, number_in(chat_id) or "")
        except ValueError:
            return frozenset()
        return frozenset() if found is None else frozenset({found})
