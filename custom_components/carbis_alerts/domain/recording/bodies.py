"""Bodies, byte for byte but for what they say: whatever makes them odd stays."""

from collections.abc import Iterator
import re
from typing import Final
from urllib.parse import parse_qsl, urlencode

from ...api.charset import unmarked
from .known import CODE, CODES, FIELD, FIELDS, REFUSALS, VALUES
from .words import Pseudonyms

# How bodies that are forms begin.
_FORM: Final = re.compile(rb"\s*[\w.%-]{1,100}=")
_TOKENS: Final = re.compile(
    r'"(?P<text>(?:[^"\\]++|\\.)*+)(?P<end>"?)(?P<colon>\s*:)?'
    r"|(?P<number>(?<![\w.])-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))"
    r"|(?P<literal>\b(?:true|false|null|undefined|NaN|-?Infinity)\b)"
    r'|(?P<other>[^"{}\[\],:\s]+)'
    r"|(?P<sign>\s+|.)",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<short>.)|(?P<plain>[^\\])",
    re.DOTALL,
)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# Halves of characters as some programs write them: three bytes that are no UTF-8.
_HALF: Final = re.compile(r"(\udced[\udca0-\udcbf][\udc80-\udcbf])")


def body(raw: bytes, names: Pseudonyms, *, is_refusal: bool = False) -> bytes:
    """Return a body of the same form; of a refusal the words of services stay."""
    if _FORM.match(raw):
        fields = parse_qsl(raw, keep_blank_values=True)
        return urlencode(
            [(_key(_text(key), names), body(value, names)) for key, value in fields]
        ).encode()
    rest, charset = unmarked(raw)
    mark = raw[: len(raw) - len(rest)]
    if charset is None:
        text = rest.decode("utf-8", "surrogateescape")
        return mark + _document(text, names, is_refusal).encode(
            "utf-8", "surrogateescape"
        )
    # What is cut off within a character stays behind.
    width = 4 if charset.startswith("utf-32") else 2
    whole = len(rest) - len(rest) % width
    try:
        text = rest[:whole].decode(charset, "surrogatepass")
    except UnicodeDecodeError:
        text = rest[:whole].decode(charset, "replace")
    written = _document(text, names, is_refusal).encode(charset, "surrogatepass")
    return mark + written + b"\0" * (len(rest) - whole)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _key(name: str, names: Pseudonyms) -> str:
    """Return the name of a field; one that looks like none may be anybody's."""
    return name if name in FIELDS or FIELD.fullmatch(name) else names.text(name)


def _document(text: str, names: Pseudonyms, is_refusal: bool) -> str:
    return "".join(_pieces(text, names, is_refusal))


def _pieces(text: str, names: Pseudonyms, is_refusal: bool) -> Iterator[str]:
    """Yield a document piece by piece, whether or not it is JSON."""
    key = ""
    words = REFUSALS if is_refusal else frozenset[str]()
    for token in _TOKENS.finditer(text):
        match token.lastgroup:
            case "number":
                yield names.number(token[0])
            case "literal" | "sign":
                yield token[0]
            case "other":
                yield _plain(token[0], names, words)
            case _:
                signs, styles = _unescaped(token["text"])
                if token["colon"] is not None:
                    key = signs
                    new = _key(signs, names)
                elif signs.lower() in VALUES or (
                    key in CODES and CODE.fullmatch(signs)
                ):
                    new = signs
                else:
                    new = _plain(signs, names, words)
                yield f'"{_escaped(new, styles)}{token["end"]}{token["colon"] or ""}'


def _plain(text: str, names: Pseudonyms, words: frozenset[str]) -> str:
    """Return what stands for a text, halves of characters as they are."""
    return "".join(
        part if _HALF.fullmatch(part) else names.text(part, words)
        for part in _HALF.split(text)
    )


def _unescaped(text: str) -> tuple[str, list[str]]:
    """Return the characters of a text in JSON, and how each is written: "" for itself."""
    if "\\" not in text:
        return text, []
    signs: list[str] = []
    styles: list[str] = []
    for found in _ESCAPE.finditer(text):
        sign, style = found[0], ""
        if found["high"]:
            high, low = int(found["high"], 16), int(found["low"], 16)
            sign, style = chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)), "u"
        elif found["code"]:
            sign, style = chr(int(found["code"], 16)), "u"
        elif (short := found["short"]) is not None:
            # What looks like a code and is none stays, as what means nothing.
            sign = "\0" if short in "ux" else _SHORT.get(short, short)
            style = "\\" + short
        signs.append(sign)
        styles.append(style)
    return "".join(signs), styles


def _escaped(text: str, styles: list[str]) -> str:
    if not styles:
        return text
    return "".join(map(_written, text, styles, strict=True))


def _written(sign: str, style: str) -> str:
    """Return a character in the form in which the one stood that it stands for."""
    if style == "u":
        if ord(sign) < 0x10000:
            return f"\\u{ord(sign):04x}"
        code = ord(sign) - 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    if style and not sign.isalnum():
        return style
    return f"\\{sign}" if style and style[1] not in _SHORT else sign
