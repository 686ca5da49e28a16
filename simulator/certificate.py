"""Self-signed certificates, such as a restaurant's server has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import ipaddress
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "127.0.0.1")
VALIDITY = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its private key."""

    certificate_pem: bytes
    key_pem: bytes
    fingerprint: str
    """SHA-256 of the DER form, 64 hexadecimal digits in lower case."""
    names: tuple[str, ...]
    common_name: str
    not_before: datetime
    not_after: datetime

    def ssl_context(self) -> ssl.SSLContext:
        """Return a context for a server with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The ssl module loads a key from files only.
        with TemporaryDirectory() as folder:
            path = Path(folder, "certificate.pem")
            path.touch(mode=0o600)
            path.write_bytes(self.key_pem + self.certificate_pem)
            context.load_cert_chain(path)
        return context


def make_certificate(
    names: Sequence[str] = NAMES,
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    common_name: str = "QR menu",
) -> Certificate:
    """Make a self-signed ECDSA certificate for host names and IP addresses."""
    start = (not_before or datetime.now(UTC) - timedelta(hours=1)).replace(
        microsecond=0
    )
    end = (not_after or datetime.now(UTC) + VALIDITY).replace(microsecond=0)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        names=tuple(names),
        common_name=common_name,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
