"""Answers of phones: believed from whom they were offered to, for what they were offered.

Whoever is signed in can register a phone and fire the event of its answers, with any
action in it. So what a phone is sent is sealed, together with the user of that phone.
"""

from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .api.texts import whole
from .companion import owner_of
from .const import CONF_CHAT_ID, DOMAIN, LOGGER
from .domain.actor import Actor
from .rights import Rights, actor_of, async_rights, check_control
from .runtime.sealing import async_seal
from .targets import sources

OFFER_ANSWERS: Final = "offer_answers"
CHECK_ANSWER: Final = "check_answer"
ATTR_ACTION: Final = "action"
ATTR_ALERT_ID: Final = "alert_id"
ATTR_ANSWERS: Final = "answers"
ATTR_ENTRY_ID: Final = "entry_id"
ATTR_OFFERED_BY: Final = "offered_by"
ATTR_NOTE: Final = "note"
ATTR_PHONE: Final = "phone"
ATTR_PHONES: Final = "phones"
ATTR_USER_ID: Final = "user_id"
# Who answers.
WHO: Final = ("by", "person_id")

PURPOSE: Final = "phone"
HOLDS_FOR: Final = timedelta(days=7)
# Characters of an action that is looked at.
MAX_ACTION: Final = 10_000
MAX_PHONES: Final = 1_000
# What an answer may be about.
SUBJECT: Final = (ATTR_ALERT_ID, ATTR_ENTRY_ID, CONF_CHAT_ID, ATTR_PHONE, ATTR_NOTE)
# What is said of an answer that was offered.
SAID: Final = ("offered_by", "answer", *SUBJECT, "device_id")
# Seconds between two lines of the log about answers that were not.
SILENT_FOR: Final = 60.0
MAX_ANSWERS: Final = 10

_TEXT: Final = vol.All(cv.string, whole, vol.Length(max=1_000))
OFFER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_OFFERED_BY): _TEXT,
        vol.Required(ATTR_PHONES): vol.All(
            cv.ensure_list, [cv.string], vol.Length(max=MAX_PHONES)
        ),
        vol.Required(ATTR_ANSWERS): vol.All(
            cv.ensure_list, [_TEXT], vol.Length(min=1, max=MAX_ANSWERS)
        ),
        **{vol.Optional(name): _TEXT for name in SUBJECT},
    }
)
CHECK_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_ACTION): vol.Any(None, cv.string),
        vol.Required(ATTR_USER_ID): vol.Any(None, cv.string),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it was offered, in the order in which it is sealed."""

    domain: str = DOMAIN
    offered_by: str
    answer: str
    alert_id: str
    entry_id: str
    chat_id: str
    phone: str
    note: str
    device_id: str
    until: str


class PhoneAnswers:
    """Offer answers to phones, and say which of those that come are true."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take the site."""
        self._hass = hass
        self._silent_until = 0.0

    async def async_offer(self, call: ServiceCall) -> ServiceResponse:
        """Return for each phone the actions of its answers; none for one without a user."""
        data = call.data
        if ATTR_ALERT_ID not in data and ATTR_ENTRY_ID not in data:
            raise _invalid("no_subject")
        await self._async_check_rights(
            call.context, data.get(ATTR_ALERT_ID), data.get(ATTR_ENTRY_ID)
        )
        seal = await async_seal(self._hass)
        until = str(int((dt_util.utcnow() + HOLDS_FOR).timestamp()))
        offered: dict[str, Any] = {}
        for device_id in data[ATTR_PHONES]:
            user_id = owner_of(self._hass, device_id)
            offered[device_id] = (
                {}
                if user_id is None
                else {
                    name: seal.seal(
                        PURPOSE,
                        astuple(
                            Answer(
                                offered_by=data[ATTR_OFFERED_BY],
                                answer=name,
                                device_id=device_id,
                                until=until,
                                **{key: data.get(key, "") for key in SUBJECT},
                            )
                        ),
                        bound=user_id,
                    )
                    for name in data[ATTR_ANSWERS]
                }
            )
        return {"phones": offered}

    async def async_check(self, call: ServiceCall) -> ServiceResponse:
        """Return what an answer says, and whose it is; nothing of what was never offered.

        Raise an error in words where it is too old, or its user may not do it.
        """
        action, user_id = call.data[ATTR_ACTION], call.data[ATTR_USER_ID]
        if call.context.user_id not in (None, user_id):
            raise Unauthorized(context=call.context)
        user = await self._hass.auth.async_get_user(user_id or "")
        answer = await self._async_open(action or "", user)
        if user is None or answer is None:
            self._ignore()
            return dict.fromkeys((*SAID, *WHO))
        if dt_util.utcnow().timestamp() > int(answer.until):
            raise _invalid("answer_too_old")
        context = Context(user_id=user.id, parent_id=call.context.id)
        await self._async_check_rights(context, answer.alert_id, answer.entry_id)
        actor = self._actor(user, answer)
        return {
            **{name: getattr(answer, name) for name in SAID},
            **dict(zip(WHO, (actor.name, actor.person_id), strict=True)),
        }

    def _actor(self, user: User, answer: Answer) -> Actor:
        """Return who answers: the user as a person of the team that has to come."""
        entry_ids = [
            runtime.entry.entry_id
            for runtime in sources(self._hass)
            if runtime.alerts.book.find(answer.alert_id) is not None
        ]
        entry_id = entry_ids[0] if entry_ids else answer.entry_id
        return actor_of(self._hass, Rights(user), entry_id)

    async def _async_open(self, action: str, user: User | None) -> Answer | None:
        """Return an answer, None where it was not offered to the user on that phone."""
        if user is None or not user.is_active or len(action) > MAX_ACTION:
            return None
        fields = (await async_seal(self._hass)).open(PURPOSE, action, bound=user.id)
        if fields is None:
            return None
        answer = Answer(**dict(zip(Answer.__slots__, fields, strict=True)))
        return answer if owner_of(self._hass, answer.device_id) == user.id else None

    def _ignore(self) -> None:
        """Note once in a minute that an answer was ignored: anybody may make up many."""
        now = self._hass.loop.time()
        if now >= self._silent_until:
            self._silent_until = now + SILENT_FOR
            LOGGER.warning(
                "An answer of a phone was ignored: it was not offered to its user"
            )

    async def _async_check_rights(
        self, context: Context, alert_id: str | None, entry_id: str | None
    ) -> None:
        """Raise an error where somebody may not do what an answer does."""
        runtimes = sources(self._hass)
        found = [
            (runtime, alert)
            for runtime in runtimes
            if (alert := runtime.alerts.book.find(alert_id or "")) is not None
        ]
        if alert_id and not (found or entry_id):
            raise _invalid("unknown_alert")
        entities = [
            runtime.alert_events.entity_of(alert.device_key) for runtime, alert in found
        ]
        if entry_id:
            hub = next(
                (one for one in runtimes if one.entry.entry_id == entry_id), None
            )
            # Of one that is not loaded, who may control everything may control it too.
            entities.append(hub.alert_events.entity_of(None) if hub else None)
        check_control(await async_rights(self._hass, context), context, entities)


@callback
def async_setup_phone_answers(hass: HomeAssistant) -> None:
    """Register the actions."""
    answers = PhoneAnswers(hass)
    for name, handle, schema in (
        (OFFER_ANSWERS, answers.async_offer, OFFER_SCHEMA),
        (CHECK_ANSWER, answers.async_check, CHECK_SCHEMA),
    ):
        hass.services.async_register(
            DOMAIN, name, handle, schema=schema, supports_response=SupportsResponse.ONLY
        )


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
