"""The kinds of alerts: which event opens, repeats and closes each, and with which key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from .events import (
    Event,
    Message,
    MessageSent,
    MissedCall,
    OnlinePayment,
    StartTalk,
    TableEvent,
    WaiterCall,
)
from .lifecycle import Reason
from .numbers import normalised


class AlertKind(StrEnum):
    """What somebody waits for."""

    WAITER_CALL = "waiter_call"
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
    What is ``named_by_device`` a person knows by its device's name, else by its title.
    """

    kind: AlertKind
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


def _paid_table(event: OnlinePayment) -> str | None:
    return event.table_key


def _caller(event: MissedCall) -> str:
    """Return the key of a caller: whether two without a number are one, nobody knows."""
    return normalised(event.caller) or event.event_id


def _talker(event: StartTalk) -> str | None:
    return normalised(event.caller)


def _writer(event: Message) -> str | None:
    return event.chat_id if event.awaits_answer else None


def _answered(event: MessageSent) -> str | None:
    return event.chat_id


RULES: Final[tuple[AlertRule, ...]] = (
    AlertRule(
        kind=AlertKind.WAITER_CALL,
        opened_by=(Opens(WaiterCall, _table),),
        closed_by=(Closes(OnlinePayment, _paid_table, Reason.PAID),),
        ends_with_day=True,
        named_by_device=True,
    ),
    AlertRule(
        kind=AlertKind.MISSED_CALL,
        opened_by=(Opens(MissedCall, _caller),),
        closed_by=(Closes(StartTalk, _talker, Reason.TALKED),),
    ),
    AlertRule(
        kind=AlertKind.MESSAGE,
        opened_by=(Opens(Message, _writer),),
        closed_by=(Closes(MessageSent, _answered, Reason.ANSWERED),),
    ),
)
"""All of them, one for each kind."""

ENDS_WITH_DAY: Final = frozenset(rule.kind for rule in RULES if rule.ends_with_day)
NAMED_BY_DEVICE: Final = frozenset(rule.kind for rule in RULES if rule.named_by_device)


def opened_by(event: Event) -> Iterator[tuple[AlertKind, str]]:
    """Yield kind and key of each alert that an event opens."""
    for rule in RULES:
        for opens in rule.opened_by:
            if isinstance(event, opens.event) and (key := opens.key(event)) is not None:
                yield rule.kind, key


def closed_by(event: Event) -> Iterator[tuple[AlertKind, str, Reason]]:
    """Yield kind, key and reason of each alert that an event closes, where it is there."""
    for rule in RULES:
        for closes in rule.closed_by:
            if (
                isinstance(event, closes.event)
                and (key := closes.key(event)) is not None
            ):
                yield rule.kind, key, closes.reason
