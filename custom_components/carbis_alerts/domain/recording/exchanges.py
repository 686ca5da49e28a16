"""An exchange as it is kept: what was asked, what came, and when."""

import base64
from collections.abc import Iterable, Mapping
import re
from typing import Any, Final

import orjson

from ...api.fields import LEFT_OUT, prune
from ...api.recorder import Exchange, Kind
from .bodies import body
from .known import PATH, VALUES
from .words import Pseudonyms

# Bytes of a body that are kept.
MAX_BODY: Final = 12 * 1024
# Bytes of one that is still read, to keep the beginning of each of its lists.
MAX_READ: Final = 256 * 1024
# Parameters that say nothing of anybody.
PARAMETERS: Final = frozenset({"receiveTimeout"})
REFUSED: Final = 400
_TYPE: Final = re.compile(
    r"[a-z]{1,20}/[a-z0-9.+-]{1,40}(?: ?; ?charset=\"?[A-Za-z0-9_-]{1,20}\"?)?",
    re.ASCII,
)
# The shortest secret that is looked for: of shorter ones each text would have some.
LEAST_SECRET: Final = 4
HIDDEN: Final = "*"

type Recorded = dict[str, Any]


def recorded(
    exchange: Exchange, names: Pseudonyms, secrets: Iterable[str], began: float
) -> Recorded:
    """Return an exchange without anything of anybody.

    ``secrets`` must not stand in it, whatever happens; ``began`` is the recording's beginning by the
    monotonic clock.
    """
    is_refusal = exchange.status is not None and exchange.status >= REFUSED
    kept: Recorded = {
        "at": round(exchange.began - began, 3),
        "took": round(exchange.ended - exchange.began, 3),
        "kind": exchange.kind.value,
    }
    if exchange.kind is Kind.REQUEST:
        kept["method"] = exchange.method
        kept["path"] = _path(exchange.path)
        kept["query"] = _query(exchange.query, names)
        kept |= _body("sent", exchange.sent, names)
    if exchange.event is not None:
        kept["event"] = _code(exchange.event, names)
    kept["status"] = exchange.status
    kept["content_type"] = _content_type(exchange.content_type)
    kept["error"] = exchange.error
    kept |= _body("body", exchange.body, names, is_refusal=is_refusal)
    return {
        key: _without(value, secrets)
        for key, value in kept.items()
        if value not in (None, "", {})
    }


def _body(
    name: str, raw: bytes, names: Pseudonyms, *, is_refusal: bool = False
) -> Recorded:
    """Return a body as text, or as Base64 where it is none; of a long one its beginning."""
    size = len(raw)
    raw, is_cut = _shortened(raw)
    made = body(raw, names, is_refusal=is_refusal)
    kept: Recorded = {f"{name}_size": size} if is_cut else {}
    try:
        return {name: made.decode(), **kept}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(made).decode(), **kept}


def _shortened(raw: bytes) -> tuple[bytes, bool]:
    """Return what is kept of a body, and whether something is missing."""
    if len(raw) <= MAX_BODY:
        return raw, False
    if len(raw) <= MAX_READ:
        try:
            document = orjson.loads(raw)
        except ValueError:
            document = None
        if document is not None:
            return orjson.dumps(prune(document, most=MAX_BODY)), True
    return raw[:MAX_BODY], True


def _path(path: str) -> str:
    """Return a path in which only names of a service's own are left."""
    parts = path.strip("/").split("/")
    return "/" + "/".join(part if part in PATH else HIDDEN for part in parts)


def _query(query: Mapping[str, str], names: Pseudonyms) -> dict[str, str]:
    return {
        key: value if key in PARAMETERS else _code(value, names)
        for key, value in query.items()
    }


def _code(text: str, names: Pseudonyms) -> str:
    return text if text.lower() in VALUES or text == "message" else names.text(text)


def _content_type(text: str | None) -> str | None:
    return None if text is None else text if _TYPE.fullmatch(text) else LEFT_OUT


def _without(value: Any, secrets: Iterable[str]) -> Any:
    """Return a value without secrets: pseudonyms hold none but by chance."""
    match value:
        case str():
            for secret in secrets:
                if len(secret) >= LEAST_SECRET:
                    value = value.replace(secret, HIDDEN * len(secret))
            return value
        case dict():
            return {key: _without(item, secrets) for key, item in value.items()}
        case _:
            return value
