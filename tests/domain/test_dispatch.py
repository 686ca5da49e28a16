"""The plan of who is notified: by examples, and by properties."""

from collections.abc import Iterable
from datetime import time
from itertools import count
import json
from typing import Any

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
import pytest

from custom_components.carbis_alerts.domain.dispatch import (
    Climb,
    DeliveryState,
    Handed,
    Notice,
    Plan,
    Step,
    Unreached,
)
from custom_components.carbis_alerts.domain.dispatch.climb import LAST_WAIT

NOON = time(12)
ZONE = Step(step_id="zone", name="Zone", after=0, to=("zone",))
SHIFT = Step(step_id="shift", name="Shift", after=120, to=("shift",))
MANAGERS = Step(
    step_id="managers",
    name="Managers",
    after=300,
    to=("managers",),
    repeat_every=120,
    repeats=3,
)
LADDER = (ZONE, SHIFT, MANAGERS)
PEOPLE = {"zone": ["anna"], "shift": ["anna", "boris"], "managers": ["marina"]}


class Team:
    """A team with a plan: people by the steps, and what became of each message."""

    def __init__(
        self,
        steps: Iterable[Step] = LADDER,
        people: dict[str, list[str]] | None = None,
        unreachable: Iterable[str] = (),
    ) -> None:
        """Begin at a moment that means nothing."""
        numbers = count(1)
        self.steps = tuple(steps)
        self.new_token = lambda: f"token{next(numbers)}"
        self.plan = Plan(self.steps, self.new_token)
        self.people = PEOPLE if people is None else people
        self.unreachable = set(unreachable)
        self.now = 1_000.0
        self.clock = NOON
        self.notified: list[tuple[float, str, str, int]] = []
        self.unreached: list[float] = []

    def recipients(self, _: Climb, step: Step) -> list[str]:
        """Return whom a step is for."""
        return [one for to in step.to for one in self.people.get(to, [])]

    def open(self, alert_id: str = "alert", **kwargs: Any) -> Climb | None:
        """Have an alert wait."""
        climb = self.plan.begin(
            alert_id,
            "entry",
            kwargs.pop("kind", "waiter_call"),
            **{"waited": 0.0, "now": self.now, **kwargs},
        )
        self.settle()
        return climb

    def settle(self) -> None:
        """Do what is due now, and have channels take or refuse it."""
        while (moment := self.plan.next_at) is not None and moment <= self.now:
            for effect in self.plan.tick(self.now, self.clock, self.recipients):
                match effect:
                    case Notice(climb=climb, delivery=delivery):
                        self.send(climb, delivery.person_id)
                    case Unreached():
                        self.unreached.append(self.now)

    def send(self, climb: Climb, person_id: str) -> None:
        """Hand a message over, or not."""
        delivery = climb.deliveries[person_id]
        if person_id in self.unreachable:
            self.plan.failed(climb, delivery, self.now)
            return
        delivery.hand_over(Handed("mobile_app", {"device_id": person_id}, climb.tag))
        step = delivery.step_id
        self.notified.append(
            (self.now - climb.began, person_id, step, delivery.attempt)
        )

    def wait(self, seconds: float) -> None:
        """Let time pass, by what is due."""
        until = self.now + seconds
        while (moment := self.plan.next_at) is not None and moment <= until:
            self.now = max(self.now, moment)
            self.settle()
        self.now = until

    @property
    def climb(self) -> Climb:
        """Return the one that waits."""
        (climb,) = self.plan.climbs.values()
        return climb

    def is_unreached(self) -> bool:
        """Return whether nobody comes."""
        return self.climb.is_unreached

    def reload(self, by: float = 0.0) -> None:
        """Store the plan and read it, on a machine whose clock shows something else."""
        stored = json.loads(json.dumps(self.plan.as_dict(self.now)))
        self.plan = Plan(self.steps, self.new_token)
        self.now += by
        self.plan.restore(stored, self.now)


def test_the_ladder_is_climbed_to_its_end() -> None:
    """The zone at once, the shift after two minutes, managers after five, repeated."""
    team = Team()
    team.open()
    team.wait(3_600)
    assert team.notified == [
        (0, "anna", "zone", 1),
        (120, "anna", "shift", 1),
        (120, "boris", "shift", 1),
        (300, "marina", "managers", 1),
        (420, "marina", "managers", 2),
        (540, "marina", "managers", 3),
        (660, "marina", "managers", 4),
    ]
    # After the last message as much time as between two of them.
    assert team.unreached == [1_000 + 660 + 120]
    assert team.is_unreached()


