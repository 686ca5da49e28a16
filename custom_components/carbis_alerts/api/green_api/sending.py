"""Send files, and ask until when an account is restricted.

Facts of the vendor's pages "SendFileByUrl" of each messenger, "GetAccountSettings" of MAX
and of Telegram, and "GetWaSettings" of WhatsApp.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from ..errors import RequestRefused
from ..fields import as_id, as_object
from ..times import as_moment
from ..types import Json
from .client import GreenApiClient

# The end of a restriction, as WhatsApp called it before August of 2026.
RESTRICTED_UNTIL: Final = ("suspendedUntil", "yellowCardUntil")
# A restriction does not last for longer.
LONGEST: Final = timedelta(days=3_650)


async def send_file(
    client: GreenApiClient,
    chat_id: str,
    url: str,
    name: str,
    *,
    caption: str | None = None,
    quoted_message_id: str | None = None,
) -> str:
    """Send a file that the service fetches from the web; return the message's id.

    It is shown by the kind that its name ends with. Raise what the client raises.
    """
    body: dict[str, Json] = {"chatId": chat_id, "urlFile": url, "fileName": name}
    if caption is not None:
        body["caption"] = caption
    if quoted_message_id is not None:
        body["quotedMessageId"] = quoted_message_id
    document = as_object(await client.call("POST", "sendFileByUrl", body=body))
    if (message_id := as_id(document.get("idMessage"))) is None:
        raise RequestRefused("The service does not take the file")
    return message_id


async def restricted_until(client: GreenApiClient) -> datetime | None:
    """Return until when sending is restricted, None where the service does not say.

    Raise what the client raises.
    """
    account = as_object(await client.call("GET", client.messenger.account))
    now = datetime.now(UTC)
    for name in RESTRICTED_UNTIL:
        moment = as_moment(account.get(name), now + LONGEST)
        if moment is not None and moment > now:
            return moment
    return None
