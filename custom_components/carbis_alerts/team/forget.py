"""Forget somebody: take a person or a number out of everything that is kept here."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
import json
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    restore_state,
)
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, SUBENTRY_CHAT, SUBENTRY_CONTACT
from ..domain.forgetting import (
    Meant,
    ids_meant,
    linked,
    number_meant,
    texts,
    without,
    without_number,
    without_person,
    without_words,
)
from ..entries import is_team
from ..people import find_person, person_id_of
from ..runtime.runtime import ServiceRuntime
from ..runtime.storage import CHANGES, async_read, async_write

type Change = Callable[[Mapping[str, Any]], tuple[dict[str, Any], int]]

# One after the other.
_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_forgetting")


async def async_forget_person(hass: HomeAssistant, person_id: str) -> int:
    """Forget a person of a team, also one who is removed; return how much that was."""
    person_id = person_id_of(hass, person_id)
    person = find_person(hass, person_id)
    names = {person.name, *filter(None, [person.pos_waiter])} if person else set()
    async with _lock(hass):
        removed = 0
        for entry in hass.config_entries.async_entries(DOMAIN):
            removed += _remove(hass, entry, lambda one: one.subentry_id == person_id)
            removed += _change_subentries(hass, entry, ids_meant({person_id}))

        def of_team(document: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
            kept, count = without(document, ids_meant({person_id}))
            kept, more = without_words(kept, names)
            return kept, count + more

        of_service = partial(without_person, person_id=person_id, names=names)
        for entry in hass.config_entries.async_entries(DOMAIN):
            change = of_team if is_team(entry) else of_service
            is_meant = ids_meant({person_id})
            removed += await _async_change(hass, entry, change, is_meant)
        await _async_forget_entities(hass, ids_meant({person_id}))
        return removed


async def async_forget_number(hass: HomeAssistant, number: str) -> int:
    """Forget a telephone number, whoever has it; return how much that was.

    Raise ``ValueError`` where it has no digits.
    """
    is_number = number_meant(number)
    async with _lock(hass):
        removed = 0
        others: set[str] = set()
        for entry in hass.config_entries.async_entries(DOMAIN):
            others |= linked(await _async_document(hass, entry), is_number)

        def is_meant(text: str) -> bool:
            return is_number(text) or text in others

        for entry in hass.config_entries.async_entries(DOMAIN):
            removed += _remove(
                hass,
                entry,
                lambda one: (
                    one.subentry_type in (SUBENTRY_CHAT, SUBENTRY_CONTACT)
                    and any(map(is_meant, texts(dict(one.data))))
                ),
            )
            removed += _change_subentries(hass, entry, is_meant)
        change = partial(without_number, is_meant=is_meant)
        for entry in hass.config_entries.async_entries(DOMAIN):
            removed += await _async_change(hass, entry, change, is_meant)
        await _async_forget_entities(hass, is_meant)
        return removed


def _lock(hass: HomeAssistant) -> asyncio.Lock:
    return hass.data.setdefault(_LOCK, asyncio.Lock())


def _remove(
    hass: HomeAssistant, entry: ConfigEntry, is_gone: Callable[[ConfigSubentry], bool]
) -> int:
    """Remove subentries; of their devices nothing is left that says whose they were."""
    gone = [one for one in entry.subentries.values() if is_gone(one)]
    registry = dr.async_get(hass)
    for subentry in gone:
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            if device.config_subentry_id == subentry.subentry_id:
                registry.async_update_device(
                    device.id,
                    name=None,
                    name_by_user=None,
                    new_identifiers={(DOMAIN, device.id)},
                )
        entities = er.async_get(hass)
        for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
            if entity.config_subentry_id == subentry.subentry_id:
                entities.async_remove(entity.entity_id)
                # Home Assistant would remember the removed one, with its name.
                key = (entity.domain, entity.platform, entity.unique_id)
                entities.deleted_entities.pop(key, None)
                restore_state.async_get(hass).last_states.pop(entity.entity_id, None)
        hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
        entities.async_schedule_save()
    return len(gone)


def _change_subentries(hass: HomeAssistant, entry: ConfigEntry, is_meant: Meant) -> int:
    """Take what is meant out of an entry's subentries: out of steps, and of channels."""
    removed = 0
    for subentry in [*entry.subentries.values()]:
        data, count = without(dict(subentry.data), is_meant)
        if count:
            hass.config_entries.async_update_subentry(entry, subentry, data=data)
            removed += count
    return removed


async def _async_change(
    hass: HomeAssistant, entry: ConfigEntry, change: Change, is_meant: Meant
) -> int:
    """Change what an entry keeps, in its file and while it runs; return how much."""
    removed = 0

    def changed(stored: dict[str, Any]) -> dict[str, Any]:
        nonlocal removed
        kept, removed = change(stored)
        _forget_states(hass, entry, is_meant)
        return kept

    async with entry.setup_lock:
        # What was changed of its subentries loads it again.
        pass
    if entry.state is not ConfigEntryState.LOADED:
        stored = await async_read(hass, entry.entry_id)
        if stored is not None:
            await async_write(hass, entry.entry_id, changed(stored))
        return removed
    document = entry.runtime_data.store.snapshot()
    if not change(document)[1] and not _is_shown(hass, entry, is_meant):
        return 0
    # Whatever a part has in memory goes with it.
    changes = hass.data.setdefault(CHANGES, {})
    changes[entry.entry_id] = changed
    await hass.config_entries.async_reload(entry.entry_id)
    changes.pop(entry.entry_id, None)
    if entry.state is ConfigEntryState.LOADED:
        await entry.runtime_data.store.async_persist()
    return removed


async def _async_document(hass: HomeAssistant, entry: ConfigEntry) -> object:
    """Return what an entry keeps."""
    if entry.state is ConfigEntryState.LOADED:
        return entry.runtime_data.store.snapshot()
    return await async_read(hass, entry.entry_id)


def _is_shown(hass: HomeAssistant, entry: ConfigEntry, is_meant: Meant) -> bool:
    """Return whether entities, or the last messages, have what is meant."""
    runtime = entry.runtime_data
    if isinstance(runtime, ServiceRuntime) and any(
        map(is_meant, texts([one.as_dict() for one in runtime.messages.all]))
    ):
        return True
    registry = er.async_get(hass)
    return any(
        (state := hass.states.get(entity.entity_id)) is not None
        and is_meant(json.dumps(state.as_dict(), default=str, ensure_ascii=False))
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
    )


def _forget_states(hass: HomeAssistant, entry: ConfigEntry, is_meant: Meant) -> None:
    """Forget the last states of an entry's entities that have what is meant."""
    last = restore_state.async_get(hass).last_states
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if (state := last.get(entity.entity_id)) is not None and is_meant(
            json.dumps(state.as_dict(), default=str, ensure_ascii=False)
        ):
            del last[entity.entity_id]


async def _async_forget_entities(hass: HomeAssistant, is_meant: Meant) -> None:
    """Have nothing left of removed entities, and of states that are to be restored."""
    registry = er.async_get(hass)
    for key in [*registry.deleted_entities]:
        if key[1] == DOMAIN and is_meant(key[2]):
            del registry.deleted_entities[key]
    registry.async_schedule_save()
    await restore_state.async_get(hass).async_dump_states()
