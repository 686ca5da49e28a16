"""Hooks that are registered: who takes what comes to each."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID, EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ...api.pbx import Parsed
from ...api.recorder import Tap
from ...const import DOMAIN
from ...log_filter import hide, reveal
from .open_bodies import OpenBodies
from .verifier import Verifier

type Receiver = Callable[[Parsed], Awaitable[web.Response]]
type Handler = Callable[[HomeAssistant, str, web.Request], Awaitable[web.Response]]

# Seconds until an entry has to be there whose hook a form has tried out.
KEPT: Final = 60.0
# What the hook answers itself; Home Assistant would log each of the others.
METHODS: Final = (hdrs.METH_POST, hdrs.METH_GET, hdrs.METH_PUT)


class Hook:
    """A hook that is registered."""

    def __init__(self) -> None:
        """Begin with nobody who takes anything."""
        # The source's, for as long as it runs.
        self.receive: Receiver | None = None
        self.tap: Tap | None = None
        self.bodies = OpenBodies()
        # Flows that try it out, each in its turn: they prove that the hook is ours.
        self.turn = asyncio.Lock()
        self.trials = 0
        self.verifier: Verifier | None = None


HOOKS: HassKey[dict[str, Hook]] = HassKey(f"{DOMAIN}_hooks")
HIDDEN: HassKey[set[str]] = HassKey(f"{DOMAIN}_hidden_hooks")


def hook_of(hass: HomeAssistant, webhook_id: str) -> Hook:
    """Return a hook by its id."""
    return hass.data.setdefault(HOOKS, {}).setdefault(webhook_id, Hook())


@callback
def async_hide(hass: HomeAssistant, webhook_id: str) -> None:
    """Keep an id out of the log until the end: a PBX may send to a hook that is gone."""
    if (hidden := hass.data.get(HIDDEN)) is None:
        hidden = hass.data[HIDDEN] = set()

        @callback
        def reveal_all(_: Event) -> None:
            for one in hidden:
                reveal(one)

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, reveal_all)
    # Each call reaches handlers that were added since.
    hide(webhook_id)
    if webhook_id in hidden:
        reveal(webhook_id)
    hidden.add(webhook_id)


@callback
def async_register(hass: HomeAssistant, webhook_id: str, handler: Handler) -> None:
    """Register a hook; it stays over reloads, so that nothing is lost meanwhile."""
    async_hide(hass, webhook_id)
    hook_of(hass, webhook_id)
    # Home Assistant has no way to ask whether it is registered already.
    with suppress(ValueError):
        webhook.async_register(
            hass,
            DOMAIN,
            "Carbis Alerts",
            webhook_id,
            handler,
            allowed_methods=METHODS,
        )


@callback
def async_unregister(hass: HomeAssistant, webhook_id: str) -> None:
    """Take nothing at a hook any more."""
    webhook.async_unregister(hass, webhook_id)
    hass.data.get(HOOKS, {}).pop(webhook_id, None)


async def async_delete(hass: HomeAssistant, webhook_id: str) -> None:
    """Take nothing at a hook any more, at Home Assistant Cloud neither."""
    async_unregister(hass, webhook_id)
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415

        with suppress(cloud.CloudNotAvailable, ValueError):
            await cloud.async_delete_cloudhook(hass, webhook_id)


@asynccontextmanager
async def async_tried(
    hass: HomeAssistant, webhook_id: str, verifier: Verifier
) -> AsyncGenerator[None]:
    """Let a flow prove that a hook is ours; events go to the source as before."""
    hook = hook_of(hass, webhook_id)
    hook.trials += 1
    try:
        # A proof that is asked for does not say by which flow, nor in which dialect.
        async with hook.turn:
            hook.verifier = verifier
            try:
                yield
            finally:
                hook.verifier = None
    except BaseException:
        hook.trials -= 1
        _async_drop_unused(hass, webhook_id)
        raise
    hook.trials -= 1

    @callback
    def look_again(_: datetime) -> None:
        _async_drop_unused(hass, webhook_id)

    # What comes before the entry is there is refused, and sent again.
    async_call_later(hass, KEPT, HassJob(look_again, cancel_on_shutdown=True))


@callback
def _async_drop_unused(hass: HomeAssistant, webhook_id: str) -> None:
    """Take a hook away that a form has tried out, and that no entry has."""
    hook = hass.data.get(HOOKS, {}).get(webhook_id)
    entries = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
    if (
        hook is not None
        and hook.receive is None
        and not hook.trials
        and all(entry.data.get(CONF_WEBHOOK_ID) != webhook_id for entry in entries)
    ):
        # Home Assistant keeps the task.
        _ = hass.async_create_task(async_delete(hass, webhook_id))
