"""Each check of scripts/check.py passes a sound checkout and fails a broken one."""

from collections.abc import Callable
import json
from pathlib import Path

import pytest

from scripts.check import problems
from scripts.checkout import COMPONENT
from scripts.rules import QUALITY_RULES, REQUIRED_FILES

type Edit = Callable[[Path], None]

ENGLISH = {
    "conditions": {"ready": {"name": "Ready", "description": "Is it ready?"}},
    "config": {
        "abort": {"already_configured": "It is here already."},
        "error": {"cannot_connect": "{host} does not answer."},
        "step": {"user": {"title": "Set up", "data": {"url": "Address"}}},
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
"""

SENSOR = """
DESCRIPTIONS = (
    SensorEntityDescription(key="phase", translation_key="phase"),
)


class Called:
    _attr_translation_key = "called"


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


def translate(value: object) -> object:
    """Return a tree of texts whose words are not English, with their placeholders."""
    if isinstance(value, dict):
        return {key: translate(item) for key, item in value.items()}
    return f"По-русски {value}"


def files() -> dict[str, str]:
    """Return the text of every file of a sound checkout."""
    component = {
        "__init__.py": "",
        "brand/icon.png": "",
        "conditions.yaml": "ready:\n",
        "config_flow.py": FLOW,
        "icons.json": json.dumps(ICONS),
        "manifest.json": json.dumps(MANIFEST),
        "quality_scale.yaml": "\n  ".join(
            ["rules:", *(f"{rule}: done" for rule in sorted(QUALITY_RULES))]
        ),
        "sensor.py": SENSOR,
        "services.yaml": SERVICES,
        "translations/en.json": json.dumps(ENGLISH),
        "translations/ru.json": json.dumps(translate(ENGLISH)),
        "triggers.yaml": ".common: &common {}\nrung: *common\n",
    }
    return {
        "CHANGELOG.md": "# Changelog\n\n## [1.2.3] - 2026-11-01\n",
        "LICENSE": "",
        "README.md": "[License](LICENSE), [site](https://example.invalid), [top](#top)\n",
        "blueprints/bell.yaml": "light: !input light\n",
        "hacs.json": '{"name": "Carbis Alerts", "homeassistant": "2026.10.0"}',
        "pyproject.toml": PYPROJECT,
        "uv.lock": LOCK,
    } | {str(COMPONENT / name): text for name, text in component.items()}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return the root of a sound checkout."""
    for name, text in files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


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


def test_sound_checkout_has_no_problems(checkout: Path) -> None:
    assert problems(checkout) == []


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_missing_file_is_a_problem(checkout: Path, name: str) -> None:
    (checkout / name).unlink()
    assert f"{name}: the file is missing" in problems(checkout)


def test_empty_checkout_is_reported_not_raised(tmp_path: Path) -> None:
    assert len(problems(tmp_path)) >= len(REQUIRED_FILES)


ENTITY = ("entity", "sensor", "phase")
EN = "translations/en.json"
RU = "translations/ru.json"


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            replaced("icons.json", "{", "{{"),
            "icons.json: Expecting property name",
            id="broken JSON",
        ),
        pytest.param(
            replaced("services.yaml", "ring:", "ring: ["),
            "services.yaml: while parsing",
            id="broken YAML",
        ),
        pytest.param(
            replaced_in_root("pyproject.toml", "[project]", "[project"),
            "pyproject.toml: Expected",
            id="broken TOML",
        ),
        pytest.param(
            replaced("manifest.json", "{", '{"domain": "twice", '),
            "manifest.json: the key 'domain' comes twice",
            id="key twice in JSON",
        ),
        pytest.param(
            replaced("triggers.yaml", "rung:", "rung:\nrung:"),
            "triggers.yaml: the key 'rung' comes twice",
            id="key twice in YAML",
        ),
        pytest.param(
            changed("manifest.json", "issue_tracker"),
            "manifest.json: issue_tracker is missing",
            id="manifest key missing",
        ),
        pytest.param(
            changed("manifest.json", "zzz", to=1),
            "manifest.json: zzz is not a known key",
            id="manifest key unknown",
        ),
        pytest.param(
            replaced("manifest.json", '"name": "Carbis Alerts", ', ""),
            "manifest.json: the keys are not domain, name and the others sorted",
            id="manifest unsorted",
        ),
        pytest.param(
            changed("manifest.json", "domain", to="other"),
            "manifest.json: domain is not carbis_alerts",
            id="manifest of another domain",
        ),
        pytest.param(
            changed("manifest.json", "iot_class", to="push"),
            "manifest.json: iot_class is 'push'",
            id="manifest value unknown",
        ),
        pytest.param(
            changed("manifest.json", "requirements", to=["left_pad==1"]),
            "manifest.json: no document tells what the requirement left-pad is for",
            id="requirement undocumented",
        ),
        pytest.param(
            changed("manifest.json", "dependencies", to=["htttp"]),
            "manifest.json: dependencies names htttp",
            id="dependency unknown",
        ),
        pytest.param(
            changed("manifest.json", "version", to="1.2.4"),
            "manifest.json: version is 1.2.4, pyproject.toml has 1.2.3",
            id="versions differ",
        ),
        pytest.param(
            replaced_in_root("CHANGELOG.md", "1.2.3", "1.2.30"),
            "CHANGELOG.md: there is no section for 1.2.3",
            id="version not in the change log",
        ),
        pytest.param(
            replaced_in_root("hacs.json", "{", '{"domains": [], '),
            "hacs.json: domains is not a key that HACS knows",
            id="HACS key unknown",
        ),
        pytest.param(
            replaced_in_root("hacs.json", '"name"', '"filename"'),
            "hacs.json: name is missing",
            id="HACS name missing",
        ),
        pytest.param(
            replaced_in_root("hacs.json", "2026.10.0", "latest"),
            "hacs.json: homeassistant is not a version",
            id="HACS version broken",
        ),
        pytest.param(
            changed(RU, *ENTITY),
            "translations/ru.json: entity.sensor.phase.name is missing",
            id="translation missing",
        ),
        pytest.param(
            changed(RU, "config", "step", "more", to="Ещё"),
            "translations/ru.json: config.step.more is not expected",
            id="translation too much",
        ),
        pytest.param(
            replaced(RU, "{table}", "{tisch}"),
            "translations/ru.json: exceptions.no_table.message has not the placeholders table",
            id="placeholder differs",
        ),
        pytest.param(
            changed(RU, *ENTITY, "name", to="Phase"),
            "translations/ru.json: entity.sensor.phase.name is the English text",
            id="English left over",
        ),
        pytest.param(
            changed(EN, *ENTITY, "name", to="[%key:common::phase%]"),
            "translations/en.json: entity.sensor.phase.name refers to another key",
            id="reference",
        ),
        pytest.param(
            changed(EN, *ENTITY, "name", to=""),
            "translations/en.json: entity.sensor.phase.name is empty",
            id="empty text",
        ),
        pytest.param(
            changed(EN, *ENTITY, "name", to="Phase "),
            "translations/en.json: entity.sensor.phase.name begins or ends with white space",
            id="white space",
        ),
        pytest.param(
            changed(EN, *ENTITY, "name", to="<b>Phase</b>"),
            "translations/en.json: entity.sensor.phase.name holds HTML",
            id="HTML",
        ),
        pytest.param(
            changed(EN, *ENTITY, "name", to="See https://example.org"),
            "translations/en.json: entity.sensor.phase.name holds a URL",
            id="URL",
        ),
        pytest.param(
            changed(EN, *ENTITY, "state", "Busy", to="Busy"),
            "translations/en.json: entity.sensor.phase.state.Busy is not made of",
            id="key with a capital",
        ),
        pytest.param(
            replaced(EN, "{table}", "'{table}'"),
            "translations/en.json: exceptions.no_table.message quotes a placeholder",
            id="quoted placeholder",
        ),
        pytest.param(
            changed("icons.json", *ENTITY, "default", to="fa:phone"),
            "icons.json: entity.sensor.phase.default is fa:phone",
            id="icon of another set",
        ),
        pytest.param(
            changed("icons.json", "entity", "sensor", "mood", to={"default": "mdi:x"}),
            "icons.json: entity.sensor.mood has no translation",
            id="icon of no entity",
        ),
        pytest.param(
            changed("icons.json", *ENTITY, "state", "busy", to="mdi:x"),
            "translations: entity.sensor.phase.state: busy is missing",
            id="icon of no state",
        ),
        pytest.param(
            replaced("triggers.yaml", "rung:", "hung:"),
            "translations: triggers: hung is missing",
            id="trigger without a name",
        ),
        pytest.param(
            changed("icons.json", "conditions", "ready"),
            "icons.json: conditions: ready is missing",
            id="condition without an icon",
        ),
        pytest.param(
            changed("icons.json", "services", "ring", to={"default": "mdi:bell"}),
            "icons.json: services.ring has no service",
            id="icon of a wrong kind",
        ),
        pytest.param(
            changed(EN, "services", "ring", "description"),
            "translations: services.ring has no description",
            id="action without a description",
        ),
        pytest.param(
            replaced("services.yaml", "    kind:", "    more:\n    kind:"),
            "translations: services.ring.fields: more is missing",
            id="field without a name",
        ),
        pytest.param(
            changed(EN, "services", "ring", "fields", "kind", "name"),
            "translations: services.ring.fields.kind has no name",
            id="field with a description only",
        ),
        pytest.param(
            replaced("services.yaml", "[call, text]", "[call, text, fax]"),
            "translations: selector.kind.options: fax is missing",
            id="option without a name",
        ),
        pytest.param(
            replaced("quality_scale.yaml", "brands: done", "brand: done"),
            "quality_scale.yaml: brand is not expected",
            id="rule unknown",
        ),
        pytest.param(
            replaced("quality_scale.yaml", "brands: done", "brands: maybe"),
            "quality_scale.yaml: brands has the status 'maybe'",
            id="status unknown",
        ),
        pytest.param(
            replaced("quality_scale.yaml", "brands: done", "brands: {status: exempt}"),
            "quality_scale.yaml: brands is exempt without a comment",
            id="exempt without a reason",
        ),
        pytest.param(
            replaced(
                "quality_scale.yaml", "brands: done", "brands: {status: done, why: x}"
            ),
            "quality_scale.yaml: brands has the unknown key why",
            id="rule with an unknown key",
        ),
        pytest.param(
            replaced("sensor.py", 'translation_key="no_table"', "translation_key=KEY"),
            "translations: exceptions 'no_table' is not used in the code",
            id="text unused",
        ),
        pytest.param(
            replaced(
                "sensor.py",
                '"no_table"',
                '"no_table" if quiet else "no_chair"',
            ),
            "exceptions 'no_chair' has no translation",
            id="exception without a text",
        ),
        pytest.param(
            replaced("sensor.py", 'translation_key="lost"', 'translation_key="gone"'),
            "issues 'gone' has no translation",
            id="issue without a text",
        ),
        pytest.param(
            replaced("sensor.py", 'translation_key="phase"', 'translation_key="fase"'),
            "entity 'fase' has no translation",
            id="entity without a text",
        ),
        pytest.param(
            replaced("sensor.py", '= "called"', '= "rung"'),
            "entity 'rung' has no translation",
            id="entity attribute without a text",
        ),
        pytest.param(
            replaced("config_flow.py", '"cannot_connect"', '"no_route"'),
            "error 'no_route' has no translation",
            id="error without a text",
        ),
        pytest.param(
            replaced("config_flow.py", '"already_configured"', '"twice"'),
            "abort 'twice' has no translation",
            id="abort without a text",
        ),
        pytest.param(
            replaced("config_flow.py", 'step_id="user"', 'step_id="account"'),
            "step 'account' has no translation",
            id="step without a text",
        ),
        pytest.param(
            replaced_in_root("pyproject.toml", "pytest >= 9", "pytest >= 10"),
            "uv.lock: the group test is not that of pyproject.toml",
            id="lock out of date",
        ),
        pytest.param(
            replaced_in_root(
                "pyproject.toml", "test =", 'demo = ["pymicro-vad==0.0.1"]\ntest ='
            ),
            "pyproject.toml: the demo group has pymicro-vad==0.0.1, Home Assistant asks for",
            id="demo out of date",
        ),
        pytest.param(
            replaced_in_root("README.md", "(LICENSE)", "(LICENCE)"),
            "README.md: the link to LICENCE leads nowhere",
            id="link broken",
        ),
    ],
)
def test_broken_checkout_is_a_problem(checkout: Path, edit: Edit, problem: str) -> None:
    edit(checkout)
    found = problems(checkout)
    assert [line for line in found if problem in line], found


def test_name_of_a_product_stays_in_every_language(checkout: Path) -> None:
    for name in (EN, RU):
        changed(name, *ENTITY, "name", to="WhatsApp {number}")(checkout)
    assert problems(checkout) == []


def test_pattern_of_an_address_is_no_url(checkout: Path) -> None:
    for name in (EN, RU):
        changed(name, *ENTITY, "name", to="https://IP:port")(checkout)
    assert [line for line in problems(checkout) if "URL" in line] == []


def test_exempt_rule_with_a_reason_is_no_problem(checkout: Path) -> None:
    reason = "brands: {status: exempt, comment: There is none.}"
    replaced("quality_scale.yaml", "brands: done", reason)(checkout)
    assert problems(checkout) == []
