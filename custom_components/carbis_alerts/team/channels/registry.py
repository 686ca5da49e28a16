"""The kinds of ways to people."""

from collections.abc import Mapping
from typing import Final

from .channel import Channel
from .chat import ChatChannel
from .mobile_app import MobileAppChannel

CHANNELS: Final[Mapping[str, type[Channel]]] = {
    channel.kind: channel
    for channel in (
        MobileAppChannel,
        ChatChannel,
    )
}
"""By what stands in a person's ``channels``."""
