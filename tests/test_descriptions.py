"""Home Assistant's own loaders take the component's data files, whole and in both languages."""

import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, icon, service, translation, trigger
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
import pytest

from custom_components.carbis_alerts.const import DOMAIN
from scripts.checkout import leaves, mapping, parse

from .flows import WORDS

COMPONENT = Path("custom_components/carbis_alerts")


def declared(name: str) -> dict[str, Any]:
    """Return what a description file declares."""
    return {
        key: value
        for key, value in mapping(parse(COMPONENT / name)).items()
        if not key.startswith(".")
    }


def ours(descriptions: dict[str, Any]) -> dict[str, Any]:
    """Return the descriptions of this component, by their bare names."""
    return {
        key.removeprefix(f"{DOMAIN}."): value
        for key, value in descriptions.items()
        if key.startswith(f"{DOMAIN}.")
    }


def names(fields: Any) -> set[str]:
    """Return the fields of a description, those in sections too."""
    found: set[str] = set()
    for name, field in mapping(fields).items():
        found |= set(mapping(field, "fields")) or {name}
    return found


async def test_the_manifest_is_taken(hass: HomeAssistant) -> None:
    integration = await async_get_integration(hass, DOMAIN)
    manifest = json.loads((COMPONENT / "manifest.json").read_bytes())
    assert integration.disabled is None
    assert str(integration.version) == manifest["version"]
    assert integration.config_flow
    assert integration.integration_type == manifest["integration_type"]
    assert await integration.resolve_dependencies() is not None


async def test_actions_are_taken_with_all_their_fields(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    loaded = (await service.async_get_all_descriptions(hass))[DOMAIN]
    wanted = declared("services.yaml")
    assert set(loaded) == set(wanted) == set(hass.services.async_services()[DOMAIN])
    for name, description in wanted.items():
        assert names(loaded[name]["fields"]) == names(mapping(description, "fields"))


@pytest.mark.parametrize(
    ("file", "helper"), [("conditions.yaml", condition), ("triggers.yaml", trigger)]
)
async def test_triggers_and_conditions_are_taken_with_all_their_fields(
    hass: HomeAssistant, file: str, helper: Any
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    loaded = ours(await helper.async_get_all_descriptions(hass))
    wanted = declared(file)
    assert set(loaded) == set(wanted)
    for name, description in wanted.items():
        assert loaded[name] is not None
        assert set(loaded[name]["fields"]) == set(mapping(description, "fields"))


@pytest.mark.parametrize("language", sorted(WORDS))
async def test_every_word_is_taken(
    hass: HomeAssistant, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    for category, words in WORDS[language].items():
        loaded = await translation.async_get_translations(
            hass, language, category, [DOMAIN]
        )
        prefix = f"component.{DOMAIN}.{category}."
        assert {key.removeprefix(prefix): text for key, text in loaded.items()} == dict(
            leaves(words)
        )
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == translation.__name__ and record.levelno >= logging.WARNING
    ] == []


@pytest.mark.parametrize("category", ["conditions", "entity", "services", "triggers"])
async def test_icons_are_taken(hass: HomeAssistant, category: str) -> None:
    loaded = await icon.async_get_icons(hass, category, [DOMAIN])
    wanted = json.loads((COMPONENT / "icons.json").read_bytes())[category]
    assert loaded[DOMAIN] == wanted
