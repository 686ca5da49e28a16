"""Link an account to its instance: by an image for its phone's camera, or by a code.

By the vendor's pages QR of WhatsApp, MAX and Telegram, and GetAuthorizationCode of
WhatsApp: an instance gives neither while an account is linked to it; an image lives for
some seconds, a code for two and a half minutes.
"""

from base64 import b64decode
import binascii
from enum import StrEnum
import re
from typing import Final

from ..errors import AccountUnusable, ProtocolError, RequestRefused
from ..fields import as_code, as_object, as_text
from ..types import Json
from .client import GreenApiClient
from .reasons import STATES, AccountState, said

# States of an instance that waits for its account.
UNLINKED: Final = frozenset({"notAuthorized", "pendingCode", "pendingPassword"})
# What the service calls an instance whose account is linked, each messenger in its way.
_LINKED: Final = frozenset({"alreadyLogged", "already_registered"})
_CODE: Final = re.compile(r"[A-Za-z0-9-]{4,20}")

# A PNG begins with this, and with its size in the first part: two numbers of four bytes.
_PNG: Final = re.compile(rb"\x89PNG\r\n\x1a\n.{4}IHDR(.{4})(.{4})", re.DOTALL)
_DATA: Final = "data:image/png;base64,"
# Bytes, and points on a side; an image of the service has some 1,000, and 300.
_MAX_IMAGE: Final = 256 * 1024
_MAX_SIDE: Final = 2_000


class Stage(StrEnum):
    """How far the linking of an account is."""

    LOGGED_OUT = "logged_out"
    PASSWORD = "password"  # noqa: S105 - the account's own is waited for
    STARTING = "starting"
    LINKED = "linked"


def needs_link(trouble: str) -> bool:
    """Return whether a trouble of an account is that none is linked."""
    return trouble in {STATES[state].trouble for state in UNLINKED & STATES.keys()}


async def fetch_stage(client: GreenApiClient) -> Stage:
    """Ask how far the linking is.

    Raise ``AccountUnusable`` for an account that no link helps, and what all requests
    raise.
    """
    try:
        state = await client.state()
    except AccountUnusable as err:
        if needs_link(err.trouble):
            return Stage.LOGGED_OUT
        raise
    match state:
        case "pendingPassword":
            return Stage.PASSWORD
        case "starting":
            return Stage.STARTING
        case _ if state in UNLINKED:
            return Stage.LOGGED_OUT
    meaning = STATES.get(state, AccountState())
    if meaning.trouble is not None and not meaning.receives:
        raise AccountUnusable(meaning.trouble)
    return Stage.LINKED


async def fetch_image(client: GreenApiClient) -> bytes | None:
    """Return the image that links an account, a PNG; None where one is linked already.

    Raise ``RequestRefused`` with the service's words where it has none, ``ProtocolError``
    for what is no image, and what all requests raise.
    """
    answer = as_object(await client.call("GET", "qr"))
    kind, message = as_code(answer.get("type")), answer.get("message")
    if kind in _LINKED:
        return None
    if kind == "error":
        raise RequestRefused(
            "The service has no image", said=said(as_text(message) or "")
        )
    if kind != "qrCode" or (image := _image(message)) is None:
        raise ProtocolError("The answer is no image")
    return image


async def fetch_code(client: GreenApiClient, number: str) -> str:
    """Return the code that links the account of a number's digits, typed on its phone.

    Raise ``RequestRefused`` where the service gives none, and what all requests raise.
    """
    answer = as_object(
        await client.call(
            "POST", "getAuthorizationCode", body={"phoneNumber": int(number)}
        )
    )
    code = as_code(answer.get("code"))
    if answer.get("status") is False or code is None or not _CODE.fullmatch(code):
        words = as_text(answer.get("message")) or as_text(answer.get("reason"))
        raise RequestRefused("The service gives no code", said=said(words or ""))
    return code


def _image(message: Json) -> bytes | None:
    """Return the PNG that a message is, in base64; None for anything else."""
    if not isinstance(message, str) or len(message) > 2 * _MAX_IMAGE:
        return None
    text = "".join(message.split()).removeprefix(_DATA)
    try:
        image = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error, ValueError:
        return None
    found = _PNG.match(image)
    if found is None or len(image) > _MAX_IMAGE:
        return None
    sides = [int.from_bytes(side) for side in found.groups()]
    return image if all(0 < side <= _MAX_SIDE for side in sides) else None
