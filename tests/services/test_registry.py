"""Each service is described once, and nothing outside its folder knows it by name."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.domain.diagnosis import is_set
from custom_components.carbis_alerts.domain.events import EVENTS, Source
from custom_components.carbis_alerts.domain.rules import AlertKind, rules_of
from custom_components.carbis_alerts.services.abilities import HoldsCalls, SendsText
from custom_components.carbis_alerts.services.registry import SERVICES
from simulator.green_api import GreenApiService

from .conftest import MakeWhatsApp

COMPONENT = Path("custom_components/carbis_alerts")
WORDS = json.loads((COMPONENT / "translations/en.json").read_bytes())
# Where services are known by their names.
KNOWING = ("api", "domain", "services")


def identities(module: ast.Module) -> Iterator[str]:
    """Yield each place of a module that names a service or the class of a source."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(value=ast.Name("Source"), attr=name) if name.isupper():
                yield f"{node.lineno}: Source.{name}"
            case ast.Call(func=ast.Name("isinstance"), args=[_, kind]):
                names = {
                    found.id for found in ast.walk(kind) if isinstance(found, ast.Name)
                }
                if any(name.endswith("Coordinator") for name in names):
                    yield f"{node.lineno}: isinstance"
            case ast.Call(func=ast.Name("cast"), args=[kind, _]) if (
                "Coord" in ast.unparse(kind)
            ):
                yield f"{node.lineno}: cast"
            case ast.ImportFrom(module=str(name)) if any(
                f"services.{source}" in name for source in Source
            ):
                yield f"{node.lineno}: {name}"


def test_platforms_board_and_actions_know_no_service_by_name() -> None:
    found = {
        f"{file}:{identity}"
        for file in COMPONENT.rglob("*.py")
        if file.relative_to(COMPONENT).parts[0] not in KNOWING
        for identity in identities(ast.parse(file.read_bytes()))
    }
    assert found == set()


def test_every_service_is_described() -> None:
    assert list(SERVICES) == list(Source)


@pytest.mark.parametrize("source", Source)
def test_a_description_agrees_with_events_rules_form_and_words(source: Source) -> None:
    service = SERVICES[source]
    hub = {entity.key: set(entity.event_types or ()) for entity in service.hub.events}
    assert service.alert_entity in hub
    happening = [event for event in EVENTS if event.source is source]
    for event in happening:
        assert event.type.value in hub[event.entity]
    for entity in service.devices.events:
        assert set(entity.event_types or ()) <= hub[entity.key]
    assert service.form.source is source
    assert {service.diagnosis.data[key] for key in service.form.secrets} <= {is_set}
    assert rules_of(source)
    assert source.value in WORDS["device"]
    for sensor in (*service.hub.sensors, *service.devices.sensors):
        assert sensor.key in WORDS["entity"]["sensor"]
    assert set(service.subentries) <= set(WORDS["config_subentries"])


def test_abilities_are_declared_where_they_are() -> None:
    menu, pbx, whatsapp = SERVICES.values()
    assert [service.raised is not None for service in SERVICES.values()] == [
        True,
        False,
        False,
    ]
    assert [waiting.kind for waiting in menu.waiting] == [
        AlertKind.WAITER_CALL,
        AlertKind.BILL_REQUEST,
    ]
    assert (pbx.waiting, whatsapp.waiting) == ((), ())
    assert [service.has_answer_time for service in SERVICES.values()] == [
        True,
        False,
        True,
    ]


async def test_a_source_has_the_abilities_of_its_service_and_no_other(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    can = {
        known.data["service"]: [
            isinstance(known.runtime_data.source, ability)
            for ability in (HoldsCalls, SendsText)
        ]
        for known in (entry, pbx_entry, whatsapp)
    }
    assert can == {
        "qr_menu": [False, False],
        "pbx": [True, False],
        "green_api": [False, True],
    }
