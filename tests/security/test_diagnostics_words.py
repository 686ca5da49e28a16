"""Whatever a service sends, the diagnostics file says nothing of it."""

import json
import random
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.domain.diagnosis import CODES, KEYS, TYPES
from custom_components.carbis_alerts.services.registry import service_of
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import wait_until
from ..services.conftest import MakeWhatsApp

DOCUMENTS: Final = 40
# So many characters of what was sent stand nowhere.
FRAGMENT: Final = 4
ALPHABETS: Final = ("бвгджзклмнпрст", "bcdfghjklmnpqrstvwxz", "0123456789", "aё-.@")
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+\d\d:\d\d")
PORT: Final = re.compile(r'"port": \d+')


class Author:
    """Somebody who writes documents, and what he wrote in them."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing."""
        self._random = random.Random(seed)
        self.wrote: list[str] = []

    def text(self) -> str:
        alphabet = self._random.choice(ALPHABETS)
        text = "".join(self._random.choices(alphabet, k=self._random.randint(5, 14)))
        self.wrote.append(text)
        return text

    def pick(self, *texts: str) -> str:
        return self._random.choice(texts)

    def value(self, depth: int = 0) -> Any:
        match self._random.randrange(7 if depth < 3 else 4):
            case 0:
                number = self._random.randrange(10**6, 10**11)
                self.wrote.append(str(number))
                return number
            case 1 | 2 | 3:
                return self.text()
            case 4:
                return [self.value(depth + 1) for _ in range(2)]
            case _:
                return self.object(depth + 1)

    def object(self, depth: int = 0) -> dict[str, Any]:
        return {self.text(): self.value(depth + 1) for _ in range(3)}

    def around(self, **known: Any) -> dict[str, Any]:
        """Return an object with known fields among others, some of them odd."""
        return {
            key: value if self._random.random() < 0.7 else self.value()
            for key, value in {**self.object(), **known}.items()
        }


def fragments(texts: list[str]) -> set[str]:
    return {
        text[at : at + FRAGMENT].lower()
        for text in texts
        for at in range(len(text) - FRAGMENT + 1)
    }


@pytest.fixture
async def _web(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    assert await async_setup_component(hass, DOMAIN, {})


@pytest.mark.usefixtures("_web")
@pytest.mark.parametrize("seed", range(2))
async def test_no_part_of_any_document_is_in_the_file(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    seed: int,
) -> None:
    account = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(account.entry_id)
    await wait_until(lambda: account.runtime_data.connection.is_up is True)
    entries = (entry, pbx_entry, account)

    async def written() -> str:
        files = [
            await get_diagnostics_for_config_entry(hass, hass_client, one)
            for one in entries
        ]
        text = json.dumps(files, ensure_ascii=False)
        return PORT.sub("", MOMENT.sub("", text)).lower()

    ours = f"{await written()} {KEYS} {CODES} {TYPES}".lower()
    author = Author(seed)
    for _ in range(DOCUMENTS):
        qr_menu.push(
            author.around(
                hash=author.text(),
                code=author.text(),
                table=author.value(),
                table_repr=author.around(id=author.value(), name=author.text()),
                invoice=author.around(session=author.value()),
            ),
            add_hash=False,
        )
        pbx.push(
            author.around(
                event_type=author.pick("incoming_call", "sms", author.text()),
                payload=author.around(
                    call_src=author.text(), call_id=author.value(), trunk=author.text()
                ),
            )
        )
        green_api.push(
            author.around(
                typeWebhook=author.text(),
                stateInstance=author.text(),
                senderData=author.around(
                    chatId=author.text(), senderName=author.text()
                ),
                messageData=author.value(),
            )
        )
        green_api.push(
            {"typeWebhook": "stateInstanceChanged", "stateInstance": author.text()}
        )
    await green_api.wait_until_empty()
    qr_menu.waiter_call("6")
    pbx.ring("+79821234567", "107")
    await wait_until(
        lambda: {"waiter_call", "incoming_call"} <= {data["type"] for data in bus.data}
    )

    # Nothing that a source says is lost for want of a field.
    for one in entries:
        own = service_of(one).diagnosis.source
        assert one.runtime_data.source.diagnostics().keys() <= own.keys()
    text = await written()
    runtime = account.runtime_data
    assert runtime.source.account.state in {
        *author.wrote,
        *map(str.strip, author.wrote),
    }
    found = {part for part in fragments(author.wrote) if part in text}
    assert {part for part in found if part not in ours} == set()
    assert '"?1"' in text
