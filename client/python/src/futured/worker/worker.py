"""Worker: runs the batches of tasks that the daemon sends, one task after another, on the main thread."""

from __future__ import annotations

import collections
import os
import platform
import threading
import time
from typing import Callable, Deque, Mapping, Optional, Tuple

from futured._generated import worker_pb2
from futured._wire import varint
from futured.worker.context import Context, set_running
from futured.worker.conversation import Conversation, result_frame
from futured.worker.functions import signature_of
from futured.worker.ledger import Ledger
from futured.worker.limits import allow_cpu_time
from futured.worker.tasks import TaskRunner
from futured.worker.watch import Watch

#: How long a result may wait for its neighbours, ns.
_RESULT_PATIENCE = 1_000_000
# Batch and index of no task.
_NONE = (0, 0)


class Worker:
    """`ledger` is None where the machine has none that Python can use."""

    def __init__(
        self,
        conversation: Conversation,
        hello: worker_pb2.WorkerHello,
        ledger: Optional[Ledger],
        runner: TaskRunner,
        end_task: Callable[[], None],
    ) -> None:
        """`end_task` is called after each task, and before its result is sent."""
        self._conversation = conversation
        # Reading a message's fields takes time, and these are read for each task.
        self._executor = hello.executor
        self._worker = hello.worker
        self._max_cpu_seconds = hello.max_cpu_seconds
        self._ledger = ledger
        self._runner = runner
        self._end_task = end_task
        self._watch = Watch(conversation, self._take, self._send_what_waits)
        self._batches: Deque[worker_pb2.Batch] = collections.deque()
        self._draining = False
        self._place: Tuple[int, int] = _NONE
        self._context: Optional[Context] = None
        # Results that have not been sent, in the ledger's journal.
        self._results_lock = threading.Lock()
        self._flushed_at = 0

    def say_ready(self, functions: Mapping[str, Callable[..., object]]) -> None:
        """Tells the daemon that tasks may come."""
        message = worker_pb2.FromWorker()
        ready = message.ready
        ready.ledger = self._ledger is not None
        ready.description = f"{platform.python_implementation()} {platform.python_version()}"
        for name, function in functions.items():
            ready.functions.add(name=name, signature=signature_of(function))
        self._conversation.say(message)

    def log(self, level: worker_pb2.LogLevel, text: bytes) -> None:
        """A line for the daemon's log. From any thread."""
        batch, index = self._place
        log = worker_pb2.WorkerLog(batch=batch, index=index, level=level, text=text)
        self._conversation.say(worker_pb2.FromWorker(log=log))

    def run(self) -> None:
        """Runs tasks until the daemon has no more. When it goes away, the process ends, whatever it does."""
        self._watch.start()
        while True:
            while not self._batches:
                if self._draining:
                    return
                self._watch.hear()
            self._run_batch(self._batches.popleft())

    # --- From either thread.

    def _take(self, message: worker_pb2.ToWorker) -> None:
        if message.HasField("batch"):
            self._batches.append(message.batch)
        elif message.HasField("stop"):
            context = self._context
            if context is not None and self._place == (message.stop.batch, message.stop.index):
                context.request_stop()
        elif message.HasField("drain"):
            self._draining = True

    def _send_what_waits(self, now: int) -> None:
        with self._results_lock:
            self._flush_with(b"")
        context = self._context
        if context is not None:
            context.flush_progress(now)

    # --- Running.

    def _run_batch(self, batch: worker_pb2.Batch) -> None:
        functions = list(batch.functions)
        number, last = batch.number, len(batch.calls) - 1
        encoded_number = varint(number)
        self._flushed_at = time.monotonic_ns()
        self._watch.begin(self._flushed_at)
        for index, call in enumerate(batch.calls):
            result = worker_pb2.Result()
            self._run_call((number, index), functions[call.function], call, result)
            frame = result_frame(encoded_number, index, result)
            self._add(frame, result.finish_time or time.monotonic_ns(), index == last)
        self._watch.end()

    def _run_call(self, place: Tuple[int, int], name: str, call: worker_pb2.Call, result: worker_pb2.Result) -> None:
        context = Context(
            call.id,
            call.attempt,
            call.deadline,
            executor=self._executor,
            worker=self._worker,
            report=self._report,
            look_by=self._watch.look_by,
            traceparent=call.traceparent,
            tracestate=call.tracestate,
        )
        # Before it begins, so that no stop is missed.
        self._place, self._context = place, context
        set_running(context)
        if self._begin(place):
            allow_cpu_time(self._max_cpu_seconds)
            result.start_time = time.monotonic_ns()
            self._runner.run(name, call.arguments, context, result)
            self._end_task()
            if self._conversation.closed:
                _end_child(result)
            result.finish_time = time.monotonic_ns()
        else:
            result.skipped.SetInParent()
        context.end()
        set_running(None)
        self._place, self._context = _NONE, None

    def _begin(self, place: Tuple[int, int]) -> bool:
        batch, index = place
        if self._ledger is not None:
            return self._ledger.begin(batch, index)
        self._conversation.say(worker_pb2.FromWorker(started=worker_pb2.Started(batch=batch, index=index)))
        return True

    def _report(self, fraction: float, message: str) -> None:
        batch, index = self._place
        progress = worker_pb2.Progress(batch=batch, index=index, fraction=fraction, message=message)
        self._conversation.say(worker_pb2.FromWorker(progress=progress))

    # --- Results.

    def _add(self, frame: bytes, now: int, is_last: bool) -> None:
        """Sends a result, or keeps it for a moment to go with the next."""
        with self._results_lock:
            if is_last or self._ledger is None or now - self._flushed_at >= _RESULT_PATIENCE:
                self._flush_with(frame)
                self._flushed_at = now
            elif self._ledger.append(frame):
                self._watch.look_by(now + _RESULT_PATIENCE)
            else:
                self._flush_with(frame)

    def _flush_with(self, frame: bytes) -> None:
        waiting = self._ledger.content() if self._ledger is not None else b""
        if waiting or frame:
            self._conversation.say_frames(waiting + frame)
        if waiting and self._ledger is not None:
            self._ledger.clear()


# A function has forked, and the child came back from it: it must not go on as a worker.
def _end_child(result: worker_pb2.Result) -> None:
    code = 1 if result.HasField("error") else 0
    if result.error.type == "SystemExit" and result.error.message.isdigit():
        code = int(result.error.message)
    os._exit(code & 0xFF)
