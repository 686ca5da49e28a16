"""The address of a hook."""

from ipaddress import ip_address
from typing import Final

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.network import is_local
from yarl import URL

from ...api.errors import ServiceUnavailable

LOCAL_SUFFIXES: Final = (".local", ".lan", ".home", ".internal", ".home.arpa")


class NoHookUrl(ServiceUnavailable):
    """Home Assistant has no address under which the PBX can reach it."""


async def async_hook_url(hass: HomeAssistant, webhook_id: str, pbx: URL) -> str:
    """Return the address of a hook under which a PBX reaches Home Assistant.

    Raise ``NoHookUrl`` where there is none. A PBX in the local network gets the
    internal one; others Home Assistant Cloud's, else the external one.
    """
    local = _is_local(pbx.host or "")
    if not local and "cloud" in hass.config.components:
        # Not before it is known to be there: it brings half of Home Assistant along.
        from homeassistant.components import cloud  # noqa: PLC0415

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except cloud.CloudNotAvailable:
                raise NoHookUrl("Home Assistant Cloud is not connected") from None
    try:
        base = get_url(
            hass,
            allow_internal=local,
            allow_cloud=False,
            prefer_external=not local,
        )
    except NoURLAvailableError:
        raise NoHookUrl(
            "Home Assistant has no address that the PBX can reach"
        ) from None
    return f"{base}{webhook.async_generate_path(webhook_id)}"


def _is_local(host: str) -> bool:
    """Return whether a PBX stands in the local network, as far as its name shows."""
    try:
        return is_local(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith(LOCAL_SUFFIXES)
