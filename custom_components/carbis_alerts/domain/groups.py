"""Groups that go on under another id."""

from collections.abc import Collection, Mapping
from typing import Any

from ..api.green_api.messengers import Messenger


class Groups:
    """Notice a group that a person has added and that goes on under another id.

    Nobody says so, and a group of the same name may be a stranger's: a person decides.
    """

    def __init__(self, messenger: Messenger) -> None:
        """Begin without a group."""
        self._messenger = messenger
        # By the id of a group that was added: its name.
        self._names: dict[str, str] = {}

    @property
    def known(self) -> list[str]:
        """Return the ids of groups whose names are known."""
        return list(self._names)

    def keep(self, added: Collection[str]) -> None:
        """Forget the groups that are not there any more."""
        self._names = {id_: self._names[id_] for id_ in self._names if id_ in added}

    def has_new_name(self, chat_id: str | None, name: str | None) -> bool:
        """Take the name of a group that was added; return whether it is another."""
        if not chat_id or not name or self._names.get(chat_id) == name:
            return False
        self._names[chat_id] = name
        return True

    def before(self, chat_id: str | None, name: str | None) -> str | None:
        """Return the group that seems to have become one that was not added.

        None where there is none, or where several have that name.
        """
        if not chat_id or not name or not self._messenger.is_large(chat_id):
            return None
        alike = [
            id_
            for id_ in self._names
            if self._names[id_] == name and not self._messenger.is_large(id_)
        ]
        return alike[0] if len(alike) == 1 else None

    def as_dict(self) -> dict[str, str]:
        """Return what to store."""
        return dict(self._names)

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no name is passed over."""
        self._names = {
            id_: name
            for id_, name in stored.items()
            if isinstance(name, str) and self._messenger.is_group(id_)
        }
