"""The files of the demo's Home Assistant."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.checkout import parse_yaml
from scripts.live_demo.site_files import (
    dashboard,
    local_time_zone,
    push_automation,
    write_site,
)
from scripts.live_demo.words import LINE_WORDS, WORDS

FOUND = {
    "control_url": "http://127.0.0.1:1",
    "messenger": "MAX",
    "phone_notification": "sensor.phone",
    **{
        f"{source}_{name}": f"{source}.{name}"
        for source, names in {
            "qr_menu": (
                *("acknowledge_all", "activity", "alerts", "answer_time"),
                *("calls_today", "connection", "entry_id", "open_calls"),
                "payments_today",
            ),
            "pbx": (
                *("acknowledge_all", "active_calls", "alerts", "calls", "connection"),
                *("entry_id", "last_caller", "missed_calls_today", "sms", "state"),
            ),
            "green_api": (
                *("account_state", "acknowledge_all", "alerts", "connection"),
                *("messages", "messages_today"),
            ),
        }.items()
        for name in names
    },
}


def test_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["ru"].keys()
    assert LINE_WORDS["en"].keys() == LINE_WORDS["ru"].keys()
    assert LINE_WORDS.keys() == WORDS.keys()


@pytest.mark.parametrize("language", WORDS)
def test_site(tmp_path: Path, language: str) -> None:
    write_site(tmp_path, language=language, port=12345)

    config: Any = parse_yaml((tmp_path / "configuration.yaml").read_text())
    assert config["homeassistant"]["language"] == language
    names = [light["name"] for light in config["template"][0]["light"]]
    assert names == [
        WORDS[language][lamp] for lamp in ("hall_lamp", "phone_lamp", "table_6_lamp")
    ]
    assert "$" not in str(config)
    automations = yaml.safe_load((tmp_path / "automations.yaml").read_text())
    assert all(item["alias"] and "$" not in str(item) for item in automations)
    http = json.loads((tmp_path / ".storage" / "http").read_text())["data"]
    assert http["stable"]["server_host"] == ["127.0.0.1"]
    assert http["stable"]["server_port"] == 12345
    component = tmp_path / "custom_components" / "carbis_alerts"
    assert (component / "manifest.json").is_file()
    assert not list(component.rglob("__pycache__"))
    voice = tmp_path / "custom_components" / "demo_voice"
    assert (voice / "manifest.json").is_file()


@pytest.mark.parametrize("language", WORDS)
def test_automations_are_made_from_the_blueprints(
    tmp_path: Path, language: str
) -> None:
    write_site(tmp_path, language=language, port=12345)

    automations = yaml.safe_load((tmp_path / "automations.yaml").read_text())
    used = [
        one["use_blueprint"]
        for one in (*automations, push_automation(language, "01PHONE"))
        if "use_blueprint" in one
    ]
    assert [one["path"] for one in used] == [
        f"carbis_alerts/{name}.yaml"
        for name in ("light_signal", "announcement", "push")
    ]
    for one in used:
        path = tmp_path / "blueprints" / "automation" / one["path"]
        blueprint: Any = parse_yaml(path.read_text())
        assert one["input"].keys() <= blueprint["blueprint"]["input"].keys()
    assert [one["input"].get("language") for one in used[1:]] == [language, language]
    assert used[2]["input"]["staff"][0]["phone"] == "01PHONE"


@pytest.mark.parametrize("language", WORDS)
def test_dashboard_names_what_was_found(language: str) -> None:
    view = dashboard(language, FOUND)["views"][1]

    assert view["title"] == WORDS[language]["site"]
    text = str(view)
    assert all(value in text for value in FOUND.values())
    assert "$" not in text


def test_each_table_has_its_cards() -> None:
    tables = [
        {
            "waiter_called": f"binary_sensor.table_{name}",
            "acknowledge": f"button.table_{name}",
        }
        for name in ("3", "6")
    ]
    without, with_tables = (
        dashboard("en", FOUND, shown)["views"][1]["sections"][1]["cards"]
        for shown in ((), tables)
    )

    assert len(with_tables) == len(without) + 4
    assert with_tables[0] == without[0]
    assert "$" not in str(with_tables)
    for table in tables:
        called, button = (
            next(card for card in with_tables if card.get("entity") == entity)
            for entity in table.values()
        )
        condition = {
            "condition": "state",
            "entity": table["waiter_called"],
            "state": "on",
        }
        assert called["visibility"] == button["visibility"] == [condition]
        assert button["tap_action"]["target"] == {"entity_id": table["acknowledge"]}


def test_time_zone_of_the_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    assert local_time_zone(link) == "UTC"
    link.symlink_to("/usr/share/zoneinfo/Asia/Yekaterinburg")
    assert local_time_zone(link) in ("Asia/Yekaterinburg", "UTC")
