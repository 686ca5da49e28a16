"""Telephone numbers: read in any spelling, compared and shown in one."""

from dataclasses import dataclass
from functools import lru_cache
import re
from typing import Final
from urllib.parse import unquote

from .nobody import is_nobody

# Numbers whose reading is remembered: each message has two, and most come again soon.
REMEMBERED: Final = 512

_PLAIN: Final = re.compile(r"\+?[0-9]+")
_SCHEME: Final = re.compile(
    r"(sips?|tel|callto|phone|whatsapp)\s*:(//)?", re.IGNORECASE
)
# What may stand between < and >; other text there is text.
_BRACKETED: Final = re.compile(r"\w+:\S*|\S*@\S*|[\w.+ ()-]*", re.IGNORECASE)
_PORT: Final = re.compile(r":[0-9]*$")
_ADDRESS: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]+)?")
# A number that is reached through the one before it.
_INNER: Final = re.compile(
    r"(?<=[0-9)])[\s,;#]*(?:доб(?:авочный)?|вн(?:утр(?:енний)?)?|ext(?:ension)?)"
    r"[.:№#=\s]*[0-9]+\s*$",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"[^\W_]+")
# What Android says in place of an unknown, a withheld and a pay phone's number.
_CODES: Final = frozenset({"-1", "-2", "-3"})
# Zeros in place of a number; fewer may be somebody's.
_ZEROS: Final = re.compile(r"0{5,}")
# Letters and digits in one word are a name, but where x is a mask.
_NAME: Final = re.compile(r"[^\W\d_xх][0-9]|[0-9][^\W\d_xх]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number, or what stands where there is none.

    ``shown`` is what people see of it, the user part of an address, None for an unknown
    one. ``digits`` are compared: with the code of the country where that is known, None
    where there are none.
    """

    shown: str | None
    digits: str | None

    @property
    def is_unknown(self) -> bool:
        """Return whether nobody says whose number it is."""
        return self.shown is None

    def has_at_most(self, digits: int) -> bool:
        """Return whether it is dialled by so many digits and nothing else."""
        shown = self.shown
        return (
            shown is not None
            and len(shown) <= digits
            and shown.isascii()
            and shown.isdigit()
        )


UNKNOWN: Final = Number(None, None)


def number_of(text: str | None) -> Number:
    """Return the number that a text stands for.

    It may be written for people, as a SIP or ``tel`` address with a display name and
    parameters, as a messenger's id, or as a word that says that it is not known. Digits of
    a host, of a port and of parameters are none of the number's.
    """
    return UNKNOWN if text is None else _read(text)


def normalised(text: str | None) -> str | None:
    """Return a number's digits as they are compared, None for an unknown one."""
    return number_of(text).digits


def same_number(one: str | None, other: str | None) -> bool:
    """Return whether two texts are one number; unknown ones are alike."""
    first, second = number_of(one), number_of(other)
    if first.digits is None or second.digits is None:
        return first == second
    return first.digits == second.digits


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> Number:
    number = _read_once(text.strip())
    # What is shown is read again later, and is to be the same number then.
    return number if number.shown in (None, text) else _read(number.shown)


def _read_once(text: str) -> Number:
    if _PLAIN.fullmatch(text):
        return _number(text, text)
    name, user, host = _parts(text)
    folded = user.strip().strip("\"'").strip()
    digits = "".join(str(int(sign)) for sign in folded if sign.isdecimal())
    if not digits or _NAME.search(folded):
        if host.casefold().endswith(".invalid") or is_nobody(name):
            return UNKNOWN
        says_so = is_nobody(folded) or not _WORDS.search(folded)
        return UNKNOWN if says_so else Number(folded, None)
    if folded in _CODES or _is_address(folded):
        return UNKNOWN
    return _number(folded, ("+" if "+" in folded else "") + digits)


def _number(shown: str, digits: str) -> Number:
    """Return a number by its digits, with a plus where one stands before them.

    Russian numbers are written with +7, with 8 or with neither; all are one. Others are
    compared by their digits, with 00 for +.
    """
    if _ZEROS.fullmatch(digits):
        return UNKNOWN
    if digits.startswith(("+", "00")):
        compared = digits.removeprefix("+").removeprefix("00")
        return Number(shown, compared) if compared else UNKNOWN
    if len(digits) == 11 and digits.startswith("8"):
        return Number(shown, f"7{digits[1:]}")
    # The first digit of a Russian area or mobile code.
    if len(digits) == 10 and digits[0] in "3489":
        return Number(shown, f"7{digits}")
    return Number(shown, digits)


def _parts(text: str) -> tuple[str, str, str]:
    """Return the display name, the user part and the host of what may be an address."""
    name, bracket, rest = text.rpartition("<")
    address = rest.partition(">")[0].strip()
    if not bracket or not _BRACKETED.fullmatch(address):
        name, bracket, address = "", "", text
    if bracket and not address:
        # Only the name is there.
        name, address = "", name
    scheme = _SCHEME.match(address)
    if scheme is not None:
        address = address[scheme.end() :]
    if scheme is None and "@" not in address:
        return name, _INNER.sub("", address), ""
    user, at, host = address.partition("@")
    # Parameters of the user, and a password.
    user = unquote(user).partition(";")[0].partition("?")[0]
    if not at:
        user, host = _PORT.sub("", user), ""
        if user.startswith("[") or ("." in user and any(map(str.isalpha, user))):
            # A host alone.
            user = ""
    elif scheme is not None:
        user = user.partition(":")[0]
    return name, user, host.partition(";")[0].partition(":")[0]


def _is_address(text: str) -> bool:
    """Return whether a text is the address of a host, whose digits are no number."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and all(int(part) < 256 for part in found[1].split("."))
