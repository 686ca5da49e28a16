"""The services of a stored folder: what a simulator has to be called to be one of them."""

from typing import Final

QR_MENU_TOKEN: Final = "token-of-the-qr-menu"
PBX_TOKEN: Final = "token-of-the-pbx"
PBX_ID: Final = "pbx-of-the-office"
HOOK_PBX_TOKEN: Final = "token-of-the-second-pbx"
HOOK_PBX_ID: Final = "pbx-of-the-bar"
INSTANCE_ID: Final = "1101000001"
INSTANCE_TOKEN: Final = "token-of-the-instance"

# Options of a simulator with the first three services, and of one with the second PBX.
FIRST: Final = (
    *("--token", QR_MENU_TOKEN, "--pbx-token", PBX_TOKEN, "--pbx-device-id", PBX_ID),
    *("--green-api-instance", INSTANCE_ID, "--green-api-token", INSTANCE_TOKEN),
)
SECOND: Final = ("--pbx-token", HOOK_PBX_TOKEN, "--pbx-device-id", HOOK_PBX_ID)
