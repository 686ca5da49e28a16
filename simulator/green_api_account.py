"""What GREEN-API says of an account and of its instance, and the settings that can be changed.

Facts of the vendor's pages "GetSettings", "SetSettings" and "GetAccountSettings" of MAX and of
Telegram, and "GetWaSettings" of WhatsApp.
"""

from typing import TYPE_CHECKING, Any, Final

from .green_api_calls import Call, Method, Methods, bad_request
from .service import Answer

if TYPE_CHECKING:
    from .green_api import GreenApiService

LINKED: Final = frozenset({"authorized", "suspended", "yellowCard", "sleepMode"})


class Account:
    """The calls that are about the account."""

    def __init__(self, green: GreenApiService) -> None:
        """Speak for an account."""
        self._green = green

    @property
    def methods(self) -> Methods:
        """Return the calls of the API."""
        return {
            "getStateInstance": Method("GET", self._get_state),
            "getSettings": Method("GET", self._get_settings),
            "setSettings": Method("POST", self._set_settings),
            self._green.messenger.account: Method("GET", self._get_account),
        }

    async def _get_state(self, _: Call) -> Answer:
        return Answer.json({"stateInstance": self._green.state})

    async def _get_settings(self, _: Call) -> Answer:
        return Answer.json(self._green.settings)

    async def _set_settings(self, call: Call) -> Answer:
        if not (changes := await call.read()):
            return bad_request("at least one setting is expected")
        try:
            self._green.change_settings(changes)
        except ValueError as error:
            return bad_request(str(error))
        return Answer.json({"saveSettings": True})

    async def _get_account(self, _: Call) -> Answer:
        """Say who it is; of an account that is not linked nothing but its state is known."""
        green = self._green
        is_linked = green.state in LINKED
        account: dict[str, Any] = {
            "avatar": "",
            "phone": green.phone if is_linked else "",
            "stateInstance": green.state,
        }
        if not green.model.has_number_ids:
            account["chatId"] = green.account if is_linked else ""
        if green.suspended_until is not None:
            account["suspendedUntil"] = green.suspended_until
        return Answer.json(account)
