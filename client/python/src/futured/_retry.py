"""Whether, and when, a call is made again that found the daemon out of reach, or on its way out."""

from __future__ import annotations

import random
import time
from typing import Optional

from futured._grpc import grpc
from futured._reasons import refusal_of, with_jitter

_FIRST_BACKOFF = 0.05
_LAST_BACKOFF = 1.0
# By the daemon, which says that another one will answer.
_GOES_AWAY = ("DAEMON_DRAINING", "DAEMON_STOPPING")
# By gRPC: nobody is there, or the connection broke. A daemon that ends cancels calls that come in its last moment.
_OUT_OF_REACH = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


class Retry:
    """For one call that is made again for at most `limit` seconds, each time on a new connection. Not thread-safe."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._failures = 0
        self._since: Optional[float] = None

    def heard(self) -> None:
        """It has answered: the next failure is the first again."""
        self._failures = 0
        self._since = None

    def after(self, error: grpc.RpcError) -> Optional[float]:
        """Seconds until the next try: longer each time, at random, and not shorter than the daemon asks for.

        None: trying again is of no use, or has taken too long.
        """
        refusal = refusal_of(error)
        if refusal.reason not in _GOES_AWAY and (refusal.reason or error.code() not in _OUT_OF_REACH):
            return None
        now = time.monotonic()
        if self._since is None:
            self._since = now
        left = self._since + self._limit - now
        if left <= 0:
            return None
        return min(max(self._backoff(), with_jitter(refusal.retry_delay)), left)

    def _backoff(self) -> float:
        longest = min(_LAST_BACKOFF, _FIRST_BACKOFF * 2 ** min(self._failures, 6))
        self._failures += 1
        return random.uniform(longest / 2, longest)
