"""The life of a worker process, from its hello to its drain."""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import logging
import os
import signal
import subprocess
import sys
from typing import Any, Callable, Dict, List, Optional

from futured import _pickles
from futured._generated import future_pb2, worker_pb2
from futured.worker.capture import Capture
from futured.worker.conversation import Conversation, ProtocolError
from futured.worker.failures import describe_exception
from futured.worker.functions import registered
from futured.worker.ledger import Ledger
from futured.worker.tasks import TaskRunner
from futured.worker.worker import Worker

_SOCKET_VARIABLE = "FUTURED_WORKER_SOCKET"
_LEDGER_NUMBER = 4
_PROTOCOL = 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog="python3 -m futured.worker",
        description="Runs Python functions for a futured daemon, which starts it as the worker of a process executor.",
    )
    result.add_argument("modules", nargs="*", metavar="MODULE", help="to load, for its @futured.function functions")
    result.add_argument(
        "--accept-pickle",
        action="store_true",
        help="run callables that clients pickle: whoever may submit to the executor may run any code",
    )
    result.add_argument(
        "--log-level",
        default="INFO",
        type=str.upper,
        choices=["DEBUG", "INFO", "WARNING", "ERROR"],
        help="the least severe records of `logging` for the daemon's log (default: %(default)s)",
    )
    return result


def main(arguments: List[str]) -> int:
    """The exit code."""
    options = parser().parse_args(arguments)
    # Programs that functions start are no workers.
    number = os.environ.pop(_SOCKET_VARIABLE, None)
    if number is None:
        print(f"futured.worker: the daemon starts this program; {_SOCKET_VARIABLE} is not set", file=sys.stderr)
        return 2
    # Ctrl-C in a terminal is for the daemon, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where it crashed, into the daemon's log.
    faulthandler.enable(2)
    return work(int(number), options)


def work(descriptor: int, options: argparse.Namespace) -> int:
    """Talks to the daemon until it has no more tasks."""
    conversation = Conversation(descriptor)
    try:
        hello = conversation.hear_first().hello
    except (EOFError, OSError, ProtocolError):
        return 1
    if hello.protocol < _PROTOCOL:
        return 1
    conversation.limit_frames(hello.max_frame_size)
    os.set_inheritable(_LEDGER_NUMBER, False)
    ledger = Ledger.map(_LEDGER_NUMBER, hello.ledger_words)
    functions = registered()
    runner = TaskRunner(
        functions,
        accept_pickle=options.accept_pickle,
        executor=hello.executor,
        max_value_size=hello.max_value_size,
    )
    capture: Optional[Capture] = None

    def end_task() -> None:
        if capture is not None:
            capture.end_task()

    worker = Worker(conversation, hello, ledger, runner, end_task)
    capture = Capture(worker.log, lambda: conversation.closed)
    capture.log_from(getattr(logging, options.log_level))
    try:
        for module in options.modules:
            importlib.import_module(module)
        _initialize(hello, functions)
    except BaseException as problem:
        _say_unfit(conversation, problem)
        return 1
    worker.say_ready(_offer(functions, options.accept_pickle))
    worker.run()
    return 0


def _initialize(hello: worker_pb2.WorkerHello, functions: Dict[str, Callable[..., Any]]) -> None:
    if hello.initializer_program:
        subprocess.run(list(hello.initializer_program), check=True, stdin=subprocess.DEVNULL)
    elif hello.initializer:
        if hello.initializer not in functions:
            raise LookupError(f'the initializer "{hello.initializer}" is none of the functions of this worker')
        functions[hello.initializer]()


def _say_unfit(conversation: Conversation, problem: BaseException) -> None:
    message = worker_pb2.FromWorker()
    message.ready.error.CopyFrom(describe_exception(problem, origin=future_pb2.ERROR_ORIGIN_EXECUTOR, skip=1))
    conversation.say(message)


def _offer(functions: Dict[str, Callable[..., Any]], accept_pickle: bool) -> Dict[str, Callable[..., Any]]:
    return {**functions, _pickles.FUNCTION: _call} if accept_pickle else functions


# Stands for pickled calls in the list of functions.
def _call(pickle: bytes) -> bytes:
    raise NotImplementedError
