"""Connections to the daemon: the only place that opens them."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
from typing import Optional, Sequence, Tuple

from futured._credentials import Credentials, LoadedCredentials, UnusableCredentials, load, with_environment
from futured._grpc import grpc

_TLS = "tls://"
_DEFAULT_PORT = ":7070"
# gRPC's ways to write one host and port. Any other scheme may lead anywhere.
_SCHEMES = ("dns:///", "dns:", "ipv4:", "ipv6:")
_OPTIONS: Tuple[Tuple[str, object], ...] = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC's own waiting between connection attempts must never add to ours.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.enable_retries", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
)
# The authorities of the system. gRPC's Python package would believe those that it was built with.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class _Process:
    """gRPC has threads, which a forked process does not inherit: it hangs in a child of a process that used it."""

    used = False
    forked = False


def works_here() -> bool:
    """Whether this process was not forked from one in which there was a connection."""
    return not _Process.forked


def _after_fork() -> None:
    _Process.forked = _Process.used


os.register_at_fork(after_in_child=_after_fork)


class Connector:
    """Opens channels to one daemon, under some credentials. Immutable.

    Raises ValueError for an address without a host or of a web page, for credentials and files of theirs that cannot be
    used, and for a token that would leave this machine in plain text.
    """

    def __init__(self, address: str, credentials: Optional[Credentials] = None) -> None:
        # As they were given.
        self.address = address
        self.given = credentials
        self._target = _target_of(address)
        self._unix = address.startswith(("unix:", "unix-abstract:"))
        self._local = self._unix or _is_loopback(self._target)
        self._credentials = with_environment(credentials or Credentials())
        if self._unix:
            # What a Unix socket has no use for is not read.
            self._credentials = dataclasses.replace(self._credentials, ca_file="", certificate_file="", key_file="")
        self._check()
        self.load()

    def _check(self) -> None:
        given = self._credentials
        if given.token and given.token_file:
            raise ValueError("credentials: there may be a token or a token_file, not both")
        if bool(given.certificate_file) != bool(given.key_file):
            raise ValueError("credentials: certificate_file and key_file are needed together")
        has_token = given.token or given.token_file
        if has_token and not (self._uses_tls() or self._local or given.allow_plaintext_token):
            raise ValueError(
                f"credentials: the token would go to {self.address} in plain text; turn on TLS by a ca_file or an address"
                " tls://host:port, or set allow_plaintext_token where the network itself is encrypted"
            )

    def _uses_tls(self) -> bool:
        given = self._credentials
        return bool(self.address.startswith(_TLS) or given.ca_file or given.certificate_file)

    def load(self) -> LoadedCredentials:
        """The credentials for a connection and its calls, read anew. Raises UnusableCredentials."""
        return load(self._credentials)

    def has_newer(self, loaded: LoadedCredentials) -> bool:
        """Whether the files hold something else than what was loaded, and can be used."""
        try:
            return self.load() != loaded
        except UnusableCredentials:
            return False

    def open(self, loaded: LoadedCredentials) -> grpc.Channel:
        """A connection of its own, made when first needed."""
        _Process.used = True
        options = list(_OPTIONS)
        if self._local:
            # What is for this machine must not leave it by way of the proxy that $http_proxy names.
            options.append(("grpc.enable_http_proxy", 0))
        if not self._uses_tls():
            return grpc.insecure_channel(self._target, options=options)
        if self._credentials.server_name:
            options.append(("grpc.ssl_target_name_override", self._credentials.server_name))
        credentials = grpc.ssl_channel_credentials(
            loaded.authorities or _authorities_of_the_system(), loaded.key or None, loaded.certificate or None
        )
        return grpc.secure_channel(self._target, credentials, options=options)


def metadata(loaded: LoadedCredentials) -> Sequence[Tuple[str, str]]:
    """What a call shows: the token, if there is one. gRPC's own credentials for calls would do it over TLS alone."""
    return (("authorization", f"Bearer {loaded.token}"),) if loaded.token else ()


def _authorities_of_the_system() -> Optional[bytes]:
    if "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" in os.environ:
        return None  # gRPC reads it.
    for path in _BUNDLES:
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            continue
    return None


def _target_of(address: str) -> str:
    """What gRPC calls it. A host alone has the daemon's port; gRPC would take that of web pages."""
    if address.startswith(("http://", "https://")):
        raise ValueError(f"the address {address!r} is no daemon's: write host:port or tls://host:port")
    target = address[len(_TLS) :] if address.startswith(_TLS) else address
    if not target:
        raise ValueError(f"there is no host in the address {address!r}")
    if _is_ipv6(target):
        return f"[{target}]{_DEFAULT_PORT}"
    if (target[0], target[-1]) == ("[", "]") or not set(target) & set(":/"):
        return target + _DEFAULT_PORT
    return target


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _is_loopback(target: str) -> bool:
    scheme = next((scheme for scheme in _SCHEMES if target.startswith(scheme)), "")
    target = target[len(scheme) :]
    if target.startswith("["):
        host = target[1:].partition("]")[0]
    else:
        host = target.partition(":")[0] if target.count(":") == 1 else target
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
