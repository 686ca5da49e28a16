"""What a measurement yields: a figure, what it is compared with, and whether it will do."""

from dataclasses import asdict, dataclass, field
from operator import truediv
from statistics import median, quantiles
from typing import Any, Final

# How figures of a unit are shown.
DIGITS: Final = {"µs": 1, "ms": 1, "s": 2, "MiB": 2, "": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table.

    ``ours`` and ``floor`` are medians in ``unit``; ``ratio`` is the median of the ratios
    of each round, ``least`` the ratio of the minima. ``goal`` bounds the ratio, or what
    is ours where there is no floor. ``noise`` is how far two measurements of the floor
    are apart, as a part of it. ``others`` are the ratios of what a user could take
    instead, ``p99`` what 99 of 100 do not exceed.
    """

    name: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    least: float | None = None
    noise: float | None = None
    goal: float | None = None
    p99: float | None = None
    others: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Return whether the goal is met, None where there is none."""
        if self.goal is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.goal

    def as_dict(self) -> dict[str, Any]:
        """Return it for a file."""
        return {**asdict(self), "is_met": self.is_met}

    def cells(self) -> list[str]:
        """Return it for the table."""
        more = [f"{name} {ratio:.2f}" for name, ratio in self.others.items()]
        if self.p99 is not None:
            more.insert(0, f"p99 {self._shown(self.p99)}")
        if self.note:
            more.append(self.note)
        return [
            self.name,
            self._shown(self.floor),
            self._shown(self.ours),
            _ratio(self.ratio),
            _ratio(self.least),
            "" if self.noise is None else f"{self.noise:.0%}",
            "" if self.goal is None else f"{self.goal:g}",
            {None: "", True: "met", False: "missed"}[self.is_met],
            "; ".join(more),
        ]

    def _shown(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{value:,.{DIGITS[self.unit]}f} {self.unit}".strip()


HEADS: Final = (
    "figure",
    "floor",
    "ours",
    "ratio",
    "least",
    "noise",
    "goal",
    "",
    "others, notes",
)


def compare(
    name: str,
    unit: str,
    costs: dict[str, list[float]],
    *,
    ours: str = "ours",
    goal: float | None = None,
    p99: float | None = None,
    note: str = "",
) -> Figure:
    """Return what rounds say of ``ours`` beside ``floor`` and ``again``, the same twice.

    All else is what a user could take instead.
    """
    first, second = costs["floor"], costs["again"]
    floors = [(one + two) / 2 for one, two in zip(first, second, strict=True)]
    least = min(first + second)
    return Figure(
        name=name,
        unit=unit,
        ours=median(costs[ours]),
        floor=median(floors),
        ratio=median(map(truediv, costs[ours], floors, strict=True)),
        least=min(costs[ours]) / least,
        noise=median(max(pair) / min(pair) for pair in zip(first, second, strict=True))
        - 1,
        goal=goal,
        p99=p99,
        others={
            other: median(map(truediv, spent, floors, strict=True))
            for other, spent in costs.items()
            if other not in {ours, "ours", "floor", "again"}
        },
        note=note,
    )


def nearly_all(values: list[float]) -> float:
    """Return what 99 of 100 values do not exceed."""
    return quantiles(values, n=100)[-1] if len(values) > 1 else values[0]


def table(figures: list[Figure]) -> str:
    """Return a table in Markdown whose columns stand below each other."""
    rows = [list(HEADS), *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " | ".join(
            cell.ljust(width) if device in {0, len(row) - 1} else cell.rjust(width)
            for device, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
