"""Linking an account to its instance: what GREEN-API shows, and what a person does with a phone.

Facts of the vendor's pages "QR" of each messenger and "GetAuthorizationCode".
"""

from base64 import b64encode
from io import BytesIO
import secrets
from typing import TYPE_CHECKING, Any, Final

import segno

from .green_api_calls import Call, Method, Methods, bad_request
from .green_api_messages import NUMBER
from .service import Answer

if TYPE_CHECKING:
    from .green_api import GreenApiService

LINKED: Final = frozenset({"authorized", "suspended", "yellowCard", "sleepMode"})
# Seconds for which an image is good, and a code.
IMAGE_GOOD_FOR: Final = {"whatsapp": 20.0}
SHORTLY: Final = 5.0
CODE_GOOD_FOR: Final = 150.0
# Points of the screen for one of the image's.
SCALE: Final = 6


def draw(text: str) -> bytes:
    """Return the QR code of a text, a PNG."""
    image = BytesIO()
    segno.make(text, error="m", micro=False).save(image, kind="png", scale=SCALE)
    return image.getvalue()


class Linking:
    """Link an account: by an image that changes, or by a code for its number."""

    def __init__(self, green: GreenApiService) -> None:
        """Link the account of a gateway."""
        self._green = green
        self.password: str | None = None
        """The account's own password; None for none."""
        self.instead: Any = None
        """What is answered instead of an image, where it is not None."""
        self.asked = 0
        """How often somebody asked for an image."""
        self._text = ""
        self._until = 0.0
        self._code: tuple[str, float] | None = None

    @property
    def methods(self) -> Methods:
        """Return the calls of the API."""
        methods = {"qr": Method("GET", self._show)}
        if self._green.messenger.has_link_code:
            methods["getAuthorizationCode"] = Method("POST", self._give_code)
        return methods

    @property
    def text(self) -> str:
        """Return what the image holds now."""
        now = self._green.clock()
        if now >= self._until:
            good_for = IMAGE_GOOD_FOR.get(self._green.messenger.name, SHORTLY)
            self._text = f"2@{secrets.token_urlsafe(48)}"
            self._until = now + good_for
        return self._text

    @property
    def code(self) -> str | None:
        """Return the code that can be typed now."""
        if self._code is None or self._green.clock() >= self._code[1]:
            return None
        return self._code[0]

    def renew(self) -> None:
        """Let the image be another one from now on."""
        self._until = 0.0

    def scan(self) -> None:
        """Let the phone read the image."""
        self._green.set_state("authorized" if self.password is None else self._waits)

    def type_code(self, code: str) -> None:
        """Type a code on the phone. Raises ValueError for one that is not good any more."""
        if code != self.code:
            raise ValueError("this code cannot be typed")
        self._code = None
        self.scan()

    def enter_password(self, password: str) -> None:
        """Enter the account's own password in the console. Raises ValueError for another."""
        if password != self.password:
            raise ValueError("invalid_password")
        self._green.set_state("authorized")

    @property
    def _waits(self) -> str:
        """Return the state of an account whose own password is waited for.

        The gateway of MAX cannot take one: the account stays logged out.
        """
        states = self._green.model.states
        return "pendingPassword" if "pendingPassword" in states else "notAuthorized"

    async def _show(self, _: Call) -> Answer:
        self.asked += 1
        self._green.report()
        if self.instead is not None:
            return Answer.json(self.instead)
        if self._green.state in LINKED:
            words = "instance account already authorized"
            return Answer.json({"type": "alreadyLogged", "message": words})
        if self._green.state != "notAuthorized":
            words = f"instance is {self._green.state}"
            return Answer.json({"type": "error", "message": words})
        image = b64encode(draw(self.text)).decode()
        return Answer.json({"type": "qrCode", "message": image})

    async def _give_code(self, call: Call) -> Answer:
        number = (await call.read() or {}).get("phoneNumber")
        if not isinstance(number, int) or not NUMBER.fullmatch(str(number)):
            return bad_request("'phoneNumber' must be a number")
        if self._green.state in LINKED:
            return Answer.json({"message": "instance account already authorized"}, 400)
        code = secrets.token_hex(4).upper()
        self._code = code, self._green.clock() + CODE_GOOD_FOR
        return Answer.json({"status": True, "code": code})
