"""Seal what goes out, so that what comes back is known to be of here.

A sealed text is readable. Whoever gets it cannot change it, nor use it for another
purpose or in another person's name.
"""

from collections.abc import Sequence
from hashlib import sha256
import hmac
import secrets
from typing import Final
from urllib.parse import quote, unquote

# Between the fields, in which it is quoted.
SEPARATOR: Final = "|"
# Signs that stay as they are.
_PLAIN: Final = "@+:,"
SECRET_BYTES: Final = 32
# Hexadecimal digits of a seal: 128 bits.
DIGITS: Final = 32


def new_secret() -> bytes:
    """Return what seals are made with."""
    return secrets.token_bytes(SECRET_BYTES)


class Seal:
    """Seal fields of text with a secret, each for a purpose."""

    def __init__(self, secret: bytes) -> None:
        """Take the secret: bytes that nobody else knows."""
        self._secret = secret

    def seal(self, purpose: str, fields: Sequence[str], *, bound: str) -> str:
        """Return the fields as one text with a seal.

        ``bound`` is sealed too but not in the text: whoever opens it has to know it.
        """
        text = SEPARATOR.join(quote(field, safe=_PLAIN) for field in fields)
        return f"{text}{SEPARATOR}{self._digits(purpose, text, bound)}"

    def open(self, purpose: str, sealed: str, *, bound: str) -> list[str] | None:
        """Return the fields that were sealed for a purpose, None where they were not."""
        text, _, digits = sealed.rpartition(SEPARATOR)
        if not hmac.compare_digest(
            digits.encode("utf-8", "replace"),
            self._digits(purpose, text, bound).encode(),
        ):
            return None
        return [unquote(field) for field in text.split(SEPARATOR)]

    def _digits(self, purpose: str, text: str, bound: str) -> str:
        known = (quote(purpose), quote(bound, errors="replace"))
        message = SEPARATOR.join((*known, text))
        digest = hmac.new(self._secret, message.encode("utf-8", "replace"), sha256)
        return digest.hexdigest()[:DIGITS]
