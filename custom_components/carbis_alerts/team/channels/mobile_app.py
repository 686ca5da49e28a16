"""Pushes to phones with the companion app, with answers that are believed from their user.

They go by the phone's notify action, which takes buttons. It says nothing of what becomes
of a push: that the cloud refused it is only in Home Assistant's log, and one over a dead
connection of the phone's own goes over the internet ten seconds later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from ... import companion
from ...api.texts import shortened
from ...const import CONF_DEVICE_ID, DOMAIN, LOGGER
from ...domain.seal import Seal
from ...runtime.sealing import async_seal
from .channel import Address, Can, Channel, ChannelError, Message
from .pushes import pushes

EVENT_ANSWER: Final = "mobile_app_notification_action"
CLEAR: Final = "clear_notification"
PURPOSE: Final = "team"
# Before what is sealed: other automations' answers are passed over by it.
MARK: Final = f"{DOMAIN}_team"
HOLDS_FOR: Final = timedelta(days=7)
# Characters of an action that is looked at.
MAX_ACTION: Final = 2_000
# Seconds between two lines of the log about answers that were not.
SILENT_FOR: Final = 60.0
# All teams listen; one says it for all of them.
_SILENT_UNTIL: Final[HassKey[float]] = HassKey(f"{DOMAIN}_answers_silent_until")

# What both kinds of phones need to show a push at once, each its own fields.
_AT_ONCE: Final = {
    "group": DOMAIN,
    "channel": "Carbis Alerts",
    "importance": "high",
    "priority": "high",
    "ttl": 0,
    "push": {"interruption-level": "time-sensitive"},
}
# The same for one that sounds although the phone is silent.
_CRITICAL: Final = {
    "channel": "alarm_stream",
    "push": {
        "interruption-level": "critical",
        "sound": {"name": "default", "critical": 1, "volume": 1.0},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAnswer:
    """An answer of a phone: what it was sealed with, and whose phone it is."""

    data: str
    user_id: str
    device_id: str


type AnswerListener = Callable[[PhoneAnswer], None]


class MobileAppChannel(Channel):
    """Push to a phone."""

    kind: ClassVar[str] = companion.APP
    can: ClassVar[Can] = Can(buttons=True, withdraw=True)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        try:
            self._action(address)
        except ChannelError as err:
            return err
        return None

    @override
    async def async_send(self, address: Address, message: Message) -> str:
        entry, action = self._action(address)
        data: dict[str, Any] = {
            **_AT_ONCE,
            **(_CRITICAL if message.is_critical else {}),
            "tag": message.tag,
            "actions": await self._async_buttons(address[CONF_DEVICE_ID], message),
        }
        if message.since is not None and companion.is_android(entry):
            # An iPhone would show it in place of a notification, without buttons or sound.
            data |= {
                "chronometer": True,
                "when": int(message.since),
                "live_update": True,
            }
        await self._async_call(
            action,
            {
                "message": shortened(message.text, self.can.max_text),
                **({"title": message.title} if message.title else {}),
                "data": data,
            },
        )
        if not (message.is_critical or companion.is_connected(self.hass, entry)):
            pushes(self.hass).count(address[CONF_DEVICE_ID])
        return message.tag

    @override
    async def async_withdraw(self, address: Address, handle: str) -> None:
        _, action = self._action(address)
        await self._async_call(action, {"message": CLEAR, "data": {"tag": handle}})

    def _action(self, address: Address) -> tuple[ConfigEntry, str]:
        """Return a phone's entry and notify action, or raise a ``ChannelError``."""
        entry = companion.entry_of(self.hass, address.get(CONF_DEVICE_ID) or "")
        if entry is None:
            raise ChannelError("phone_gone")
        if not companion.is_running(entry):
            raise ChannelError("phone_off")
        name = companion.name_of(entry)
        if not companion.takes_pushes(self.hass, entry):
            raise ChannelError("phone_takes_none", name=name)
        if not (companion.has_cloud(entry) or companion.is_connected(self.hass, entry)):
            raise ChannelError("phone_not_connected", name=name)
        try:
            action = companion.notify_action(self.hass, entry)
        except companion.NotReady:
            raise ChannelError("phone_off") from None
        if action is None:
            raise ChannelError("phone_of_same_name", name=name)
        return entry, action

    async def _async_buttons(
        self, device_id: str, message: Message
    ) -> list[dict[str, str]]:
        """Return a phone's buttons, which its user alone can press."""
        user_id = companion.owner_of(self.hass, device_id)
        if user_id is None or not message.answers:
            return []
        seal = await async_seal(self.hass)
        until = str(int((dt_util.utcnow() + HOLDS_FOR).timestamp()))
        return [
            {
                "action": seal.seal(
                    PURPOSE, (MARK, answer, device_id, until), bound=user_id
                ),
                "title": label,
            }
            for answer, label in message.answers.items()
        ]

    async def _async_call(self, action: str, data: dict[str, Any]) -> None:
        try:
            await self.hass.services.async_call(
                Platform.NOTIFY, action, data, blocking=True
            )
        except (HomeAssistantError, vol.Invalid) as err:
            raise ChannelError("channel_refused", reason=err) from err


@callback
def async_listen_answers(
    hass: HomeAssistant, listener: AnswerListener
) -> CALLBACK_TYPE:
    """Call back with each answer of a phone that was offered there, to its user."""

    @callback
    def is_ours(data: Any) -> bool:
        action = data.get("action")
        return isinstance(action, str) and action.startswith(f"{MARK}|")

    async def look(event: Event[Any]) -> None:
        answer = _opened(
            hass, await async_seal(hass), event.data["action"], event.context.user_id
        )
        if answer is not None:
            user = await hass.auth.async_get_user(answer.user_id)
            if user is not None and user.is_active:
                listener(answer)
                return
        # Anybody may make up many.
        if hass.loop.time() >= hass.data.get(_SILENT_UNTIL, 0.0):
            hass.data[_SILENT_UNTIL] = hass.loop.time() + SILENT_FOR
            LOGGER.warning(
                "An answer of a phone was ignored: it was not offered to its user, or"
                " is too old"
            )

    return hass.bus.async_listen(EVENT_ANSWER, look, event_filter=is_ours)


def _opened(
    hass: HomeAssistant, seal: Seal, action: str, user_id: str | None
) -> PhoneAnswer | None:
    """Return an answer, None where it was not offered to the user, or long ago."""
    if user_id is None or len(action) > MAX_ACTION:
        return None
    fields = seal.open(PURPOSE, action, bound=user_id)
    if fields is None:
        return None
    _, data, device_id, until = fields
    if (
        dt_util.utcnow().timestamp() > int(until)
        # The phone may have another user by now.
        or companion.owner_of(hass, device_id) != user_id
    ):
        return None
    return PhoneAnswer(data=data, user_id=user_id, device_id=device_id)
