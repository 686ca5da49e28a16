"""The configuration folder of the demo's Home Assistant, and its dashboard."""

from collections.abc import Mapping, Sequence
import json
from pathlib import Path
import shutil
from string import Template
from typing import Any, Final

import yaml

from .words import WORDS

ROOT: Final = Path(__file__).parents[2]
COMPONENT: Final = Path("custom_components", "carbis_alerts")
BLUEPRINTS: Final = Path("blueprints", "automation", "carbis_alerts")
FILES: Final = Path(__file__).parent / "site"
VOICE: Final = Path(__file__).parent / "demo_voice"

# The view of the dashboard behind the board, its section that shows who waits, and the
# last card of its last one, which shows what happened.
DETAILS: Final = 1
WAITING: Final = 1
LAST: Final = -1

# Onboarding's steps besides the user. Done by hand they set up a weather forecast, a
# radio and more that asks the internet.
ONBOARDED: Final = ("analytics", "core_config", "integration")


def write_site(folder: Path, *, language: str, port: int) -> None:
    """Write all that Home Assistant reads at its first start."""
    words = {
        **WORDS[language],
        "language": language,
        "time_zone": local_time_zone(),
    }
    for name in ("configuration.yaml", "automations.yaml"):
        (folder / name).write_text(_filled(name, words), "utf-8")
    for source, target in (
        (ROOT / COMPONENT, COMPONENT),
        (ROOT / BLUEPRINTS, BLUEPRINTS),
        (VOICE, COMPONENT.with_name(VOICE.name)),
    ):
        shutil.copytree(
            source, folder / target, ignore=shutil.ignore_patterns("__pycache__")
        )
    _write_storage(folder, "onboarding", 4, 1, {"done": ONBOARDED})
    _write_storage(folder, "http", 2, 2, _http_settings(port))


def dashboard(
    language: str,
    values: Mapping[str, str],
    tables: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the dashboard; the values name the entities and addresses in it.

    Of each table it shows the entities given, as long as a guest there waits.
    """
    words = {
        name: Template(text).safe_substitute(values)
        for name, text in WORDS[language].items()
    }
    config: dict[str, Any] = yaml.safe_load(
        _filled("dashboard.yaml", {**words, **values})
    )
    sections = config["views"][DETAILS]["sections"]
    log = sections[LAST]["cards"][LAST]["target"]["entity_id"]
    for table in tables:
        cards = yaml.safe_load(_filled("table_cards.yaml", table))
        sections[WAITING]["cards"][1:1] = cards
        log.append(table["activity"])
    return config


def local_time_zone(link: Path = Path("/etc/localtime")) -> str:
    """Return the name of the machine's time zone, UTC where it has none."""
    _, _, name = str(link.resolve()).partition("zoneinfo/")
    return name or "UTC"


def _filled(name: str, words: Mapping[str, str]) -> str:
    return Template((FILES / name).read_text("utf-8")).substitute(words)


def _http_settings(port: int) -> dict[str, object]:
    """Return settings that are confirmed; from the YAML they are a trial of 5 minutes."""
    return {
        "stable": {
            "server_host": ["127.0.0.1"],
            "server_port": port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": False,
            "ssl_profile": "modern",
            "use_x_frame_options": True,
            "created_at": "2026-01-01T00:00:00+00:00",
            "error": None,
            "error_message": None,
        },
        "pending": None,
        "yaml_migration_done": True,
    }


def _write_storage(
    folder: Path, key: str, version: int, minor_version: int, data: object
) -> None:
    path = folder / ".storage" / key
    path.parent.mkdir(exist_ok=True)
    content = {
        "version": version,
        "minor_version": minor_version,
        "key": key,
        "data": data,
    }
    path.write_text(json.dumps(content), "utf-8")
