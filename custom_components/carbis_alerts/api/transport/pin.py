"""A pinned certificate."""

import asyncio
from typing import override

import aiohttp


class Pin(aiohttp.Fingerprint):
    """A pinned certificate that remembers who showed another one.

    Of a name with several addresses aiohttp reports what became of the last; one that
    refuses must not hide that another has changed its certificate.
    """

    def __init__(self, fingerprint: str) -> None:
        """Take a SHA-256 in hex."""
        super().__init__(bytes.fromhex(fingerprint))
        self.mismatch: aiohttp.ServerFingerprintMismatch | None = None

    @override
    def check(self, transport: asyncio.Transport) -> None:
        try:
            super().check(transport)
        except aiohttp.ServerFingerprintMismatch as err:
            # A copy: the error itself would keep all that it came through.
            self.mismatch = aiohttp.ServerFingerprintMismatch(
                err.expected, err.got, err.host, err.port
            )
            raise
        self.mismatch = None
