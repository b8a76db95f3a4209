"""FakeDaemon: the daemon's end of the worker protocol, for tests that look at a worker's every message."""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import signal
import socket
import sys
import tempfile
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from support import FOR_WORKERS, PATIENCE, SOURCES, wait_until

from futured import _pickles
from futured._generated import worker_pb2

LEDGER_WORDS = 64
JOURNAL_SIZE = 65536

HERE = os.path.dirname(os.path.abspath(__file__))

BEGUN = 1
TAKEN_BACK = 2


class FakeDaemon:
    """Starts a worker. To be used in a `with`, which ends it."""

    def __init__(self, *arguments: str, ledger: bool = True, **hello: Any) -> None:
        self.number = 0
        self._read = b""
        self._said: List[worker_pb2.FromWorker] = []
        self.ledger = _new_ledger()
        self._memory = mmap.mmap(self.ledger, os.fstat(self.ledger).st_size)
        self._output = tempfile.TemporaryFile()
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE)
        self.pid = _start(arguments, theirs.fileno(), self.ledger, self._output.fileno())
        theirs.close()
        self._exit_code: Optional[int] = None
        settings: Dict[str, Any] = {"protocol": 1, "executor": "python", "worker": "python-1"}
        settings.update(max_frame_size=8 << 20, max_value_size=4 << 20, ledger_words=LEDGER_WORDS if ledger else 0)
        settings.update(hello)
        self.say(worker_pb2.ToWorker(hello=worker_pb2.WorkerHello(**settings)))

    def __enter__(self) -> FakeDaemon:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        if self._exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self._memory.close()
        os.close(self.ledger)
        self._output.close()

    # --- Talking.

    def say(self, message: worker_pb2.ToWorker) -> None:
        data = message.SerializeToString()
        self.say_bytes(len(data).to_bytes(4, "little") + data)

    def say_bytes(self, data: bytes) -> None:
        self._socket.sendall(data)

    def give(self, *calls: Tuple[str, bytes], deadline: int = 0, attempt: int = 1) -> int:
        """A batch; its number."""
        self.number += 1
        message = worker_pb2.ToWorker()
        batch = message.batch
        batch.number = self.number
        for index, (name, arguments) in enumerate(calls):
            batch.functions.append(name)
            batch.calls.add(
                function=index, arguments=arguments, id=bytes(range(16)), attempt=attempt, deadline=deadline
            )
            if self.word(index) != self.number << 2 | TAKEN_BACK:
                self.set_word(index, self.number << 2)
        self.say(message)
        return self.number

    def stop(self, index: int, batch: Optional[int] = None) -> None:
        """Once it has begun, as the daemon does."""
        wait_until(lambda: self.word(index) == self.number << 2 | BEGUN)
        self.say(worker_pb2.ToWorker(stop=worker_pb2.Stop(batch=batch or self.number, index=index)))

    def drain(self) -> None:
        self.say(worker_pb2.ToWorker(drain=worker_pb2.Drain()))

    def hang_up(self) -> None:
        self._socket.close()

    # --- Hearing.

    def hear(self, kind: str) -> Any:
        """The next message of that kind; those of other kinds are kept. EOFError: the worker is gone."""
        for place, message in enumerate(self._said):
            if message.HasField(kind):
                return getattr(self._said.pop(place), kind)
        while True:
            message = self._next()
            if message.HasField(kind):
                return getattr(message, kind)
            self._said.append(message)

    def kept(self, kind: str) -> List[Any]:
        """What was heard of that kind meanwhile."""
        return [getattr(message, kind) for message in self._said if message.HasField(kind)]

    def ready(self) -> Any:
        return self.hear("ready")

    def results(self, count: int) -> List[Any]:
        """The next results, of one batch and in their order."""
        results: List[Any] = []
        while len(results) < count:
            heard = self.hear("results")
            assert heard.batch == self.number and heard.first == len(results), f"not the next results: {heard}"
            results.extend(heard.results)
        return results

    def run(self, *calls: Tuple[str, bytes], **options: int) -> List[Any]:
        """A batch and its results."""
        self.give(*calls, **options)
        return self.results(len(calls))

    def exit_code(self) -> int:
        """Waits for the end of the worker. Minus the signal's number, if one ended it."""
        if self._exit_code is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                assert poll.poll(PATIENCE * 1000), "the worker does not end"
            finally:
                os.close(descriptor)
            self._exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._exit_code

    def output(self) -> str:
        """What it wrote to its standard output and error."""
        self._output.seek(0)
        return self._output.read().decode()

    # --- The ledger.

    def word(self, index: int) -> int:
        return int.from_bytes(self._memory[index * 8 : index * 8 + 8], sys.byteorder)

    def set_word(self, index: int, value: int) -> None:
        self._memory[index * 8 : index * 8 + 8] = value.to_bytes(8, sys.byteorder)

    def take_back(self, index: int) -> None:
        """Of the next batch, before the worker can begin it."""
        self.set_word(index, (self.number + 1) << 2 | TAKEN_BACK)

    def journal(self) -> List[worker_pb2.FromWorker]:
        begin = LEDGER_WORDS * 8
        size = int.from_bytes(self._memory[begin : begin + 8], sys.byteorder)
        return _messages(self._memory[begin + 8 : begin + 8 + size])

    def _next(self) -> worker_pb2.FromWorker:
        while True:
            size = int.from_bytes(self._read[:4], "little")
            if len(self._read) >= 4 + size and size > 0:
                message = worker_pb2.FromWorker.FromString(self._read[4 : 4 + size])
                self._read = self._read[4 + size :]
                return message
            data = self._socket.recv(1 << 16)
            if not data:
                raise EOFError(self.output())
            self._read += data


def named(name: str, *args: Any, **kwargs: Any) -> Tuple[str, bytes]:
    """A call of a named function."""
    return name, _pickles.encode_named(args, kwargs)


def pickled(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Tuple[str, bytes]:
    """A call of a callable."""
    return _pickles.FUNCTION, _pickles.encode_call(function, args, kwargs)


def _messages(frames: bytes) -> List[worker_pb2.FromWorker]:
    messages = []
    while frames:
        size = int.from_bytes(frames[:4], "little")
        messages.append(worker_pb2.FromWorker.FromString(frames[4 : 4 + size]))
        frames = frames[4 + size :]
    return messages


def _new_ledger() -> int:
    memory = os.memfd_create("fake-ledger")
    os.truncate(memory, LEDGER_WORDS * 8 + 8 + JOURNAL_SIZE)
    return memory


def _start(arguments: Sequence[str], theirs: int, ledger: int, output: int) -> int:
    # High, so that none is one of those that the worker gets.
    sources = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 64) for number in (output, output, theirs, ledger)]
    actions: List[Tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_DUP2, source, number + 1) for number, source in enumerate(sources)]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PYTHONPATH": os.pathsep.join([str(SOURCES), HERE]),
        "FUTURED_WORKER_SOCKET": "3",
        **{name: os.environ[name] for name in FOR_WORKERS if name in os.environ},
    }
    argv = [sys.executable, "-m", "futured.worker", *arguments]
    try:
        return os.posix_spawn(sys.executable, argv, environment, file_actions=actions, setpgroup=0)
    finally:
        for source in sources:
            os.close(source)
