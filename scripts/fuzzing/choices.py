"""Bytes read as decisions, so that a fuzzer that knows only bytes builds documents."""

from collections.abc import Sequence
from typing import Final

from custom_components.carbis_alerts.api.types import Json

MAX_DEPTH: Final = 6
MAX_ITEMS: Final = 8
# Texts that somebody may stumble over, wherever a text may stand.
TEXTS: Final = (
    *("", " ", "6", "0x1", "12,5", "nan", "-inf", "1e999", "1_0", "٣", "yes", "true"),
    *(
        "Столик 6",
        "🍽",
        "a" * 300,
        "\u202e\u2066evil",
        "\x00\x1b[31m",
        "\u2028",
        "\ufeff",
    ),
    *("{{ states() }}", "<img src=x onerror=alert(1)>", "../..", "79001234567@c.us"),
    *(
        "https://host/x",
        "javascript:alert(1)",
        "2026-11-22 19:02:00",
        "107",
        "+79001234567",
    ),
)
NUMBERS: Final = (
    *(0, 1, -1, 6.0, 12.5, 1e308, -1e-308, 2**53, 2**63, -(2**63), 2**64 - 1),
    *(1588091580, 1588091580000, 1e11, -0.0, 5),
)


class Choices:
    """Take decisions from bytes; when they are used up, the simplest ones."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self._data = data
        self._at = 0

    @property
    def rest(self) -> bytes:
        """Return the bytes that no decision has used."""
        return self._data[self._at :]

    def byte(self) -> int:
        """Return the next byte, 0 behind the last."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def pick[T](self, among: Sequence[T]) -> T:
        """Return one of some."""
        return among[self.byte() % len(among)]

    def text(self) -> str:
        """Return one of the known texts, or one of the bytes that follow."""
        kind = self.byte()
        if kind % 4:
            return self.pick(TEXTS)
        length = kind // 4
        piece = self._data[self._at : self._at + length]
        self._at += length
        return piece.decode("utf-8", "replace")

    def json(self, keys: Sequence[str], texts: Sequence[str], depth: int = 0) -> Json:
        """Return a document out of these keys, these texts and anything else."""
        match self.byte() % (8 if depth < MAX_DEPTH else 6):
            case 0:
                return None
            case 1:
                return bool(self.byte() % 2)
            case 2:
                return self.pick(NUMBERS)
            case 3:
                return self.text()
            case 4:
                return self.pick(texts)
            case 5:
                return self.byte() - 100
            case 6:
                return [
                    self.json(keys, texts, depth + 1)
                    for _ in range(self.byte() % MAX_ITEMS)
                ]
            case _:
                return self.object(keys, texts, depth + 1)

    def object(
        self, keys: Sequence[str], texts: Sequence[str], depth: int = 0
    ) -> dict[str, Json]:
        """Return an object."""
        return {
            self.text() if (which := self.byte()) == 255 else keys[which % len(keys)]: (
                self.json(keys, texts, depth)
            )
            for _ in range(self.byte() % (2 * MAX_ITEMS))
        }
