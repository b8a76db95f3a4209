"""The thread on which done callbacks run."""

from __future__ import annotations

import queue
import threading
from typing import Callable, Optional


class CallbackThread:
    """Runs functions in their order, on a thread of its own: one at a time. Safe from any thread.

    The thread starts with the first function. After `stop` the next function starts another: what is posted is run.
    No method waits for a lock, so that finalizers may call them.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._running = threading.Lock()  # Held while there is a thread that takes from the queue. Nobody waits for it.
        self._thread: Optional[threading.Thread] = None  # The last one.

    def post(self, function: Callable[[], None]) -> None:
        self._queue.put(function)
        if self._running.acquire(blocking=False):
            taken = (self._queue, self._running)
            self._thread = threading.Thread(target=_run, args=taken, name="futured-callbacks", daemon=True)
            self._thread.start()

    def is_current(self) -> bool:
        return self._thread is threading.current_thread()

    def stop(self) -> None:
        """The thread ends when it has run what was posted."""
        if self._running.locked():
            self._queue.put(None)

    def join(self, timeout: float) -> None:
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)


def _run(functions: queue.SimpleQueue[Optional[Callable[[], None]]], running: threading.Lock) -> None:
    while True:
        function = functions.get()
        if function is not None:
            function()
            del function
            continue
        running.release()
        # Who posted before that has started no other thread: then this one goes on.
        if functions.empty() or not running.acquire(blocking=False):
            return
