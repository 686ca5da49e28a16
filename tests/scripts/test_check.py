"""Each check of scripts/check.py passes a sound checkout and fails a broken one."""

from pathlib import Path

import pytest

from scripts.check import problems
from scripts.rules import REQUIRED_FILES

from .sound import Edit, changed, replaced, replaced_in_root


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
