"""Telephone numbers: as they come, and as they are compared."""

from typing import Final

MAX_EXTENSION_DIGITS: Final = 5


def is_extension(number: str | None) -> bool:
    """Return whether a number is one of the restaurant's own: at most five digits."""
    return (
        number is not None
        and number.isascii()
        and number.isdigit()
        and len(number) <= MAX_EXTENSION_DIGITS
    )


def normalised(number: str | None) -> str | None:
    """Return a number as it is compared, None for an anonymous one.

    Russian numbers are written with +7, with 8 or with neither; all are one. Others
    are compared by their digits, with 00 for +.
    """
    if number is None:
        return None
    digits = "".join(filter(str.isdecimal, number))
    if "+" in number or digits.startswith("00"):
        return digits.removeprefix("00") or None
    if len(digits) == 11 and digits.startswith("8"):
        return f"7{digits[1:]}"
    # The first digit of a Russian area or mobile code.
    if len(digits) == 10 and digits[0] in "3489":
        return f"7{digits}"
    return digits or None
