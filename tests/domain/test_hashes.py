"""Hashes that two events have: each gets an id, the same one whenever it is listed."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.api.fields import MAX_ID_LENGTH
from custom_components.carbis_alerts.domain.hashes import MAX_OWNERS, HashOwners
from custom_components.carbis_alerts.domain.journal import Journal
from custom_components.carbis_alerts.domain.short_ids import packed_id

HASH = "0x1"


def test_the_second_event_of_a_hash_has_its_code_and_table_in_its_id() -> None:
    owners, journal = HashOwners(), Journal(900)

    def ids(*subjects: str) -> list[str]:
        return [owners.event_id(HASH, one, journal.__contains__) for one in subjects]

    assert ids("waiter_call:5", "waiter_call:7", "bill:5", "waiter_call:5") == [
        HASH,
        f"{HASH}:waiter_call:7",
        f"{HASH}:bill:5",
        HASH,
    ]


def test_what_an_older_version_has_noted_is_not_published_again() -> None:
    owners, journal = HashOwners(), Journal(900)
    journal.add(HASH, 0.0)
    assert owners.event_id(HASH, "waiter_call:5", journal.__contains__) == HASH


def test_an_id_has_a_length() -> None:
    owners, journal = HashOwners(), Journal(900)
    ids = [
        owners.event_id("x" * 200, f"{'y' * 200}:{table}", journal.__contains__)
        for table in (5, 6, 5, 7)
    ]
    assert ids[::2] == ["x" * 200] * 2
    assert len(set(ids)) == 3
    assert all(len(event_id) <= MAX_ID_LENGTH for event_id in ids)


def test_a_hash_whose_owner_was_packed_goes_on_to_be_its_own() -> None:
    owners, journal = HashOwners(), Journal(900)
    for subject in ("waiter_call:5", "waiter_call:7"):
        journal.add(owners.event_id(HASH, subject, journal.__contains__), 0.0)
    again = HashOwners()
    again.restore({packed_id(HASH): packed_id("waiter_call:5")})
    assert again.event_id(HASH, "waiter_call:5", journal.__contains__) == HASH
    assert again.event_id(HASH, "bill:5", journal.__contains__) == f"{HASH}:bill:5"


def test_no_more_owners_are_kept_than_a_queue_has_events() -> None:
    owners, journal = HashOwners(), Journal(900)
    for number in range(3 * MAX_OWNERS):
        owners.event_id(f"0x{number}", "x" * 400, journal.__contains__)
    kept = owners.as_dict({f"0x{number}" for number in range(3 * MAX_OWNERS)})
    assert MAX_OWNERS <= len(kept) <= 2 * MAX_OWNERS
    assert max(map(len, kept.values())) < 50
    assert f"0x{3 * MAX_OWNERS - 1}" in kept


@pytest.mark.parametrize("stored", [None, [], "x", {"0x1": 5}])
def test_what_somebody_edited_is_passed_over(stored: object) -> None:
    owners = HashOwners()
    owners.restore(stored)
    assert owners.as_dict({HASH}) == {}


# What a server lists of the events of two hashes, and whether Home Assistant starts again.
STEPS = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.sampled_from(("w:5", "w:7", "b:5"))),
            max_size=5,
        ),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)


@given(STEPS)
def test_each_event_has_one_id_over_polls_stops_and_failures(
    steps: list[tuple[list[tuple[str, str]], bool, bool]],
) -> None:
    owners, journal = HashOwners(), Journal(900)
    published: dict[tuple[str, str], str] = {}
    for listed, fails, stops in steps:
        for number, (hash_, subject) in enumerate(listed):
            event_id = owners.event_id(hash_, subject, journal.__contains__)
            if event_id in journal:
                assert published[hash_, subject] == event_id, "somebody else's"
                continue
            assert (hash_, subject) not in published, "twice"
            if fails and number == 0:
                continue
            published[hash_, subject] = event_id
            journal.add(event_id, 0.0)
        if stops:
            stored = owners.as_dict(journal)
            owners = HashOwners()
            owners.restore(stored)
    assert len(set(published.values())) == len(published)
