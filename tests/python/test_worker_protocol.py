"""python3 -m futured.worker against a fake daemon: every message of worker.proto."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any

from fake_daemon import BEGUN, FakeDaemon, named
from support import SOURCES
from futured import _pickles
from futured._generated import future_pb2, value_pb2, worker_pb2
from futured._values import from_value
from worker_functions import is_inheritable

FUNCTIONS = "worker_functions"


def value_of(result: Any) -> Any:
    assert result.HasField("value"), result
    return from_value(value_pb2.Value.FromString(result.value))


class GettingReady(unittest.TestCase):
    def test_a_worker_is_ready_and_tells_its_functions(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            ready = daemon.ready()
            self.assertFalse(ready.HasField("error"))
            self.assertIn("Python 3", ready.description)
            signatures = {known.name: known.signature for known in ready.functions}
            self.assertIn("first", signatures["test.add"])
            self.assertNotIn(_pickles.FUNCTION, signatures)

    def test_a_worker_that_accepts_pickles_says_so(self) -> None:
        with FakeDaemon("--accept-pickle") as daemon:
            self.assertEqual([known.name for known in daemon.ready().functions], [_pickles.FUNCTION])

    def test_a_module_that_is_missing_makes_the_worker_unfit(self) -> None:
        with FakeDaemon("no_such_module") as daemon:
            error = daemon.ready().error
            self.assertEqual(error.type, "ModuleNotFoundError")
            self.assertIn("no_such_module", error.message)
            self.assertEqual(error.origin, future_pb2.ERROR_ORIGIN_EXECUTOR)
            self.assertEqual(daemon.exit_code(), 1)

    def test_the_initializer_runs_before_the_first_task(self) -> None:
        with FakeDaemon(FUNCTIONS, initializer="test.prepare") as daemon:
            daemon.ready()
            self.assertEqual(value_of(daemon.run(named("test.prepared"))[0]), ["yes"])

    def test_an_initializer_that_fails_makes_the_worker_unfit(self) -> None:
        with FakeDaemon(FUNCTIONS, initializer="test.cannot_prepare") as daemon:
            error = daemon.ready().error
            self.assertEqual((error.type, error.message), ("RuntimeError", "no disk"))
            self.assertEqual(daemon.exit_code(), 1)

    def test_an_initializer_that_nobody_knows_makes_the_worker_unfit(self) -> None:
        with FakeDaemon(FUNCTIONS, initializer="test.nothing") as daemon:
            self.assertIn("test.nothing", daemon.ready().error.message)

    def test_an_initializer_may_be_a_program(self) -> None:
        with FakeDaemon(FUNCTIONS, initializer_program=["/bin/sh", "-c", "echo prepared"]) as daemon:
            self.assertFalse(daemon.ready().HasField("error"))
            self.assertIn("prepared", daemon.output())
        with FakeDaemon(FUNCTIONS, initializer_program=["/bin/false"]) as daemon:
            self.assertIn("/bin/false", daemon.ready().error.message)

    def test_a_worker_of_a_smaller_protocol_does_not_get_ready(self) -> None:
        with FakeDaemon(FUNCTIONS, protocol=0) as daemon:
            self.assertEqual(daemon.exit_code(), 1)


class Batches(unittest.TestCase):
    def test_results_come_in_order_with_their_times(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            self.assertTrue(daemon.ready().ledger)
            before = time.monotonic_ns()
            results = daemon.run(*(named("test.echo", number) for number in range(50)))
            self.assertEqual([value_of(result) for result in results], list(range(50)))
            times = [time for result in results for time in (result.start_time, result.finish_time)]
            self.assertEqual(times, sorted(times))
            self.assertTrue(before < times[0] and times[-1] < time.monotonic_ns())

    def test_begun_tasks_are_claimed_in_the_ledger(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.run(named("test.echo"), named("test.echo"))
            daemon.run(named("test.echo"))
            self.assertEqual([daemon.word(0), daemon.word(1)], [2 << 2 | BEGUN, 1 << 2 | BEGUN])

    def test_a_task_that_was_taken_back_is_skipped(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.take_back(1)
            results = daemon.run(named("test.echo", 1), named("test.exit", 1), named("test.echo", 3))
            self.assertEqual(value_of(results[0]), 1)
            self.assertTrue(results[1].HasField("skipped"))
            self.assertEqual(results[1].start_time, 0)
            self.assertEqual(value_of(results[2]), 3)

    def test_without_a_ledger_each_task_is_announced(self) -> None:
        with FakeDaemon(FUNCTIONS, ledger=False) as daemon:
            self.assertFalse(daemon.ready().ledger)
            self.assertEqual(value_of(daemon.run(named("test.echo", 1))[0]), 1)
            started = daemon.kept("started")
            self.assertEqual([(each.batch, each.index) for each in started], [(1, 0)])

    def test_a_short_result_does_not_wait_for_a_long_neighbour(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.echo", 1), named("test.ignore_stop"), named("test.echo", 3))
            first = daemon.hear("results")
            self.assertEqual((first.first, len(first.results)), (0, 1))
            daemon.stop(1)
            rest = daemon.hear("results")
            self.assertEqual(rest.first, 1)

    def test_a_finished_task_keeps_its_result_when_the_next_kills_the_worker(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.echo", 1), named("test.exit", 9), named("test.echo", 3))
            self.assertEqual(daemon.exit_code(), 9)
            try:
                results = daemon.hear("results")
            except EOFError:
                results = daemon.journal()[0].results
            self.assertEqual((results.first, value_of(results.results[0])), (0, 1))
            self.assertEqual((daemon.word(1), daemon.word(2)), (1 << 2 | BEGUN, 1 << 2))

    def test_results_that_do_not_fit_into_the_journal_are_sent(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            results = daemon.run(*[named("test.bytes", 60000)] * 20, *[named("test.bytes", 300000)] * 20)
            self.assertEqual([len(value_of(result)) for result in results], [60000] * 20 + [300000] * 20)
            self.assertEqual(daemon.journal(), [])

    def test_arguments_and_values_of_megabytes_pass(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            data = os.urandom(3 << 20)
            self.assertEqual(value_of(daemon.run(named("test.echo", data))[0]), data)

    def test_a_value_above_the_limit_fails_only_its_task(self) -> None:
        with FakeDaemon(FUNCTIONS, max_value_size=1000) as daemon:
            daemon.ready()
            results = daemon.run(named("test.bytes", 1000), named("test.bytes", 900))
            self.assertEqual(results[0].error.origin, future_pb2.ERROR_ORIGIN_LIMIT)
            self.assertIn("the limit is 1000", results[0].error.message)
            self.assertEqual(len(value_of(results[1])), 900)


class Stopping(unittest.TestCase):
    def test_a_stop_that_is_honoured_ends_as_cancelled(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.until_stopped"))
            daemon.stop(0)
            self.assertTrue(daemon.results(1)[0].HasField("cancelled"))

    def test_a_stop_may_be_ignored(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.ignore_stop"))
            daemon.stop(0)
            self.assertEqual(value_of(daemon.results(1)[0]), "went on")

    def test_a_stop_for_another_task_changes_nothing(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.echo"), named("test.until_stopped"), named("test.context"))
            daemon.stop(1, batch=7)
            daemon.say(worker_pb2.ToWorker(stop=worker_pb2.Stop(batch=1, index=2)))
            daemon.stop(1)
            results = daemon.results(3)
            self.assertTrue(results[1].HasField("cancelled"))
            self.assertFalse(value_of(results[2])["cancelled"])

    def test_the_worker_ends_at_once_when_the_daemon_is_gone(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.until_stopped"))
            daemon.hang_up()
            self.assertEqual(daemon.exit_code(), 1)

    def test_the_worker_ends_when_the_daemon_is_out_of_order(self) -> None:
        for nonsense in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\0\0\0\xff"):
            with self.subTest(nonsense), FakeDaemon(FUNCTIONS) as daemon:
                daemon.ready()
                daemon.say_bytes(nonsense)
                self.assertEqual(daemon.exit_code(), 1)

    def test_a_task_that_takes_too_much_processor_time_ends_the_worker(self) -> None:
        with FakeDaemon(FUNCTIONS, max_cpu_seconds=1) as daemon:
            daemon.ready()
            daemon.run(named("test.echo"))
            daemon.give(named("test.spin"))
            self.assertEqual(daemon.exit_code(), -signal.SIGXCPU)

    def test_drained_it_exits_with_code_0(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.run(named("test.echo"))
            daemon.drain()
            self.assertEqual(daemon.exit_code(), 0)
            self.assertEqual(daemon.output(), "")

    def test_ctrl_c_in_the_terminal_does_not_end_it(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            os.kill(daemon.pid, signal.SIGINT)
            self.assertEqual(value_of(daemon.run(named("test.echo", 1))[0]), 1)


class Telling(unittest.TestCase):
    def test_a_function_knows_its_task(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            known = value_of(daemon.run(named("test.context"), deadline=2_500_000_000, attempt=3)[0])
            self.assertEqual(known["id"], "00010203-0405-0607-0809-0a0b0c0d0e0f")
            self.assertEqual((known["attempt"], known["executor"], known["worker"]), (3, "python", "python-1"))
            self.assertEqual((known["deadline"], known["cancelled"]), (2.5, False))

    def test_the_first_progress_is_told_at_once_and_the_last_a_moment_later(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.echo"), named("test.progress_then_wait"))
            reports = [daemon.hear("progress") for _ in range(2)]
            self.assertEqual([(each.index, each.fraction) for each in reports], [(1, 0.1), (1, 0.2)])
            self.assertEqual([each.message for each in reports], ["first", "second"])
            daemon.stop(1)
            self.assertTrue(daemon.results(2)[1].HasField("cancelled"))

    def test_a_burst_of_progress_is_thinned_out(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.run(named("test.progress", 2000))
            self.assertLess(len(daemon.kept("progress")), 200)

    def test_no_progress_comes_after_the_result(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.give(named("test.progress", 3), named("test.until_stopped"))
            daemon.hear("results")
            before = len(daemon.kept("progress"))
            # Longer than a report may wait.
            time.sleep(0.2)
            daemon.stop(1)
            daemon.hear("results")
            self.assertEqual(len(daemon.kept("progress")), before)

    def test_what_a_task_prints_is_logged_for_it(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.run(named("test.echo"), named("test.print"))
            lines = [(line.batch, line.index, line.text) for line in daemon.kept("log")]
            self.assertEqual(
                sorted(lines),
                sorted((1, 1, text) for text in (b"one", b"two", b"three", b"to stderr")),
            )
            levels = {line.text: line.level for line in daemon.kept("log")}
            self.assertEqual(levels[b"one"], worker_pb2.LOG_LEVEL_STDOUT)
            self.assertEqual(levels[b"to stderr"], worker_pb2.LOG_LEVEL_STDERR)

    def test_what_a_task_logs_is_logged_for_it(self) -> None:
        with FakeDaemon(FUNCTIONS, "--log-level=debug") as daemon:
            daemon.ready()
            daemon.run(named("test.log"))
            lines = [(line.level, line.text.decode()) for line in daemon.kept("log")]
            self.assertEqual(lines[0], (worker_pb2.LOG_LEVEL_DEBUG, "app: a detail"))
            self.assertEqual(lines[1], (worker_pb2.LOG_LEVEL_WARNING, "app: a warning"))
            self.assertEqual(lines[2][0], worker_pb2.LOG_LEVEL_ERROR)
            self.assertIn("ValueError: why", lines[2][1])

    def test_details_are_not_logged_unasked(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            daemon.run(named("test.log"))
            self.assertEqual(len(daemon.kept("log")), 2)

    def test_a_forked_child_has_no_part_in_the_conversation(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            self.assertEqual(value_of(daemon.run(named("test.fork"))[0]), 7)
            self.assertEqual(daemon.kept("log"), [])
            self.assertIn("I am the child", daemon.output())
            self.assertEqual(value_of(daemon.run(named("test.echo", 1))[0]), 1)

    def test_a_forked_child_does_not_become_a_worker(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            calls = [named("test.fork_and_leave", how) for how in ("exit", "raise", "return")]
            self.assertEqual([value_of(result) for result in daemon.run(*calls)], [5, 1, 0])

    def test_programs_that_a_function_starts_have_no_descriptor_of_the_worker(self) -> None:
        with FakeDaemon(FUNCTIONS) as daemon:
            daemon.ready()
            own = [number for number in range(3, 64) if is_inheritable(number)]
            self.assertLessEqual(set(value_of(daemon.run(named("test.descriptors"))[0])), set(own))


class Standalone(unittest.TestCase):
    def test_without_a_daemon_it_says_who_starts_it(self) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "FUTURED_WORKER_SOCKET"}
        environment["PYTHONPATH"] = str(SOURCES)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "futured.worker"],
                env=environment,
                cwd=folder,
                stderr=subprocess.PIPE,
                timeout=60,
                text=True,
            )
        self.assertEqual(done.returncode, 2)
        self.assertIn("FUTURED_WORKER_SOCKET", done.stderr)


if __name__ == "__main__":
    unittest.main()
