"""What the messages of a PBX mean, without anything around it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings, strategies as st
import orjson

from custom_components.carbis_alerts.api.pbx import (
    EVENT_TYPES,
    MESSAGES,
    CallMessage,
    PbxMessage,
    parse_message,
)
from custom_components.carbis_alerts.domain.contacts import Contact, Contacts
from custom_components.carbis_alerts.domain.events import (
    CallEnd,
    IncomingCall,
    MissedCall,
    OtherPhoneEvent,
    PhoneEvent,
    Sms,
    Startup,
    field_names,
)
from custom_components.carbis_alerts.domain.legs import MAX_RINGING, CallState
from custom_components.carbis_alerts.domain.pbx import Meaning, PbxInterpreter
from custom_components.carbis_alerts.domain.phone_events import CALL_EVENTS, Arrival

NOW = 5_000.0
AT = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5)))
GUEST = "+79821234567"
CONTACTS = Contacts(
    [
        ("8 (982) 123-45-67", Contact(name="Анна", vip=True)),
        ("нет", Contact(name="Nobody", vip=True)),
        (None, Contact(name="Nobody", vip=True)),
    ]
)


def message(event_type: str, **payload: Any) -> PbxMessage:
    """Return a message, by way of the parser."""
    document = {"device_id": "ours", "event_type": event_type, "payload": payload}
    parsed = parse_message(orjson.dumps(document))
    assert isinstance(parsed, PbxMessage)
    return parsed


def ring(call_id: int | None = 8, **payload: Any) -> PbxMessage:
    sides = {"call_src": GUEST, "call_dst": "107", "trunk": "GSM1"}
    return message("incoming_call", call_id=call_id, **{**sides, **payload})


def take(pbx: PbxInterpreter, one: PbxMessage, now: float = NOW) -> Meaning:
    """Have a message interpreted, whose extension has a device."""
    extension = pbx.extension(one)
    arrival = Arrival(
        event_id=pbx.event_id(one),
        now=now,
        at=AT,
        extension=extension,
        device_key=None if extension is None else f"extension_{extension}",
    )
    return pbx.interpret(one, arrival)


def test_every_known_message_about_a_call_has_its_event() -> None:
    kinds = {kind for kind in MESSAGES.values() if issubclass(kind, CallMessage)}
    assert set(CALL_EVENTS) == kinds


def test_a_call_that_nobody_takes_is_missed_and_the_fields_are_those_of_its_end() -> (
    None
):
    pbx = PbxInterpreter(CONTACTS)
    begin = take(pbx, ring())
    assert pbx.calls.state("107") is CallState.RINGING
    assert (pbx.caller("107"), pbx.last_caller) == ("Анна", "Анна")
    end = take(pbx, message("call_end", call_id="8", status="no_answer", duration=0))
    (ringing,), (ended, missed) = begin.events, end.events
    assert isinstance(ringing, IncomingCall)
    assert isinstance(ended, CallEnd)
    assert isinstance(missed, MissedCall)
    assert begin.extensions == end.extensions == {"107"}
    assert missed.event_id == f"{ringing.event_id}:missed"
    for name in field_names(PhoneEvent):
        assert getattr(missed, name) == getattr(ended, name)
    assert (missed.caller, missed.caller_name, missed.vip) == (GUEST, "Анна", True)
    assert (missed.device_key, missed.trunk, missed.duration) == (
        "extension_107",
        "GSM1",
        0.0,
    )


def test_whether_somebody_is_a_vip_is_known_of_calls_alone() -> None:
    pbx = PbxInterpreter(CONTACTS)
    call = take(pbx, message("call_end", call_id=99)).events[0]
    assert (call.caller, call.vip) == (None, False)
    for one in (message("startup"), message("incoming_sms"), message("fax")):
        assert take(pbx, one).events[0].vip is None


def test_a_call_without_an_id_says_what_the_message_says() -> None:
    pbx = PbxInterpreter(CONTACTS)
    meaning = take(pbx, ring(None))
    (event,) = meaning.events
    assert (event.caller, event.direction, event.extension) == (
        GUEST,
        "incoming",
        "107",
    )
    assert pbx.calls.active == []
    assert meaning.extensions == frozenset()


def test_the_time_is_the_messages_own_in_the_zone_of_the_arrival() -> None:
    pbx = PbxInterpreter(CONTACTS)
    text = {"sms_src": GUEST, "text": "hello"}
    at = take(pbx, message("incoming_sms", date="2026-03-01T11:59:00", **text))
    (sms,) = at.events
    assert isinstance(sms, Sms)
    assert (sms.sender, sms.caller_name, sms.caller) == (GUEST, "Анна", None)
    assert sms.time == datetime(2026, 3, 1, 6, 59, tzinfo=UTC)
    (late,) = take(pbx, message("incoming_sms", date="never", **text)).events
    assert late.time == AT
    assert late.time.tzinfo is UTC


def test_an_unknown_message_is_published_with_all_of_it() -> None:
    one = message("fax", call_id=8, call_dst="107", trunk="GSM1")
    (event,) = take(PbxInterpreter(CONTACTS), one).events
    assert isinstance(event, OtherPhoneEvent)
    assert (event.code, event.raw, event.trunk) == ("fax", one.raw, None)


def test_a_startup_makes_the_same_words_another_message_and_forgets_all_calls() -> None:
    pbx = PbxInterpreter(CONTACTS)
    (first,) = take(pbx, ring()).events
    startup = message("startup")
    before = pbx.event_id(startup)
    meaning = take(pbx, startup)
    assert isinstance(meaning.events[0], Startup)
    assert meaning.everything
    # Sent twice it is one startup.
    assert pbx.event_id(startup) == before
    assert pbx.calls.active == []
    assert pbx.event_id(ring()) != first.event_id


def test_what_is_stored_goes_on_counting() -> None:
    pbx = PbxInterpreter(CONTACTS)
    take(pbx, ring())
    take(pbx, message("startup"))
    again = PbxInterpreter(CONTACTS)
    again.restore(orjson.loads(orjson.dumps(pbx.as_dict(NOW, 0.0))), NOW, 0.0)
    assert again.as_dict(NOW, 0.0) == pbx.as_dict(NOW, 0.0)
    assert again.event_id(ring()) == pbx.event_id(ring())
    assert again.last_caller == "Анна"


STORED = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers())


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("startups", "last_caller"), STORED)
    )
)
def test_a_file_that_was_tampered_with_is_no_error(
    stored: dict[str, int | str | list[int] | None],
) -> None:
    pbx = PbxInterpreter(CONTACTS)
    pbx.restore(stored, NOW, 0.0)
    assert isinstance(pbx.as_dict(NOW, 0.0)["startups"], int)
    assert pbx.event_id(ring())


def test_a_call_whose_end_never_comes_is_given_up() -> None:
    pbx = PbxInterpreter(CONTACTS)
    take(pbx, ring())
    assert not pbx.give_up(NOW + MAX_RINGING)
    assert pbx.give_up(NOW + MAX_RINGING + 1)
    assert pbx.diagnostics() == {"active_calls": 0, "contacts": 1, "startups": 0}


def test_a_call_is_missed_over_an_interruption_by_the_pbx_s_own_word() -> None:
    for status, missed in (("no_answer", True), ("error", False), ("success", False)):
        pbx = PbxInterpreter(CONTACTS)
        take(pbx, ring())
        pbx.interrupt()
        pbx.hide()
        assert pbx.calls.active == []
        events = take(pbx, message("call_end", call_id=8, status=status)).events
        assert [type(event) for event in events] == [CallEnd, *[MissedCall] * missed]


def test_each_leg_has_events_of_its_own_and_the_call_all_extensions() -> None:
    pbx = PbxInterpreter(CONTACTS)
    for count, extension in enumerate(("106", "107", "108"), 1):
        (event,) = take(pbx, ring(call_dst=extension)).events
        assert event.extension == extension
        assert event.extensions == ["106", "107", "108"][:count]
    meaning = take(
        pbx, message("start_talk", call_id=8, call_src=GUEST, call_dst="106")
    )
    assert meaning.extensions == {"106", "107", "108"}
    assert (meaning.events[0].extension, pbx.caller("106")) == ("106", "Анна")
    assert pbx.caller("107") is None
    (end,) = take(pbx, message("call_end", call_id=8, status="success")).events
    assert (end.extension, end.extensions) == ("106", ["106", "107", "108"])


def test_an_end_that_overtakes_its_beginning_is_missed_after_it() -> None:
    pbx = PbxInterpreter(CONTACTS)
    (end,) = take(
        pbx, message("call_end", call_id=8, status="busy", record_id=5)
    ).events
    assert (end.caller, end.direction, end.extensions) == (None, None, None)
    begin, missed = take(pbx, ring(), NOW + 29).events
    assert isinstance(missed, MissedCall)
    assert missed.event_id == f"{begin.event_id}:missed"
    assert (missed.status, missed.record_id, missed.caller) == ("busy", "5", GUEST)
    assert pbx.calls.active == []


NO_IDS: tuple[Any, ...] = (None, "", {}, [])


def test_every_message_without_an_id_says_what_it_says() -> None:
    said = {"call_src": GUEST, "call_dst": "107", "trunk": "GSM1"}
    for kind in ("incoming_call", "start_talk", "answer_elsewhere", "call_end"):
        for call_id in NO_IDS:
            pbx = PbxInterpreter(CONTACTS)
            (event,) = take(pbx, message(kind, call_id=call_id, **said)).events
            assert (event.caller, event.direction) == (GUEST, "incoming")
            assert (event.extension, event.extensions) == ("107", ["107"])
    back = {"call_src": "107", "call_dst": GUEST}
    for kind in ("outgoing_call", "start_talk", "call_end"):
        (event,) = take(PbxInterpreter(CONTACTS), message(kind, **back)).events
        assert (event.caller, event.direction) == (GUEST, "outgoing")
        assert event.extension == "107"


NUMBERS = st.sampled_from([GUEST, "107", "108", 107, "anonymous", "", None])
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "call_id": st.sampled_from([1, "1", 2, None, ""]),
        "call_src": NUMBERS,
        "call_dst": NUMBERS,
        "number": NUMBERS,
        "sms_src": NUMBERS,
        "status": st.sampled_from(["success", "no_answer", None]),
        "duration": st.sampled_from([0, 12.5, "x", None]),
        "date": st.sampled_from(["2026-03-01T11:59:00", "0001-01-01T00:00", 1e300]),
    },
)
STEPS = st.tuples(
    st.sampled_from([*EVENT_TYPES, "fax"]), PAYLOADS, st.floats(0.0, 20_000.0)
)


@given(st.lists(STEPS | st.sampled_from(["interrupt", "give up"]), max_size=30))
@settings(max_examples=300)
def test_any_messages_in_any_order_give_their_events(
    steps: list[tuple[str, dict[str, Any], float] | str],
) -> None:
    pbx = PbxInterpreter(CONTACTS)
    now = NOW
    for step in steps:
        if step == "interrupt":
            pbx.interrupt()
        elif step == "give up":
            pbx.give_up(now)
        else:
            assert isinstance(step, tuple)
            event_type, payload, passed = step
            now += passed
            one = message(event_type, **payload)
            expected = pbx.extension(one)
            first, *more = take(pbx, one, now).events
            assert type(one) is MESSAGES.get(event_type, PbxMessage)
            assert first.code == event_type
            assert first.extension == expected
            assert first.time.tzinfo is not None
            assert (first.raw is None) is (event_type in EVENT_TYPES)
            assert all(isinstance(event, MissedCall) for event in more)
            assert len(more) <= (event_type in ("call_end", "incoming_call"))
            orjson.dumps(first.as_dict())
        orjson.dumps(pbx.as_dict(now, 0.0))
