"""The files of the demo's Home Assistant."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.checkout import parse_yaml
from scripts.live_demo.house_files import dashboard, local_time_zone, write_house
from scripts.live_demo.words import WORDS

FOUND = {
    "control_url": "http://127.0.0.1:1",
    **{
        f"{source}_{name}": f"{source}.{name}"
        for source, names in {
            "qr_menu": ("activity", "connection", "entry_id"),
            "pbx": (
                *("active_calls", "calls", "connection", "entry_id"),
                *("last_caller", "sms", "state"),
            ),
            "green_api": (
                *("account_state", "connection", "messages", "messages_today"),
            ),
        }.items()
        for name in names
    },
}


def test_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["ru"].keys()


@pytest.mark.parametrize("language", WORDS)
def test_house(tmp_path: Path, language: str) -> None:
    write_house(tmp_path, language=language, port=12345)

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


@pytest.mark.parametrize("language", WORDS)
def test_dashboard_names_what_was_found(language: str) -> None:
    view = dashboard(language, FOUND)["views"][0]

    assert view["title"] == WORDS[language]["house"]
    text = str(view)
    assert all(value in text for value in FOUND.values())
    assert "$" not in text


def test_time_zone_of_the_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    assert local_time_zone(link) == "UTC"
    link.symlink_to("/usr/share/zoneinfo/Asia/Yekaterinburg")
    assert local_time_zone(link) in ("Asia/Yekaterinburg", "UTC")
