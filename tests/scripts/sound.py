"""A sound checkout in small, and edits that break it."""

from collections.abc import Callable
import json
from pathlib import Path
import struct

from scripts.checkout import COMPONENT
from scripts.rules import BRAND_PICTURES, QUALITY_RULES

type Edit = Callable[[Path], None]

ENGLISH = {
    "conditions": {"ready": {"name": "Ready", "description": "Is it ready?"}},
    "config": {
        "abort": {"already_configured": "It is here already."},
        "error": {"cannot_connect": "{host} does not answer."},
        "step": {
            "user": {
                "title": "Set up",
                "data": {"url": "Address"},
                "data_description": {"url": "That of the server."},
            }
        },
    },
    "entity": {
        "binary_sensor": {"called": {"name": "Called"}},
        "sensor": {"phase": {"name": "Phase", "state": {"idle": "Quiet"}}},
    },
    "exceptions": {"no_table": {"message": "There is no table {table}."}},
    "issues": {"lost": {"title": "Lost", "description": "It is away."}},
    "selector": {"kind": {"options": {"call": "A call", "text": "A text"}}},
    "services": {
        "ring": {
            "name": "Ring",
            "description": "Rings a bell.",
            "fields": {"kind": {"name": "Kind", "description": "What rings."}},
        }
    },
    "triggers": {"rung": {"name": "Rung", "description": "A bell rang."}},
}

ICONS = {
    "conditions": {"ready": {"condition": "mdi:check"}},
    "entity": {
        "binary_sensor": {
            "called": {"default": "mdi:bell", "state": {"on": "mdi:bell-ring"}}
        },
        "sensor": {"phase": {"default": "mdi:phone", "state": {"idle": "mdi:sleep"}}},
    },
    "services": {"ring": {"service": "mdi:bell"}},
    "triggers": {"rung": {"trigger": "mdi:bell"}},
}

MANIFEST = {
    "domain": "carbis_alerts",
    "name": "Carbis Alerts",
    "codeowners": ["@somebody"],
    "config_flow": True,
    "dependencies": ["http"],
    "documentation": "https://example.invalid/docs",
    "integration_type": "hub",
    "iot_class": "local_push",
    "issue_tracker": "https://example.invalid/issues",
    "requirements": [],
    "version": "1.2.3",
}

FLOW = """
class Flow:
    async def async_step_user(self):
        errors = {}
        errors["base"] = "cannot_connect"
        if self.known:
            return self.async_abort(reason="already_configured")
        return self.async_show_form(step_id="user", errors=errors)

    def async_step_reauth(self): ...

    def async_step_reauth_confirm(self): ...

    def async_step_reconfigure(self): ...
"""

SETUP = """
async def async_setup(hass): ...


async def async_unload_entry(hass): ...


async def async_remove_config_entry_device(hass): ...
"""

SENSOR = """
PARALLEL_UPDATES = 0

DESCRIPTIONS = (
    SensorEntityDescription(key="phase", translation_key="phase"),
)


class Called:
    _attr_translation_key = "called"


async def async_setup_entry(hass): ...


def fail(hass, quiet):
    create_issue(hass, DOMAIN, "lost", translation_key="lost")
    raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_table")
"""

SERVICES = """
ring:
  fields:
    kind:
      selector:
        select:
          translation_key: kind
          options: [call, text]
"""

PYPROJECT = """
[project]
name = "carbis-alerts"
version = "1.2.3"

[tool.mypy]
strict = true

[dependency-groups]
test = ["pytest >= 9", "Some.Thing"]
"""

LOCK = """
[[package]]
name = "carbis-alerts"
source = { virtual = "." }

[package.metadata.requires-dev]
test = [{ name = "pytest", specifier = ">=9" }, { name = "some-thing" }]
"""


WORKFLOW = """
name: CI
on: push
permissions:
  contents: read
jobs:
  lint:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
"""

FORM = """
name: Bug
description: Something does not work.
body:
  - type: markdown
    attributes:
      value: Hello
  - type: dropdown
    id: service
    attributes:
      label: Service
      options: [bell]
  - type: textarea
    id: diagnostics
    attributes:
      label: Diagnostics
"""

