"""Whose a table is, and whom a step reaches: by examples, and whatever the team."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.ownership import (
    Candidate,
    Owners,
    Rung,
    recipients,
    whose,
)


def team(**people: str) -> list[Candidate]:
    """Return a team: of each ``m`` manager, ``s`` on shift, ``z`` in zone, ``t`` the till's."""
    return [
        Candidate(
            person_id=name,
            is_manager="m" in signs,
            is_on_shift="s" in signs,
            is_in_zone="z" in signs,
            is_tills="t" in signs,
        )
        for name, signs in people.items()
    ]


@pytest.mark.parametrize(
    ("people", "owners"),
    [
        ({"anna": "szt", "boris": "sz"}, Owners(Rung.TILL, ("anna",))),
        # The till's waiter may serve outside of their zone.
        ({"anna": "st", "boris": "sz"}, Owners(Rung.TILL, ("anna",))),
        ({"anna": "zt", "boris": "sz"}, Owners(Rung.ZONE, ("boris",))),
        (
            {"anna": "sz", "boris": "sz", "vera": "s"},
            Owners(Rung.ZONE, ("anna", "boris")),
        ),
        ({"anna": "z", "boris": "s"}, Owners(Rung.SHIFT, ("boris",))),
        ({"anna": "zt", "vera": "m"}, Owners(Rung.MANAGERS, ("vera",), True)),
        ({"anna": "z", "boris": ""}, Owners(Rung.EVERYBODY, ("anna", "boris"), True)),
        ({}, Owners(None, (), True)),
    ],
)
def test_whose_a_table_is(people: dict[str, str], owners: Owners) -> None:
    assert whose(team(**people)) == owners


@pytest.mark.parametrize(
    ("people", "to", "owners"),
    [
        ({"anna": "szt", "boris": "sz"}, ["zone"], Owners(Rung.TILL, ("anna",))),
        ({"anna": "s", "boris": "sz"}, ["zone"], Owners(Rung.ZONE, ("boris",))),
        ({"anna": "s", "boris": "z"}, ["zone"], Owners(None, ())),
        ({"anna": "s", "boris": "z"}, ["shift"], Owners(Rung.SHIFT, ("anna",))),
        ({"anna": "z", "boris": ""}, ["zone"], Owners(Rung.EVERYBODY, ("anna", "boris"), True)),
        ({"anna": "s", "vera": "m"}, ["managers"], Owners(Rung.MANAGERS, ("vera",))),
        ({"gleb": "sm", "vera": "m"}, ["managers"], Owners(Rung.MANAGERS, ("gleb",))),
        ({"anna": "s", "boris": ""}, ["managers"], Owners(Rung.SHIFT, ("anna",))),
        ({"anna": "", "vera": "m"}, ["managers"], Owners(Rung.MANAGERS, ("vera",), True)),
        ({"anna": ""}, ["managers"], Owners(Rung.EVERYBODY, ("anna",), True)),
        ({"anna": "s", "boris": "s"}, ["boris", "gone"], Owners(None, ("boris",))),
        ({"anna": "s", "boris": ""}, ["boris"], Owners(None, ())),
        ({"anna": "sz", "vera": "m"}, ["managers", "zone"], Owners(Rung.MANAGERS, ("anna", "vera"))),
        ({"anna": "sz"}, [], Owners(None, ())),
        ({}, ["zone", "managers"], Owners(None, (), True)),
    ],
)  # fmt: skip
def test_whom_a_step_reaches(
    people: dict[str, str], to: list[str], owners: Owners
) -> None:
    assert recipients(team(**people), to) == owners


def test_where_the_tills_waiter_declines_the_zone_is_meant() -> None:
    people = team(anna="szt", boris="sz", vera="s")
    assert recipients(people, ["zone"], without={"anna"}).person_ids == ("boris",)
    assert recipients(people, ["zone"], without={"anna", "boris"}).person_ids == ()
    assert recipients(people, ["shift"], without={"anna"}).person_ids == (
        "boris",
        "vera",
    )


def test_a_manager_who_declines_brings_no_other_out_of_bed() -> None:
    people = team(gleb="sm", vera="m")
    assert recipients(people, ["managers"], without={"gleb"}).person_ids == ()


SIGNS = st.text("mszt", max_size=4)
TEAMS = st.lists(SIGNS, max_size=6).map(
    lambda signs: team(**{f"p{number}": sign for number, sign in enumerate(signs)})
)
TARGETS = st.lists(
    st.sampled_from(["zone", "shift", "managers", "p0", "p3", "gone"]), max_size=4
)


def ids(people: Sequence[Candidate], **wanted: bool) -> set[str]:
    return {
        one.person_id
        for one in people
        if all(getattr(one, name) is value for name, value in wanted.items())
    }


@given(TEAMS)
def test_a_table_is_always_somebodys(people: list[Candidate]) -> None:
    owners = whose(people)
    assert bool(owners.person_ids) is bool(people)
    on_shift = ids(people, is_on_shift=True)
    assert owners.is_nobody_on_shift is not bool(on_shift)
    if on_shift:
        assert {*owners.person_ids} <= on_shift


@given(TEAMS)
def test_no_narrower_reason_is_passed_over(people: list[Candidate]) -> None:
    rung = whose(people).rung
    narrower: dict[Rung | None, set[str]] = {
        Rung.TILL: ids(people, is_on_shift=True, is_tills=True),
        Rung.ZONE: ids(people, is_on_shift=True, is_in_zone=True),
        Rung.SHIFT: ids(people, is_on_shift=True),
        Rung.MANAGERS: ids(people, is_manager=True),
        Rung.EVERYBODY: ids(people),
    }
    narrower[None] = set()
    first = next((one for one, who in narrower.items() if who), None)
    assert (rung, {*whose(people).person_ids}) == (first, narrower[first])


@given(TEAMS, TARGETS, st.sets(st.sampled_from(["p0", "p1", "p2"])))
def test_nobody_but_managers_is_reached_off_shift(
    people: list[Candidate], to: list[str], declined: set[str]
) -> None:
    reached = {*recipients(people, to, without=declined).person_ids}
    assert not reached & declined
    if on_shift := ids(people, is_on_shift=True):
        assert reached <= on_shift | ids(people, is_manager=True)
    if on_shift & ids(people, is_manager=True) or "managers" not in to:
        assert reached <= (on_shift or ids(people))


@given(TEAMS)
def test_somebody_is_always_reached_in_the_end(people: list[Candidate]) -> None:
    for to in ("managers", "shift"):
        found = recipients(people, [to])
        assert bool(found.person_ids) is bool(people)
    # The zone and whoever is on shift: nobody is left who could come.
    assert ids(people, is_on_shift=True) <= {
        *recipients(people, ["zone", "shift"]).person_ids
    }


@given(TEAMS, TARGETS)
def test_the_order_is_the_teams_and_nobody_is_named_twice(
    people: list[Candidate], to: list[str]
) -> None:
    order = [one.person_id for one in people]
    for found in (whose(people), recipients(people, to)):
        assert [*found.person_ids] == [one for one in order if one in found.person_ids]


@given(TEAMS, TARGETS)
def test_more_targets_reach_nobody_less(people: list[Candidate], to: list[str]) -> None:
    parts: list[Any] = [recipients(people, [one]).person_ids for one in to]
    assert {*recipients(people, to).person_ids} == {*sum(parts, ())}
