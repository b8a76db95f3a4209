"""`concurrent.futures` as a service: an Executor whose functions run in a daemon.

    with futured.Executor("localhost:7070") as executor:        # was: ProcessPoolExecutor()
        for result in executor.map(work, items):
            print(result)

`futured.local()` starts a private daemon for tests, notebooks and scripts. `futured.aio` is for asyncio. `function` and
`current` are for functions that run in workers.
"""

import importlib

from futured._attach import attach
from futured._errors import (
    ConnectionLost,
    DaemonRestarted,
    ExecutorBroken,
    InitializerFailed,
    LimitExceeded,
    NotUnpicklable,
    TaskError,
    TaskTimeout,
    UnknownFunction,
    UnknownFuture,
    WorkerLost,
)
from futured._executor import Executor, Options
from futured._future import Future
from futured._local import DaemonNotFound, local
from futured._lost import ForkedProcess, Refused, SessionBroken
from futured._options import Retry
from futured.worker import Context, current, function

__all__ = [
    "ConnectionLost",
    "Context",
    "DaemonNotFound",
    "DaemonRestarted",
    "Executor",
    "ExecutorBroken",
    "ForkedProcess",
    "Future",
    "InitializerFailed",
    "LimitExceeded",
    "NotUnpicklable",
    "Options",
    "Refused",
    "Retry",
    "SessionBroken",
    "TaskError",
    "TaskTimeout",
    "UnknownFunction",
    "UnknownFuture",
    "WorkerLost",
    "attach",
    "current",
    "function",
    "local",
]


def __getattr__(name: str) -> object:
    # Few programs need asyncio, and importing it takes longer than all the rest.
    if name == "aio":
        return importlib.import_module("futured.aio")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
