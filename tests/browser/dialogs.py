"""Going through Home Assistant's dialogs as a person does."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Locator, expect

from .screen import Screen

FLOW = "panel.config.integrations.config_flow"


class Dialog:
    """The dialog of a flow: set-up, options, repair."""

    def __init__(self, screen: Screen, element: str = "dialog-data-entry-flow") -> None:
        """Look at the one that is open, or about to be."""
        self._screen = screen
        self._words = screen.words
        self.element = screen.page.locator(element)

    async def titled(self, key: str) -> None:
        """Wait for the step that has this title of ours."""
        await expect(self.element).to_contain_text(self._words.own(key))

    async def pick(self, key: str) -> None:
        """Choose from a menu."""
        await self.element.get_by_text(self._words.own(key), exact=True).click()

    def field(self, key: str) -> Locator:
        """Return a field for text."""
        return self.element.get_by_role("textbox", name=self._words.label(key))

    def number(self, key: str) -> Locator:
        """Return a field for a number."""
        return self.element.get_by_role("spinbutton", name=self._words.label(key))

    async def agree(self) -> None:
        """Turn the one switch on."""
        await self.element.locator("ha-switch").click()

    async def submit(self) -> None:
        """Send what was entered."""
        await self._press(f"{FLOW}.submit")

    async def skip(self) -> None:
        """Leave the device in no area."""
        await self._press(f"{FLOW}.finish_skip")

    async def finish(self) -> None:
        """Close what shows success."""
        await self._press(f"{FLOW}.finish")

    async def close(self) -> None:
        """Close what has nothing more to ask."""
        await self._press(f"{FLOW}.close")

    async def _press(self, key: str) -> None:
        name = self._words.frontend(key)
        # The cross in the corner may have the same name.
        button = self.element.get_by_role("button", name=name, exact=True).last
        await button.click()


async def begin_set_up(screen: Screen, service: str) -> Dialog:
    """Go from the list of integrations to the form of a service."""
    await screen.go("/config/integrations/dashboard")
    await screen.button("panel.config.integrations.add_integration").click()
    brands = screen.page.locator("dialog-add-integration")
    await brands.get_by_role("textbox").fill("carbis")
    await brands.get_by_role("button", name="Carbis Alerts").click()
    dialog = Dialog(screen)
    await dialog.titled("config.step.user.description")
    await screen.shot("services")
    await dialog.pick(f"config.step.user.menu_options.{service}")
    await dialog.titled(f"config.step.{service}.title")
    return dialog


async def set_up_qr_menu(screen: Screen, simulator: Mapping[str, Any]) -> None:
    """Add a QR menu, whose certificate nobody knows."""
    step = "config.step.qr_menu.data"
    dialog = await begin_set_up(screen, "qr_menu")
    await dialog.field(f"{step}.url").fill(simulator["qr_menu_url"])
    await dialog.field(f"{step}.token").fill(simulator["qr_menu_token"])
    await screen.shot("qr-menu-form")
    await dialog.submit()
    await dialog.titled("config.step.certificate.title")
    shown = await dialog.element.locator("code").first.inner_text()
    assert bytes.fromhex(shown.replace(":", "")) == bytes.fromhex(
        simulator["qr_menu_fingerprint"]
    )
    await screen.shot("certificate")
    await dialog.agree()
    await dialog.submit()
    await arrive(screen, dialog)


async def set_up_pbx(screen: Screen, simulator: Mapping[str, Any]) -> None:
    """Add a PBX that wants a token; the transport stays as it is proposed."""
    step = "config.step.pbx.data"
    dialog = await begin_set_up(screen, "pbx")
    await dialog.field(f"{step}.url").fill(simulator["pbx_url"])
    await dialog.field(f"{step}.token").fill(simulator["pbx_token"])
    await screen.shot("pbx-form")
    await dialog.submit()
    await arrive(screen, dialog)


async def set_up_whatsapp(screen: Screen, simulator: Mapping[str, Any]) -> None:
    """Add a WhatsApp account whose settings keep messages back, and let them be fixed."""
    step = "config.step.green_api.data"
    dialog = await begin_set_up(screen, "green_api")
    await dialog.field(f"{step}.url").fill(simulator["green_api_url"])
    await dialog.field(f"{step}.instance_id").fill(simulator["green_api_instance_id"])
    await dialog.field(f"{step}.token").fill(simulator["green_api_token"])
    await screen.shot("whatsapp-form")
    await dialog.submit()
    await dialog.titled("config.step.mend.title")
    await screen.shot("mend")
    await dialog.agree()
    await dialog.submit()
    await arrive(screen, dialog)


async def arrive(screen: Screen, dialog: Dialog) -> None:
    """Finish a set-up; Home Assistant goes to the new device by itself."""
    await dialog.skip()
    await screen.page.wait_for_url("**/config/devices/device/*")
