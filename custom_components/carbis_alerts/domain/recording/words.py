"""Pseudonyms of texts: of the same form and length, the same for the same.

Within a recording two texts are alike if and only if what stands for them is, as far as words and
numbers go. What stands for them is found by a key that is thrown away with the hour.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b, shake_128
import re
from typing import Final

from .alphabets import DIGITS, HEX, LEADING, alphabet_of

# When a recording begins, in its own time; its seconds since 1970 have ten digits, as now.
BASE: Final = datetime(2002, 1, 1, tzinfo=UTC)
# Further from the beginning a time is no time of what happens, but somebody's birthday.
NEAR: Final = timedelta(days=2)
# For how many days more such a one is shifted, at most.
FAR_DAYS: Final = 3_000
ROUNDS: Final = 4
# Words that are kept in mind; the rest is made again.
KEPT: Final = 4_096
# Numbers that are so large are nobody's: characters of a power, digits.
MAX_POWER: Final = 2
MAX_UNITS: Final = 300
# Digits of a telephone number within its country, and what may stand before them.
NATIONAL: Final = 10
MAX_COUNTRY: Final = 3

# Digits are those of ASCII: of others nobody makes dates or numbers that are read here.
_PARTS: Final = re.compile(
    r"(?a:"
    r"(?P<date>(?<!\d)\d{4}-\d\d-\d\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d))"
    r"|(?P<day>(?<!\d)\d\d\.\d\d\.\d{4}(?!\d))"
    r"|(?P<clock>(?<![\d:])(?:[01]\d|2[0-3]):[0-5]\d(?![\d:]))"
    r"|(?P<stamp>(?<![\w.])\d{10}(?:\d{3})?(?![\w.]))"
    r"|(?P<phone>(?<!\w)\d(?:[ \-().\xa0]{0,3}\d){9,12}(?![\w-]))"
    r"|(?P<same>(?<=\d@)(?:[cg]\.us|lid)\b|@(?:broadcast|newsletter)\b"
    r"|\b(?:https?|sips?|tel)(?=:))"
    r"|(?P<hex>0x[0-9a-fA-F]+\b|\b(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{6,}\b)"
    r")"
    r"|(?P<number>(?<![^\W_])[0-9]+(?![^\W_]))"
    r"|(?P<word>[^\W_]+|[\udc80-\udcff]+|[^\x00-\xbf\w\s])"
)
# The clock at the end of a date.
_CLOCK: Final = re.compile(r"[T ]([0-9:]+)")


class Pseudonyms:
    """What stands for texts in one recording."""

    def __init__(self, key: bytes, began: datetime) -> None:
        """Take a secret key, and when the recording began."""
        self._key = key
        self._shift = BASE - began.replace(microsecond=0)
        self._began = began
        self._far = timedelta(days=1 + self._number("far") % FAR_DAYS)
        self._minutes = 1 + self._number("clock") % (24 * 60 - 1)
        self._made: Mapping[str, Callable[[str], str]] = {
            "date": self._date,
            "day": self._day,
            "clock": self._clock,
            "stamp": self._stamp,
            "phone": self._phone,
            "same": str,
            "hex": self._hex,
            "number": self.digits,
            "word": lru_cache(KEPT)(self._word),
        }

    def text(self, text: str, kept: frozenset[str] = frozenset()) -> str:
        """Return what stands for a text, of the same length; words among ``kept`` stay."""

        def instead(found: re.Match[str]) -> str:
            part = found[0]
            if part.lower() in kept:
                return part
            return self._made[found.lastgroup or "word"](part)

        return _PARTS.sub(instead, text)

    def number(self, text: str) -> str:
        """Return what stands for a number as JSON writes it: zero, sign and size stay."""
        sign = "-" if text.startswith("-") else ""
        whole, exponent, power = text.lower().removeprefix("-").partition("e")
        units, point, parts = whole.partition(".")
        if len(power) > MAX_POWER or len(units) > MAX_UNITS:
            # Another one might be more than a number can be.
            return text
        if not point and not exponent and len(units) >= NATIONAL:
            return sign + self.text(units)
        return f"{sign}{self.digits(units)}{point}{self.digits(parts)}{exponent}{power}"

    def digits(self, digits: str) -> str:
        """Return as many digits, zeros before the first kept."""
        rest = digits.lstrip("0")
        if not rest:
            return digits
        alphabets = [LEADING, *[DIGITS] * (len(rest) - 1)]
        return digits[: -len(rest)] + self._shuffled(rest, alphabets)

    def _phone(self, part: str) -> str:
        """Return another number of the same form: its country stays, and what it begins with."""
        digits = "".join(filter(str.isdecimal, part))
        head, tail = digits[:-NATIONAL], digits[-NATIONAL:]
        alphabets = [tail[0], *[DIGITS] * (NATIONAL - 1)]
        new = iter(head + self._shuffled(tail, alphabets))
        return "".join(next(new) if sign.isdecimal() else sign for sign in part)

    def _stamp(self, part: str) -> str:
        """Return another time in seconds or milliseconds, where it is one of now."""
        unit = 1000 if len(part) > NATIONAL else 1
        moment = datetime.fromtimestamp(int(part) / unit, UTC)
        if abs(moment - self._began) > NEAR:
            return self._phone(part)
        shifted = int(part) + int(self._shift.total_seconds()) * unit
        return str(shifted)

    def _date(self, part: str) -> str:
        """Return another date of the same form; a day that is none stays."""
        day, rest = part[:10], part[10:]
        try:
            moment = datetime.fromisoformat(part)
        except ValueError:
            # Second 60, zones of days: the clock is kept as it is.
            moment = None
        try:
            known = moment or datetime.fromisoformat(day)
            shifted = known + self._shift_of(
                known if known.tzinfo else known.replace(tzinfo=UTC)
            )
        except ValueError, OverflowError:
            return part
        day = shifted.date().isoformat()
        if moment is None or (clock := _CLOCK.match(rest)) is None:
            return day + rest
        seen = shifted.strftime("%H:%M:%S")[: len(clock[1])]
        return f"{day}{rest[0]}{seen}{rest[clock.end() :]}"

    def _day(self, part: str) -> str:
        """Return another day as it is written in Russia; what is none stays."""
        day, month, year = map(int, part.split("."))
        try:
            moment = datetime(year, month, day, tzinfo=UTC)
            return (moment + self._shift_of(moment)).strftime("%d.%m.%Y")
        except ValueError, OverflowError:
            return part

    def _shift_of(self, moment: datetime) -> timedelta:
        if abs(moment - self._began) <= NEAR:
            return self._shift
        return self._shift - self._far

    def _clock(self, part: str) -> str:
        """Return another time of day."""
        hour, minute = map(int, part.split(":"))
        hour, minute = divmod((hour * 60 + minute + self._minutes) % (24 * 60), 60)
        return f"{hour:02}:{minute:02}"

    def _hex(self, part: str) -> str:
        begin = "0x" if part.startswith("0x") else ""
        rest = part.removeprefix(begin)
        lower = rest.lower()
        alphabets = [DIGITS if sign.isdecimal() else HEX for sign in lower]
        return begin + _cased(self._shuffled(lower, alphabets), rest)

    def _word(self, word: str) -> str:
        lower = word.lower()
        if len(lower) != len(word):
            lower = word
        return _cased(self._shuffled(lower, list(map(alphabet_of, lower))), word)

    def _shuffled(self, word: str, alphabets: list[str]) -> str:
        """Return another word by the same alphabets; no two words have the same."""
        values = [
            alphabet.index(sign) for sign, alphabet in zip(word, alphabets, strict=True)
        ]
        if len(values) == 1:
            size = len(alphabets[0])
            if size > 1:
                shift = 1 + self._number(alphabets[0]) % (size - 1)
                values[0] = (values[0] + shift) % size
        else:
            # A Feistel network: each half is shifted by what the other one says.
            half = len(values) // 2
            parts = (range(half), range(half, len(values)))
            for turn in range(ROUNDS):
                changed, other = parts[turn % 2], parts[1 - turn % 2]
                said = bytes((turn, *(values[at] for at in other)))
                stream = shake_128(self._key + said).digest(2 * len(changed))
                for index, at in enumerate(changed):
                    step = stream[2 * index] << 8 | stream[2 * index + 1]
                    values[at] = (values[at] + step) % len(alphabets[at])
        return "".join(
            alphabet[value] for value, alphabet in zip(values, alphabets, strict=True)
        )

    def _number(self, of: str) -> int:
        """Return a number that only the key gives."""
        said = of.encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(said, key=self._key, digest_size=8).digest())


def _cased(word: str, like: str) -> str:
    """Return a word with capitals where another one has them."""
    return "".join(
        upper if before.isupper() and len(upper := sign.upper()) == 1 else sign
        for sign, before in zip(word, like, strict=True)
    )