def test_after_it_is_taken_nothing_goes_out() -> None:
    """Who has it ends the ladder, and what was handed over is known for being taken back."""
    team = Team()
    team.open()
    team.wait(130)
    ended = team.plan.end("alert", team.now)
    assert ended is not None
    notified = len(team.notified)
    team.wait(3_600)
    assert len(team.notified) == notified
    assert set(ended.deliveries) == {"anna", "boris"}
    assert all(len(one.handed) == 1 for one in ended.deliveries.values())


def test_who_declines_is_not_asked_again_and_the_next_comes_at_once() -> None:
    """The only one of the zone declines: the shift hears of it at once, without them."""
    team = Team()
    team.open()
    team.wait(10)
    team.plan.decline(team.climb, "anna", team.now)
    team.settle()
    assert team.notified == [(0, "anna", "zone", 1), (10, "boris", "shift", 1)]
    team.wait(3_600)
    assert [one for one in team.notified if one[1] == "anna"] == [
        (0, "anna", "zone", 1)
    ]


def test_who_declined_stays_so_when_it_is_given_back() -> None:
    """Taken and given back is the same opening, with its time; a new press is another."""
    team = Team()
    team.open()
    team.plan.decline(team.climb, "anna", team.now)
    team.settle()
    team.plan.end("alert", team.now)
    team.notified.clear()
    team.wait(60)
    team.open(waited=60, is_new=False)
    assert {person for _, person, _, _ in team.notified} == {"boris"}
    team.plan.end("alert", team.now)
    team.notified.clear()
    team.open()
    assert team.notified == [(0, "anna", "zone", 1)]


def test_where_others_of_a_step_have_it_nobody_hurries() -> None:
    """One of two declines: the other still has it."""
    team = Team(people={**PEOPLE, "zone": ["anna", "igor"]})
    team.open()
    team.plan.decline(team.climb, "anna", team.now)
    team.settle()
    assert len(team.notified) == 2
    team.plan.decline(team.climb, "igor", team.now)
    team.settle()
    assert team.notified[2:] == [(0, "boris", "shift", 1)]


def test_who_cannot_be_reached_is_passed_over_at_once() -> None:
    """Nobody of the zone, nobody of the shift: the managers hear of it at once."""
    team = Team(unreachable={"anna", "boris"})
    team.open()
    assert team.notified == [(0, "marina", "managers", 1)]
    assert not team.unreached


def test_where_nobody_can_be_reached_it_is_said_at_once_and_once() -> None:
    """All ways of all are broken; repeats try again, and one that works counts."""
    team = Team(unreachable={"anna", "boris", "marina"})
    team.open()
    assert team.unreached == [1_000]
    team.wait(121)
    team.unreachable.clear()
    team.wait(120)
    assert team.notified == [(240, "marina", "managers", 3)]
    assert not team.is_unreached()
    team.wait(3_600)
    assert team.is_unreached()
    assert team.unreached == [1_000]


def test_a_team_of_nobody_reaches_nobody() -> None:
    """Without people it is said at once."""
    team = Team(people={})
    team.open()
    assert team.unreached == [1_000]


def test_time_under_snooze_does_not_count_and_it_is_said_again_after_it() -> None:
    """Snoozed after ten seconds for ten minutes: again then, the shift 110 s later."""
    team = Team()
    team.open()
    team.wait(10)
    team.plan.pause("alert", team.now)
    team.wait(600)
    assert len(team.notified) == 1
    team.plan.resume("alert", team.now)
    team.settle()
    team.wait(111)
    assert team.notified[1:] == [
        (10, "anna", "zone", 2),
        (120, "anna", "shift", 1),
        (120, "boris", "shift", 1),
    ]


def test_a_late_alert_is_announced_once() -> None:
    """What comes late is said once, to those of the first step."""
    team = Team()
    team.open(late=True, waited=900)
    team.wait(7_200)
    assert team.notified == [(900, "anna", "zone", 1)]
    assert not team.unreached


def test_a_late_alert_whose_first_people_cannot_be_reached_goes_on() -> None:
    """It is announced to somebody, or it is unreached."""
    team = Team(unreachable={"anna", "boris"})
    team.open(late=True)
    assert team.notified == [(0, "marina", "managers", 1)]
    team = Team(unreachable={"anna", "boris", "marina"})
    team.open(late=True)
    assert team.unreached == [1_000]


