"""The PBX: calls and SMS."""
