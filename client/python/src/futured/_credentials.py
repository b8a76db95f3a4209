"""How a client shows who it is, and checks who the daemon is."""

from __future__ import annotations

import dataclasses
import os
import stat
from typing import Any, Dict, NamedTuple, NoReturn

_MAX_TOKEN = 4 << 10
_MAX_PEM = 1 << 20


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What an `Executor` shows of its user, and whom it believes to be the daemon.

    What is empty is taken from the environment, where FUTURED_TOKEN and FUTURED_TOKEN_FILE belong together, and
    FUTURED_CERTIFICATE_FILE and FUTURED_KEY_FILE: one that is set here leaves both variables unread.

    TLS is on with a `ca_file`, a `certificate_file` or an address "tls://host:port", and off for "unix:" addresses,
    whatever is set here. Files are read when an Executor is made, and again for each connection, so they may be replaced
    while the program runs: a stream that the daemon ends as unauthenticated is opened once more if they hold something
    new. Files with secrets, `token_file` and `key_file`, must not be readable by others when they are the user's own, as
    ssh has it: mode 0600.

    Neither `repr` nor a pickle has the token. Where a pickle is opened, the token comes from the environment there, or
    from the `token_file` of the same name.

    Args:
        token: a bearer token: up to 4 KiB of visible ASCII characters. FUTURED_TOKEN.
        token_file: a file with the token on its only line, instead of `token`. FUTURED_TOKEN_FILE.
        ca_file: PEM: the authorities that the daemon's certificate may come from. Empty, with TLS on: those of the
            system. FUTURED_CA_FILE.
        certificate_file, key_file: PEM: the client's certificate, followed by those between it and its authority, and its
            key. FUTURED_CERTIFICATE_FILE, FUTURED_KEY_FILE.
        server_name: the name that the daemon's certificate must have. Empty: the host of the address.
            FUTURED_SERVER_NAME.
        allow_plaintext_token: lets the token go to other machines without TLS too, on networks that are encrypted by
            other means. Without it that is a ValueError.
        environment: False takes nothing from the environment.

    Example:
        >>> credentials = futured.Credentials(token_file="/run/secrets/futured", ca_file="/etc/ssl/our-ca.pem")
        >>> executor = futured.Executor("futured.example:7070", credentials=credentials)
    """

    token: str = dataclasses.field(default="", repr=False)
    token_file: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    server_name: str = ""
    allow_plaintext_token: bool = False
    environment: bool = True

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "token": ""}

    # Copies have the token: they stay in this process.

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: Dict[int, Any]) -> Credentials:
        return self


class LoadedCredentials(NamedTuple):
    """Credentials as they are at one moment. Empty: none."""

    token: str
    authorities: bytes
    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "LoadedCredentials(...)"


class UnusableCredentials(ValueError):
    """A token or a file cannot be used. The message names the file, and has nothing of its content."""


def with_environment(credentials: Credentials) -> Credentials:
    """The credentials, with what is empty taken from the environment."""
    if not credentials.environment:
        return credentials
    found: Dict[str, Any] = {}
    for together in (("token", "token_file"), ("certificate_file", "key_file"), ("ca_file",), ("server_name",)):
        if not any(getattr(credentials, name) for name in together):
            found.update((name, os.environ.get(f"FUTURED_{name.upper()}", "")) for name in together)
    return dataclasses.replace(credentials, **found)


def load(credentials: Credentials) -> LoadedCredentials:
    """Reads the files; none is waited for. Raises UnusableCredentials."""
    if credentials.token:
        _check_token(credentials.token, "the given token")
    return LoadedCredentials(
        token=_read_token(credentials.token_file) if credentials.token_file else credentials.token,
        authorities=_read_pem(credentials.ca_file, "CERTIFICATE"),
        certificate=_read_pem(credentials.certificate_file, "CERTIFICATE"),
        key=_read_pem(credentials.key_file, "PRIVATE KEY", secret=True),
    )


def _refuse(path: str, reason: str) -> NoReturn:
    raise UnusableCredentials(f"credentials: {path} {reason}") from None


def _read_token(path: str) -> str:
    # The end of the line, one or two bytes, counts for nothing. Latin-1 takes any byte, and the check none beyond ASCII.
    token = _read_file(path, _MAX_TOKEN + 3, secret=True).decode("latin-1")
    token = token[:-1] if token.endswith("\n") else token
    token = token[:-1] if token.endswith("\r") else token
    _check_token(token, path)
    return token


def _check_token(token: str, where: str) -> None:
    if not token:
        _refuse(where, "has no token")
    _check_size(where, len(token), _MAX_TOKEN)
    if "\n" in token:
        _refuse(where, "has more than one line")
    if not all(" " < character <= "~" for character in token):
        _refuse(where, "has a space, a control character or one beyond ASCII in its token")


def _read_pem(path: str, kind: str, secret: bool = False) -> bytes:
    if not path:
        return b""
    content = _read_file(path, _MAX_PEM + 1, secret)
    _check_size(path, len(content), _MAX_PEM)
    if b"-----BEGIN " not in content or f"{kind}-----".encode() not in content:
        _refuse(path, f"has no {kind} in PEM")
    return content


def _check_size(where: str, size: int, limit: int) -> None:
    if size > limit:
        _refuse(where, f"has more than {limit} bytes")


def _read_file(path: str, most: int, secret: bool) -> bytes:
    """At most so many bytes."""
    try:
        # A pipe without a writer would be waited for.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            _check_kind(path, os.fstat(file.fileno()), secret)
            return file.read(most)
    except IsADirectoryError:
        _refuse(path, "is no regular file")
    except (OSError, ValueError) as error:
        if isinstance(error, UnusableCredentials):
            raise
        _refuse(path, f"cannot be read: {getattr(error, 'strerror', None) or 'it is no path'}")


def _check_kind(path: str, file: os.stat_result, secret: bool) -> None:
    if not stat.S_ISREG(file.st_mode):
        _refuse(path, "is no regular file")
    mode = stat.S_IMODE(file.st_mode)
    if secret and file.st_uid == os.getuid() and mode & (stat.S_IRWXG | stat.S_IRWXO):
        _refuse(path, f"has mode {mode:04o}, so that others may use it: `chmod 600` it")
