"""What each service had to publish, by its own record, and what the site fired: pure data."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any


class Line(StrEnum):
    """The four ways into the site."""

    QR_MENU = "qr_menu"
    PBX = "pbx"
    HOOK = "hook"
    GREEN_API = "green_api"


@dataclass(frozen=True, slots=True)
class Handed:
    """An answer, or a piece of a stream, that went out as a whole.

    Times are seconds of the machine's monotonic clock, the same for all processes.
    """

    made: float
    at: float
    items: tuple[tuple[int, int], ...]
    stream: int | None = None


@dataclass(slots=True)
class Item:
    """Something that a service had to publish."""

    number: int
    key: str
    pushed: float
    handed: list[Handed] = field(default_factory=list)
    gone: float = inf
    why: str | None = None
    taken: float | None = None
    """When the hook said that it has it."""


@dataclass(frozen=True, slots=True)
class Published:
    """A bus event that was fired."""

    at: float
    key: str
    type: str
    late: bool
    context: str


class Ledger:
    """The record of one line."""

    def __init__(self, line: Line) -> None:
        """Begin with nothing."""
        self.line = line
        self.items: dict[int, Item] = {}
        self.by_key: dict[str, Item] = {}
        self.answers: list[Handed] = []
        self.failed: list[float] = []
        self.closed: dict[int, tuple[float, str]] = {}
        self.last_note = 0

    def take(self, notes: Iterable[Mapping[str, Any]]) -> None:
        """Take over notes of the service, in their order."""
        for note in notes:
            self.last_note = note["number"]
            match note["what"]:
                case "pushed":
                    self._push(note)
                case "handed":
                    self._hand(note)
                case "gone":
                    for item in self._items(note["items"]):
                        item.gone, item.why = note["at"], note["why"]
                case "failed":
                    self.failed.append(note["at"])
                case "closed":
                    self.closed[note["stream"]] = (note["at"], note["ending"])
                case "posted" if note["status"] == 200:
                    for item in self._items([[note["item"]] * 2]):
                        item.taken = note["at"]

    def _push(self, note: Mapping[str, Any]) -> None:
        key = key_of_content(self.line, note["content"])
        if key is not None:
            item = Item(note["item"], key, note["at"])
            self.items[item.number] = self.by_key[key] = item

    def _hand(self, note: Mapping[str, Any]) -> None:
        ranges = tuple((first, last) for first, last in note["items"])
        handed = Handed(note["made"], note["at"], ranges, note.get("stream"))
        self.answers.append(handed)
        for item in self._items(note["items"]):
            item.handed.append(handed)

    def _items(self, ranges: Sequence[Sequence[int]]) -> Iterable[Item]:
        for first, last in ranges:
            for number in range(first, last + 1):
                if number in self.items:
                    yield self.items[number]


@dataclass(slots=True)
class Life:
    """A process of Home Assistant, from its start until it is asked to end, and gone."""

    started: float
    ready: float = inf
    asked_to_end: float = inf
    ended: float = inf
    killed: bool = False


@dataclass(slots=True)
class Span:
    """A time in which something was so."""

    began: float
    ended: float = inf


@dataclass(slots=True)
class History:
    """What was done to the site."""

    sessions: list[Life] = field(default_factory=list)
    breaks: dict[Line, list[Span]] = field(default_factory=lambda: defaultdict(list))
    """Reloads, changes and repairs of an entry."""
    faults: dict[Line, list[Span]] = field(default_factory=lambda: defaultdict(list))
    full: list[Span] = field(default_factory=list)
    """When the disk took no new file."""
    finished: float = inf
    """Until when what was still kept had every chance to be published."""

    def undisturbed(self, line: Line, began: float, ended: float) -> bool:
        """Return whether an entry was loaded all the time, as far as people did nothing."""
        return any(
            life.started < began and ended < life.asked_to_end for life in self.sessions
        ) and not any(
            span.began <= ended and began <= span.ended for span in self.breaks[line]
        )

    def life_at(self, moment: float) -> Life | None:
        """Return the process that was there."""
        for life in self.sessions:
            if life.started <= moment <= life.ended:
                return life
        return None


def key_of_content(line: Line, content: Any) -> str | None:
    """Return what distinguishes an object of a service; None of what has no such."""
    if not isinstance(content, dict):
        return None
    match line:
        case Line.QR_MENU:
            return str(content["hash"])
        case Line.GREEN_API:
            body = content["body"]
            return _joined(body["typeWebhook"], body["idMessage"], body.get("status"))
        case _:
            kind, payload = content["event_type"], content["payload"]
            name = payload.get("call_id") or payload.get("text")
            return None if name is None else _joined(kind, name)


def key_of_event(data: Mapping[str, Any]) -> str | None:
    """Return the same of a bus event; None of what has no such."""
    match data["source"]:
        case "qr_menu":
            return str(data["event_id"])
        case "green_api":
            return _joined(data["code"], data["message_id"], data["status"])
        case _:
            payload = (data["raw"] or {}).get("payload") or {}
            name = data["call_id"] or data["text"] or payload.get("call_id")
            kind = "missed_call" if data["type"] == "missed_call" else data["code"]
            return None if name is None else _joined(kind, name)


def _joined(*parts: object) -> str:
    return ":".join(str(part) for part in parts if part)
