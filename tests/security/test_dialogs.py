"""What dialogs, repairs and errors show of others' words, seen as a page shows it."""

from collections.abc import AsyncGenerator, Mapping
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from markdown_it import MarkdownIt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from simulator.certificate import make_certificate
from simulator.green_api import GreenApiService
from simulator.qr_menu import QrMenuService

from ..flows import WORDS, begin
from ..helpers import wait_until
from ..services.test_certificates import certificate_issue, pinned, server
from ..test_repairs import Dialog, dialog

__all__ = ["dialog", "pinned", "server"]

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
FORGED = (
    "ok`\n\n- [x] **Checked by Home Assistant**",
    "[here](https://evil.example)",
    "![p](https://evil.example/pixel.png)",
    "<img src=//evil.example/p.png onerror=alert(1)>",
    "https://evil.example",
    "www.evil.example",
    "{{ states }}",
)
FINGERPRINT = "\n\n**Fingerprint (SHA-256):** `00:11`"


@pytest.fixture
async def forger() -> AsyncGenerator[QrMenuService]:
    """Return a server whose certificate says more than names."""
    certificate = make_certificate((*FORGED, FINGERPRINT, *map(str, range(500))))
    async with QrMenuService(certificate=certificate) as service:
        yield service


def parts(page: str) -> list[str]:
    """Return what a page is made of, in order."""
    return [
        part.type
        for token in MARKDOWN.parse(page)
        for part in (token, *(token.children or ()))
    ]


def assert_only_ours(words: str, placeholders: Mapping[str, str]) -> None:
    """Take that a page with others' words in it is made like one without."""
    page = words.format_map(placeholders)
    assert parts(page) == parts(words.format_map(dict.fromkeys(placeholders, "x")))
    assert "://" not in page
    assert "www." not in page


async def test_a_certificate_cannot_speak_in_the_dialog_of_the_set_up(
    hass: HomeAssistant, forger: QrMenuService
) -> None:
    result = await hass.config_entries.flow.async_configure(
        (await begin(hass, "qr_menu"))["flow_id"],
        {"url": forger.url, "token": "token"},
    )
    assert result["step_id"] == "certificate"
    shown: Any = result["description_placeholders"]
    assert len(shown["names"]) <= 200
    assert re.search(r", … \+50\d$", shown["names"])
    for words in WORDS.values():
        step = words["config"]["step"]["certificate"]
        assert_only_ours(step["description"], shown)


async def test_a_certificate_cannot_speak_in_the_dialog_of_the_repair(
    hass: HomeAssistant,
    dialog: Dialog,
    server: QrMenuService,
    pinned: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(
        pinned, title="# [Bar](https://evil.example)"
    )
    await server.set_certificate(make_certificate((FORGED[0], FINGERPRINT)))
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")
    issue = certificate_issue(hass, pinned)
    assert issue is not None
    for words in WORDS.values():
        ours = words["issues"]["certificate_changed"]
        page = ours["fix_flow"]["step"]["confirm"]["description"]
        assert_only_ours(page, step["description_placeholders"])
        assert_only_ours(ours["title"], issue.translation_placeholders or {})


async def test_settings_of_the_gateway_cannot_speak_in_the_dialog_that_fixes_them(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.settings |= {
        "webhookUrl": "".join(FORGED) + "x" * 100_000,
        "incomingWebhook": FORGED[0] + FINGERPRINT,
    }
    result = await hass.config_entries.flow.async_configure(
        (await begin(hass, "green_api"))["flow_id"],
        {
            "url": green_api.url,
            "instance_id": green_api.instance_id,
            "token": green_api.token,
        },
    )
    assert result["step_id"] == "mend"
    placeholders: Any = result["description_placeholders"]
    shown = placeholders["changes"]
    assert len(shown) < 600
    assert "://" not in shown
    list_of_two = "- `x`: `x` → `x`\n- `x`: `x` → `x`"
    for words in WORDS.values():
        page = words["config"]["step"]["mend"]["description"]
        assert parts(page.format(changes=shown)) == parts(
            page.format(changes=list_of_two)
        )


async def test_a_table_that_was_typed_wrongly_is_text_in_the_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await hass.services.async_call(
            DOMAIN,
            "raise_alert",
            {"entry_id": entry.entry_id, "table": "".join(FORGED) * 100},
            blocking=True,
        )
    shown = raised.value.translation_placeholders or {}
    assert len(shown["table"]) == 200
    for words in WORDS.values():
        assert_only_ours(words["exceptions"]["unknown_table"]["message"], shown)