def test_steps_are_for_kinds_and_quiet_at_hours() -> None:
    """A kind without a step is nobody's; in quiet hours a step is passed over."""
    step = Step(
        step_id="day",
        name="Day",
        kinds=frozenset({"order"}),
        quiet_from=time(23),
        quiet_to=time(7),
    )
    team = Team([step], {"zone": ["anna"]})
    assert team.open(kind="message") is None
    team.clock = time(3)
    team.open(kind="order")
    assert not team.notified
    assert team.unreached
    team.plan.end("alert", team.now)
    team.clock = time(7)
    team.open(kind="order")
    assert len(team.notified) == 1


@pytest.mark.parametrize(
    ("since", "until", "clock", "quiet"),
    [
        (time(13), time(15), time(14), True),
        (time(13), time(15), time(15), False),
        (time(23), time(7), time(23, 30), True),
        (time(23), time(7), time(12), False),
        (time(1), time(1), time(1), False),
    ],
)
def test_quiet_hours_go_over_midnight(
    since: time, until: time, clock: time, quiet: bool
) -> None:
    """Before and after midnight; none at all where both are the same."""
    step = Step(step_id="a", name="A", quiet_from=since, quiet_to=until)
    assert step.is_quiet(clock) is quiet


def test_a_guest_who_asks_again_of_whom_nobody_came_starts_it_again() -> None:
    """Unreached is an end that a new press takes back."""
    team = Team()
    team.open()
    team.wait(1_000)
    assert team.is_unreached()
    team.notified.clear()
    team.plan.press_again("alert", team.now)
    team.settle()
    assert {person for _, person, _, _ in team.notified} == {"anna", "boris", "marina"}
    assert not team.is_unreached()


def test_what_is_in_flight_is_known_after_a_restart() -> None:
    """Noted before it goes out: it goes out again under the tag that it had."""
    team = Team()
    team.plan.begin("alert", "entry", "waiter_call", waited=0, now=team.now)
    team.plan.tick(team.now, NOON, team.recipients)
    tag = team.climb.tag
    team.reload(by=-50_000)
    (notice,) = team.plan.in_flight()
    assert (notice.climb.tag, notice.delivery.person_id) == (tag, "anna")
    team.settle()
    assert not team.notified


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"climbs": 7, "ended": None, "withdrawals": "x"},
        {"climbs": [None, {}, {"alert_id": "x"}], "withdrawals": [{}, 5]},
        {
            "climbs": [
                {
                    "alert_id": "a",
                    "entry_id": "e",
                    "kind": "order",
                    "tag": "t",
                    "began": "soon",
                    "paused": None,
                }
            ]
        },
    ],
)
def test_a_file_that_is_none_is_passed_over(stored: dict[str, Any]) -> None:
    """What cannot be read is no alert."""
    team = Team()
    team.plan.restore(stored, 0.0)
    assert not team.plan.climbs
    assert not team.plan.withdrawals


def test_steps_may_change_while_an_alert_waits() -> None:
    """A step that is gone does not come, a new one does, those that came do not again."""
    team = Team()
    team.open()
    team.wait(10)
    other = Step(step_id="other", name="Other", after=30, to=("managers",))
    team.steps = (ZONE, other)
    team.reload()
    team.wait(300)
    assert team.notified == [(0, "anna", "zone", 1), (30, "marina", "other", 1)]


NAMES = ("anna", "boris", "igor", "marina")
STEPS = st.lists(
    st.builds(
        Step,
        step_id=st.sampled_from("abcdef"),
        name=st.just(""),
        after=st.sampled_from((0.0, 5.0, 60.0, 300.0)),
        to=st.lists(st.sampled_from(("zone", "shift", "managers")), max_size=2).map(
            tuple
        ),
        repeat_every=st.sampled_from((0.0, 30.0)),
        repeats=st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step.step_id,
)
SOME = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)


