"""Whatever stands in a closed list is known everywhere that must know it."""

from collections.abc import Iterable, Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.carbis_alerts.domain.codes import Meaning
from custom_components.carbis_alerts.domain.daily_people import FiguresBy
from custom_components.carbis_alerts.domain.events import EVENTS, EventType
from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    DispatchAction,
    Outcome,
    Reason,
    State,
)
from custom_components.carbis_alerts.domain.rules import RULES, AlertKind
from custom_components.carbis_alerts.logbook import SENTENCES
from custom_components.carbis_alerts.people import Role
from custom_components.carbis_alerts.runtime.trigger_events import alert_subject
from custom_components.carbis_alerts.services.green_api.description import VARIANTS
from custom_components.carbis_alerts.services.raising import RAISE_ALERT, RAISED
from custom_components.carbis_alerts.services.registry import SERVICES
from custom_components.carbis_alerts.team.channel_fields import FIELDS
from custom_components.carbis_alerts.team.channels.registry import CHANNELS
from custom_components.carbis_alerts.team.dispatch_events import STEP_DUE, SUBJECTS
from custom_components.carbis_alerts.team.event import DISPATCH
from custom_components.carbis_alerts.team.logbook import (
    DISPATCH_SENTENCES,
    WITHOUT_LINE,
)
from custom_components.carbis_alerts.todo import STATUS
from custom_components.carbis_alerts.trigger import TRIGGERS, TargetTrigger
from custom_components.carbis_alerts.trigger_descriptions import (
    CONF_INCLUDE_LATE,
    DESCRIPTIONS,
)

COMPONENT: Final = Path("custom_components/carbis_alerts")
LANGUAGES: Final = ("en", "ru")
# By the language, where its pages are.
PAGES: Final = {"en": Path("docs"), "ru": Path("docs/ru")}

# What nobody starts an automation with, or what another trigger has too.
WITHOUT_TRIGGER: Final = frozenset({Action.REPEATED, Action.REOPENED, Action.SNOOZED})

# By the list: the YAML files' fields that offer all of it, and the selector's words.
OFFERED: Final = {
    AlertKind: ("kind", ("triggers.yaml", "conditions.yaml", "services.yaml")),
    State: ("state", ("services.yaml",)),
    Outcome: ("outcome", ("triggers.yaml",)),
}
# By the list: the pages that name all of it, in both languages.
REPORTED: Final[Mapping[Any, tuple[str, ...]]] = {
    EventType: ("events.md",),
    AlertKind: ("alerts.md", "actions.md", "conditions.md", "triggers.md"),
    Action: ("alerts.md",),
    DispatchAction: ("events.md",),
    Reason: ("alerts.md",),
    Outcome: ("alerts.md", "triggers.md"),
    State: ("alerts.md", "triggers.md"),
    Meaning: ("options.md",),
}


def words(name: str) -> dict[str, Any]:
    """Return a file of words."""
    read: dict[str, Any] = json.loads((COMPONENT / name).read_bytes())
    return read


def at(found: Any, path: str) -> Any:
    """Return what stands at a path, an empty object where nothing does."""
    for key in path.split("."):
        found = found.get(key, {})
    return found


