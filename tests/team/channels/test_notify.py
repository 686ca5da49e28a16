"""Notify entities as ways to people: e-mail by a real server, groups, what is away."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.team.channels.channel import ChannelError, Message
from custom_components.carbis_alerts.team.channels.notify import NotifyChannel

MESSAGE = Message(title="Стол <6>", text="Зовут официанта\nвторой раз", tag="1")


class Mailbox:
    """A server of e-mail, and what came to it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.mails: list[EmailMessage] = []
        self.refusal: str | None = None
        self.port = 0

    async def handle_DATA(  # noqa: N802 - the server's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        if self.refusal is not None:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@pytest.fixture
async def mailbox() -> AsyncGenerator[Mailbox]:
    """Return a server of e-mail on the loopback."""
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="localhost"), "127.0.0.1", 0
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    yield mailbox
    server.close()
    server.abort_clients()
    await server.wait_closed()


@pytest.fixture
async def mail(hass: HomeAssistant, mailbox: Mailbox) -> AsyncGenerator[str]:
    """Return the entity of Anna's e-mail."""
    entry = MockConfigEntry(
        domain="smtp",
        title="Mail",
        data={
            "server": "127.0.0.1",
            "port": mailbox.port,
            "sender": "restaurant@example.org",
            "encryption": "none",
            "verify_ssl": False,
        },
        subentries_data=[
            {
                "data": {},
                "subentry_type": "recipient",
                "title": "Anna",
                "unique_id": "anna@example.org",
            }
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (state,) = hass.states.async_all("notify")
    yield state.entity_id
    await hass.config_entries.async_unload(entry.entry_id)


async def test_e_mail_has_text_and_html(
    hass: HomeAssistant, mailbox: Mailbox, mail: str
) -> None:
    channel = NotifyChannel(hass)
    assert channel.problem({"entity_id": mail}) is None
    message = replace(MESSAGE, title="Стол\r\n<6>")
    assert await channel.async_send({"entity_id": mail}, message) is None
    (sent,) = mailbox.mails
    assert sent["To"] == "Anna <anna@example.org>"
    assert sent["Subject"] == "Стол <6>"
    plain, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["Зовут официанта", "второй раз"]
    assert "<h2>Стол &lt;6&gt;</h2>" in html.get_content()
    assert "Зовут официанта<br>второй раз" in html.get_content()


async def test_a_server_that_refuses_has_its_words(
    hass: HomeAssistant, mailbox: Mailbox, mail: str
) -> None:
    mailbox.refusal = "554 No"
    with pytest.raises(ChannelError, match="channel_refused"):
        await NotifyChannel(hass).async_send({"entity_id": mail}, MESSAGE)


@pytest.fixture
def taken(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what the action of all notify entities is called with."""
    calls: list[dict[str, Any]] = []
    hass.services.async_register(
        "notify", "send_message", lambda call: calls.append(dict(call.data))
    )
    return calls


@pytest.mark.parametrize(
    ("features", "written"),
    [
        (1, {"title": "Стол <6>", "message": "Зовут официанта\nвторой раз"}),
        (0, {"message": "Стол <6>\nЗовут официанта\nвторой раз"}),
    ],
)
async def test_a_title_without_a_field_is_a_line(
    hass: HomeAssistant,
    taken: list[dict[str, Any]],
    features: int,
    written: dict[str, str],
) -> None:
    hass.states.async_set("notify.hall", "unknown", {"supported_features": features})
    await NotifyChannel(hass).async_send({"entity_id": "notify.hall"}, MESSAGE)
    assert taken == [{"entity_id": "notify.hall", **written}]


async def test_what_is_away_or_leads_back_is_a_problem(
    hass: HomeAssistant, taken: list[dict[str, Any]]
) -> None:
    channel = NotifyChannel(hass)
    ours = er.async_get(hass).async_get_or_create(
        "notify", DOMAIN, "one", suggested_object_id="anna"
    )
    hass.states.async_set(ours.entity_id, "unknown")
    hass.states.async_set("notify.inner", "unknown", {"entity_id": [ours.entity_id]})
    hass.states.async_set(
        "notify.outer", "unknown", {"entity_id": ["notify.inner", "notify.outer"]}
    )
    hass.states.async_set("notify.away", "unavailable")
    hass.states.async_set("light.hall", "on")
    for entity_id, key in (
        (ours.entity_id, "notify_own"),
        ("notify.inner", "notify_own"),
        ("notify.outer", "notify_own"),
        ("notify.away", "notify_unavailable"),
        ("notify.nobody", "notify_gone"),
        ("light.hall", "notify_gone"),
    ):
        with pytest.raises(ChannelError) as failed:
            await channel.async_send({"entity_id": entity_id}, MESSAGE)
        assert failed.value.key == key
    assert taken == []
