"""shutdown, the context manager, and the end of programs. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock
from typing import Dict, List

from support import PATIENCE, SOURCES, DaemonTest, futured_threads, gate, open_gate, wait_until

import functions_for_tests as functions
import futured
from futured._session_state import Ending


class ShutdownTest(DaemonTest):
    def test_no_submit_after_shutdown(self) -> None:  # 12
        executor = self.executor()
        executor.shutdown()
        with self.assertRaisesRegex(RuntimeError, "^cannot schedule new futures after shutdown"):
            executor.submit(abs, 1)

    def test_what_was_submitted_still_runs(self) -> None:  # 48, 49, 61
        executor = self.executor(max_workers=1)
        futures = [executor.submit(abs, -i) for i in range(100)]
        executor.shutdown()
        self.assertTrue(all(future.done() for future in futures))
        self.assertEqual([future.result() for future in futures], list(range(100)))

    def test_without_waiting_it_returns_at_once(self) -> None:  # 50
        with gate() as path:
            executor = self.executor()
            future = executor.submit(functions.behind, path, 5)
            executor.shutdown(wait=False)
            self.assertFalse(future.done())
            open_gate(path)
            self.assertEqual(future.result(PATIENCE), 5)

    def test_cancel_futures_cancels_what_has_not_begun(self) -> None:  # 51, 52, 53
        with gate() as path, tempfile.TemporaryDirectory() as folder:
            executor = self.executor(max_workers=1)
            mark = os.path.join(folder, "mark")
            running = executor.submit(functions.behind, path, 1, mark)
            wait_until(lambda: os.path.exists(mark), "the first to run")
            pending = [executor.submit(abs, -i) for i in range(10)]
            executor.shutdown(wait=False, cancel_futures=True)
            done, _ = concurrent.futures.wait(pending, PATIENCE)
            self.assertEqual(done, set(pending))
            self.assertTrue(all(future.cancelled() for future in pending))
            open_gate(path)
            executor.shutdown()
            self.assertEqual(running.result(0), 1)

    def test_callbacks_run_of_what_is_cancelled_when_the_connection_has_ended(self) -> None:  # 49, 52
        with tempfile.NamedTemporaryFile("w", prefix="futured-token-") as token:
            token.write("secret")
            token.flush()
            executor = futured.Executor(self.daemon.address, credentials=futured.Credentials(token_file=token.name))
        # Without its token it sends nothing, so that all can be cancelled here.
        session, called = executor._session, threading.Event()
        complete = session._complete

        def late(endings: List[Ending]) -> None:
            if endings:
                wait_until(lambda: session._thread is None, "the end of the session's thread")
            complete(endings)

        executor.submit(abs, -1).add_done_callback(lambda _: called.set())
        with unittest.mock.patch.object(session, "_complete", late):
            executor.shutdown(wait=False, cancel_futures=True)
        self.assertTrue(called.wait(PATIENCE))
        executor.shutdown()
        wait_until(lambda: not futured_threads(), "the end of the threads")

    def test_it_may_be_called_again(self) -> None:  # 54, 55, 58
        executor = self.executor()
        executor.shutdown(wait=False)
        executor.shutdown()
        executor.shutdown(cancel_futures=True)
        with gate() as path:
            executor = self.executor(max_workers=1)
            executor.submit(functions.behind, path)
            pending = [executor.submit(abs, -1) for _ in range(3)]
            executor.shutdown(wait=False)
            executor.shutdown(wait=False, cancel_futures=True)
            concurrent.futures.wait(pending, PATIENCE)
            self.assertTrue(all(future.cancelled() for future in pending))

    def test_the_context_manager_waits(self) -> None:  # 59, 60
        executor = self.executor()
        with executor as entered:
            self.assertIs(entered, executor)
            future = executor.submit(abs, -1)
        self.assertTrue(future.done())
        with executor:
            pass
        with self.assertRaisesRegex(KeyError, "mine"):
            with self.executor() as other:
                future = other.submit(abs, -1)
                raise KeyError("mine")
        self.assertTrue(future.done() and not future.cancelled())

    def test_callbacks_have_run_when_it_returns(self) -> None:  # 49
        ended = threading.Event()

        def slow(_: object) -> None:
            time.sleep(0.1)
            ended.set()

        with gate() as path, self.executor() as executor:
            executor.submit(functions.behind, path).add_done_callback(slow)
            open_gate(path)
        self.assertTrue(ended.is_set())

    def test_a_callback_may_shut_down(self) -> None:  # 57
        called = threading.Event()
        executor = self.executor()

        def end(_: object) -> None:
            executor.shutdown()
            called.set()

        with gate() as path:
            executor.submit(functions.behind, path).add_done_callback(end)
            open_gate(path)
            self.assertTrue(called.wait(PATIENCE))

    def test_dropping_the_executor_lets_its_work_finish(self) -> None:  # 62
        with gate() as path:
            executor = futured.Executor(self.daemon.address)
            future = executor.submit(functions.behind, path, 3)
            del executor
            gc.collect()
            open_gate(path)
            self.assertEqual(future.result(PATIENCE), 3)
        wait_until(lambda: not futured_threads(), "the end of the threads")

    def test_nothing_is_left_of_a_thousand_executors(self) -> None:  # 95
        def used() -> Dict[str, int]:
            return {"threads": threading.active_count(), "files": len(os.listdir("/proc/self/fd"))}

        with futured.Executor(self.daemon.address) as executor:
            executor.submit(abs, -1).result(PATIENCE)
        before = used()
        for _ in range(100):
            with futured.Executor(self.daemon.address, executor="thread") as executor:
                executor.submit("math.is_prime", 7).result(PATIENCE)
        for _ in range(900):
            futured.Executor(self.daemon.address).shutdown()
        wait_until(lambda: used()["threads"] <= before["threads"] + 1, "the end of the threads")
        wait_until(lambda: used()["files"] <= before["files"] + 3, "the end of the connections")


class ExitTest(DaemonTest):
    def run_program(self, text: str) -> "subprocess.CompletedProcess[str]":
        program = "import futured, functions_for_tests as functions\nADDRESS = %r\n" % self.daemon.address
        paths = os.pathsep.join([str(SOURCES), os.path.dirname(os.path.abspath(__file__))])
        return subprocess.run(
            [sys.executable, "-c", program + textwrap.dedent(text)],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def test_a_program_waits_for_its_work_at_its_end(self) -> None:  # 63
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "done")
            ended = self.run_program(
                f"""
                import time
                executor = futured.Executor(ADDRESS)
                def work():
                    time.sleep(0.3)
                    functions.append({path!r}, "x")
                executor.submit(work).add_done_callback(lambda f: print("done", flush=True))
                """
            )
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "done\n", ""))
            self.assertTrue(os.path.exists(path))

    def test_it_waits_for_that_of_executors_that_it_has_dropped(self) -> None:  # 62, 63
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "done")
            ended = self.run_program(
                f"""
                import gc, time
                def work():
                    time.sleep(0.3)
                    functions.append({path!r}, "x")
                def start():
                    futured.Executor(ADDRESS, max_workers=1).submit(work)
                    executor = futured.Executor(ADDRESS, max_workers=1)
                    executor.submit(work)
                    executor.shutdown(wait=False)
                start()
                gc.collect()
                """
            )
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "", ""))
            with open(path) as file:
                self.assertEqual(file.read(), "x\nx\n")

    def test_a_detached_program_leaves_that_of_dropped_executors_too(self) -> None:  # 63
        with gate() as path:
            ended = self.run_program(
                f"""
                import gc
                def start():
                    executor = futured.Executor(ADDRESS, detach=True)
                    return executor.options(retention=60).submit(functions.behind, {path!r}, 9).id
                name = start()
                gc.collect()
                print(name)
                """
            )
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            open_gate(path)
            self.assertEqual(futured.attach(ended.stdout.strip(), self.daemon.address).result(PATIENCE), 9)

    def test_a_detached_program_leaves_its_work_to_the_daemon(self) -> None:  # 63
        with gate() as path:
            ended = self.run_program(
                f"""
                executor = futured.Executor(ADDRESS, detach=True)
                print(executor.options(retention=60).submit(functions.behind, {path!r}, 9).id)
                """
            )
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            open_gate(path)
            self.assertEqual(futured.attach(ended.stdout.strip(), self.daemon.address).result(PATIENCE), 9)

    def test_no_submit_once_the_interpreter_ends(self) -> None:  # 13
        ended = self.run_program(
            """
            import atexit
            executor = futured.Executor(ADDRESS)
            print(executor.submit(abs, -1).result())
            @atexit.register
            def late():
                try:
                    executor.submit(abs, -1)
                except RuntimeError as error:
                    print(error)
            """
        )
        self.assertEqual(ended.stdout, "1\ncannot schedule new futures after interpreter shutdown\n")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_a_program_ends_with_an_attached_future_pending(self) -> None:
        with gate() as path:
            future = self.executor().submit(functions.behind, path)
            ended = self.run_program(f"print(futured.attach({future.id!r}, ADDRESS).done())")
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "False\n", ""))


if __name__ == "__main__":
    unittest.main()
