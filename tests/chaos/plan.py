"""What happens when: drawn from a seed, the same for the same seed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, override

from .ledger import Line

LARGEST_BURST: Final = 1000
ELSEWHERE: Final = "http://127.0.0.1:9/"


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Something that is done at a time, in seconds from the beginning."""

    at: float
    track: str
    name: str
    lasts: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @override
    def __str__(self) -> str:
        details = {key: value for key, value in self.details.items() if value != {}}
        return f"{self.at:7.1f} s  {self.track:16} {self.name:14} {self.lasts:5.1f} s  {details or ''}"


type Draw = Callable[[Random], dict[str, Any]]

# What any service may do, as the simulator's faults.
FAULTS: Final[Mapping[str, Draw]] = {
    "refuse": lambda draw: {"refuse": True},
    "reset": lambda draw: {"reset": True},
    "cut": lambda draw: {"cut": draw.randint(0, 300)},
    "garbage": lambda draw: {"garbage": True},
    "truncated": lambda draw: {"garbage": '{"result": true, "data": {"upd'},
    "drip": lambda draw: {"drip": draw.choice((0.001, 0.05, 1.0))},
    "half open": lambda draw: {"half_open": True},
    "delay": lambda draw: {"delay": draw.uniform(0.1, 12)},
    "500": lambda draw: {"status": 500},
    "503": lambda draw: {"status": 503, "headers": {"Retry-After": "2"}},
    "429": lambda draw: {"status": 429, "headers": {"Retry-After": "3"}},
    "redirect away": lambda draw: {"redirect": ELSEWHERE},
    "redirect round": lambda draw: {"redirect": "?round"},
    "wrong token": lambda draw: {"wrong_token": True},
    "404": lambda draw: {"status": 404},
}
# What only some do, as requests to the simulator's control port.
DOINGS: Final[Mapping[Line, tuple[tuple[str, str, Draw], ...]]] = {
    Line.QR_MENU: (
        ("restart", "/restart", lambda draw: {"keep_queue": True}),
        ("restart empty", "/restart", lambda draw: {"keep_queue": False}),
        ("certificate", "/certificate", lambda draw: {}),
        (
            "forgets cursors",
            "/settings",
            lambda draw: {"unknown_cursor": draw.choice(("all", "nothing", "error"))},
        ),
        (
            "refuses tokens",
            "/settings",
            lambda draw: {"auth_failure": draw.choice((401, 403, "result_false"))},
        ),
    ),
    Line.PBX: (
        ("restart", "/restart", lambda draw: {"drop_connections": True}),
        ("end streams", "/streams/end", lambda draw: {}),
        ("reset streams", "/streams/reset", lambda draw: {}),
        (
            "cut streams",
            "/streams/cut",
            lambda draw: {"after": draw.randint(0, 2000)},
        ),
        ("heartbeat", "/settings", lambda draw: {"heartbeat": draw.choice((5, None))}),
        ("no stream", "/settings", lambda draw: {"stream_status": 204}),
    ),
    Line.HOOK: (("restart", "/restart", lambda draw: {"drop_connections": True}),),
    Line.GREEN_API: (
        ("restart", "/restart", lambda draw: {"keep_queue": True}),
        ("restart empty", "/restart", lambda draw: {"keep_queue": False}),
        ("end polls", "/polls/end", lambda draw: {}),
        ("drop polls", "/polls/drop", lambda draw: {}),
    ),
}
# What is done to the site, and how often compared with the others.
SITE: Final[Mapping[str, int]] = {
    "kill": 4,
    "stop": 2,
    "reload": 3,
    "reconfigure": 2,
    "options": 1,
    "full disk": 2,
    "set clock": 2,
}


def make_plan(seed: int, seconds: float, *, largest: int = LARGEST_BURST) -> list[Act]:
    """Return all that happens within so many seconds, in order."""
    acts: list[Act] = []
    for line in Line:
        acts += _traffic(Random(f"{seed} traffic {line}"), line, seconds, largest)
        acts += _troubles(Random(f"{seed} faults {line}"), line, seconds)
    acts += _doings(Random(f"{seed} site"), seconds)
    return sorted(acts)


def _traffic(draw: Random, line: Line, seconds: float, largest: int) -> Iterator[Act]:
    """Yield events, from one a minute to bursts: as a restaurant, and as a bad day."""
    at = draw.uniform(0, 3)
    number = 0
    # Every run has one of the largest, not in the same minute on every line.
    largest_at = draw.uniform(0.2, 0.7) * seconds
    while at < seconds:
        kind = draw.choices(("quiet", "steady", "busy", "burst"), (2, 4, 3, 2))[0]
        match kind:
            case "quiet":
                count, pause, lasts = 1, 0.0, draw.uniform(5, 60)
            case "steady":
                count, pause = draw.randint(3, 12), draw.uniform(0.5, 2)
                lasts = count * pause
            case "busy":
                count, pause = draw.randint(20, 60), 0.1
                lasts = count * pause
            case _:
                count, pause = int(10 ** draw.uniform(1, 2.5)), 0.0
                count = min(count, largest)
                lasts = draw.uniform(3, 15)
                if at >= largest_at:
                    largest_at, count = float("inf"), largest
        yield Act(
            at, line, kind, lasts, {"first": number, "count": count, "pause": pause}
        )
        number += count
        at += lasts


def _troubles(draw: Random, line: Line, seconds: float) -> Iterator[Act]:
    """Yield faults of a service, one after another."""
    at = draw.uniform(2, 10)
    track = f"{line} faults"
    while at < seconds:
        if draw.random() < 0.7:
            name = draw.choice(tuple(FAULTS))
            lasts = draw.choice((0.5, 3.0, 8.0, 14.0, 14.0, 40.0)) * draw.uniform(
                0.5, 1
            )
            yield Act(at, track, name, lasts, {"faults": FAULTS[name](draw)})
        else:
            name, path, details = draw.choice(DOINGS[line])
            lasts = 1.0
            yield Act(at, track, name, lasts, {"path": path, "body": details(draw)})
        at += lasts + draw.expovariate(1 / 10)


def _doings(draw: Random, seconds: float) -> Iterator[Act]:
    """Yield what people, power and time do to the site."""
    at = draw.uniform(5, 12)
    names = list(SITE)
    # All of it happens in every run that is long enough; then by chance.
    due = draw.sample(names, len(names))
    while at < seconds:
        name = due.pop() if due else draw.choices(names, list(SITE.values()))[0]
        lasts, details = 0.0, dict[str, Any]()
        match name:
            case "kill" | "stop":
                lasts = draw.choice((0.0, 2.0, 12.0, 30.0)) * draw.uniform(0.5, 1)
            case "full disk":
                lasts = draw.uniform(2, 20)
            case "set clock":
                by = draw.choice((1.0, 60.0, 3600.0, 86400.0)) * draw.uniform(0.5, 1)
                details = {"by": round(by * draw.choice((-1, 1)), 1)}
            case _:
                details = {"line": draw.choice(tuple(Line)).value}
        yield Act(at, "site", name, lasts, details)
        at += (0 if name == "full disk" else lasts) + draw.uniform(4, 22)
