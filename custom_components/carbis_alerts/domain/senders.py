"""Which device the messages to a hook are believed from, and who else sends there."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
import hmac
from typing import Any, Final

from ..api.fields import as_key

# Unknown devices that a person is asked about, and ones that are refused for good.
MAX_UNKNOWN: Final = 5
MAX_IGNORED: Final = 50
# Messages of one device before a person is asked again who has refused another.
ENOUGH: Final = 3
# What stands for a device that does not name itself.
NAMELESS: Final = ""


class Verdict(Enum):
    """What becomes of a message."""

    BELIEVED = auto()
    # No device is known yet: nothing of a guest is to get lost.
    UNCONFIRMED = auto()
    REFUSED = auto()
    IGNORED = auto()

    @property
    def is_taken(self) -> bool:
        """Return whether the message is taken."""
        return self in (Verdict.BELIEVED, Verdict.UNCONFIRMED)

    @property
    def is_question(self) -> bool:
        """Return whether a person has to say whose the device is."""
        return self in (Verdict.UNCONFIRMED, Verdict.REFUSED)


class Senders:
    """The device that is believed, and the ones of which nobody has said whose they are."""

    def __init__(self, device_id: str | None = None) -> None:
        """Take the id of the device that is known to be the PBX."""
        self.device_id = device_id
        # How many messages came by each id; the one that came last is the last.
        self.unknown: dict[str, int] = {}
        self._ignored: dict[str, None] = {}
        self._counts = dict.fromkeys(("unconfirmed", "refused", "ignored"), 0)

    def judge(self, device_id: str | None) -> Verdict:
        """Return what becomes of a message of a device; note an unknown one."""
        name, known = device_id or NAMELESS, self.device_id
        if known is None and name == NAMELESS:
            # There is nothing to compare with.
            return Verdict.BELIEVED
        if known is not None and hmac.compare_digest(known.encode(), name.encode()):
            return Verdict.BELIEVED
        if name in self._ignored:
            verdict = Verdict.IGNORED
        else:
            verdict = Verdict.UNCONFIRMED if known is None else Verdict.REFUSED
            self._note(name)
        self._counts[verdict.name.lower()] += 1
        return verdict

    @property
    def is_asked_about(self) -> bool:
        """Return whether a person is to say whose the unknown devices are."""
        enough = ENOUGH if self._ignored else 1
        return any(count >= enough for count in self.unknown.values())

    def ask_about(self, device_id: str) -> None:
        """Take that a person is asked about a device, whatever was said of it before."""
        self._ignored.pop(device_id, None)
        self.unknown.pop(device_id, None)
        self._note(device_id, ENOUGH)

    def believe(self, device_id: str, shown: Iterable[str]) -> None:
        """Take that one of the devices that were shown is the PBX, and no other is."""
        self.device_id = device_id or None
        self._ignored.pop(device_id, None)
        self.ignore(name for name in shown if name != device_id)
        self.unknown.clear()

    def ignore(self, shown: Iterable[str]) -> None:
        """Take that devices that were shown are somebody else's."""
        for name in shown:
            self._ignored[name] = None
            self.unknown.pop(name, None)
        for name in list(self._ignored)[:-MAX_IGNORED]:
            del self._ignored[name]

    def diagnostics(self) -> dict[str, Any]:
        """Return how much came from whom, without any id."""
        return {
            "device_known": self.device_id is not None,
            "unknown_devices": len(self.unknown),
            "ignored_devices": len(self._ignored),
            **{f"{name}_messages": count for name, count in self._counts.items()},
        }

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "device_id": self.device_id,
            "unknown_devices": dict(self.unknown),
            "ignored_devices": list(self._ignored),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what the entry itself says goes first."""
        device_id = stored.get("device_id")
        if self.device_id is None and isinstance(device_id, str):
            self.device_id = as_key(device_id)
        unknown, ignored = stored.get("unknown_devices"), stored.get("ignored_devices")
        for name, count in unknown.items() if isinstance(unknown, dict) else ():
            if isinstance(count, int) and count > 0 and (name := _id(name)) is not None:
                self._note(name, count)
        self.ignore(
            name
            for item in (ignored if isinstance(ignored, list) else ())
            if (name := _id(item)) is not None
        )
        if self.device_id is not None:
            self.unknown.pop(self.device_id, None)

    def _note(self, name: str, count: int = 1) -> None:
        """Count messages of an unknown device; of too many the rarest is forgotten."""
        self.unknown[name] = self.unknown.pop(name, 0) + count
        if len(self.unknown) > MAX_UNKNOWN:
            *others, _ = self.unknown
            del self.unknown[min(others, key=self.unknown.__getitem__)]


def _id(stored: object) -> str | None:
    """Return a stored id, None for what is none."""
    if not isinstance(stored, str):
        return None
    return NAMELESS if stored == NAMELESS else as_key(stored)
