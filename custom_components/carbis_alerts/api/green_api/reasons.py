"""What keeps an account from working, by the service's states, texts and statuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from ..errors import (
    AccountUnusable,
    QuotaExceeded,
    RequestRefused,
    SecondReader,
    ServiceError,
    ServiceUnavailable,
)
from ..fields import as_object, as_text
from ..json import read_json
from ..types import Json


class Trouble(StrEnum):
    """Why an account does not work: what forms and repairs have words for."""

    NOT_AUTHORIZED = "not_authorized"
    ACCOUNT_RESTRICTED = "account_restricted"
    INSTANCE_EXPIRED = "instance_expired"
    INSTANCE_DELETED = "instance_deleted"
    WEBHOOK_URL_SET = "webhook_url_set"


@dataclass(frozen=True, slots=True)
class AccountState:
    """A state: what a person has to fix, None for nothing, and whether messages come."""

    trouble: Trouble | None = None
    receives: bool = True


STATES: Final[Mapping[str, AccountState]] = {
    "authorized": AccountState(),
    "notAuthorized": AccountState(Trouble.NOT_AUTHORIZED, receives=False),
    "pendingCode": AccountState(Trouble.NOT_AUTHORIZED, receives=False),
    "pendingPassword": AccountState(Trouble.NOT_AUTHORIZED, receives=False),
    "blocked": AccountState(Trouble.ACCOUNT_RESTRICTED, receives=False),
    # Sending is partly forbidden: to people whom nobody has written to.
    "suspended": AccountState(Trouble.ACCOUNT_RESTRICTED),
    "yellowCard": AccountState(Trouble.ACCOUNT_RESTRICTED),
    # It will receive later.
    "sleepMode": AccountState(),
    "starting": AccountState(),
    # No state of the service's own: it refuses all calls then.
    "expired": AccountState(Trouble.INSTANCE_EXPIRED, receives=False),
    "deleted": AccountState(Trouble.INSTANCE_DELETED, receives=False),
}
"""The account's states; one that is not here is no trouble that is known."""

STATE_OF: Final[Mapping[str, str]] = {
    Trouble.NOT_AUTHORIZED: "notAuthorized",
    Trouble.ACCOUNT_RESTRICTED: "suspended",
    Trouble.INSTANCE_EXPIRED: "expired",
    Trouble.INSTANCE_DELETED: "deleted",
}
"""The state that an account is in which a refusal speaks of."""

# The first that is found in what a refusal says; None goes by itself.
TEXTS: Final[tuple[tuple[frozenset[int], re.Pattern[str], Trouble | None], ...]] = (
    (frozenset({400, 403}), re.compile("suspended"), Trouble.ACCOUNT_RESTRICTED),
    # Which of both it is, its state says.
    (frozenset({400}), re.compile("starting or not authori[sz]ed"), None),
    (frozenset({400}), re.compile("not authori[sz]ed"), Trouble.NOT_AUTHORIZED),
    (frozenset({400}), re.compile("starting"), None),
    (frozenset({400}), re.compile("expired"), Trouble.INSTANCE_EXPIRED),
    (
        frozenset({403}),
        re.compile("(instance|account).{0,40} expired"),
        Trouble.INSTANCE_EXPIRED,
    ),
    (
        frozenset({400, 403}),
        re.compile("(instance|account).{0,40} deleted"),
        Trouble.INSTANCE_DELETED,
    ),
    (frozenset({400}), re.compile("webhook ?url"), Trouble.WEBHOOK_URL_SET),
)
# The tariff's quota is used up; the notification that says so may be the answer itself.
QUOTA_STATUS: Final = 466
QUOTA_NOTICE: Final = "quotaExceeded"
# What the service says, with HTTP 500, when it is to delete what is not there any more.
GONE: Final = "findunackedmessage"

# Where the service's own words stand.
SAID: Final = ("message", "error", "description", "reason")
# They are English. Numbers, names and whatever else a request brought along are not.
SAID_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'’-]{0,19}[.,:;!?]?", re.ASCII)
MAX_SAID_WORDS: Final = 30


def explain(status: int, text: str) -> ServiceError | None:
    """Return what a failure means beyond its status, None where that says it all.

    How the service says that two readers met is not documented: a conflict by its
    status, or the word for it, is taken for that.
    """
    lower = text.lower().replace("_", " ")
    if status == QUOTA_STATUS:
        return QuotaExceeded("The tariff's quota is used up (HTTP 466)", status=status)
    if status == 409 or (status not in {401, 403, 429} and "overlap" in lower):
        return SecondReader("Another program reads the same queue", status=status)
    if status == 499:
        return ServiceUnavailable("The server gave up waiting", status=status)
    for statuses, pattern, trouble in TEXTS:
        if status in statuses and pattern.search(lower):
            if trouble is None:
                return ServiceUnavailable("The account is just starting", status=status)
            return AccountUnusable(trouble, status=status)
    if status == 400:
        return RequestRefused(
            "The service refuses the request (HTTP 400)", status=status, said=said(text)
        )
    return None


def is_gone(text: str) -> bool:
    """Return whether a failed deletion says that it was not there any more."""
    return GONE in text.lower()


def said(text: str) -> str | None:
    """Return the service's own words of a refusal, without what anybody else wrote."""
    document: Json = None
    try:
        document = read_json(text.encode("utf-8", "replace"))
    except ValueError:
        # Some refusals are plain text.
        document = {SAID[0]: text}
    words = as_object(document)
    for name in SAID:
        found = [
            word
            for word in (as_text(words.get(name)) or "").split()
            if SAID_WORD.fullmatch(word)
        ]
        if found:
            return " ".join(found[:MAX_SAID_WORDS])
    return None
