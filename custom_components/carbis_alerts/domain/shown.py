"""What dialogs, repairs and errors show of others' words: text that does nothing.

Nothing else fills a sentence of ours: a test goes through the component's code.

Home Assistant shows the same placeholder as Markdown in one place and as plain text in
another, so signs are replaced by others that look like them, and none is escaped.
"""

from collections.abc import Iterable, Iterator, Mapping
import re
from typing import Final
from unicodedata import category

MAX_SHOWN: Final = 200
# Characters that are looked at: whoever puts more invisible signs first shows nothing.
MAX_READ: Final = 4_000
# Names of a certificate, and their characters in all, with what says how many are left.
MAX_NAMES: Final = 6
MAX_NAME: Final = 64
MAX_NAMES_LENGTH: Final = 180

# Marks that letters have above and below them in any language, at most.
MAX_MARKS: Final = 3

NOTHING: Final = "—"
MISSING: Final = "…"
STRANGE: Final = "\N{REPLACEMENT CHARACTER}"

# Controls, directions, invisible signs, halves of characters, and what is not assigned.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
# Letters and marks that show nothing, though their categories say otherwise.
_BLANK: Final = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *(0x16FE4, 0x1D159),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
# What means something anywhere in a line of Markdown, HTML or a template.
_ALIKE: Final = str.maketrans(
    {
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        **{sign: chr(ord(sign) + 0xFEE0) for sign in "*[]{}|~\\@"},
    }
)
# What means something in its place only.
_POSITIONAL: Final = (
    # An address becomes a link by itself.
    (re.compile(r"://"), ":\N{FULLWIDTH SOLIDUS}\N{FULLWIDTH SOLIDUS}"),
    (re.compile(r"(?<=www)\.", re.IGNORECASE), "\N{FULLWIDTH FULL STOP}"),
    # An entity is read as the sign that it stands for.
    (re.compile(r"&(?=[#\w])"), "\N{FULLWIDTH AMPERSAND}"),
    # A name between colons becomes a picture; not the groups of an address, nor a clock.
    (
        re.compile(
            r"(?:(?<![\w:]):(?=[\w+-]+:)|:(?=[0-9a-f]*[g-zG-Z_+-][\w+-]*:))", re.ASCII
        ),
        "\N{FULLWIDTH COLON}",
    ),
    # Between letters and digits it is one of them: ``waiter_call``.
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), "\N{FULLWIDTH LOW LINE}"),
    # A heading, a list, a rule: at the beginning of a line.
    (re.compile(r"^#"), "\N{FULLWIDTH NUMBER SIGN}"),
    (re.compile(r"^\+(?=\s|$)"), "\N{FULLWIDTH PLUS SIGN}"),
    (re.compile(r"^-(?=[\s-]|$)"), "\N{HYPHEN}"),
    (re.compile(r"^="), "\N{FULLWIDTH EQUALS SIGN}"),
    (re.compile(r"^([0-9]{1,9})\.(?=\s|$)"), "\\1\N{FULLWIDTH FULL STOP}"),
    (re.compile(r"^([0-9]{1,9})\)(?=\s|$)"), "\\1\N{FULLWIDTH RIGHT PARENTHESIS}"),
)
# A whole address, or a path; a signature is letters, digits and a few signs.
_ADDRESS: Final = re.compile(
    r"(https://[a-z0-9.-]+|/(?!/)[\w/.-]*(\?[\w=&.-]*)?)", re.ASCII
)
_NO_HOST: Final = re.compile(r"[^A-Za-z0-9.:*_-]")


class OurWords(str):
    """Text of ours in Markdown; what it holds of others' words went through ``shown``."""

    __slots__ = ()


def shown(words: object) -> str:
    """Return others' words as a line of at most 200 characters that does nothing."""
    text = "" if words is None else str(words)[:MAX_READ]
    text = " ".join("".join(_unpiled(filter(_is_seen, text))).split())
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1].rstrip() + MISSING
    text = text.translate(_ALIKE)
    for pattern, instead in _POSITIONAL:
        text = pattern.sub(instead, text)
    return text or NOTHING


def placeholders(**words: object) -> dict[str, str]:
    """Return what fills a sentence of ours: the one way into dialogs and repairs."""
    return {
        name: text if isinstance(text, OurWords) else shown(text)
        for name, text in words.items()
    }


def changes(rows: Iterable[tuple[str, object, object]]) -> OurWords:
    """Return settings with what they are and would be, a line of Markdown each."""
    return OurWords(
        "\n".join(
            f"- `{shown(name)}`: `{_setting(before)}` → `{_setting(after)}`"
            for name, before, after in rows
        )
    )


def counted(counts: Mapping[str, int]) -> OurWords:
    """Return how often each of others' words came, a line of Markdown each."""
    return OurWords("\n".join(f"- `{shown(name)}`: {counts[name]}" for name in counts))


def address(text: str) -> OurWords:
    """Return an address of ours as it is, where a sentence has a place for one.

    Raise ``ValueError`` for what could be more than an address there.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("This is no address of ours")
    return OurWords(text)


def names(hosts: Iterable[str]) -> OurWords:
    """Return the first names of a certificate, and how many more there are.

    A certificate may be anybody's, so only what a host's name is made of is kept.
    """
    kept: list[str] = []
    length = left = 0
    for host in hosts:
        name = shown(_host(host))
        length += len(name) + 2
        if left or len(kept) == MAX_NAMES or (kept and length > MAX_NAMES_LENGTH):
            left += 1
        else:
            kept.append(name)
    return OurWords(
        ", ".join(kept) + (f", {MISSING} +{left}" if left else "") or NOTHING
    )


def keys_and_types(form: object) -> str:
    """Return the form of something, as ``api.fields.shape`` gives it, as a line."""
    match form:
        case dict():
            return f"{{{', '.join(f'{key}: {keys_and_types(form[key])}' for key in form)}}}"
        case list():
            return f"[{', '.join(map(keys_and_types, form))}]"
    return str(form)


def _setting(value: object) -> str:
    return shown("∅" if value in (None, "", [], {}) else value)


def _host(name: str) -> str:
    """Return a name with a mark for each character that no host's name has."""
    name = name[: MAX_NAME - 1] + MISSING if len(name) > MAX_NAME else name
    cut = name.endswith(MISSING)
    kept = _NO_HOST.sub(_strange, name.removesuffix(MISSING))
    return kept + (MISSING if cut else "")


def _strange(match: re.Match[str]) -> str:
    return "\N{OPEN BOX}" if match[0] == " " else STRANGE


def _unpiled(signs: Iterable[str]) -> Iterator[str]:
    """Yield signs without the marks that would reach into other lines."""
    marks = 0
    for sign in signs:
        marks = marks + 1 if category(sign).startswith("M") else 0
        if marks <= MAX_MARKS:
            yield sign


def _is_seen(sign: str) -> bool:
    """Return whether a character is to be seen; blanks of all kinds are."""
    return sign.isspace() or (sign not in _BLANK and category(sign) not in _UNSEEN)
