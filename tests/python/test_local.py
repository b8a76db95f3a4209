"""futured.local()."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
import unittest
from unittest import mock

from support import PATIENCE, SOURCES, binaries, gate, open_gate, wait_until

import functions_for_tests as functions
import futured


def runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class LocalTest(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.dict(os.environ, {"FUTURED_DAEMON": str(binaries() / "futured")})
        patch.start()
        self.addCleanup(patch.stop)

    def test_it_is_the_shortest_program(self) -> None:
        with futured.local() as executor:
            self.assertEqual(sum(executor.map(pow, range(10), [2] * 10)), 285)
            worker = executor.submit(os.getpid).result(PATIENCE)
            parent = executor.submit(os.getppid).result(PATIENCE)
        wait_until(lambda: not runs(worker) and not runs(parent), "the end of the daemon")

    def test_workers_import_what_this_program_can(self) -> None:
        with futured.local(1, modules=["worker_functions"]) as executor:
            self.assertEqual(executor.submit(_ours).result(PATIENCE), "ours")

    def test_shutting_down_twice_is_fine(self) -> None:
        executor = futured.local(1)
        executor.shutdown(wait=False)
        executor.shutdown()
        executor.shutdown()

    def run_program(self, text: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", "import futured, os\n" + textwrap.dedent(text)],
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_a_program_that_forgets_it_ends_with_its_work_done(self) -> None:
        program = self.run_program(
            """
            executor = futured.local(1)
            executor.submit(os.getppid).add_done_callback(lambda future: print(future.result(), flush=True))
            """
        )
        output, errors = program.communicate(timeout=PATIENCE)
        self.assertEqual((program.returncode, errors), (0, ""))
        wait_until(lambda: not runs(int(output)), "the end of the daemon")

    def test_an_interrupted_program_ends_with_what_runs(self) -> None:
        program = self.run_program(
            """
            import time
            with futured.local(1) as executor:
                print(executor.submit(os.getpid).result(), flush=True)
                running = executor.submit(time.sleep, 3600)
                pending = executor.submit(time.sleep, 3600)
                while not running.running():
                    time.sleep(0.001)
                print("running", flush=True)
                running.result()
            """
        )
        assert program.stdout is not None
        worker = int(program.stdout.readline())
        self.assertEqual(program.stdout.readline(), "running\n")
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=PATIENCE)
        self.assertEqual(program.returncode, -signal.SIGINT)
        self.assertTrue(errors.endswith("KeyboardInterrupt\n"), errors)
        wait_until(lambda: not runs(worker), "the end of the worker")

    def test_the_daemon_ends_with_a_program_that_is_killed(self) -> None:
        program = self.run_program(
            """
            executor = futured.local(1)
            print(executor.submit(os.getppid).result(), flush=True)
            input()
            """
        )
        assert program.stdout is not None and program.stderr is not None
        daemon = int(program.stdout.readline())
        program.send_signal(signal.SIGKILL)
        program.wait(PATIENCE)
        program.stdout.close()
        program.stderr.close()
        wait_until(lambda: not runs(daemon), "the end of the daemon")

    def test_an_executor_that_is_dropped_finishes_its_work_and_ends_with_it(self) -> None:
        with gate() as path:
            future = futured.local(1, modules=["functions_for_tests"]).submit(_parent_behind, path)
            gc.collect()
            open_gate(path)
            daemon = future.result(PATIENCE)
        self.assertTrue(runs(daemon))
        del future
        gc.collect()
        wait_until(lambda: not runs(daemon), "the end of the daemon")

    def test_a_forked_child_does_not_keep_the_daemon(self) -> None:
        reading, writing = os.pipe()
        executor = futured.local(1)
        daemon = executor.submit(os.getppid).result(PATIENCE)
        child = os.fork()
        if child == 0:
            try:
                os.close(writing)
                executor.shutdown()
                del executor
                gc.collect()
                os.read(reading, 1)  # Until the parent has seen the end of the daemon.
            finally:
                os._exit(0)
        try:
            os.close(reading)
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
            start = time.monotonic()
            executor.shutdown()
            self.assertLess(time.monotonic() - start, 9)
            wait_until(lambda: not runs(daemon), "the end of the daemon")
        finally:
            os.close(writing)
            os.waitpid(child, 0)

    def test_without_a_daemon_it_says_how_to_get_one(self) -> None:
        with mock.patch.dict(os.environ, {"FUTURED_DAEMON": "/nowhere/futured"}):
            with self.assertRaisesRegex(futured.DaemonNotFound, "make install"):
                futured.local()

    def test_a_daemon_that_does_not_start_says_why(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "no_such_plugin"):
            futured.local(plugins=["/nowhere/no_such_plugin.so"])


def _parent_behind(path: str) -> int:
    functions.behind(path)
    return os.getppid()


def _ours() -> str:
    return "ours"


if __name__ == "__main__":
    unittest.main()
