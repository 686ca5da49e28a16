"""Which event opens, repeats and closes which kind of alert, and with which key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .events import (
    Event,
    Message,
    MessageSent,
    MissedCall,
    OnlinePayment,
    Source,
    StartTalk,
    TableEvent,
    WaiterCall,
)
from .kinds import AlertKind, Reason
from .numbers import normalised


@dataclass(frozen=True, slots=True)
class On[E: Event]:
    """What an event does to alerts: ``key`` names which, None for none."""

    event: type[E]
    key: Callable[[E], str | None]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """The life of a kind of alert: what opens it (again: a repeat), what closes it.

    What is ``ends_with_day`` is not there any more on the next day: a guest has left.
    """

    kind: AlertKind
    source: Source
    opened_by: On[Any]
    closed_by: tuple[On[Any], ...] = ()
    ends_with_day: bool = False


def rules_of(source: object) -> tuple[AlertRule, ...]:
    """Return the rules of a service, by its name too."""
    return tuple(rule for rule in RULES if rule.source == source)


def ends_with_day(source: object) -> bool:
    """Tell whether a service is about guests who have left by the next day."""
    return any(rule.ends_with_day for rule in rules_of(source))


def _table(event: TableEvent) -> str:
    """Return the key of a table; a guest without one is the house's."""
    return event.table_id or ""


def _caller(event: MissedCall) -> str:
    """Return the key of a caller: whether two without a number are one, nobody knows."""
    return normalised(event.caller) or event.event_id


RULES: Final[tuple[AlertRule, ...]] = (
    AlertRule(
        kind=AlertKind.WAITER_CALL,
        source=Source.QR_MENU,
        opened_by=On(WaiterCall, _table),
        closed_by=(On(OnlinePayment, lambda event: event.table_id, Reason.PAID),),
        ends_with_day=True,
    ),
    AlertRule(
        kind=AlertKind.MISSED_CALL,
        source=Source.PBX,
        opened_by=On(MissedCall, _caller),
        closed_by=(
            On(StartTalk, lambda event: normalised(event.caller), Reason.TALKED),
        ),
    ),
    AlertRule(
        kind=AlertKind.MESSAGE,
        source=Source.GREEN_API,
        opened_by=On(Message, lambda event: event.chat_id),
        closed_by=(On(MessageSent, lambda event: event.chat_id, Reason.ANSWERED),),
    ),
)
