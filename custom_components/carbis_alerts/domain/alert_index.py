"""Where the alerts of a book are: by kind and key, by id, by device, the open ones."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, KeysView
from contextlib import contextmanager
from datetime import datetime
from itertools import count

from .alert import Alert
from .lifecycle import State
from .rules import AlertKind

type Key = tuple[AlertKind, str]
# A kind at a device, or at the hub (None).
type Group = tuple[AlertKind, str | None]
# Ids of alerts, in the order in which they changed.
type Followed = dict[str, None]
# What was there before a change: an alert and its number.
type Before = tuple[Key, Alert | None, int | None]


class AlertIndex:
    """Alerts, found without a look at all of them.

    Nothing that one change costs depends on how many there are.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.changed: Callable[[Key, Alert | None], None] = _nobody
        """Whom to call after each change with what an alert is now."""
        # In the order in which they were first opened, and their numbers in it.
        self.all: dict[Key, Alert] = {}
        self._numbers: dict[Key, int] = {}
        self._number = count()
        self._ids: dict[str, Key] = {}
        self._devices: dict[str | None, set[Key]] = {}
        self._open: dict[Group, set[Key]] = {}
        self._open_of: Counter[AlertKind] = Counter()
        # Since when the oldest of a group is open, as long as that is known.
        self._oldest: dict[Group, datetime] = {}
        self._followers: list[Followed] = []
        # What was there before each change, while changes may be taken back.
        self._undo: list[Before] | None = None

    @property
    def devices(self) -> KeysView[str | None]:
        """Return the keys of the devices that have alerts, None for the hub."""
        return self._devices.keys()

    def key_of(self, alert_id: str) -> Key | None:
        """Return the key of an alert by its id."""
        return self._ids.get(alert_id)

    def at(self, device_keys: Iterable[str | None]) -> list[Alert]:
        """Return the alerts of devices in the order in which they were first opened."""
        found = [key for device in device_keys for key in self._devices.get(device, ())]
        return [self.all[key] for key in sorted(found, key=self._numbers.__getitem__)]

    def open_count(self, kind: AlertKind | None = None) -> int:
        """Return how many are open, of a kind or of all."""
        return self._open_of.total() if kind is None else self._open_of[kind]

    def is_open(self, group: Group) -> bool:
        """Return whether one of a group is open."""
        return group in self._open

    def oldest(self, group: Group) -> datetime | None:
        """Return since when the oldest open one of a group waits."""
        if (known := self._oldest.get(group)) is None and group in self._open:
            known = min(self.all[key].opened_at for key in self._open[group])
            self._oldest[group] = known
        return known

    def follow(self) -> Followed:
        """Return what gets the id of each alert that changes, comes or goes."""
        followed: Followed = {}
        self._followers.append(followed)
        return followed

    def unfollow(self, followed: Followed) -> None:
        """Add nothing to what somebody followed."""
        self._followers = [of for of in self._followers if of is not followed]

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take all changes inside back where it raises."""
        outer, self._undo = self._undo, []
        changes = self._undo
        try:
            yield
        except Exception:
            self._undo = None
            self._take_back(changes)
            changes = []
            raise
        finally:
            # What began inside another attempt goes with that.
            self._undo = outer
            if outer is not None:
                outer += changes

    def put(self, key: Key, alert: Alert | None, *, is_final: bool = False) -> None:
        """Keep an alert as it is now, None for one that is gone.

        What is final is not taken back.
        """
        before = self.all.get(key)
        if self._undo is not None and not is_final:
            self._undo.append((key, before, self._numbers.get(key)))
        if before is not None:
            self._leave(key, before)
        if alert is None:
            del self.all[key], self._numbers[key]
        else:
            if key not in self._numbers:
                self._numbers[key] = next(self._number)
            self.all[key] = alert
            self._enter(key, alert)
        self.changed(key, alert)

    def _enter(self, key: Key, alert: Alert) -> None:
        self._note(alert.alert_id)
        self._ids[alert.alert_id] = key
        self._devices.setdefault(alert.device_key, set()).add(key)
        if alert.state is State.OPEN:
            group = alert.kind, alert.device_key
            if group not in self._open:
                self._open[group] = set()
                self._oldest[group] = alert.opened_at
            elif (oldest := self._oldest.get(group)) is not None:
                self._oldest[group] = min(oldest, alert.opened_at)
            self._open[group].add(key)
            self._open_of[alert.kind] += 1

    def _leave(self, key: Key, alert: Alert) -> None:
        self._note(alert.alert_id)
        if self._ids.get(alert.alert_id) == key:
            del self._ids[alert.alert_id]
        _discard(self._devices, alert.device_key, key)
        if alert.state is State.OPEN:
            group = alert.kind, alert.device_key
            self._open_of[alert.kind] -= 1
            _discard(self._open, group, key)
            if group not in self._open or self._oldest.get(group) == alert.opened_at:
                self._oldest.pop(group, None)

    def _note(self, alert_id: str) -> None:
        for followed in self._followers:
            followed[alert_id] = None

    def _take_back(self, changes: list[Before]) -> None:
        is_disordered = False
        for key, before, number in reversed(changes):
            is_disordered |= before is not None and key not in self.all
            self.put(key, before)
            if number is not None:
                self._numbers[key] = number
        if is_disordered:
            ordered = sorted(self.all, key=self._numbers.__getitem__)
            self.all = {key: self.all[key] for key in ordered}


def _discard[G](groups: dict[G, set[Key]], group: G, key: Key) -> None:
    """Take a key out of its group; of an empty group nothing is kept."""
    keys = groups[group]
    keys.discard(key)
    if not keys:
        del groups[group]


def _nobody(key: Key, alert: Alert | None) -> None:
    """Follow no change."""
