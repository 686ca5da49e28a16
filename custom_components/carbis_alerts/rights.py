"""What whoever acts may see and do, and in whose name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized

from .api.fields import as_name

type Check = Callable[[str | None], bool]


def named(name: str) -> str:
    """Return who acts, as lists show a name."""
    return as_name(name) or ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may see and do, asked of Home Assistant each time.

    Who is deleted or deactivated may do nothing; an automation has no user and may do all.
    """

    user: User | None
    is_automation: bool = False

    @property
    def sees_all(self) -> bool:
        """Return whether all entities may be seen."""
        return self._has_all(POLICY_READ)

    @property
    def controls_all(self) -> bool:
        """Return whether all entities may be controlled."""
        return self._has_all(POLICY_CONTROL)

    @property
    def may_see(self) -> Check:
        """Return what says whether an entity may be seen; None is one that is gone."""
        return self._check(POLICY_READ)

    @property
    def may_control(self) -> Check:
        """Return what says whether an entity may be controlled."""
        return self._check(POLICY_CONTROL)

    def named(self, by: str | None = None) -> str | None:
        """Return in whose name something is done.

        Automations and administrators say it; others act as themselves.
        """
        if self.is_automation or (by and self.user is not None and self.user.is_admin):
            return named(by) if by else None
        return named(self.user.name) if self.user and self.user.name else None

    def _has_all(self, policy: str) -> bool:
        if self.user is None or not self.user.is_active:
            return self.is_automation
        return self.user.permissions.access_all_entities(policy)

    def _check(self, policy: str) -> Check:
        if self._has_all(policy):
            return lambda _: True
        if (user := self.user) is None or not user.is_active:
            return lambda _: False
        permissions = user.permissions

        @cache
        def check(entity_id: str | None) -> bool:
            return entity_id is not None and permissions.check_entity(entity_id, policy)

        return check


AUTOMATION: Final = Rights(None, is_automation=True)


async def async_rights(hass: HomeAssistant, context: Context | None) -> Rights:
    """Return the rights of whoever acts."""
    if context is None or context.user_id is None:
        return AUTOMATION
    return Rights(await hass.auth.async_get_user(context.user_id))


def check_control(
    rights: Rights, context: Context | None, entity_ids: Iterable[str | None]
) -> None:
    """Raise ``Unauthorized`` unless all entities may be controlled."""
    if rights.controls_all:
        return
    may_control = rights.may_control
    for entity_id in entity_ids:
        if not may_control(entity_id):
            raise Unauthorized(
                context=context, entity_id=entity_id, permission=POLICY_CONTROL
            )
