"""Executor.submit and its options. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import os
import sys
import tempfile
import threading
import types
import unittest
import weakref
from typing import List

from support import PATIENCE, DaemonTest, gate, open_gate, wait_until

import functions_for_tests as functions
import futured


class SubmitTest(DaemonTest):
    def test_it_is_an_executor_and_gives_futures(self) -> None:  # 195
        executor = self.executor()
        self.assertIsInstance(executor, concurrent.futures.Executor)
        future = executor.submit(pow, 2, 10)
        self.assertIsInstance(future, concurrent.futures.Future)
        self.assertEqual(future.result(PATIENCE), 1024)

    def test_every_keyword_goes_to_the_callable(self) -> None:  # 2
        given = {"self": 1, "fn": 2, "timeout": 3, "priority": 4, "executor": 5}
        _, received = self.executor().submit(functions.keywords, **given).result(PATIENCE)
        self.assertEqual(received, given)

    def test_the_function_is_positional_only(self) -> None:  # 3
        executor = self.executor()
        with self.assertRaises(TypeError):
            executor.submit()  # type: ignore[call-arg]
        with self.assertRaises(TypeError):
            executor.submit(fn=pow)  # type: ignore[call-arg]

    def test_what_cannot_be_called_is_refused_at_once(self) -> None:  # 4
        with self.assertRaisesRegex(TypeError, "callable"):
            self.executor().submit(5)  # type: ignore[arg-type]

    def test_an_unknown_name_fails_the_future(self) -> None:  # 4
        with self.assertRaisesRegex(futured.UnknownFunction, "no.such"):
            self.executor().submit("no.such").result(PATIENCE)

    def test_what_no_message_could_hold_fails_its_future_only(self) -> None:
        executor = self.executor(reconnect_timeout=5)
        large = "x" * (6 << 20)
        for future in (executor.submit(large), executor.options(labels={"a": large}).submit(abs, -1)):
            with self.assertRaisesRegex(futured.LimitExceeded, "name and the options of the call take 62914.. bytes"):
                future.result(PATIENCE)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    def test_a_name_that_is_no_text_fails_its_future_only(self) -> None:
        executor = self.executor(reconnect_timeout=5)
        bad = executor.submit("caf\udce9")
        good = executor.submit(abs, -1)
        self.assertTrue(bad.done())
        with self.assertRaisesRegex(ValueError, r"name of the function has lone surrogates: 'caf\\udce9'"):
            bad.result(0)
        self.assertEqual(good.result(PATIENCE), 1)

    def test_options_that_are_no_text_are_refused_at_once(self) -> None:
        executor = self.executor()
        bad = "caf\udce9"
        retry = futured.Retry(2, on=[bad])
        for wrong in ({"labels": {bad: "x"}}, {"labels": {"x": bad}}, {"executor": bad}, {"retries": retry}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                executor.options(**wrong)

    def test_what_a_session_could_not_say_is_refused_at_once(self) -> None:
        with self.assertRaisesRegex(ValueError, r"executor has lone surrogates: 'caf\\udce9'"):
            futured.Executor(executor="caf\udce9")
        with self.assertRaisesRegex(TypeError, "executor must be the name .* not 5"):
            futured.Executor(executor=5)  # type: ignore[arg-type]
        with self.assertRaisesRegex(ValueError, "max_workers must be at most 4294967295"):
            futured.Executor(max_workers=1 << 32)

    def test_a_named_function_takes_plain_values(self) -> None:
        executor = self.executor(executor="thread")
        self.assertIs(executor.submit("math.is_prime", 97).result(PATIENCE), True)

    def test_equal_calls_are_calls_of_their_own(self) -> None:  # 5
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            executor = self.executor(max_workers=1)
            concurrent.futures.wait([executor.submit(functions.append, path, "x") for _ in range(3)], PATIENCE)
            with open(path) as file:
                self.assertEqual(file.read(), "x\n" * 3)

    def test_tasks_start_in_their_order(self) -> None:  # 6
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            executor = self.executor(max_workers=1)
            concurrent.futures.wait([executor.submit(functions.append, path, str(i)) for i in range(50)], PATIENCE)
            with open(path) as file:
                self.assertEqual(file.read().split(), [str(i) for i in range(50)])

    def test_arguments_are_those_of_the_moment_of_the_call(self) -> None:  # 7, 8
        numbers = [1]
        future = self.executor().submit(sum, numbers)
        numbers.append(100)
        self.assertEqual(future.result(PATIENCE), 1)

    def test_what_cannot_be_pickled_fails_its_future_only(self) -> None:  # 9
        executor = self.executor()
        future = executor.submit(len, threading.Lock())  # type: ignore[arg-type]
        self.assertIsInstance(future.exception(PATIENCE), TypeError)
        self.assertEqual(executor.submit(len, "abc").result(PATIENCE), 3)

    def test_lambdas_and_closures_work(self) -> None:  # 89
        factor = 3
        self.assertEqual(self.executor().submit(lambda x: x * factor, 5).result(PATIENCE), 15)

    def test_a_module_that_the_worker_lacks_is_named(self) -> None:  # 10, 151
        module = types.ModuleType("only_here")
        exec("def f(): pass", module.__dict__)
        sys.modules["only_here"] = module
        self.addCleanup(sys.modules.pop, "only_here")
        executor = self.executor()
        with self.assertRaisesRegex(futured.NotUnpicklable, "only_here"):
            executor.submit(module.f).result(PATIENCE)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    def test_many_threads_submit_at_once(self) -> None:  # 11
        executor = self.executor()
        results: List[int] = []

        def work(base: int) -> None:
            futures = [executor.submit(abs, -(base + i)) for i in range(100)]
            results.extend(future.result(PATIENCE) for future in futures)

        threads = [threading.Thread(target=work, args=(1000 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(sorted(results), sorted(1000 * n + i for n in range(4) for i in range(100)))

    def test_dropping_the_future_does_not_cancel_the_task(self) -> None:  # 18
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            executor = self.executor()
            executor.submit(functions.append, path, "x")
            gc.collect()
            executor.shutdown()
            self.assertTrue(os.path.exists(path))

    def test_a_future_that_is_done_is_not_kept(self) -> None:  # 18
        executor = self.executor()
        future = executor.submit(abs, -1)
        future.result(PATIENCE)
        reference = weakref.ref(future)
        del future
        wait_until(lambda: gc.collect() is not None and reference() is None, "its end")

    def test_a_large_argument_names_the_limit(self) -> None:  # 96
        executor = self.executor()
        large = executor.submit(len, bytes(50_000_000))
        with self.assertRaisesRegex(futured.LimitExceeded, "max_arguments_size"):
            large.result(PATIENCE)
        self.assertEqual(executor.submit(len, bytes(3_000_000)).result(PATIENCE), 3_000_000)

    def test_wrong_arguments_are_refused(self) -> None:  # 67, 71
        for wrong in (0, -1):
            with self.assertRaisesRegex(ValueError, "max_workers must be greater than 0"):
                futured.Executor(max_workers=wrong)
        with self.assertRaises(TypeError):
            futured.Executor(max_workers="2")  # type: ignore[arg-type]
        with self.assertRaisesRegex(TypeError, "initializer must be a callable"):
            futured.Executor(initializer=5)  # type: ignore[arg-type]

    def test_max_workers_bounds_what_runs(self) -> None:  # 69
        with gate() as path:
            executor = self.executor(max_workers=1)
            first = executor.submit(functions.behind, path, 1)
            second = executor.submit(functions.behind, path, 2)
            wait_until(first.running, "the first to run")
            self.assertFalse(second.running())
            self.assertTrue(second.cancel())
            open_gate(path)
            self.assertEqual(first.result(PATIENCE), 1)

    def test_options_are_not_taken_out_of_the_keywords(self) -> None:
        options = self.executor().options(priority=5, timeout=30, retries=2, labels={"job": "test"})
        _, received = options.submit(functions.keywords, timeout=1, labels=2).result(PATIENCE)
        self.assertEqual(received, {"timeout": 1, "labels": 2})
        self.assertEqual(list(options.map(abs, [-1, -2])), [1, 2])

    def test_an_option_that_is_given_again_is_replaced(self) -> None:
        first = self.executor().options(
            executor="thread",
            priority=10,
            timeout=30,
            retries=futured.Retry(4, on=["worker"]),
            labels={"job": "test", "part": "1"},
            delay=0.5,
            at_most_once=True,
            ephemeral=True,
        )
        kept = first.options(retries=futured.Retry(3, on=["timeout"]), labels={"job": "other"})._call_options
        self.assertEqual((list(kept.retry.on), kept.retry.max_attempts), (["timeout"], 3))
        self.assertEqual(dict(kept.labels), {"job": "other"})
        self.assertEqual((kept.executor, kept.priority, kept.timeout.seconds), ("thread", 10, 30))
        none = first.options(executor="", priority=0, timeout=None, retries=0, labels=None, delay=None)
        none = none.options(at_most_once=False, ephemeral=False)
        self.assertEqual(none._call_options, self.executor().options()._call_options)
        self.assertEqual(none.submit(abs, -1).result(PATIENCE), 1)
        with self.assertRaises(TypeError):
            first.options(retry=3)

    def test_options_that_nobody_would_take_raise(self) -> None:
        executor = self.executor()
        for wrong in ({"timeout": -1}, {"retries": -1}, {"priority": 1 << 40}):
            with self.assertRaises(ValueError):
                executor.options(**wrong)
        with self.assertRaises(TypeError):
            executor.options(colour="red")

    def test_options_that_the_daemon_refuses_fail_the_future(self) -> None:
        with self.assertRaisesRegex(futured.Refused, "priority"):
            self.executor().options(priority=1000).submit(abs, 1).result(PATIENCE)

    def test_a_task_out_of_time_is_a_timeout(self) -> None:
        with gate() as path:
            future = self.executor().options(timeout=0.2).submit(functions.behind, path)
            with self.assertRaises(futured.TaskTimeout):
                future.result(PATIENCE)
            self.assertTrue(future.done())


if __name__ == "__main__":
    unittest.main()
