"""The files of the demo's Home Assistant."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.checkout import parse_yaml
from scripts.live_demo.site_files import dashboard, local_time_zone, write_site
from scripts.live_demo.team import SHIFT_PLAN
from scripts.live_demo.words import LINE_WORDS, WORDS

FOUND = {
    "control_url": "http://127.0.0.1:1",
    "messenger": "MAX",
    **{
        name: f"sensor.{name}"
        for name in (
            *("anna_notification", "dmitry_notification", "gulnara_notification"),
            *("team_answer_time", "team_on_shift"),
        )
    },
    **{
        f"{source}_{name}": f"{source}.{name}"
        for source, names in {
            "qr_menu": (
                *("acknowledge_all", "activity", "alerts", "answer_time"),
                *("calls_today", "connection", "entry_id", "forgotten_today"),
                *("in_time", "open_calls", "payments_today", "waiting_since"),
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
    days = config["schedule"][SHIFT_PLAN.partition(".")[2]]
    assert days.pop("name") == WORDS[language]["shift_plan"]
    assert len(days) == 7
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
    used = [one["use_blueprint"] for one in automations if "use_blueprint" in one]
    assert [one["path"] for one in used] == [
        f"carbis_alerts/{name}.yaml" for name in ("light_signal", "announcement")
    ]
    for one in used:
        path = tmp_path / "blueprints" / "automation" / one["path"]
        blueprint: Any = parse_yaml(path.read_text())
        assert one["input"].keys() <= blueprint["blueprint"]["input"].keys()
    assert used[1]["input"]["language"] == language


@pytest.mark.parametrize("language", WORDS)
def test_dashboard_names_what_was_found(language: str) -> None:
    view = dashboard(language, FOUND)["views"][1]

    assert view["title"] == WORDS[language]["site"]
    text = str(view)
    assert all(value in text for value in FOUND.values())
    assert "$" not in text


def test_who_was_forgotten_and_who_waits_stand_beside_the_answer_time() -> None:
    cards = dashboard("en", FOUND)["views"][1]["sections"][1]["cards"]
    shown = [card.get("entity") for card in cards]
    first = shown.index("qr_menu.answer_time")
    figures = {f"qr_menu.{key}" for key in ("waiting_since", "forgotten_today")}
    assert figures <= {*shown[first : first + 4]}


def test_each_table_has_its_cards_and_its_lines() -> None:
    tables = [
        {
            "acknowledge": f"button.table_{name}",
            "activity": f"event.table_{name}",
            "bill_requested": f"binary_sensor.bill_{name}",
            "waiter_called": f"binary_sensor.table_{name}",
        }
        for name in ("3", "6")
    ]
    without, with_tables = (
        dashboard("en", FOUND, shown)["views"][1]["sections"] for shown in ((), tables)
    )

    cards = with_tables[1]["cards"]
    assert len(cards) == len(without[1]["cards"]) + 6
    assert cards[0] == without[1]["cards"][0]
    assert "$" not in str(cards)
    for table in tables:
        called, bill, button = (
            next(card for card in cards if card.get("entity") == table[key])
            for key in ("waiter_called", "bill_requested", "acknowledge")
        )
        calls, pays = (
            {"condition": "state", "entity": entity, "state": "on"}
            for entity in (table["waiter_called"], table["bill_requested"])
        )
        assert (called["visibility"], bill["visibility"]) == ([calls], [pays])
        assert button["visibility"] == [
            {"condition": "or", "conditions": [calls, pays]}
        ]
        assert button["tap_action"]["target"] == {"entity_id": table["acknowledge"]}
    log = with_tables[-1]["cards"][-1]
    assert log["type"] == "logbook"
    assert {table["activity"] for table in tables} <= {*log["target"]["entity_id"]}


def test_time_zone_of_the_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    assert local_time_zone(link) == "UTC"
    link.symlink_to("/usr/share/zoneinfo/Asia/Yekaterinburg")
    assert local_time_zone(link) in ("Asia/Yekaterinburg", "UTC")
