"""The worker's end of the worker protocol (futured/worker/v1/worker.proto): whole messages in and out."""

from __future__ import annotations

import os
import socket
import threading
from typing import Iterator, Optional

from futured._generated import worker_pb2
from futured._wire import field, varint

_LENGTH_SIZE = 4
_READ_SIZE = 1 << 18
# Of a hello, in bytes.
_FIRST_FRAME_SIZE = 1 << 20


def frame_of(data: bytes) -> bytes:
    """A serialized FromWorker with its length."""
    return len(data).to_bytes(_LENGTH_SIZE, "little") + data


def result_frame(batch: bytes, index: int, result: worker_pb2.Result) -> bytes:
    """FromWorker with the Results of one task. `batch`: the number as a varint."""
    results = b"\x08" + batch + b"\x10" + varint(index) + field(b"\x1a", result.SerializeToString())
    return frame_of(field(b"\x1a", results))


class ProtocolError(Exception):
    """The daemon is out of order."""


class Conversation:
    """One thread at a time hears; any thread says."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._saying = threading.Lock()
        self._max_frame_size = _FIRST_FRAME_SIZE
        self._space = memoryview(bytearray(_READ_SIZE))
        self._unread = bytearray()
        self._closed = False
        os.register_at_fork(after_in_child=self._leave_to_parent)

    @property
    def closed(self) -> bool:
        """Whether this is a process that a function forked: it has no part in the conversation."""
        return self._closed

    def fileno(self) -> int:
        """Readable when there is something to hear."""
        return self._socket.fileno()

    def limit_frames(self, max_frame_size: int) -> None:
        """Of frames that are heard, bytes."""
        self._max_frame_size = max_frame_size

    # --- Hearing.

    def hear_first(self) -> worker_pb2.ToWorker:
        """Waits for one message. EOFError: the daemon is gone. ProtocolError: it talks nonsense."""
        size = int.from_bytes(self._read(_LENGTH_SIZE), "little")
        self._check(size)
        return worker_pb2.ToWorker.FromString(self._read(size))

    def hear(self) -> Iterator[worker_pb2.ToWorker]:
        """Waits until there is something to read, and gives the messages in it; perhaps none.

        EOFError: the daemon is gone. ProtocolError: it talks nonsense.
        """
        size = self._socket.recv_into(self._space)
        if size == 0:
            raise EOFError
        self._unread += self._space[:size]
        while True:
            frame = self._next_frame()
            if frame is None:
                return
            yield worker_pb2.ToWorker.FromString(frame)

    def _next_frame(self) -> Optional[bytes]:
        unread = self._unread
        if len(unread) < _LENGTH_SIZE:
            return None
        size = int.from_bytes(unread[:_LENGTH_SIZE], "little")
        self._check(size)
        end = _LENGTH_SIZE + size
        if len(unread) < end:
            return None
        with memoryview(unread) as view:
            frame = bytes(view[_LENGTH_SIZE:end])
        del unread[:end]
        return frame

    def _read(self, size: int) -> bytes:
        data = self._socket.recv(size, socket.MSG_WAITALL)
        if len(data) < size:
            raise EOFError
        return data

    def _check(self, size: int) -> None:
        if not 0 < size <= self._max_frame_size:
            raise ProtocolError(f"a frame of {size} bytes")

    # --- Saying.

    def say(self, message: worker_pb2.FromWorker) -> None:
        """Returns when the kernel has it. When the daemon is gone, the process ends."""
        self.say_frames(frame_of(message.SerializeToString()))

    def say_frames(self, frames: bytes) -> None:
        if self._closed:
            return
        try:
            with self._saying:
                self._socket.sendall(frames)
        except OSError:
            # Nobody is left to work for.
            os._exit(1)

    # A child that a function forks must not speak for its parent, nor keep the socket open when that dies.
    def _leave_to_parent(self) -> None:
        self._closed = True
        self._socket.close()
