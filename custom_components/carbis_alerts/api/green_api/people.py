"""Who has a telephone number: asked of the service where ids hold no numbers.

Facts of the vendor's pages "CheckAccount" of MAX and of Telegram: a messenger punishes who
asks often, above all for numbers that nobody has there.
"""

from ..errors import ProtocolError
from ..fields import as_id, as_object
from .client import GreenApiClient


async def chat_of_number(client: GreenApiClient, number: str) -> str | None:
    """Return the chat id of whoever has a number, by its digits; None for nobody.

    Where ids hold numbers nothing is asked. Raise ``ValueError`` for a number that the
    service cannot look up, and as the client's calls do.
    """
    messenger = client.messenger
    if (known := messenger.chat_of(number)) is not None:
        return known
    if messenger.lookup is None or not messenger.knows(number):
        raise ValueError("The service cannot look up this number")
    document = as_object(
        await client.call("POST", messenger.lookup, body={"phoneNumber": int(number)})
    )
    chat_id = as_id(document.get("chatId"))
    is_there = document.get("exist")
    if not isinstance(is_there, bool) and chat_id is None:
        raise ProtocolError("The answer is not one of GREEN-API")
    if is_there is False or chat_id is None or not messenger.is_person(chat_id):
        return None
    # What stands for nobody in an answer that names no other reason.
    return None if not chat_id.strip("0") else chat_id
