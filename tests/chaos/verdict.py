"""The verdict: what of the law of delivery was broken, by ledger and firings alone."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Final

from .ledger import Handed, History, Item, Ledger, Line, Published, Span

# A hard kill may bring again what was published in its last second.
KILL_WINDOW: Final = 1.0
# What the write at the end of that second may take on a busy machine.
WRITING: Final = 0.5
# After a full disk the next try may be this far away.
RETRY: Final = 31.0
# What is handed out to an undisturbed site is published within this time.
PATIENCE: Final = 20.0
# A stream that stays open for so long after a message has brought it.
SETTLED: Final = 1.0
# What a service keeps is published within such a time without any fault.
CALM: Final = 60.0
# Without an answer for so long, what comes then is late.
INTERRUPTION: Final = 10.0
# What server and client may see differently, with the longest poll interval.
TOLERANCE: Final = 4.0
# What was there when the account was asked again was there for so long.
WAITED: Final = 2.0
# So long after the last trouble nothing is late any more.
AFTERMATH: Final = 60.0
PROMPT: Final = 3.0

QUEUES: Final = (Line.QR_MENU, Line.GREEN_API)
# The service ends these in order: what was written before still arrives.
ORDERLY: Final = ("ended", "cut")


@dataclass(slots=True)
class Verdict:
    """What is beyond the law: each must be empty."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    late_unmarked: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    marked_without_cause: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Fired, though no service had it to publish."""
    # What the law allows, counted.
    pushed: int = 0
    published: int = 0
    repeated_after_kill: int = 0
    not_kept: int = 0
    swallowed: int = 0
    """Of these: what Home Assistant took for an integration that was not there yet."""
    late: int = 0

    @property
    def findings(self) -> dict[str, list[str]]:
        """Return all that must be empty, by name."""
        return {
            "lost": self.lost,
            "twice": self.twice,
            "late unmarked": self.late_unmarked,
            "out of order": self.out_of_order,
            "marked without cause": self.marked_without_cause,
            "unknown": self.unknown,
        }

    @property
    def is_clean(self) -> bool:
        """Return whether the law was kept."""
        return not any(self.findings.values())

    def add(self, other: Verdict) -> None:
        """Add the verdict of another line."""
        for name, findings in self.findings.items():
            findings.extend(other.findings[name])
        for name in (
            "pushed",
            "published",
            "repeated_after_kill",
            "not_kept",
            "swallowed",
            "late",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def judge(ledger: Ledger, history: History, published: Iterable[Published]) -> Verdict:
    """Judge one line."""
    return _Judge(ledger, history, sorted(published, key=lambda one: one.at)).verdict()


class _Judge:
    def __init__(
        self, ledger: Ledger, history: History, published: Sequence[Published]
    ) -> None:
        self._ledger = ledger
        self._history = history
        self._was_published = published
        self._times = [one.at for one in published]
        self._by_key: dict[str, list[Published]] = defaultdict(list)
        for one in published:
            self._by_key[one.key].append(one)
        self._answer_ends = [answer.at for answer in ledger.answers]
        self._verdict = Verdict()

    def verdict(self) -> Verdict:
        verdict = self._verdict
        verdict.pushed = len(self._ledger.items)
        verdict.published = len(self._was_published)
        verdict.late = sum(one.late for one in self._was_published)
        for item in self._ledger.items.values():
            if item.key not in self._by_key:
                if reason := self._why_lost(item):
                    verdict.lost.append(f"{self._name(item)}: {reason}")
                else:
                    verdict.not_kept += 1
        for key, all_of_it in self._by_key.items():
            self._judge_repeats(key, all_of_it)
        self._judge_order()
        self._judge_marks()
        return verdict

    def _name(self, item: Item) -> str:
        return (
            f"{self._ledger.line} {item.number} ({item.key}), pushed {item.pushed:.2f}"
        )

    # Lost

    def _why_lost(self, item: Item) -> str | None:
        if item.taken is not None:
            if any(
                life.started <= item.taken <= life.ready
                for life in self._history.sessions
            ):
                # Home Assistant itself answers 200 as long as nobody has registered
                # the hook: until the integration is set up.
                self._verdict.swallowed += 1
                return None
            return f"the hook said at {item.taken:.2f} that it has it"
        if item.why == "deleted":
            return "it was deleted"
        if self._ledger.line in QUEUES:
            if item.gone > self._history.finished:
                return "the service still keeps it"
            if self._was_calm(item):
                return "the service kept it through a calm"
        for handed in item.handed:
            if reason := self._why_lost_when(item, handed):
                return f"{reason} at {handed.at:.2f}"
        return None

    def _why_lost_when(self, item: Item, handed: Handed) -> str | None:
        if self._later_was_published(item, handed):
            return "what came after it was published, handed out"
        if handed.stream is not None:
            at, ending = self._ledger.closed.get(handed.stream, (inf, ""))
            if at <= handed.at + SETTLED and ending not in ORDERLY:
                return None
        if self._history.undisturbed(
            self._ledger.line, handed.at, handed.at + PATIENCE
        ):
            return "handed out"
        return None

    def _later_was_published(self, item: Item, handed: Handed) -> bool:
        if handed.stream is None:
            later = (
                number
                for first, last in handed.items
                for number in range(max(first, item.number + 1), last + 1)
            )
        else:
            later = (
                other.number
                for other in self._ledger.items.values()
                if other.number > item.number
                and any(piece.stream == handed.stream for piece in other.handed)
            )
        return any(
            number in self._ledger.items
            and self._ledger.items[number].key in self._by_key
            for number in later
        )

    def _was_calm(self, item: Item) -> bool:
        """Return whether nothing hindered anybody for a long time while it was kept."""
        line = self._ledger.line
        troubles = [*self._history.faults[line], *self._history.breaks[line]]
        for life in self._history.sessions:
            began = max(life.ready, item.pushed)
            ended = min(life.asked_to_end, item.gone, self._history.finished)
            moments = sorted(
                span.ended for span in troubles if began < span.ended < ended
            )
            for start in (began, *moments):
                if start + CALM < ended and not any(
                    span.began < start + CALM and span.ended > start
                    for span in troubles
                ):
                    return True
        return False

    # Twice

    def _judge_repeats(self, key: str, all_of_it: Sequence[Published]) -> None:
        for first, second in pairwise(all_of_it):
            if self._may_repeat(first, second):
                self._verdict.repeated_after_kill += 1
            else:
                self._verdict.twice.append(
                    f"{self._ledger.line} {key}: {first.at:.2f}, {second.at:.2f}"
                )

    def _may_repeat(self, first: Published, second: Published) -> bool:
        if self._ledger.line is Line.PBX:
            # The service itself sends nothing again.
            return False
        for life in self._history.sessions:
            if not first.at <= life.ended <= second.at:
                continue
            if life.killed and life.ended - first.at <= KILL_WINDOW + WRITING:
                return True
            if life.killed and self._is_last_before(first, life.ended):
                return True
            if self._was_unwritten(first.at, life.asked_to_end):
                return True
        # A reload begins with what the disk has, too.
        return any(
            first.at <= span.ended
            and span.began <= second.at
            and self._was_unwritten(first.at, span.began)
            for span in self._history.breaks[self._ledger.line]
        )

    def _was_unwritten(self, published: float, ended: float) -> bool:
        """Return whether the disk may have been full from a firing until an end."""
        return any(
            _covers(full, published) and _covers(full, ended)
            for full in self._history.full
        )

    def _is_last_before(self, published: Published, moment: float) -> bool:
        """Return whether it was the notification in flight."""
        if self._ledger.line is not Line.GREEN_API:
            return False
        index = bisect_left(self._times, moment) - 1
        return index >= 0 and self._was_published[index] is published

    # Order

    def _judge_order(self) -> None:
        seen: set[str] = set()
        highest = 0
        before: Published | None = None
        for published in self._was_published:
            if published.type == "missed_call":
                call_id = published.key.partition(":")[2]
                if before is None or before.key != f"call_end:{call_id}":
                    self._verdict.out_of_order.append(
                        f"{self._ledger.line} {published.key}: not right after its call's end"
                    )
            elif (item := self._ledger.by_key.get(published.key)) is None:
                self._verdict.unknown.append(f"{self._ledger.line} {published.key}")
            elif published.key not in seen:
                seen.add(published.key)
                if item.number < highest:
                    self._verdict.out_of_order.append(
                        f"{self._name(item)}: published {published.at:.2f}, after {highest}"
                    )
                highest = max(highest, item.number)
            before = published

    # Late

    def _judge_marks(self) -> None:
        for published in self._was_published:
            item = self._ledger.by_key.get(published.key)
            if item is None:
                continue
            if self._ledger.line not in QUEUES:
                if published.late:
                    self._verdict.marked_without_cause.append(
                        f"{self._name(item)}: a PBX replays nothing"
                    )
            elif published.late:
                if self._is_surely_new(item, published):
                    self._verdict.marked_without_cause.append(
                        f"{self._name(item)}: published {published.at:.2f}"
                    )
            elif reason := self._why_late(item, published):
                self._verdict.late_unmarked.append(
                    f"{self._name(item)}: published {published.at:.2f}, {reason}"
                )

    def _why_late(self, item: Item, published: Published) -> str | None:
        life = self._history.life_at(published.at)
        if life is not None and item.pushed < life.started:
            return "after a start"
        for span in self._history.breaks[self._ledger.line]:
            if item.pushed < span.began and span.ended < published.at:
                return "after a reload"
        first = next((handed for handed in item.handed), None)
        if first is None or first.made > published.at:
            return None
        if self._ledger.line is Line.QR_MENU:
            return self._why_late_in_menu(first)
        return self._why_late_in_account(item, first)

    def _why_late_in_menu(self, first: Handed) -> str | None:
        """Without an answer for too long before the one that had it."""
        index = bisect_left(self._answer_ends, first.made)
        before = self._answer_ends[index - 1] if index else -inf
        # While a long answer is published nobody asks.
        published_before = bisect_left(self._times, first.made)
        if published_before:
            before = max(before, self._times[published_before - 1])
        if first.made - before > INTERRUPTION + TOLERANCE:
            return f"{first.made - before:.1f} s without an answer"
        return None

    def _why_late_in_account(self, item: Item, first: Handed) -> str | None:
        """Failing for too long before it was handed out, though it was there."""
        index = bisect_left(self._answer_ends, first.made)
        before = self._answer_ends[index - 1] if index else -inf
        failed = bisect_left(self._ledger.failed, before)
        if failed == len(self._ledger.failed):
            return None
        since = self._ledger.failed[failed]
        if (
            first.made - since > INTERRUPTION + TOLERANCE
            and item.pushed < first.made - WAITED
        ):
            return f"failing for {first.made - since:.1f} s"
        return None

    def _is_surely_new(self, item: Item, published: Published) -> bool:
        """Return whether it was published at once, and long after the last trouble."""
        line, since = self._ledger.line, published.at - AFTERMATH
        failed = bisect_left(self._ledger.failed, since)
        if published.at - item.pushed > PROMPT or not self._history.undisturbed(
            line, since, published.at
        ):
            return False
        if (
            failed < len(self._ledger.failed)
            and self._ledger.failed[failed] <= published.at
        ):
            return False
        if any(
            span.began <= published.at and since <= span.ended
            for span in self._history.faults[line]
        ):
            return False
        return any(
            since < answer.at < item.pushed and not answer.items
            for answer in self._ledger.answers
        )


def _covers(full: Span, moment: float) -> bool:
    """Return whether nothing of that time may have been written before the next try."""
    return full.began - KILL_WINDOW - WRITING <= moment <= full.ended + RETRY
