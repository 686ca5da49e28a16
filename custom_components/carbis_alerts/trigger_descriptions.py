"""What each trigger listens to, its options, and what they select."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import CONF_FOR
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .domain.events import EventType
from .domain.lifecycle import Action, DispatchAction, Outcome
from .domain.numbers import number_of
from .domain.rules import AlertKind
from .runtime.trigger_events import alert_subject
from .team.dispatch_events import STEP_DUE, SUBJECTS

CONF_CALLER: Final = "caller"
CONF_INCLUDE_LATE: Final = "include_late"
CONF_KIND: Final = "kind"
CONF_MINIMUM_PAID: Final = "minimum_paid"
CONF_MINIMUM_SUM: Final = "minimum_sum"
CONF_OUTCOME: Final = "outcome"
CONF_SENDER: Final = "sender"
CONF_STEP: Final = "step"
CONF_STATUS: Final = "status"
CONF_SUMMARIZE: Final = "summarize"
CONF_TEXT_CONTAINS: Final = "text_contains"
CONF_VIP_ONLY: Final = "vip_only"

type Options = Mapping[str, Any]
type Data = Mapping[str, Any]


def _any(options: Options, data: Data) -> bool:
    return True


def _sum_is_enough(options: Options, data: Data) -> bool:
    order_sum = data["order_sum"] or 0.0
    # Where nobody can know what was paid, it counts as all of the order.
    paid = order_sum if data["paid"] is None else data["paid"]
    return all(
        least is None or amount >= least
        for least, amount in (
            (options.get(CONF_MINIMUM_SUM), order_sum),
            (options.get(CONF_MINIMUM_PAID), paid),
        )
    )


def _status_is_one_of(options: Options, data: Data) -> bool:
    statuses = options.get(CONF_STATUS)
    return not statuses or data["status"] in statuses


def _caller_is(options: Options, data: Data) -> bool:
    if options[CONF_VIP_ONLY] and not data["vip"]:
        return False
    wanted = options.get(CONF_CALLER)
    if wanted and data["caller"] is None and number_of(wanted).is_unknown:
        return True
    return not wanted or _is_person(wanted, data["caller"], data["caller_name"])


def _message_is(options: Options, data: Data) -> bool:
    wanted, text = options.get(CONF_SENDER), options.get(CONF_TEXT_CONTAINS)
    if wanted and not (
        _is_person(wanted, data["sender"], data["sender_name"])
        or _is_person(wanted, data["chat_id"], None)
    ):
        return False
    return not text or text.casefold() in (data["text"] or "").casefold()


def _kind_is_one_of(options: Options, data: Data) -> bool:
    kinds = options.get(CONF_KIND)
    return not kinds or data["kind"] in kinds


def _step_is_one_of(options: Options, data: Data) -> bool:
    steps = options.get(CONF_STEP)
    return _kind_is_one_of(options, data) and (not steps or data["step"] in steps)


def _ended_as(options: Options, data: Data) -> bool:
    outcomes = options.get(CONF_OUTCOME)
    return _kind_is_one_of(options, data) and (
        not outcomes or data["outcome"] in outcomes
    )


def _is_forgotten(options: Options, data: Data) -> bool:
    return data["outcome"] == Outcome.FORGOTTEN and _kind_is_one_of(options, data)


def _is_person(wanted: str, number: str | None, name: str | None) -> bool:
    """Return whether a number in any form, or a name in any case, is the wanted one."""
    wanted = wanted.strip()
    if name is not None and name.strip().casefold() == wanted.casefold():
        return True
    if number is None:
        return False
    if number == wanted:
        return True
    if number.startswith("-") or wanted.startswith("-"):
        # The id of a group is its sign too.
        return False
    compared = number_of(wanted).digits
    return compared is not None and compared == number_of(number).digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A trigger: the subject that it listens to, its options, and what they select.

    ``also`` is another subject that is the same to it, ``text`` what a trace says of it
    where that is not the subject.
    """

    subject: str
    options: Mapping[Any, Any]
    matches: Callable[[Options, Data], bool] = _any
    also: str | None = None
    text: str | None = None


