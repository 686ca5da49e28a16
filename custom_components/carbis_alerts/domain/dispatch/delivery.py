"""A message to one person of one alert, and what is known of its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

# Messages of one alert to one person that are remembered to be withdrawn.
MAX_HANDED: Final = 12
# For how many seconds it is tried to take a message back.
WITHDRAW_FOR: Final = 600.0


class DeliveryState(StrEnum):
    """How far it came; that it arrived is known by an answer only."""

    PENDING = "pending"
    HANDED_OVER = "handed_over"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that a channel took: where, and by what it is changed or withdrawn."""

    channel: str
    address: Mapping[str, Any]
    handle: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "channel": self.channel,
            "address": dict(self.address),
            "handle": self.handle,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored; raise ``ValueError`` or the like if it is not that."""
        handle = stored["handle"]
        return cls(
            str(stored["channel"]),
            dict(stored["address"]),
            None if handle is None else str(handle),
        )


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What one person gets of an alert; a later step or a repeat renews it.

    ``token`` is what an answer to it carries. ``handed`` is what still stands with the
    person.
    """

    person_id: str
    token: str
    step_id: str
    attempt: int = 1
    state: DeliveryState = DeliveryState.PENDING
    handed: list[Handed] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        """Return whether the person has it, or is about to."""
        return self.state in (
            DeliveryState.PENDING,
            DeliveryState.HANDED_OVER,
            DeliveryState.CONFIRMED,
        )

    def hand_over(self, handed: Handed) -> None:
        """Take that a channel took it; what replaces a message is that message."""
        if self.state is DeliveryState.PENDING:
            self.state = DeliveryState.HANDED_OVER
        if handed not in self.handed:
            self.handed = [*self.handed, handed][-MAX_HANDED:]

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "person_id": self.person_id,
            "token": self.token,
            "step_id": self.step_id,
            "attempt": self.attempt,
            "state": self.state.value,
            "handed": [handed.as_dict() for handed in self.handed],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored; raise ``ValueError`` or the like if it is not that."""
        return cls(
            person_id=str(stored["person_id"]),
            token=str(stored["token"]),
            step_id=str(stored["step_id"]),
            attempt=max(1, int(stored["attempt"])),
            state=DeliveryState(stored["state"]),
            handed=[Handed.from_dict(one) for one in stored["handed"]][-MAX_HANDED:],
        )


@dataclass(slots=True, kw_only=True)
class Withdrawal:
    """A message that is to be taken back, or changed to what is true, until a moment."""

    person_id: str
    alert: Mapping[str, Any]
    tag: str
    handed: Handed
    title: str
    text: str
    until: float

    def as_dict(self, now: float) -> dict[str, Any]:
        """Return what to store."""
        return {
            "person_id": self.person_id,
            "alert": dict(self.alert),
            "tag": self.tag,
            "handed": self.handed.as_dict(),
            "title": self.title,
            "text": self.text,
            "until": self.until - now,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], then: float) -> Self:
        """Return what was stored; raise ``ValueError`` or the like if it is not that."""
        return cls(
            person_id=str(stored["person_id"]),
            alert=dict(stored["alert"]),
            tag=str(stored["tag"]),
            handed=Handed.from_dict(stored["handed"]),
            title=str(stored["title"]),
            text=str(stored["text"]),
            until=then + min(float(stored["until"]), WITHDRAW_FOR),
        )
