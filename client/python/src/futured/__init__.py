"""`concurrent.futures` as a service: an Executor whose functions run in a daemon.

    with futured.Executor("localhost:7070") as executor:        # was: ProcessPoolExecutor()
        for result in executor.map(work, items):
            print(result)

`futured.local()` starts a private daemon for tests, notebooks and scripts. `futured.aio` is for asyncio. `function` and
`current` are for functions that run in workers.
"""

import importlib
from typing import TYPE_CHECKING, List

if TYPE_CHECKING:
    from futured import aio as aio
    from futured._attach import attach
    from futured._credentials import Credentials
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
    from futured._lost import ForkedProcess, PermissionDenied, Refused, SessionBroken, Unauthenticated
    from futured._news import LogLine, Progress
    from futured._options import Retry
    from futured.worker import Context, current, function

__all__ = [
    "ConnectionLost",
    "Context",
    "Credentials",
    "DaemonNotFound",
    "DaemonRestarted",
    "Executor",
    "ExecutorBroken",
    "ForkedProcess",
    "Future",
    "InitializerFailed",
    "LimitExceeded",
    "LogLine",
    "NotUnpicklable",
    "Options",
    "PermissionDenied",
    "Progress",
    "Refused",
    "Retry",
    "SessionBroken",
    "TaskError",
    "TaskTimeout",
    "Unauthenticated",
    "UnknownFunction",
    "UnknownFuture",
    "WorkerLost",
    "attach",
    "current",
    "function",
    "local",
]


# Where those names are: what needs no gRPC comes first.
_HOMES = ("worker", "_errors", "_lost", "_options", "_credentials", "_future", "_news", "_executor", "_local", "_attach")


def __getattr__(name: str) -> object:
    # On first use, as gRPC takes longer to import than all the rest, and workers do without it; few programs need asyncio.
    if name == "aio":
        return importlib.import_module("futured.aio")
    if name in __all__:
        for home in _HOMES:
            module = importlib.import_module(f"futured.{home}")
            if hasattr(module, name):
                globals()[name] = found = getattr(module, name)
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return [*globals(), *__all__, "aio"]
