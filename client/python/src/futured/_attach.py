"""Futures of other programs, by their ID."""

from __future__ import annotations

import threading
from typing import Any, Dict, Optional, Tuple

from futured import _exit
from futured._connector import Connector
from futured._credentials import Credentials
from futured._future import Future
from futured._session import Session


class _Watchers:
    """A session for each address and credentials, for all attached futures. It is connected while there is something to wait for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: Dict[Tuple[str, Optional[Credentials]], Session] = {}
        _exit.at_exit(self)
        _exit.after_fork(self)

    def session(self, address: str, credentials: Optional[Credentials]) -> Session:
        with self._lock:
            session = self._sessions.get((address, credentials))
            if session is None or session.broken:
                session = Session(Connector(address, credentials), transient=True)
                self._sessions[address, credentials] = session
            return session

    def _at_exit(self) -> None:
        for session in list(self._sessions.values()):
            session.close()

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        for session in self._sessions.values():
            session._after_fork()
        self._sessions = {}


_watchers = _Watchers()


def attach(
    id: str,
    address: str = "localhost:7070",
    accept_pickle: bool = False,
    credentials: Optional[Credentials] = None,
) -> Future[Any]:
    """The future with this ID, submitted by whatever program in whatever language.

    It can be waited for and cancelled as any other. One that the daemon does not know fails with UnknownFuture: an outcome
    that was delivered to the program that submitted it is kept only if it was submitted with `retention`.

    A pickled result or exception is opened only with `accept_pickle`: opening one runs code of whoever made it. Without
    it, such a result is a `futured.v1.Value` message, and such an exception a TaskError.

    Raises ValueError when `id` is no ID, and for unusable `credentials`, which are those of `Executor`. Does not wait for an
    answer. Thread-safe.

    Example:
        >>> futured.attach("0c5d58a0-94f9-8a3c-b1d6-000000000001").result(timeout=60)
    """
    return _watchers.session(address, credentials).attach(id, accept_pickle)
