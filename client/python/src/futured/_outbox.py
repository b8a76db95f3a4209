"""Calls on their way to the daemon."""

from __future__ import annotations

from collections import deque
from typing import Callable, Deque, List, Optional, Tuple

from futured._generated import future_pb2, session_pb2

# Counter, name of the function, options (None: all defaults), serialized Arguments.
Call = Tuple[int, str, Optional[future_pb2.TaskOptions], bytes]

# A message is sent before it grows beyond these.
MAX_TASKS = 4096
MAX_BYTES = 1 << 20
# Bytes of a call beside its arguments, for which there is room in a message with the largest arguments.
MAX_HEAD_BYTES = 128 << 10
# While this many messages with calls are not accepted, one smaller than these waits and grows.
MAX_SMALL_MESSAGES = 4
LARGE_TASKS = 512
LARGE_BYTES = 256 << 10


class Outbox:
    """Holds calls until the daemon has accepted them, and repeats them after a refusal or on a new stream.

        append ──► unsent ──take──► sent ──settle──► gone
                     ▲               │
                     └───requeue─────┘

    Counters only rise, and all sent are below all unsent. Not synchronised.
    """

    def __init__(self) -> None:
        self._unsent: Deque[Call] = deque()
        self._sent: Deque[Call] = deque()
        self._messages: Deque[int] = deque()  # The last counter of each message that is not settled.
        self._unsent_bytes = 0
        # A daemon refuses a message that exceeds its limits as a whole: after each refusal they get smaller.
        self._most = MAX_TASKS
        self.bytes = 0
        # The daemon has certainly not accepted this counter and those above.
        self.certain_from = 1
        # The call that the daemon waits for after a refusal: it is sent again, even when nobody wants it. 0: none.
        self.repeat = 0

    def __len__(self) -> int:
        return len(self._unsent) + len(self._sent)

    def append(self, call: Call) -> None:
        size = len(call[3])
        self._unsent.append(call)
        self._unsent_bytes += size
        self.bytes += size

    def may_send(self) -> bool:
        """Whether there is enough to send a message."""
        return bool(self._unsent) and (
            len(self._messages) < MAX_SMALL_MESSAGES
            or len(self._unsent) >= LARGE_TASKS
            or self._unsent_bytes >= LARGE_BYTES
        )

    def front(self) -> Call:
        """The next call to be sent. Only when may_send()."""
        return self._unsent[0]

    def take(self, wanted: Callable[[int], bool]) -> List[Call]:
        """The calls of the next message. Those that nobody wants any more are dropped."""
        calls: List[Call] = []
        size = 0
        while self._unsent and len(calls) < self._most:
            call = self._unsent[0]
            added = len(call[3]) + (0 if calls and _continues(calls[-1], call) else head_size(call))
            if calls and size + added > MAX_BYTES:
                break
            self._unsent.popleft()
            self._unsent_bytes -= len(call[3])
            if wanted(call[0]):
                calls.append(call)
                size += added
            else:
                self.bytes -= len(call[3])
        if calls:
            last = calls[-1][0]
            self._sent.extend(calls)
            self._messages.append(last)
            self.certain_from = max(self.certain_from, last + 1)
            if self.repeat <= last:
                self.repeat = 0
        return calls

    def drop_front(self) -> None:
        self._unsent_bytes -= len(self._unsent[0][3])
        self.bytes -= len(self._unsent.popleft()[3])

    def settle_through(self, counter: int) -> None:
        """All up to this counter are accepted, or refused for good."""
        if self._sent and self._sent[0][0] <= counter:
            self._most = MAX_TASKS
        while self._sent and self._sent[0][0] <= counter:
            self.bytes -= len(self._sent.popleft()[3])
        while self._messages and self._messages[0] <= counter:
            self._messages.popleft()
        if not self._sent:
            self._messages.clear()

    def requeue(self, wanted: Callable[[int], bool]) -> None:
        """What was sent is to be sent again, but for what nobody wants any more."""
        while self._sent:
            call = self._sent.pop()
            if wanted(call[0]):
                self._unsent.appendleft(call)
                self._unsent_bytes += len(call[3])
            else:
                self.bytes -= len(call[3])
        self._messages.clear()

    def refused_from(self, counter: int, count: int) -> None:
        """The daemon refused this counter and those above, for the time being. `count` were in one message."""
        self._most = max(1, min(self._most, count) // 2)
        self.certain_from = min(self.certain_from, counter)
        self.repeat = self.certain_from

    def clear(self) -> None:
        self._unsent.clear()
        self._sent.clear()
        self._messages.clear()
        self._unsent_bytes = self.bytes = 0

    def first(self) -> Optional[int]:
        """The lowest counter that is not settled."""
        return self._sent[0][0] if self._sent else self.first_unsent()

    def first_unsent(self) -> Optional[int]:
        return self._unsent[0][0] if self._unsent else None

    def sent_through(self) -> int:
        """The highest counter sent and not requeued since. 0: none."""
        return self._sent[-1][0] if self._sent else 0


def head_size(call: Call) -> int:
    """Bytes that the function and the options of a SessionSubmit take."""
    return len(call[1].encode()) + (0 if call[2] is None else call[2].ByteSize())


def _continues(last: Call, call: Call) -> bool:
    """Whether both can be of one SessionSubmit."""
    return call[0] == last[0] + 1 and call[2] is last[2] and call[1] == last[1]


def add_calls(request: session_pb2.SessionRequest, calls: List[Call]) -> None:
    """Calls in a row of one function, with one options object, become one SessionSubmit."""
    start = 0
    for end in range(1, len(calls) + 1):
        if end < len(calls) and _continues(calls[end - 1], calls[end]):
            continue
        first = calls[start]
        run = request.submits.add(first=first[0], function=first[1], options=first[2])
        run.arguments.extend([call[3] for call in calls[start:end]])
        start = end
