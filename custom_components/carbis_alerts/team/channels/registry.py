"""The kinds of ways to people."""

from collections.abc import Mapping
from typing import Final

from .call import CallChannel
from .channel import Channel
from .chat import ChatChannel
from .mobile_app import MobileAppChannel
from .notify import NotifyChannel
from .telegram import TelegramChannel

CHANNELS: Final[Mapping[str, type[Channel]]] = {
    channel.kind: channel
    for channel in (
        MobileAppChannel,
        ChatChannel,
        TelegramChannel,
        NotifyChannel,
        CallChannel,
    )
}
"""By what stands in a person's ``channels``."""
