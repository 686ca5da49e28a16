"""What whoever acts may see and do, and in whose name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized

from .api.fields import as_name
from .const import DOMAIN
from .domain.actor import Actor
from .people import colleagues, is_user, person_id_of

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

    @property
    def may_say_who(self) -> bool:
        """Return whether something may be done in anybody's name."""
        return self.is_automation or (self.user is not None and self.user.is_admin)

    @property
    def name(self) -> str | None:
        """Return what the user is called."""
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


@callback
def actor_of(
    hass: HomeAssistant,
    rights: Rights,
    entry_id: str,
    *,
    by: str | None = None,
    person_id: str | None = None,
) -> Actor:
    """Return who acts at an entry of a service, as a person of its team if that is known.

    Automations and administrators say who. A user who is a person is that person. Any other,
    as on a tablet that many share, may say which of the people it is if he sees them all.
    Raise an error in words for a person who is not of the team or not the user.
    """
    people = colleagues(hass, entry_id)
    user_id = rights.user.id if rights.user is not None else None
    own = next((one for one in people if user_id and is_user(hass, one, user_id)), None)
    said = named(by) if by and rights.may_say_who else None
    if person_id is not None:
        wanted = person_id_of(hass, person_id)
        person = next((one for one in people if one.person_id == wanted), None)
        if person is None:
            raise _invalid("unknown_person")
        if not rights.may_say_who and (
            own.person_id != wanted if own is not None else not rights.sees_all
        ):
            raise _invalid("another_person")
        return Actor(said or person.name, person.person_id)
    if said is not None:
        # Automations of before people were known say the name.
        namesakes = [one.person_id for one in people if one.name == said]
        return Actor(said, namesakes[0] if len(namesakes) == 1 else None)
    if own is not None:
        return Actor(own.name, own.person_id)
    return Actor(rights.name)


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
