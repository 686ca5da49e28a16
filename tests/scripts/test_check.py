"""Each check of scripts/check.py passes a sound checkout and fails a broken one."""

from pathlib import Path

import pytest

from scripts.check import problems

from .sound import Edit, changed, replaced, replaced_in_root


def test_sound_checkout_has_no_problems(checkout: Path) -> None:
    assert problems(checkout) == []


def test_empty_checkout_is_reported_not_raised(tmp_path: Path) -> None:
    assert problems(tmp_path)


ENTITY = ("entity", "sensor", "phase")
EN = "translations/en.json"
RU = "translations/ru.json"


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            replaced("manifest.json", "{", "{{"),
            "manifest.json: Expecting property name",
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
            replaced_in_root("uv.lock", "https://pypi.org", "https://mirror.invalid"),
            "uv.lock: a package comes from https://mirror.invalid/simple",
            id="another registry",
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
