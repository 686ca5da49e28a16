"""The kinds of alerts: which event opens, repeats and closes each, and with which key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ..api.fields import as_key
from ..api.green_api.kinds import PICKED_UP
from .events import (
    BillRequest,
    DishesAdded,
    Event,
    Message,
    MessageSent,
    MessageStatus,
    MessengerCall,
    MissedCall,
    OnlinePayment,
    StartTalk,
    TableEvent,
    WaiterCall,
)
from .lifecycle import Reason
from .names import NameKind
from .numbers import normalised

# Bytes of what makes two alerts the same; of a longer key a hash does.
MAX_KEY: Final = 96


class AlertKind(StrEnum):
    """What somebody waits for."""

    WAITER_CALL = "waiter_call"
    BILL_REQUEST = "bill_request"
    ORDER = "order"
    MISSED_CALL = "missed_call"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Opens[E: Event]:
    """An event that opens an alert; ``key`` says which one, None for none."""

    event: type[E]
    key: Callable[[E], str | None]


@dataclass(frozen=True, slots=True)
class Closes[E: Event]:
    """An event that closes an alert; ``key`` says which one, None for none."""

    event: type[E]
    key: Callable[[E], str | None]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """The life of a kind of alert: what opens it (again: a repeat), what closes it.

    What is ``ends_with_day`` is not there any more on the next day: a guest has left.
    ``names`` is who waits. What is ``named_by_device`` a person knows by its device's
    name, else by its title.
    """

    kind: AlertKind
    names: NameKind
    opened_by: tuple[Opens[Any], ...]
    closed_by: tuple[Closes[Any], ...] = ()
    ends_with_day: bool = False
    named_by_device: bool = False


def rules_of(source: object) -> tuple[AlertRule, ...]:
    """Return the rules of a service, by its name too."""
    return tuple(
        rule
        for rule in RULES
        if any(opens.event.source == source for opens in rule.opened_by)
    )


def ends_with_day(source: object) -> bool:
    """Return whether a service is about guests who have left by the next day."""
    return any(rule.ends_with_day for rule in rules_of(source))


def _table(event: TableEvent) -> str:
    """Return the key of a table; a guest without one is the restaurant's."""
    return event.table_key or ""


def _ordering_table(event: DishesAdded) -> str | None:
    return _table(event) if event.waits else None


def _paid_table(event: OnlinePayment) -> str | None:
    return event.table_key if event.settles else None


def _caller(event: MissedCall) -> str:
    """Return the key of a caller: whether two without a number are one, nobody knows."""
    return normalised(event.caller) or event.event_id


def _talker(event: StartTalk) -> str | None:
    return normalised(event.caller)


def _called_in_vain(event: MessengerCall) -> str | None:
    return (event.caller_key or event.event_id) if event.awaits_answer else None


def _picked_up(event: MessengerCall) -> str | None:
    return event.caller_key if event.status == PICKED_UP else None


def _writer(event: Message) -> str | None:
    return (event.chat_key or event.chat_id) if event.awaits_answer else None


def _not_answered(event: MessageStatus) -> str | None:
    """Return the chat whose answer never arrives: somebody waits there again."""
    return (event.chat_key or event.chat_id) if event.awaits_answer else None


def _answered(event: MessageSent) -> str | None:
    return (event.chat_key or event.chat_id) if event.is_answer else None


def _answered_by_id(event: MessageSent) -> str | None:
    """Return the chat as it is named: its alert may be older than what it is known by."""
    is_another = event.chat_key not in {None, event.chat_id}
    return event.chat_id if event.is_answer and is_another else None


RULES: Final[tuple[AlertRule, ...]] = (
    AlertRule(
        kind=AlertKind.WAITER_CALL,
        names=NameKind.TABLE,
        opened_by=(Opens(WaiterCall, _table),),
        closed_by=(Closes(OnlinePayment, _paid_table, Reason.PAID),),
        ends_with_day=True,
        named_by_device=True,
    ),
    AlertRule(
        kind=AlertKind.BILL_REQUEST,
        names=NameKind.TABLE,
        opened_by=(Opens(BillRequest, _table),),
        closed_by=(Closes(OnlinePayment, _paid_table, Reason.PAID),),
        ends_with_day=True,
        named_by_device=True,
    ),
    AlertRule(
        kind=AlertKind.ORDER,
        names=NameKind.TABLE,
        opened_by=(Opens(DishesAdded, _ordering_table),),
        ends_with_day=True,
        named_by_device=True,
    ),
    AlertRule(
        kind=AlertKind.MISSED_CALL,
        names=NameKind.CALLER,
        opened_by=(Opens(MissedCall, _caller), Opens(MessengerCall, _called_in_vain)),
        closed_by=(
            Closes(StartTalk, _talker, Reason.TALKED),
            Closes(MessengerCall, _picked_up, Reason.TALKED),
        ),
    ),
    AlertRule(
        kind=AlertKind.MESSAGE,
        names=NameKind.CHAT,
        named_by_device=True,
        opened_by=(Opens(Message, _writer), Opens(MessageStatus, _not_answered)),
        closed_by=(
            Closes(MessageSent, _answered, Reason.ANSWERED),
            Closes(MessageSent, _answered_by_id, Reason.ANSWERED),
        ),
    ),
)
"""All of them, one for each kind."""

ENDS_WITH_DAY: Final = frozenset(rule.kind for rule in RULES if rule.ends_with_day)
NAMES: Final = {rule.kind: rule.names for rule in RULES}
NAMED_BY_DEVICE: Final = frozenset(rule.kind for rule in RULES if rule.named_by_device)


def opened_by(event: Event) -> Iterator[tuple[AlertKind, str]]:
    """Yield kind and key of each alert that an event opens."""
    for rule in RULES:
        for opens in rule.opened_by:
            if isinstance(event, opens.event) and (key := opens.key(event)) is not None:
                yield rule.kind, alert_key(key)


def closed_by(event: Event) -> Iterator[tuple[AlertKind, str, Reason]]:
    """Yield kind, key and reason of each alert that an event closes, where it is there."""
    for rule in RULES:
        for closes in rule.closed_by:
            if (
                isinstance(event, closes.event)
                and (key := closes.key(event)) is not None
            ):
                yield rule.kind, alert_key(key), closes.reason


def alert_key(key: str) -> str:
    """Return a key, of the length that is kept of one."""
    return as_key(key, MAX_KEY) or ""
