"""Forked processes. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import multiprocessing
import os
import subprocess
import sys
import textwrap
import unittest
from typing import Callable

from support import PATIENCE, SOURCES, DaemonTest, gate, open_gate, wait_until

import functions_for_tests as functions
import futured


class ForkTest(DaemonTest):
    def in_child(self, work: Callable[[], bool]) -> bool:
        """What it returns in a forked process. One that hangs is killed."""
        child = os.fork()
        if child == 0:
            passed = False
            try:
                passed = work()
            finally:
                os._exit(0 if passed else 1)
        statuses = []

        def ended() -> bool:
            pid, status = os.waitpid(child, os.WNOHANG)
            statuses.append(status)
            return pid == child

        try:
            wait_until(ended, "the end of the child")
        except AssertionError:
            os.kill(child, 9)
            os.waitpid(child, 0)
            raise
        return statuses[-1] == 0

    def test_the_child_is_told_and_the_parent_goes_on(self) -> None:  # 78
        executor = self.executor()
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
        session = executor.session_id

        def child() -> bool:
            for broken in (executor, futured.Executor(self.daemon.address)):
                try:
                    broken.submit(abs, -2)
                    return False
                except futured.ForkedProcess:
                    broken.shutdown()
            return True

        for _ in range(5):
            self.assertTrue(self.in_child(child))
            self.assertEqual(executor.submit(abs, -3).result(PATIENCE), 3)
        self.assertEqual(executor.session_id, session)

    def test_the_futures_stay_with_the_parent(self) -> None:  # 78
        with gate() as path:
            future = self.executor().submit(functions.behind, path, 5)
            finished = self.executor().submit(abs, -4)
            finished.result(PATIENCE)
            name = finished.id

            def child() -> bool:
                return (
                    isinstance(future.exception(0), futured.ForkedProcess)
                    and not future.cancel()
                    and finished.result(0) == 4
                    and finished.id == name
                )

            self.assertTrue(self.in_child(child))
            open_gate(path)
            self.assertEqual(future.result(PATIENCE), 5)

    def test_those_of_a_dropped_executor_stay_there_too(self) -> None:  # 78
        with gate() as path:
            future = futured.Executor(self.daemon.address).submit(functions.behind, path, 5)
            gc.collect()
            self.assertTrue(self.in_child(lambda: isinstance(future.exception(5), futured.ForkedProcess)))
            open_gate(path)
            self.assertEqual(future.result(PATIENCE), 5)

    def test_a_shut_down_executor_stays_shut_down(self) -> None:
        executor = self.executor()
        executor.shutdown()

        def child() -> bool:
            try:
                executor.submit(abs, -1)
            except RuntimeError as error:
                return "after shutdown" in str(error)
            return False

        self.assertTrue(self.in_child(child))

    def test_children_that_are_spawned_share_the_executor(self) -> None:
        executor = self.executor()
        executor.submit(abs, -1).result(PATIENCE)
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            self.assertEqual(pool.submit(_in_pool, executor).result(PATIENCE), 9)

    def run_program(self, text: str) -> "subprocess.CompletedProcess[str]":
        program = f"import futured, os, sys\nexecutor = futured.Executor({self.daemon.address!r})\n"
        return subprocess.run(
            [sys.executable, "-c", program + textwrap.dedent(text)],
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def test_a_fork_before_the_first_submit_is_fine(self) -> None:  # 78
        ended = self.run_program(
            """
            child = os.fork()
            os.write(1, b"one\\n" * executor.submit(abs, -1).result())
            if child:
                os.waitpid(child, 0)
            """
        )
        self.assertEqual((sorted(ended.stdout.split()), ended.returncode), (["one", "one"], 0), ended.stderr)

    def test_a_forked_child_ends_as_any_program(self) -> None:
        ended = self.run_program(
            """
            print(executor.submit(abs, -1).result(), flush=True)
            pending = executor.submit(abs, -2)
            child = os.fork()
            if child:
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        )
        self.assertEqual((ended.stdout, ended.returncode), ("1\n", 0), ended.stderr)


def _in_pool(executor: futured.Executor) -> int:
    with executor:
        return executor.submit(abs, -9).result(30)


if __name__ == "__main__":
    unittest.main()