LATE_ONLY: Final[dict[Any, Any]] = {
    vol.Optional(CONF_INCLUDE_LATE, default=True): cv.boolean
}
LATE: Final[dict[Any, Any]] = {
    **LATE_ONLY,
    vol.Optional(CONF_SUMMARIZE, default=False): cv.boolean,
}
KINDS: Final[dict[Any, Any]] = {
    vol.Optional(CONF_KIND): vol.All(
        cv.ensure_list, [vol.In([kind.value for kind in AlertKind])]
    )
}
DESCRIPTIONS: Final[Mapping[str, Description]] = {
    "waiter_called": Description(subject=EventType.WAITER_CALL, options=LATE),
    "bill_requested": Description(subject=EventType.BILL_REQUEST, options=LATE),
    "dishes_added": Description(subject=EventType.DISHES_ADDED, options=LATE),
    "payment_received": Description(
        subject=EventType.ONLINE_PAYMENT,
        options={
            **LATE,
            **{
                vol.Optional(name): vol.All(vol.Coerce(float), vol.Range(min=0))
                for name in (CONF_MINIMUM_SUM, CONF_MINIMUM_PAID)
            },
        },
        matches=_sum_is_enough,
    ),
    "call_incoming": Description(subject=EventType.INCOMING_CALL, options=LATE),
    "call_answered": Description(subject=EventType.START_TALK, options=LATE),
    "call_ended": Description(
        subject=EventType.CALL_END,
        options={
            **LATE,
            vol.Optional(CONF_STATUS): vol.All(cv.ensure_list, [cv.string]),
        },
        matches=_status_is_one_of,
    ),
    "call_missed": Description(
        subject=EventType.MISSED_CALL,
        options={
            **LATE,
            vol.Optional(CONF_CALLER): cv.string,
            vol.Optional(CONF_VIP_ONLY, default=False): cv.boolean,
        },
        matches=_caller_is,
    ),
    "sms_received": Description(subject=EventType.SMS, options=LATE),
    "message_received": Description(
        subject=EventType.MESSAGE,
        options={
            **LATE,
            vol.Optional(CONF_SENDER): cv.string,
            vol.Optional(CONF_TEXT_CONTAINS): cv.string,
        },
        matches=_message_is,
    ),
    **{
        alert_subject(action): Description(
            subject=alert_subject(action),
            options={**LATE, **KINDS},
            matches=_kind_is_one_of,
        )
        for action in (Action.ACKNOWLEDGED, Action.OVERDUE)
    },
    "alert_opened": Description(
        subject=alert_subject(Action.OPENED),
        also=alert_subject(Action.REOPENED),
        options={**LATE, **KINDS},
        matches=_kind_is_one_of,
    ),
    "alert_closed": Description(
        subject=alert_subject(Action.CLOSED),
        options={
            **LATE,
            **KINDS,
            vol.Optional(CONF_OUTCOME): vol.All(
                cv.ensure_list, [vol.In([outcome.value for outcome in Outcome])]
            ),
        },
        matches=_ended_as,
    ),
    "alert_forgotten": Description(
        subject=alert_subject(Action.CLOSED),
        text="alert forgotten",
        options={**LATE, **KINDS},
        matches=_is_forgotten,
    ),
    STEP_DUE: Description(
        subject=STEP_DUE,
        options={
            **KINDS,
            vol.Optional(CONF_STEP): vol.All(cv.ensure_list, [cv.string]),
        },
        matches=_step_is_one_of,
    ),
    SUBJECTS[DispatchAction.UNREACHED]: Description(
        subject=SUBJECTS[DispatchAction.UNREACHED],
        options=KINDS,
        matches=_kind_is_one_of,
    ),
    **{
        SUBJECTS[action]: Description(subject=SUBJECTS[action], options={})
        for action in (DispatchAction.SHIFT_STARTED, DispatchAction.SHIFT_ENDED)
    },
    "connection_restored": Description(
        subject="connection_restored", options=LATE_ONLY
    ),
}
CONNECTION_LOST: Final = Description(
    subject="connection_lost",
    options={**LATE_ONLY, vol.Optional(CONF_FOR): cv.positive_time_period},
)