def missing(where: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    """Yield what is not in a place, as a sentence that names both."""
    known = {*found}
    for name in wanted:
        if name not in known:
            yield f"{where} lacks {name!s}"


def differing(where: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    """Yield what a place has too little or too much, as sentences."""
    wanted, found = [*wanted], [*found]
    yield from missing(where, wanted, found)
    yield from (f"{where} has {name}, which is none" for name in {*found} - {*wanted})


def rules() -> Iterator[str]:
    yield from differing("domain/rules.py", AlertKind, [rule.kind for rule in RULES])


def classes() -> Iterator[str]:
    yield from differing("domain/events", EventType, {kind.type for kind in EVENTS})


def to_do_list() -> Iterator[str]:
    yield from differing("todo.py", {*State} - {State.CLOSED}, STATUS)


def yaml_options() -> Iterator[str]:
    for members, (field, files) in OFFERED.items():
        for file in files:
            loaded = load_yaml_dict(str(COMPONENT / file))
            offers = 0
            for name, description in loaded.items():
                if name.startswith("."):
                    continue
                options = at(description or {}, f"fields.{field}.selector.select")
                if options:
                    offers += 1
                    where = f"{file}: {name}.{field}"
                    allowed = RAISED if name == RAISE_ALERT else members
                    yield from differing(where, allowed, options["options"])
            if not offers:
                yield f"{file} has no field {field}"


def selector_words() -> Iterator[str]:
    for language in LANGUAGES:
        file = f"translations/{language}.json"
        path = "selector.raised_kind.options"
        yield from differing(f"{file}: {path}", RAISED, at(words(file), path))
        path = "selector.code_meaning.options"
        yield from differing(f"{file}: {path}", Meaning, at(words(file), path))
        for members, (field, _) in OFFERED.items():
            path = f"selector.alert_{field}.options"
            yield from differing(f"{file}: {path}", members, at(words(file), path))


def event_entities() -> Iterator[str]:
    shown = {
        (description.translation_key or description.key): description.event_types
        for service in (*SERVICES.values(), *VARIANTS.values())
        for description in service.hub.events
    }
    yield from missing(
        "services/*/description.py",
        EventType,
        {name for types in shown.values() for name in types or ()},
    )
    shown[DISPATCH.key] = DISPATCH.event_types
    yield from missing("icons.json", shown, at(words("icons.json"), "entity.event"))
    for language in LANGUAGES:
        file = f"translations/{language}.json"
        for key, types in shown.items():
            path = f"entity.event.{key}.state_attributes.event_type.state"
            yield from differing(f"{file}: {path}", types or (), at(words(file), path))


def triggers() -> Iterator[str]:
    subjects = [alert_subject(action) for action in {*Action} - WITHOUT_TRIGGER]
    yield from missing("trigger.py", subjects, TRIGGERS)
    yield from differing(
        "triggers.yaml",
        TRIGGERS,
        (
            name
            for name in load_yaml_dict(str(COMPONENT / "triggers.yaml"))
            if name[0] != "."
        ),
    )
    yield from differing("icons.json", TRIGGERS, words("icons.json")["triggers"])
    for language in LANGUAGES:
        file = f"translations/{language}.json"
        yield from differing(f"{file}: triggers", TRIGGERS, words(file)["triggers"])
        page = PAGES[language] / "triggers.md"
        yield from missing(str(page), TRIGGERS, named(page))
    happened = {*EventType, *map(alert_subject, Action), *SUBJECTS.values()}
    happened |= {"connection_restored", STEP_DUE}
    for name, description in DESCRIPTIONS.items():
        yield from missing(f"what {name} listens to", [description.subject], happened)


def trigger_options() -> Iterator[str]:
    declared = load_yaml_dict(str(COMPONENT / "triggers.yaml"))
    for name, trigger in TRIGGERS.items():
        assert issubclass(trigger, TargetTrigger)
        # Of the connection nothing is ever late, so the editor does not offer it.
        hidden = {CONF_INCLUDE_LATE} if name.startswith("connection") else set()
        taken = {str(option) for option in trigger.options} - hidden
        fields = at(declared, f"{name}.fields")
        yield from differing(f"triggers.yaml: {name}", taken, fields)
        for language in LANGUAGES:
            file = f"translations/{language}.json"
            said = at(words(file), f"triggers.{name}.fields")
            yield from differing(f"{file}: triggers.{name}", fields, said)


def logbook() -> Iterator[str]:
    yield from differing("logbook.py", LANGUAGES, SENTENCES)
    for language, sentences in SENTENCES.items():
        where = f"logbook.py ({language})"
        yield from differing(where, EventType, sentences.events)
        yield from differing(where, Action, sentences.actions)
        yield from differing(where, Reason, sentences.reasons)
    yield from differing("team/logbook.py", LANGUAGES, DISPATCH_SENTENCES)
    for language, lines in DISPATCH_SENTENCES.items():
        where = f"team/logbook.py ({language})"
        yield from differing(where, {*DispatchAction} - WITHOUT_LINE, lines)


def team() -> Iterator[str]:
    yield from differing("team/channel_fields.py", CHANNELS, FIELDS)
    person = "config_subentries.person.step"
    for language in LANGUAGES:
        file = f"translations/{language}.json"
        for name, members in (
            ("channel", CHANNELS),
            ("figures_by_person", FiguresBy),
            ("role", Role),
        ):
            path = f"selector.{name}.options"
            yield from differing(f"{file}: {path}", members, at(words(file), path))
        offered = at(words(file), f"{person}.add.menu_options")
        yield from differing(f"{file}: {person}.add", CHANNELS, offered)
        page = PAGES[language] / "team.md"
        yield from missing(str(page), CHANNELS, named(page))


def board() -> Iterator[str]:
    for language in LANGUAGES:
        file = f"board/www/words/{language}.json"
        said = words(file)
        standing = {*State} - {State.CLOSED}
        yield from missing(f"{file}: levels", standing, said["levels"])


def named(page: Path) -> set[str]:
    """Return what a page puts between backticks."""
    return {*re.findall(r"`([^`\n]+)`", page.read_text("utf-8"))}


def pages() -> Iterator[str]:
    for members, names in REPORTED.items():
        for name in names:
            for folder in PAGES.values():
                page = folder / name
                yield from missing(str(page), members, named(page))


@pytest.mark.parametrize(
    "check",
    [
        rules,
        classes,
        to_do_list,
        yaml_options,
        selector_words,
        event_entities,
        triggers,
        trigger_options,
        logbook,
        team,
        board,
        pages,
    ],
    ids=lambda check: check.__name__,
)
def test_each_list_knows_all_of_it(check: Any) -> None:
    found = sorted(check())
    assert not found, "\n".join(found)