# English text, Russian text.
PAGES = {
    "actions.md": (
        "# Actions\n\n| action | |\n| --- | --- |\n| `carbis_alerts.ring` | rings |\n",
        "# Действия\n\n| действие | |\n| --- | --- |\n| `carbis_alerts.ring` | звонит |\n",
    ),
    "blueprints/bell.md": ("# Bell\n", "# Звонок\n"),
    "conditions.md": ("# Conditions\n\n`ready`\n", "# Условия\n\n`ready`\n"),
    "entities.md": (
        "# Entities\n\n`binary_sensor.called`, `sensor.phase`\n",
        "# Объекты\n\n`binary_sensor.called`, `sensor.phase`\n",
    ),
    "repairs.md": (
        "# Repairs\n\n## Lost\n\n[above](#repairs)\n",
        "# Проблемы\n\n## Потеряно\n\n[выше](#проблемы)\n",
    ),
    "triggers.md": (
        (
            "# Triggers\n\n`rung`\n\n"
            "```yaml\nalias: Rings\nentity_id: event.table_6_activity\n```\n\n"
            '```json\n{"id": "sensor.pbx_state"}\n```\n'
        ),
        (
            "# Триггеры\n\n`rung`\n\n"
            "```yaml\nalias: Звонит\nentity_id: event.stolik_6_activity\n```\n\n"
            '```json\n{"id": "sensor.ats_state"}\n```\n'
        ),
    ),
}


def pages() -> dict[str, str]:
    """Return the documents, each in both languages with a link to the other."""
    found = {
        "README.md": "[License](LICENSE), [site](https://example.invalid)\n\n"
        "[Русский](README.ru.md)\n",
        "README.ru.md": "[English](README.md)\n",
    }
    for name, (english, russian) in PAGES.items():
        up = "../" * name.count("/")
        found[f"docs/{name}"] = f"{english}\n[Русский]({up}ru/{name})\n"
        found[f"docs/ru/{name}"] = f"{russian}\n[English]({up}../{name})\n"
    return found


def png(width: int, height: int) -> bytes:
    """Return the beginning of a picture."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def translate(value: object) -> object:
    """Return a tree of texts whose words are not English, with their placeholders."""
    if isinstance(value, dict):
        return {key: translate(item) for key, item in value.items()}
    return f"По-русски {value}"


def files() -> dict[str, str]:
    """Return the text of every file of a sound checkout."""
    component = {
        "__init__.py": "",
        "entry.py": SETUP,
        "conditions.yaml": "ready:\n",
        "config_flow.py": FLOW,
        "diagnostics.py": "async def async_get_config_entry_diagnostics(hass): ...\n",
        "icons.json": json.dumps(ICONS),
        "manifest.json": json.dumps(MANIFEST),
        "quality_scale.yaml": "\n  ".join(
            ["rules:", *(f"{rule}: done" for rule in sorted(QUALITY_RULES))]
        ),
        "repairs.py": "async def async_create_fix_flow(hass): ...\n",
        "sensor.py": SENSOR,
        "services.yaml": SERVICES,
        "translations/en.json": json.dumps(ENGLISH),
        "translations/ru.json": json.dumps(translate(ENGLISH)),
        "triggers.yaml": ".common: &common {}\nrung: *common\n",
    }
    return {
        "CHANGELOG.md": "# Changelog\n\n## [1.2.3] - 2026-11-01\n",
        "LICENSE": "",
        ".github/ISSUE_TEMPLATE/1_bug.yml": FORM,
        ".github/ISSUE_TEMPLATE/2_bug_ru.yml": FORM.replace("Service", "Сервис"),
        ".github/ISSUE_TEMPLATE/config.yml": "blank_issues_enabled: false\n",
        ".github/workflows/ci.yml": WORKFLOW,
        "blueprints/automation/carbis_alerts/bell.yaml": "light: !input light\n",
        "hacs.json": '{"name": "Carbis Alerts", "homeassistant": "2026.10.0"}',
        "pyproject.toml": PYPROJECT,
        "uv.lock": LOCK,
        **pages(),
    } | {str(COMPONENT / name): text for name, text in component.items()}


def build(root: Path) -> None:
    """Write a sound checkout."""
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    brand = root / COMPONENT / "brand"
    brand.mkdir()
    for name, (square, height) in BRAND_PICTURES.items():
        (brand / name).write_bytes(png(height if square else 4 * height, height))


def replaced(name: str, old: str, new: str) -> Edit:
    """Return an edit that replaces text in one of the component's files."""

    def edit(root: Path) -> None:
        file = root / COMPONENT / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return edit


def replaced_in_root(name: str, old: str, new: str) -> Edit:
    """Return an edit that replaces text in a file of the root."""
    return replaced(f"../../{name}", old, new)


def changed(name: str, *path: str, to: object = None) -> Edit:
    """Return an edit that sets, or without a value removes, what stands at a path."""

    def edit(root: Path) -> None:
        file = root / COMPONENT / name
        data = json.loads(file.read_text("utf-8"))
        target = data
        for key in path[:-1]:
            target = target[key]
        if to is None:
            del target[path[-1]]
        else:
            target[path[-1]] = to
        file.write_text(json.dumps(data), "utf-8")

    return edit
