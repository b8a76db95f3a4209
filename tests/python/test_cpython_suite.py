"""CPython's own tests of concurrent.futures, run against futured.Executor with Python workers.

They come from the installed interpreter (on Debian: libpython3.11-testsuite), and are not copied. `NOT_APPLICABLE` names
each test that does not run, with its reason.
"""

import concurrent.futures
import multiprocessing
import sys
import threading
import unittest
from typing import Any, Dict, Optional, Tuple
from unittest import mock

import cpython_worker  # noqa: F401
from support import Daemon, wait_until

import futured

try:
    from test import test_concurrent_futures as suite
except ImportError:
    raise unittest.SkipTest("the interpreter's test suite is not installed: libpython3.11-testsuite") from None
if not hasattr(suite, "ExecutorDeadlockTest"):
    raise unittest.SkipTest("the suite of this interpreter is divided otherwise than that of 3.11")

_LOCAL = "looks at processes of the local pool; here the workers are the daemon's"
_SCRIPT = "its script makes a local pool and reads what workers print, which is in the daemon's log; see test_shutdown"
_SEMAPHORE = "sends a semaphore, which only children of this process can have; see test_executor on max_workers"
NOT_APPLICABLE = {
    "ShutdownTest.test_interpreter_shutdown": _SCRIPT,
    "ShutdownTest.test_submit_after_interpreter_shutdown": _SCRIPT,
    "ShutdownTest.test_hang_gh83386": _SCRIPT,
    "ShutdownTest.test_processes_terminate": _SEMAPHORE,
    "PoolTest.test_saturation": _SEMAPHORE,
    "PoolTest.test_max_workers_too_large": "a limit of Windows",
    "PoolTest.test_killed_child": "wants the whole pool to break; here the lost task fails and all else goes on",
    "PoolTest.test_idle_process_reuse_one": _LOCAL,
    "PoolTest.test_idle_process_reuse_multiple": _LOCAL,
    "PoolTest.test_max_tasks_per_child_defaults_to_spawn_context": "there are no contexts: the daemon starts workers",
}

daemon: Daemon


def setUpModule() -> None:
    global daemon
    limited = "".join(
        f"\n[executors.after{n}]\nkind = 'process'\nmax_workers = {workers}\nmax_tasks_per_child = {n}\n" + "%(worker)s"
        for n, workers in ((1, 3), (3, 1))
    )
    daemon = Daemon(workers=5, modules=["cpython_worker"], extra=limited)


def tearDownModule() -> None:
    daemon.stop()


class Pool(futured.Executor):
    """The constructor of ProcessPoolExecutor, and the few private attributes that tests only hold on to."""

    def __init__(
        self,
        max_workers: Optional[int] = None,
        mp_context: Any = None,
        initializer: Any = None,
        initargs: Tuple[Any, ...] = (),
        *,
        max_tasks_per_child: Optional[int] = None,
    ) -> None:
        executor = "python" if max_tasks_per_child is None else f"after{max_tasks_per_child}"
        super().__init__(daemon.address, executor, max_workers, initializer, initargs)
        # The number of workers is the daemon's business; the one test that counts has one.
        self._processes: Dict[int, Any] = {} if max_tasks_per_child is None else {1: None}
        self._call_queue = mock.Mock()

    @property
    def _executor_manager_thread(self) -> threading.Thread:
        thread = self._session._thread
        return thread if thread is not None else threading.Thread()


class RemoteMixin(suite.ExecutorMixin):  # type: ignore[misc]
    executor_type = Pool

    def setUp(self) -> None:
        reason = NOT_APPLICABLE.get(f"{type(self).__name__}.{self._testMethodName}")  # type: ignore[attr-defined]
        if reason:
            raise unittest.SkipTest(reason)
        # Some tests make their pool by its name.
        patch = mock.patch.object(concurrent.futures, "ProcessPoolExecutor", Pool)
        patch.start()
        self.addCleanup(patch.stop)  # type: ignore[attr-defined]
        super().setUp()

    def get_context(self) -> Any:
        return multiprocessing.get_context("spawn")


class InitializerTest(RemoteMixin, suite.InitializerMixin, suite.BaseTestCase):  # type: ignore[misc]
    pass


class FailingInitializerTest(RemoteMixin, suite.FailingInitializerMixin, suite.BaseTestCase):  # type: ignore[misc]
    pass


class ShutdownTest(RemoteMixin, suite.ProcessPoolShutdownTest, suite.BaseTestCase):  # type: ignore[misc]
    def test_cancel_futures(self) -> None:
        """It wants one of its tasks to have run; ours are all taken back unless a worker has begun."""
        pool = self.executor

        def shutdown(wait: bool = True, *, cancel_futures: bool = False) -> None:
            if cancel_futures:
                wait_until(lambda: any(future.running() for future in list(pool._session._table.values())))
            Pool.shutdown(pool, wait, cancel_futures=cancel_futures)

        pool.shutdown = shutdown
        super().test_cancel_futures()


class WaitTest(RemoteMixin, suite.WaitTests, suite.BaseTestCase):  # type: ignore[misc]
    pass


class AsCompletedTest(RemoteMixin, suite.AsCompletedTests, suite.BaseTestCase):  # type: ignore[misc]
    pass


class PoolTest(RemoteMixin, suite.ProcessPoolExecutorTest, suite.BaseTestCase):  # type: ignore[misc]
    pass


class DeadlockTest(RemoteMixin, suite.ExecutorDeadlockTest, suite.BaseTestCase):  # type: ignore[misc]
    pass


class LonelyFuture(futured.Future[Any]):
    """One without a daemon and an ID, for the tests that set its state by hand."""

    def __init__(self) -> None:
        super().__init__(mock.Mock(id_of=lambda _: ""), 1, True)

    def cancel(self) -> bool:
        return concurrent.futures.Future.cancel(self)


class FutureTest(suite.FutureTests):  # type: ignore[misc]
    """Its module makes futures of a class by the name Future, and some of them when it is imported."""

    def setUp(self) -> None:
        with mock.patch.object(suite, "Future", LonelyFuture):
            made = {
                "Future": LonelyFuture,
                "PENDING_FUTURE": suite.create_future(suite.PENDING),
                "RUNNING_FUTURE": suite.create_future(suite.RUNNING),
                "CANCELLED_FUTURE": suite.create_future(suite.CANCELLED),
                "CANCELLED_AND_NOTIFIED_FUTURE": suite.create_future(suite.CANCELLED_AND_NOTIFIED),
                "EXCEPTION_FUTURE": suite.create_future(suite.FINISHED, exception=OSError()),
                "SUCCESSFUL_FUTURE": suite.create_future(suite.FINISHED, result=42),
            }
        patch = mock.patch.multiple(suite, **made)
        patch.start()
        self.addCleanup(patch.stop)
        super().setUp()


class ReasonsTest(unittest.TestCase):
    def test_each_reason_is_that_of_a_test(self) -> None:
        for name in NOT_APPLICABLE:
            cls, method = name.split(".")
            self.assertTrue(hasattr(getattr(sys.modules[__name__], cls), method), name)


if __name__ == "__main__":
    unittest.main()
