"""Watch: a second thread, for what must not wait for a running task: messages of the daemon, results and progress.

To hand a batch from thread to thread costs more than to run a short one. So the main thread hears the daemon itself
while it has nothing to do, and the second thread sleeps. It wakes when a batch runs for long, and then hears in its
place; and when something is due to be sent.
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
import traceback
from typing import Callable, Union

from futured._generated import worker_pb2
from futured.worker.conversation import Conversation
from futured.worker.timer import Timer

#: How long a batch runs before the second thread hears for it, ns.
_SHORT = 5_000_000


class Watch:
    """hear(), begin() and end() are for the main thread, look_by() for any."""

    def __init__(
        self,
        conversation: Conversation,
        take: Callable[[worker_pb2.ToWorker], None],
        look: Callable[[int], None],
    ) -> None:
        """`take` gets each message, from either thread. `look` is called when something is due, with the time."""
        self._conversation = conversation
        self._take = take
        self._look = look
        # Of the thread that hears.
        self._hearing = threading.Lock()
        self._main_waits = False
        self._timer = Timer()
        self._alarm, self._alarm_trigger = os.pipe()
        self._due_lock = threading.Lock()
        self._due: Union[int, float] = math.inf
        # When the batch that runs began; 0: none does.
        self._begun_at = 0
        os.register_at_fork(after_in_child=self._close)

    def start(self) -> None:
        threading.Thread(target=self._run, name="futured-watch", daemon=True).start()

    def hear(self) -> None:
        """Waits for messages, and gives them to `take`. When the daemon is gone, the process ends."""
        try:
            with self._hearing:
                for message in self._conversation.hear():
                    self._take(message)
        except BaseException as problem:
            self._leave(problem)

    def begin(self, now: int) -> None:
        """A batch begins: the second thread hears if it takes long."""
        self._begun_at = now
        self.look_by(now + _SHORT)

    def end(self) -> None:
        """It has ended, and the main thread is going to hear."""
        self._begun_at = 0
        if self._hearing.locked():
            self._main_waits = True
            os.write(self._alarm_trigger, b"\0")
            with self._hearing:
                self._main_waits = False

    def look_by(self, due: int) -> None:
        """`look` is to be called at that time of the monotonic clock, ns, or before."""
        # Without the lock it may look once too often.
        if due >= self._due:
            return
        with self._due_lock:
            if due < self._due:
                self._due = due
                self._timer.set(due)

    # --- The second thread.

    def _run(self) -> None:
        try:
            sleep = select.poll()
            sleep.register(self._timer, select.POLLIN)
            while True:
                sleep.poll()
                self._look_now()
                if self._runs_long() and self._hearing.acquire(False):
                    try:
                        self._hear_meanwhile()
                    finally:
                        self._hearing.release()
        except BaseException as problem:
            self._leave(problem)

    def _hear_meanwhile(self) -> None:
        poll = select.poll()
        for source in (self._conversation.fileno(), self._timer.fileno(), self._alarm):
            poll.register(source, select.POLLIN)
        while self._begun_at and not self._main_waits:
            for descriptor, _ in poll.poll():
                if descriptor == self._alarm:
                    os.read(self._alarm, 512)
                elif descriptor == self._timer.fileno():
                    self._look_now()
                else:
                    for message in self._conversation.hear():
                        self._take(message)

    def _look_now(self) -> None:
        self._timer.clear()
        with self._due_lock:
            self._due = math.inf
        now = time.monotonic_ns()
        # Calls look_by() for what is to wait longer.
        self._look(now)
        begun_at = self._begun_at
        if begun_at and now < begun_at + _SHORT:
            self.look_by(begun_at + _SHORT)

    def _runs_long(self) -> bool:
        begun_at = self._begun_at
        return begun_at != 0 and time.monotonic_ns() >= begun_at + _SHORT

    def _leave(self, problem: BaseException) -> None:
        if not isinstance(problem, (EOFError, ConnectionError)):
            text = "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))
            os.write(2, text.encode("utf-8", "replace"))
        # The daemon is gone, or out of order.
        os._exit(1)

    def _close(self) -> None:
        self._timer.close()
        os.close(self._alarm)
        os.close(self._alarm_trigger)
