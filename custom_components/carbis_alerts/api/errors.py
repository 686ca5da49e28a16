"""The few ways in which a service can fail, named by what a user can do about it.

No error carries an address or a secret: the texts go to logs and repairs.
"""


class ServiceError(Exception):
    """Base of every failure of a service."""


class ServiceUnavailable(ServiceError):
    """The service cannot be reached or is out of order: wait, it may come back.

    ``retry_after`` is the pause in seconds that the service asked for, if any;
    ``status`` the HTTP status, where there was an answer at all.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class ServiceTimeout(ServiceUnavailable):
    """The service took too long: look at the network and at the server's load."""


class RateLimited(ServiceUnavailable):
    """The service asks for fewer requests: wait, for ``retry_after`` seconds if given."""


class QuotaExceeded(ServiceUnavailable):
    """The tariff's quota is used up: a person must change the tariff, or wait."""


class AccountUnusable(ServiceUnavailable):
    """The service says why an account or instance does not work: a person must act there.

    ``trouble`` names why, one of a closed list of the service's package.
    """

    def __init__(self, trouble: str, *, status: int | None = None) -> None:
        super().__init__(
            f"The service says of the account: {trouble.replace('_', ' ')}",
            status=status,
        )
        self.trouble = trouble


class SecondReader(ServiceUnavailable):
    """Somebody else reads the same queue: stop one of the two."""


class CertificateError(ServiceUnavailable):
    """The server's certificate is not the one to trust: a person must compare it.

    ``fingerprint`` is the SHA-256 of the certificate seen, in lower-case hex,
    where the failed check was that of a pinned one.
    """

    def __init__(self, message: str, *, fingerprint: str | None = None) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint


class EncryptionTooOld(ServiceUnavailable):
    """The server's encryption is one that nobody accepts any more: update the server."""


class AuthenticationError(ServiceError):
    """The service does not accept the credentials: enter the right ones."""


class ProtocolError(ServiceError):
    """What answers is not this service, or speaks it wrongly: check the address.

    ``status`` is the HTTP status where that was the reason.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RequestRefused(ProtocolError):
    """The service understood the request and said no, for a reason that is not known.

    ``said`` is the service's own words, if any; they are shown to people, not logged.
    """

    def __init__(
        self, message: str, *, status: int | None = None, said: str | None = None
    ) -> None:
        super().__init__(message, status=status)
        self.said = said


class StreamRefused(ProtocolError):
    """The server says that it has no stream, now or later: a person has to look."""


class StreamCompressed(ProtocolError):
    """The server compresses its stream: switch that off, there or in a proxy."""


class HookRefused(ProtocolError):
    """The server did not reach the hook, or was not content with what it answered."""
