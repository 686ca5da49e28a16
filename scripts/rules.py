"""What scripts/check.py holds the files against."""

import re
from typing import Final

from scripts.checkout import COMPONENT

LANGUAGES: Final = ("en", "ru")

REQUIRED_FILES: Final = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "hacs.json",
    "pyproject.toml",
    "uv.lock",
    *(
        str(COMPONENT / name)
        for name in (
            "__init__.py",
            "brand/icon.png",
            "config_flow.py",
            "icons.json",
            "manifest.json",
            "quality_scale.yaml",
        )
    ),
    *(str(COMPONENT / f"translations/{language}.json") for language in LANGUAGES),
)

MANIFEST_REQUIRED: Final = (
    "codeowners",
    "config_flow",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "version",
)
MANIFEST_VALUES: Final = {
    "integration_type": {"device", "hub", "service"},
    "iot_class": {"cloud_polling", "cloud_push", "local_polling", "local_push"},
    "quality_scale": {"bronze", "silver", "gold", "platinum"},
}
MANIFEST_KEYS: Final = {
    *MANIFEST_REQUIRED,
    *MANIFEST_VALUES,
    "after_dependencies",
    "dependencies",
    "domain",
    "loggers",
    "name",
    "requirements",
    "single_config_entry",
}

HACS_KEYS: Final = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}

QUALITY_RULES: Final = frozenset(
    [
        "action-exceptions",
        "action-setup",
        "appropriate-polling",
        "async-dependency",
        "brands",
        "common-modules",
        "config-entry-unloading",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-actions",
        "docs-conditions",
        "docs-configuration-parameters",
        "docs-data-update",
        "docs-examples",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-installation-parameters",
        "docs-known-limitations",
        "docs-removal-instructions",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-triggers",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-event-setup",
        "entity-translations",
        "entity-unavailable",
        "entity-unique-id",
        "exception-translations",
        "has-entity-name",
        "icon-translations",
        "inject-websession",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "reconfiguration-flow",
        "repair-issues",
        "runtime-data",
        "stale-devices",
        "strict-typing",
        "test-before-configure",
        "test-before-setup",
        "test-coverage",
        "unique-config-entry",
    ]
)

# Pictures of the brand: whether they are square, and their height.
BRAND_PICTURES: Final = {
    f"{theme}{name}{suffix}.png": (name == "icon", height)
    for theme in ("", "dark_")
    for name in ("icon", "logo")
    for suffix, height in (("", 256), ("@2x", 512))
}

# Kind of description: the file that declares it, and the name of its icon.
DESCRIPTIONS: Final = {
    "conditions": ("conditions.yaml", "condition"),
    "services": ("services.yaml", "service"),
    "triggers": ("triggers.yaml", "trigger"),
}

# Pages below docs/ for people who work on the project; they are in English only.
DEVELOPERS_PAGES: Final = frozenset(
    {
        "architecture.md",
        "delivery.md",
        "demo.md",
        "development.md",
        "simulator.md",
        "soak.md",
    }
)

# How the entity ids of our devices begin in English, and in a Russian house.
RUSSIAN_IDS: Final = {
    "extension": "vnutrennii",
    "pbx": "ats",
    "qr_menu": "qr_meniu",
    "table": "stolik",
}

# Words that stay as they are in every language.
NAMES: Final = frozenset(
    {"alerts", "carbis", "green", "sprecord", "telegram", "webhook", "whatsapp"}
)

# Home Assistant's own helpers end a flow with these, not this project's code.
CORE_ABORTS: Final = frozenset({"reauth_successful", "reconfigure_successful"})

FORBIDDEN_TEXT: Final = (
    (re.compile(r"\[%key:"), "refers to another key, which only core resolves"),
    (re.compile(r"^\s*$"), "is empty"),
    (re.compile(r"^\s|\s$"), "begins or ends with white space"),
    (re.compile(r"<[/a-z][^>]*>", re.IGNORECASE), "holds HTML"),
    (
        re.compile(r"(?:\w://|\bwww\.)[\w.-]*\.[a-z]{2,5}\b", re.IGNORECASE),
        "holds a URL; use a placeholder",
    ),
    (re.compile(r"'\{\w+\}'"), "quotes a placeholder with single quotes"),
)
