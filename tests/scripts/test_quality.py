"""The quality scale: a claim that the code does not keep is told."""

from pathlib import Path

import pytest

from scripts.check import problems
from scripts.checkout import COMPONENT
from scripts.quality import EVIDENCE
from scripts.rules import BRAND_PICTURES, QUALITY_RULES

from .sound import Edit, changed, png, replaced, replaced_in_root


def picture(name: str, content: bytes | None) -> Edit:
    """Return an edit that replaces a picture of the brand, or removes it."""

    def edit(root: Path) -> None:
        file = root / COMPONENT / "brand" / name
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)

    return edit


BROKEN = {
    "action-setup": (
        replaced("entry.py", "async_setup(", "setup("),
        "entry.py: async_setup is not defined",
    ),
    "brands": (
        picture("dark_logo@2x.png", png(2048, 500)),
        "brand/dark_logo@2x.png: 2048 x 500 pixels",
    ),
    "config-entry-unloading": (
        replaced("entry.py", "async_unload_entry", "async_unload"),
        "entry.py: async_unload_entry is not defined",
    ),
    "config-flow": (
        changed(
            "translations/en.json", "config", "step", "user", "data_description", to={}
        ),
        "config.step.user: the field url has no description",
    ),
    "dependency-transparency": (
        changed("manifest.json", "requirements", to=["bell>=1"]),
        "manifest.json: bell>=1 is not pinned",
    ),
    "diagnostics": (
        replaced("diagnostics.py", "async_get", "get"),
        "diagnostics.py: async_get_config_entry_diagnostics is not defined",
    ),
    "exception-translations": (
        replaced(
            "sensor.py", 'translation_domain=DOMAIN, translation_key="no_table"', ""
        ),
        "HomeAssistantError has no translation key",
    ),
    "icon-translations": (
        changed("icons.json", "entity", "sensor", "phase"),
        "icons.json: entity.sensor.phase has no icon",
    ),
    "inject-websession": (
        replaced(
            "sensor.py", "def fail", "session = aiohttp.ClientSession()\n\ndef fail"
        ),
        "a web session of its own",
    ),
    "integration-owner": (
        changed("manifest.json", "codeowners", to=[]),
        "manifest.json: nobody owns the code",
    ),
    "parallel-updates": (
        replaced("sensor.py", "PARALLEL_UPDATES = 0", ""),
        "sensor.py: no PARALLEL_UPDATES",
    ),
    "reauthentication-flow": (
        replaced("config_flow.py", "async_step_reauth_confirm", "async_step_again"),
        "config_flow.py: async_step_reauth_confirm is not defined",
    ),
    "reconfiguration-flow": (
        replaced("config_flow.py", "async_step_reconfigure", "async_step_change"),
        "config_flow.py: async_step_reconfigure is not defined",
    ),
    "repair-issues": (
        replaced("repairs.py", "async_create_fix_flow", "mend"),
        "repairs.py: async_create_fix_flow is not defined",
    ),
    "stale-devices": (
        replaced("entry.py", "async_remove_config_entry_device", "forget"),
        "entry.py: async_remove_config_entry_device is not defined",
    ),
    "strict-typing": (
        replaced_in_root("pyproject.toml", "strict = true", "strict = false"),
        "pyproject.toml: mypy does not check the component strictly",
    ),
}


def test_each_evidence_is_put_to_the_test() -> None:
    assert set(BROKEN) == set(EVIDENCE) <= QUALITY_RULES


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_claim_that_the_code_does_not_keep_is_a_problem(
    checkout: Path, rule: str
) -> None:
    edit, problem = BROKEN[rule]
    edit(checkout)
    found = problems(checkout)
    assert [line for line in found if problem in line and f"({rule})" in line], found


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_exempt_rule_needs_no_evidence(checkout: Path, rule: str) -> None:
    edit, _ = BROKEN[rule]
    edit(checkout)
    reason = f"{rule}: {{status: exempt, comment: There is none.}}"
    replaced("quality_scale.yaml", f"{rule}: done", reason)(checkout)
    assert not [line for line in problems(checkout) if f"({rule})" in line]


@pytest.mark.parametrize("name", sorted(BRAND_PICTURES))
def test_picture_that_is_missing_or_none_is_a_problem(
    checkout: Path, name: str
) -> None:
    for content in (None, b"GIF89a"):
        picture(name, content)(checkout)
        problem = f"brand/{name}: there is no such PNG (brands)"
        assert problem in problems(checkout)
        picture(name, b"")(checkout)


def test_todo_is_no_state_of_a_rule(checkout: Path) -> None:
    replaced("quality_scale.yaml", "brands: done", "brands: todo")(checkout)
    assert "quality_scale.yaml: brands has the status 'todo'" in problems(checkout)
