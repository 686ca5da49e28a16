"""Whether the encryption of a server is too old for Home Assistant."""

import asyncio
from contextlib import suppress
from functools import cache
import ssl
from typing import Final

import aiohttp
from yarl import URL

# OpenSSL's names for it: versions before TLS 1.2, keys and signatures that are too weak,
# renegotiation as it was before 2010.
REASONS: Final = frozenset(
    (
        *("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION"),
        *("DH_KEY_TOO_SMALL", "TLSV1_ALERT_INSUFFICIENT_SECURITY"),
        *("WRONG_SIGNATURE_TYPE", "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED"),
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    )
)
# What may be the same: the server has nothing in common with us, and says no more.
UNCLEAR: Final = frozenset(
    ("SSLV3_ALERT_HANDSHAKE_FAILURE", "UNEXPECTED_EOF_WHILE_READING")
)
OLD_VERSIONS: Final = ("TLSv1", "TLSv1.1")


def names_old_tls(err: Exception) -> bool:
    """Return whether a failure says that the encryption is too old."""
    return _reason(err) in REASONS


def may_be_old_tls(err: Exception) -> bool:
    """Return whether the server ended the handshake, as old ones do without a word."""
    if not isinstance(err, aiohttp.ClientConnectorError):
        return False
    cause = err.os_error
    is_refused = isinstance(cause, ConnectionRefusedError)
    return _reason(err) in UNCLEAR or (
        isinstance(cause, ConnectionError) and not is_refused
    )


async def is_old_tls(url: URL, *, within: float) -> bool:
    """Return whether a server agrees to what is too old, and to nothing better.

    A handshake, after which nothing is sent. ``within`` is in seconds.
    """
    with suppress(TimeoutError, OSError, ValueError):
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(
                url.host, url.port, ssl=_lenient()
            )
        try:
            agreed: ssl.SSLObject = writer.get_extra_info("ssl_object")
            cipher = agreed.cipher()
            return agreed.version() in OLD_VERSIONS or (
                cipher is not None and cipher[0] not in _good_ciphers()
            )
        finally:
            writer.transport.abort()
    return False


def _reason(err: Exception) -> str | None:
    cause = err.os_error if isinstance(err, aiohttp.ClientConnectorError) else err
    return cause.reason if isinstance(cause, ssl.SSLError) else None


def _lenient() -> ssl.SSLContext:
    """Return a context that agrees to anything, to see what the server has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@cache
def _good_ciphers() -> frozenset[str]:
    """Return the names of the ciphers that Home Assistant agrees to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return frozenset(cipher["name"] for cipher in context.get_ciphers())
