"""Fields in which something is chosen of what there is just now."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol


class OpenSelect(SelectSelector):
    """Offer some texts, and let the flow say in words what is wrong with others."""

    @override
    def __call__(self, data: Any) -> list[str]:
        """Return the texts that were chosen."""
        chosen: list[str] = vol.Schema([str])(data)
        return list(dict.fromkeys(chosen))


def several(offered: Mapping[str, str]) -> OpenSelect:
    """Return a field of which several can be ticked; ``offered`` has the labels."""
    return OpenSelect(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=value, label=label)
                for value, label in offered.items()
            ],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
    )


def choice(offered: Mapping[str, str], *, is_open: bool = False) -> SelectSelector:
    """Return a field of which one is chosen; ``offered`` has the labels.

    ``is_open`` is one where something else can be typed.
    """
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=value, label=label)
                for value, label in offered.items()
            ],
            custom_value=is_open,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
