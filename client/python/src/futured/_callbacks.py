"""The thread on which done callbacks run."""

from __future__ import annotations

import queue
import threading
from typing import Callable, Optional


class CallbackThread:
    """Runs functions in their order, on a thread of its own that starts with the first. Safe from any thread.

    `post` and `stop` take no lock, so that finalizers may call them.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._thread: Optional[threading.Thread] = None

    def post(self, function: Callable[[], None]) -> None:
        """REQUIRES: only one thread posts."""
        self._queue.put(function)
        if self._thread is None:
            self._thread = threading.Thread(target=_run, args=(self._queue,), name="futured-callbacks", daemon=True)
            self._thread.start()

    def is_current(self) -> bool:
        return self._thread is threading.current_thread()

    def stop(self) -> None:
        """The thread ends when it has run what was posted."""
        self._queue.put(None)

    def join(self, timeout: float) -> None:
        if self._thread is not None and not self.is_current():
            self._thread.join(timeout)


def _run(functions: queue.SimpleQueue[Optional[Callable[[], None]]]) -> None:
    while True:
        function = functions.get()
        if function is None:
            return
        function()
        del function
