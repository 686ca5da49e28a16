"""The messengers that GREEN-API is a gateway to: what differs, a row each.

Facts of the vendor's pages "Chat ID", "CheckAccount" and "Incoming messages" of each
messenger, and of "Important differences" of MAX. That a group of Telegram gets another id
when it grows is of Telegram's own page "Channels, supergroups, gigagroups and basic
groups".
"""

from dataclasses import dataclass
import re
from typing import Final

# One account may be on several devices, and WhatsApp itself has a host of its own.
DEVICE: Final = re.compile(
    r"([0-9]{5,20})(?::[0-9]{1,4}@c\.us|(?::[0-9]{1,4})?@s\.whatsapp\.net)"
)
# Instances have had ids of ten digits since there are several messengers.
INSTANCE: Final = re.compile("[0-9]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Messenger:
    """What one messenger has otherwise than another, by the vendor's descriptions.

    ``name`` is what events call it, ``title`` what people do. ``person`` and ``group`` are
    the forms of chat ids. The chat id of a person is the number's digits and
    ``number_suffix``; where that is None, ids hold no numbers. ``lookup`` is the call of
    the API that knows a person's id by their number, and other ids of theirs. Where not
    ``ids_unique``, a message's id is unique within its chat only. ``max_text`` is in
    characters. ``service_name`` is what the service calls it (``typeInstance``);
    ``instances`` is how ids of its instances begin, ``host`` where they are;
    ``account`` is the call that describes the account. A picture that links an account is
    asked for again after ``link_renewal`` seconds; ``has_link_code`` says whether a code
    for a phone number does it too, ``has_link_password`` whether the account's own
    password is taken.
    """

    name: str
    title: str
    service_name: str
    instances: tuple[str, ...]
    host: str
    account: str
    link_renewal: int
    has_link_code: bool = False
    has_link_password: bool = False
    person: re.Pattern[str]
    group: re.Pattern[str]
    broadcasts: tuple[str, ...] = ()
    """How ids of chats end that are sent to nobody in particular."""
    number_suffix: str | None = None
    lookup: str | None = None
    countries: tuple[str, ...] = ()
    """The codes of the countries whose numbers are looked up; empty: of all."""
    large_group: re.Pattern[str] | None = None
    """The form of the id that a group gets when it grows; None: it keeps its own."""
    icon: str
    has_calls: bool
    ids_unique: bool
    max_text: int
    max_caption: int | None = None
    """Of the words below a file, where that is less than ``max_text``."""
    bold: str
    """The sign on both sides of what is shown in bold type."""

    def is_person(self, chat_id: str) -> bool:
        """Return whether a chat is one with a person."""
        return self.person.fullmatch(chat_id) is not None

    def is_group(self, chat_id: str) -> bool:
        """Return whether a chat is a group."""
        return self.group.fullmatch(chat_id) is not None

    def is_large(self, chat_id: str) -> bool:
        """Return whether a chat is a group under an id that it got when it grew."""
        large = self.large_group
        return large is not None and large.fullmatch(chat_id) is not None

    def is_broadcast(self, chat_id: str) -> bool:
        """Return whether what comes there was sent to nobody in particular."""
        return chat_id.endswith(self.broadcasts)

    def chat_of(self, number: str) -> str | None:
        """Return the chat id of a number's digits, None where ids hold no numbers."""
        return None if self.number_suffix is None else f"{number}{self.number_suffix}"

    def knows(self, number: str) -> bool:
        """Return whether the service can say who has a number, by its digits."""
        return self.lookup is not None and (
            not self.countries or number.startswith(self.countries)
        )

    def number_of(self, chat_id: str) -> str | None:
        """Return the digits of the number that a chat id holds, None where it holds none."""
        if self.number_suffix is None or not chat_id.endswith(self.number_suffix):
            return None
        # One account may be on several devices: ``79001234567:12@c.us``.
        number = chat_id.removesuffix(self.number_suffix).partition(":")[0]
        return number if number.isdecimal() else None

    def chat_of_device(self, chat_id: str) -> str:
        """Return the chat id of whom one is that names a device of theirs, else itself."""
        found = DEVICE.fullmatch(chat_id)
        number = found[1] if found else None
        return (self.chat_of(number) if number else None) or chat_id

    def message_key(self, chat_id: str, message_id: str) -> str:
        """Return what is unique of a message in all of the account."""
        return message_id if self.ids_unique else f"{chat_id}:{message_id}"


WHATSAPP: Final = Messenger(
    name="whatsapp",
    title="WhatsApp",
    service_name="whatsapp",
    instances=("11", "71", "77"),
    host="api.green-api.com",
    account="getWaSettings",
    # It is another one every 20 s, and nobody knows how old it is when it comes.
    link_renewal=2,
    has_link_code=True,
    icon="mdi:whatsapp",
    # A number, or a hidden id.
    person=re.compile(r"[0-9]{5,20}@(c\.us|lid)"),
    group=re.compile(r"[0-9]+(-[0-9]+)?@g\.us"),
    # Statuses and lists; channels.
    broadcasts=("@broadcast", "@newsletter"),
    number_suffix="@c.us",
    lookup="checkWhatsapp",
    has_calls=True,
    ids_unique=True,
    max_text=20_000,
    bold="*",
)
MAX: Final = Messenger(
    name="max",
    title="MAX",
    service_name="v3",
    instances=("31",),
    host="3100.api.green-api.com",
    account="getAccountSettings",
    link_renewal=5,
    icon="mdi:alpha-m-circle",
    person=re.compile(r"[0-9]{1,20}"),
    group=re.compile(r"-[0-9]{1,20}"),
    lookup="checkAccount",
    countries=("7", "375"),
    has_calls=False,
    ids_unique=False,
    max_text=4_000,
    bold="**",
)
TELEGRAM: Final = Messenger(
    name="telegram",
    title="Telegram",
    service_name="telegram",
    instances=("41",),
    host="4100.api.green-api.com",
    account="getAccountSettings",
    link_renewal=5,
    has_link_password=True,
    icon="mdi:send-circle",
    large_group=re.compile(r"-100[0-9]{10,}"),
    person=re.compile(r"[0-9]{1,20}"),
    group=re.compile(r"-[0-9]{1,20}"),
    lookup="checkAccount",
    has_calls=False,
    ids_unique=False,
    max_text=4_096,
    max_caption=1_024,
    bold="**",
)
MESSENGERS: Final = {
    messenger.name: messenger for messenger in (WHATSAPP, MAX, TELEGRAM)
}


def named(service_name: object) -> Messenger | None:
    """Return the messenger that the service calls so, None where it is not known."""
    if not isinstance(service_name, str):
        return None
    name = service_name.strip().lower()
    return next(
        (row for row in MESSENGERS.values() if name in (row.service_name, row.name)),
        None,
    )


def of_instance(instance_id: str) -> Messenger | None:
    """Return the messenger of an instance by its id, None where it says none."""
    if not INSTANCE.fullmatch(instance_id):
        return None
    return next(
        (row for row in MESSENGERS.values() if instance_id.startswith(row.instances)),
        None,
    )
