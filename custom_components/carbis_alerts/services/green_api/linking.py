"""Link a messenger's account: an image for its phone, or a code to be typed on it."""

from typing import Final, override

from homeassistant.core import HomeAssistant

from ...api.errors import AccountUnusable
from ...api.green_api import GreenApiClient, Trouble
from ...api.green_api.linking import Stage, fetch_code, fetch_image, fetch_stage
from ...domain.chats import chat_id_of
from ...domain.shown import address
from ...log_filter import hidden
from ...runtime.timings import timings
from ..linking import STARTING, Linker, Shown

CONSOLE: Final = "https://console.green-api.com"


class GreenApiLinker(Linker):
    """Ask GREEN-API for what links an account, and whether it is linked."""

    def __init__(self, hass: HomeAssistant, client: GreenApiClient, token: str) -> None:
        """Take a client for the instance; its token is kept out of the log."""
        super().__init__(hass)
        self._client = client
        self._token = token
        self._messenger = messenger = client.messenger
        self._code: str | None = None
        self.title = messenger.title
        self.ways = ("link_qr", *(("link_code",) if messenger.has_link_code else ()))
        self.interval = min(messenger.link_renewal, timings().link_renewal)
        self.unlinked = AccountUnusable(Trouble.NOT_AUTHORIZED)

    @property
    @override
    def has_code(self) -> bool:
        return self._code is not None

    @override
    async def async_ask_code(self, phone: str) -> None:
        number = self._messenger.number_of(chat_id_of(phone, self._messenger))
        if number is None:
            raise ValueError("No phone number")
        with hidden(self._token):
            code = await fetch_code(self._client, number)
        self._code = code
        self.begin(timings().link_code)
        self.shown = self._shown_code(code)

    @override
    async def _async_look(self) -> Shown | None:
        with hidden(self._token):
            match await fetch_stage(self._client):
                case Stage.LINKED:
                    return None
                case Stage.PASSWORD:
                    return Shown(
                        "link_password",
                        {"messenger": self.title, "console": address(CONSOLE)},
                    )
                # A code may leave the instance starting until it is typed.
                case _ if self._code is not None:
                    return self._shown_code(self._code)
                case Stage.STARTING:
                    return STARTING
            if (image := await fetch_image(self._client)) is None:
                return None
        path = address(self.image.path_of(image))
        return Shown(f"link_qr_{self._messenger.name}", {"image": path})

    def _shown_code(self, code: str) -> Shown:
        return Shown("link_code", {"code": code})
