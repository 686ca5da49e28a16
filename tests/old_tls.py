"""Servers whose encryption is too old, as old tills and routers have it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
import socket
import ssl
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final, override
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.certificate import Certificate

# Made for these tests: a prime of 1,024 bits.
DH_1024: Final = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAKHcQ0CWzASpSYWdxgXq5i9OeQsrDYw/8W5Rf21gPmuKbP01xl7UDAIG
4y9GrBYpFHEx8flDrHYmw+JGwt7VaQjg0jc6J6rqF66T+VJxW2BA0wKlqSZCvaIE
CAmBHOoEPO+kyQQEM+sLUfliymcmFyDN1GH77cq3XoB8t8Nw8dKfAgEC
-----END DH PARAMETERS-----
"""

type Setting = Callable[[ssl.SSLContext], None]


def _only(version: ssl.TLSVersion, ciphers: str = "ALL") -> Setting:
    def set_up(context: ssl.SSLContext) -> None:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = version

    return set_up


def _short_dh(context: ssl.SSLContext) -> None:
    _only(ssl.TLSVersion.TLSv1_2, "DHE")(context)
    with TemporaryDirectory() as folder:
        path = Path(folder, "dh.pem")
        path.write_text(DH_1024, "ascii")
        context.load_dh_params(str(path))


TOO_OLD: Final[Mapping[str, Setting]] = {
    "TLS 1.0": _only(ssl.TLSVersion.TLSv1),
    "TLS 1.1": _only(ssl.TLSVersion.TLSv1_1),
    "DH of 1,024 bits": _short_dh,
    "ciphers that nobody takes": _only(ssl.TLSVersion.TLSv1_2, "AECDH"),
}
# What is old and still accepted.
OLD: Final[Mapping[str, Setting]] = {
    "no forward secrecy": _only(ssl.TLSVersion.TLSv1_2, "kRSA"),
    "SHA-1": _only(ssl.TLSVersion.TLSv1_2, "AES128-SHA"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedCertificate(Certificate):
    """A certificate of a server with settings of its own."""

    setting: Setting

    @override
    def ssl_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Before a short key is loaded, which else is refused.
        self.setting(context)
        with TemporaryDirectory() as folder:
            path = Path(folder, "certificate.pem")
            path.touch(mode=0o600)
            path.write_bytes(self.key_pem + self.certificate_pem)
            context.load_cert_chain(path)
        return context


def aged(setting: Setting, *, bits: int = 2048) -> AgedCertificate:
    """Make a self-signed RSA certificate of a server with such settings."""
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Old menu")])
    start, end = (
        datetime.now(UTC) - timedelta(hours=1),
        datetime.now(UTC) + timedelta(9),
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    return AgedCertificate(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        names=("127.0.0.1",),
        common_name="Old menu",
        not_before=start,
        not_after=end,
        setting=setting,
    )


@asynccontextmanager
async def alerting(certificate: Certificate) -> AsyncGenerator[str]:
    """Shake hands as most servers do, which say why it failed; yield the address.

    A server of asyncio, as the simulator's, ends such a connection without a word.
    """
    context = certificate.ssl_context()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        connection.settimeout(20)
                        with context.wrap_socket(connection, server_side=True) as tls:
                            tls.recv(1)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            # The connection may close only once the loop goes on.
            await asyncio.to_thread(thread.join)
