"""Carbis Alerts: waiter calls, phone calls and messages of a restaurant's guests.

Importing the package imports nothing of Home Assistant, so ``api`` and ``domain`` can be
used alone. What Home Assistant calls is in ``entry``, which ``config_flow`` imports: that
one is loaded in the executor before Home Assistant asks for any name here.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .entry import (
        CONFIG_SCHEMA as CONFIG_SCHEMA,
        PLATFORMS as PLATFORMS,
        async_remove_config_entry_device as async_remove_config_entry_device,
        async_remove_entry as async_remove_entry,
        async_setup as async_setup,
        async_setup_entry as async_setup_entry,
        async_unload_entry as async_unload_entry,
    )
    from .migration import async_migrate_entry as async_migrate_entry

# Where each name is that Home Assistant asks for.
_HOMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "CONFIG_SCHEMA",
            "PLATFORMS",
            "async_remove_config_entry_device",
            "async_remove_entry",
            "async_setup",
            "async_setup_entry",
            "async_unload_entry",
        ),
        "entry",
    ),
    "async_migrate_entry": "migration",
}


def __getattr__(name: str) -> Any:
    """Return what Home Assistant calls; raise ``AttributeError`` for any other name."""
    if name in _HOMES:
        # By its whole name: so Home Assistant sees that nothing is loaded in its loop.
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
