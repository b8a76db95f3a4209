"""What a task prints and logs: lines of its log, and of the daemon's with its ID."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import Any, Callable, List

from futured._generated import worker_pb2

# Of a line, bytes.
_LONGEST = 8 << 10

# Takes a level and a line.
Log = Callable[["worker_pb2.LogLevel", bytes], None]


class _Lines(io.RawIOBase):
    """Hands on whole lines; the rest waits for end_line()."""

    def __init__(self, log: Log, level: worker_pb2.LogLevel, descriptor: int, closed: Callable[[], bool]) -> None:
        self._log = log
        self._level = level
        self._descriptor = descriptor
        self._is_closed = closed
        self._lock = threading.Lock()
        self._begun = b""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        # For programs that a function starts: what they write is in the daemon's log too, without the ID.
        return self._descriptor

    def isatty(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        text = bytes(data)
        if self._is_closed():
            return os.write(self._descriptor, text)
        with self._lock:
            *lines, self._begun = (self._begun + text).split(b"\n")
            for line in lines:
                self._log(self._level, line[:_LONGEST])
            while len(self._begun) >= _LONGEST:
                self._log(self._level, self._begun[:_LONGEST])
                self._begun = self._begun[_LONGEST:]
        return len(text)

    def end_line(self) -> None:
        if not self._begun:
            return
        with self._lock:
            begun, self._begun = self._begun, b""
            self._log(self._level, begun)


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record).encode("utf-8", "backslashreplace")
        except Exception:
            self.handleError(record)
        else:
            self._log(_level_of(record.levelno), text[:_LONGEST])


class Capture:
    """Takes over sys.stdout, sys.stderr and the root logger of this process, for good."""

    def __init__(self, log: Log, closed: Callable[[], bool]) -> None:
        """`closed`: whether nobody takes lines, in a forked process; then text goes where it went before."""
        self._lines: List[_Lines] = [
            _Lines(log, worker_pb2.LOG_LEVEL_STDOUT, 1, closed),
            _Lines(log, worker_pb2.LOG_LEVEL_STDERR, 2, closed),
        ]
        self._streams: List[io.TextIOWrapper] = [
            io.TextIOWrapper(io.BufferedWriter(lines), "utf-8", "backslashreplace", line_buffering=True)
            for lines in self._lines
        ]
        sys.stdout, sys.stderr = self._streams
        self._handler = _Handler(log)
        self._handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def log_from(self, level: int) -> None:
        """Hands on what is logged, from `level` on."""
        root = logging.getLogger()
        root.addHandler(self._handler)
        root.setLevel(level)

    def end_task(self) -> None:
        """Hands on lines that have no end."""
        for stream, lines in zip(self._streams, self._lines):
            try:
                stream.flush()
            except ValueError:
                # A function has closed it.
                continue
            lines.end_line()


def _level_of(level: int) -> worker_pb2.LogLevel:
    if level >= logging.ERROR:
        return worker_pb2.LOG_LEVEL_ERROR
    if level >= logging.WARNING:
        return worker_pb2.LOG_LEVEL_WARNING
    return worker_pb2.LOG_LEVEL_INFO if level >= logging.INFO else worker_pb2.LOG_LEVEL_DEBUG
