"""Which device is believed, and who else sends: without anything around it."""

from typing import Any

from hypothesis import given, strategies as st
import orjson

from custom_components.carbis_alerts.domain.senders import (
    ENOUGH,
    MAX_IGNORED,
    MAX_UNKNOWN,
    Senders,
    Verdict,
)


def test_before_a_yes_all_are_taken_and_none_is_believed() -> None:
    senders = Senders()
    for name in ("ours", "another", "ours"):
        assert senders.judge(name) is Verdict.UNCONFIRMED
    assert senders.judge(None) is Verdict.BELIEVED
    assert senders.device_id is None
    assert senders.unknown == {"another": 1, "ours": 2}
    assert senders.is_asked_about


def test_after_a_yes_others_are_refused_for_good_and_new_ones_are_asked_about() -> None:
    senders = Senders()
    senders.judge("another")
    senders.judge("ours")
    senders.believe("ours", ["another", "ours"])
    assert senders.judge("ours") is Verdict.BELIEVED
    assert senders.judge("another") is Verdict.IGNORED
    assert not senders.is_asked_about
    # Whoever was refused once is not asked at each word of a stranger.
    for count in range(1, ENOUGH + 1):
        assert senders.judge("new") is Verdict.REFUSED
        assert senders.is_asked_about is (count == ENOUGH)
    senders.believe("new", senders.unknown)
    # The old one is asked about again: perhaps it was a mistake.
    assert senders.judge("ours") is Verdict.REFUSED


def test_what_names_nothing_is_no_match_and_is_asked_about_too() -> None:
    senders = Senders("ours")
    assert senders.judge(None) is Verdict.REFUSED
    assert senders.unknown == {"": 1}
    senders.believe("", [""])
    assert senders.device_id is None
    assert senders.judge(None) is Verdict.BELIEVED


def test_a_device_that_a_form_names_is_asked_about_whatever_was_said_before() -> None:
    senders = Senders("ours")
    senders.ignore(["new"])
    assert senders.judge("new") is Verdict.IGNORED
    senders.ask_about("new")
    assert senders.is_asked_about
    assert senders.judge("new") is Verdict.REFUSED


def test_whoever_sends_often_is_not_pushed_out_by_many_names() -> None:
    senders = Senders("old")
    for number in range(1_000):
        senders.judge(f"stranger {number}")
        if number % 3 == 0:
            senders.judge("new")
    assert senders.unknown["new"] == 334
    assert len(senders.unknown) == MAX_UNKNOWN


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["judge", "ask", "believe", "ignore"]), st.text(max_size=2)
        ),
        max_size=40,
    )
)
def test_whatever_happens_only_a_person_changes_who_is_believed(
    steps: list[tuple[str, str]],
) -> None:
    senders, believed = Senders(), None
    for step, name in steps:
        match step:
            case "judge":
                verdict = senders.judge(name)
                assert (verdict is Verdict.BELIEVED) is (name == (believed or ""))
            case "ask":
                senders.ask_about(name)
            case "believe":
                senders.believe(name, list(senders.unknown))
                believed = name or None
            case "ignore":
                senders.ignore([name])
        assert senders.device_id == believed
        assert len(senders.unknown) <= MAX_UNKNOWN
        again = Senders()
        again.restore(orjson.loads(orjson.dumps(senders.as_dict())))
        assert again.device_id == (believed.strip() or None if believed else None)
        assert len(again.as_dict()["ignored_devices"]) <= MAX_IGNORED


def test_the_device_of_the_entry_goes_before_the_stored_one() -> None:
    senders = Senders("ours")
    senders.restore({"device_id": "another", "unknown_devices": {"ours": 2, "x": 1}})
    assert senders.device_id == "ours"
    assert senders.unknown == {"x": 1}


def test_the_device_that_was_stored_before_stays_believed() -> None:
    senders = Senders()
    senders.restore({"device_id": "ours"})
    assert senders.judge("another") is Verdict.REFUSED


STORED: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("device_id", "unknown_devices", "ignored_devices"), STORED
        ),
    )
)
def test_a_file_that_was_tampered_with_is_no_error(stored: dict[str, Any]) -> None:
    senders = Senders()
    senders.restore(stored)
    senders.judge("ours")
    assert all(isinstance(count, int) for count in senders.unknown.values())


def test_the_diagnostics_hold_no_id() -> None:
    senders = Senders("ours")
    senders.judge("another")
    senders.ignore(["third"])
    senders.judge("third")
    assert senders.diagnostics() == {
        "device_known": True,
        "unknown_devices": 1,
        "ignored_devices": 1,
        "unconfirmed_messages": 0,
        "refused_messages": 1,
        "ignored_messages": 1,
    }