class Climbing(RuleBasedStateMachine):
    """Anything may happen in any order."""

    @initialize(steps=STEPS, zone=SOME, shift=SOME, managers=SOME, gone=SOME)
    def begin(
        self,
        steps: list[Step],
        zone: list[str],
        shift: list[str],
        managers: list[str],
        gone: list[str],
    ) -> None:
        """Begin with a team."""
        people = {"zone": zone, "shift": shift, "managers": managers}
        self.team = Team(steps, people, gone)
        self.declined: set[str] = set()
        self.asked: set[tuple[str, str, int]] = set()
        self.notified = 0

    @property
    def waits(self) -> bool:
        """Return whether the alert waits."""
        return bool(self.team.plan.climbs)

    @precondition(lambda self: not self.waits)
    @rule(late=st.booleans(), waited=st.sampled_from((0.0, 7.0, 1_000.0)))
    def open(self, *, late: bool, waited: float) -> None:
        """A guest presses."""
        self.declined.clear()
        self.asked.clear()
        self.notified = len(self.team.notified)
        self.team.open(late=late, waited=waited)

    @precondition(lambda self: not self.waits)
    @rule()
    def give_back(self) -> None:
        """Who has it gives it back."""
        if "alert" in self.team.plan.ended:
            self.asked.clear()
            self.notified = len(self.team.notified)
            self.team.open(is_new=False)

    @rule(seconds=st.sampled_from((0.0, 1.0, 29.0, 61.0, 300.0, 5_000.0)))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.team.wait(seconds)

    @rule()
    def take(self) -> None:
        """Somebody has it: nothing goes out after that."""
        self.team.plan.end("alert", self.team.now)

    @rule(name=st.sampled_from(NAMES))
    def decline(self, name: str) -> None:
        """Somebody does not come."""
        if self.waits:
            self.declined.add(name)
            self.team.plan.decline(self.team.climb, name, self.team.now)
            self.team.settle()

    @rule()
    def snooze(self) -> None:
        """Silent for a while."""
        self.team.plan.pause("alert", self.team.now)

    @rule()
    def wake(self) -> None:
        """It waits again."""
        if self.waits and self.team.climb.paused_at is not None:
            self.asked.clear()
            self.notified = len(self.team.notified)
            self.team.plan.resume("alert", self.team.now)
            self.team.settle()

    @rule(gone=SOME)
    def break_or_fix(self, gone: list[str]) -> None:
        """Phones come and go."""
        self.team.unreachable = set(gone)

    @rule(by=st.sampled_from((0.0, -1e6, 1e6)))
    def restart(self, by: float) -> None:
        """A restart, on a clock that shows anything."""
        before = self.team.plan.as_dict(self.team.now)
        now = self.team.now
        self.team.reload(by)
        after = self.team.plan.as_dict(self.team.now)
        assert _rounded(after) == _rounded(before), now
        self.team.settle()

    @invariant()
    def each_is_somewhere(self) -> None:
        """Announced, waiting for a known moment, snoozed, or unreached."""
        for climb in getattr(self, "team", Team()).plan.climbs.values():
            assert (
                climb.is_announced
                or climb.next_at is not None
                or climb.paused_at is not None
                or climb.is_unreached
            )

    @invariant()
    def nothing_twice_and_nobody_who_declined(self) -> None:
        """No step comes doubled, and whoever declined is not asked again."""
        if not hasattr(self, "team"):
            return
        for _, person, step, attempt in self.team.notified[self.notified :]:
            assert (person, step, attempt) not in self.asked
            self.asked.add((person, step, attempt))
        self.notified = len(self.team.notified)
        for climb in self.team.plan.climbs.values():
            for person in self.declined:
                delivery = climb.deliveries.get(person)
                assert delivery is None or delivery.state is DeliveryState.DECLINED


def _rounded(stored: Any) -> Any:
    """Return what is stored without what a clock of floats loses."""
    if isinstance(stored, float):
        return round(stored, 3)
    if isinstance(stored, dict):
        return {key: _rounded(value) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_rounded(value) for value in stored]
    return stored


TestClimbing = Climbing.TestCase
TestClimbing.settings = settings(max_examples=25, stateful_step_count=25)


@given(steps=STEPS, waited=st.floats(0, 1_000), zone=SOME)
@settings(max_examples=60)
def test_whatever_the_steps_it_comes_to_an_end(
    steps: list[Step], waited: float, zone: list[str]
) -> None:
    """Nobody answers: in the end it is unreached, and each step came as often as it says."""
    team = Team(steps, dict.fromkeys(("zone", "shift", "managers"), zone))
    team.open(waited=waited)
    team.wait(300 + 30 * 4 + LAST_WAIT + 1)
    assert team.unreached
    assert team.is_unreached()
    assert team.plan.next_at is None
    for step in steps:
        times = team.climb.rungs[step.step_id].times
        assert times == 1 + (step.repeats if step.repeat_every else 0)
