"""Executor.submit and its futures. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import os
import pickle
import queue
import sys
import tempfile
import threading
import types
import unittest
import weakref

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
        results = []

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


class FutureTest(DaemonTest):
    def test_cancel_takes_back_what_has_not_begun(self) -> None:  # 104, 105, 107, 109
        with gate() as path, tempfile.TemporaryDirectory() as folder:
            executor = self.executor(max_workers=1)
            mark = os.path.join(folder, "mark")
            running = executor.submit(functions.behind, path, 1, mark)
            pending = executor.submit(functions.append, os.path.join(folder, "never"), "x")
            wait_until(lambda: os.path.exists(mark), "the first to run")
            self.assertFalse(running.cancel())
            self.assertTrue(pending.cancel())
            self.assertTrue(pending.cancelled() and pending.done())
            self.assertEqual(concurrent.futures.wait([pending], 0).done, {pending})
            with self.assertRaises(concurrent.futures.CancelledError):
                pending.result(0)
            open_gate(path)
            self.assertEqual(running.result(PATIENCE), 1)
            self.assertFalse(running.cancel())
            executor.shutdown()
            self.assertFalse(os.path.exists(os.path.join(folder, "never")))

    def test_running_is_told(self) -> None:  # 110
        with gate() as path:
            future = self.executor().submit(functions.behind, path)
            wait_until(future.running, "the beginning")
            self.assertIn("running", repr(future))

    def test_a_timeout_changes_nothing(self) -> None:  # 111, 112
        with gate() as path:
            future = self.executor().submit(functions.behind, path, 7)
            for timeout in (0, -1, 0.01):
                with self.assertRaises(concurrent.futures.TimeoutError):
                    future.result(timeout)
            open_gate(path)
            self.assertEqual(future.result(1e20), 7)

    def test_every_call_gives_the_same_object(self) -> None:  # 115
        executor = self.executor()
        future = executor.submit(list, "ab")
        self.assertIs(future.result(PATIENCE), future.result())
        failed = executor.submit(divmod, 1, 0)
        self.assertIs(failed.exception(PATIENCE), failed.exception())
        with self.assertRaises(Exception) as caught:
            failed.result()
        self.assertIs(caught.exception, failed.exception())

    def test_the_remote_traceback_is_the_cause(self) -> None:  # 142
        error = self.executor().submit(functions.raise_weird).exception(PATIENCE)
        self.assertIn("raise Weird(1, 2)", str(error.__cause__))

    def test_none_is_a_result(self) -> None:  # 118
        self.assertIsNone(self.executor().submit(print).result(PATIENCE))

    def test_an_exception_that_is_false_is_one(self) -> None:  # 119
        class False_(Exception):
            def __bool__(self) -> bool:
                return False

        class Unpicklable:
            def __reduce__(self) -> str:
                raise False_

        with self.assertRaises(False_):
            self.executor().submit(id, Unpicklable()).result(PATIENCE)

    def test_the_text_tells_state_and_id(self) -> None:  # 121
        future = self.executor().submit(abs, -1)
        future.result(PATIENCE)
        self.assertRegex(repr(future), f"<Future at 0x[0-9a-f]+ id={future.id} state=finished returned int>")

    def test_a_failed_task_leaves_no_cycle(self) -> None:  # 199
        future = self.executor().submit(divmod, 1, 0)
        try:
            future.result(PATIENCE)
        except Exception:
            pass
        reference = weakref.ref(future)
        gc.disable()
        self.addCleanup(gc.enable)
        del future
        wait_until(lambda: reference() is None, "its end without the collector")

    def test_wait_and_as_completed_take_them(self) -> None:  # 166, 180
        executor = self.executor()
        futures = [executor.submit(abs, -i) for i in range(200)]
        done, rest = concurrent.futures.wait(futures, PATIENCE)
        self.assertEqual((len(done), len(rest)), (200, 0))
        self.assertEqual({future.result() for future in concurrent.futures.as_completed(futures)}, set(range(200)))

    def test_wait_for_the_first_exception(self) -> None:  # 169
        with gate() as path:
            executor = self.executor()
            failing = executor.submit(divmod, 1, 0)
            slow = executor.submit(functions.behind, path)
            done, rest = concurrent.futures.wait([failing, slow], PATIENCE, concurrent.futures.FIRST_EXCEPTION)
            self.assertEqual((done, rest), ({failing}, {slow}))

    def test_a_lost_worker_fails_its_future_only(self) -> None:  # 155, 157
        executor = self.executor()
        lost = executor.submit(functions.end_process)
        after = [executor.submit(abs, -i) for i in range(20)]
        with self.assertRaises(concurrent.futures.process.BrokenProcessPool) as caught:
            lost.result(PATIENCE)
        self.assertIsInstance(caught.exception, futured.WorkerLost)
        self.assertIn("7", str(caught.exception))
        self.assertEqual([future.result(PATIENCE) for future in after], list(range(20)))


class CallbackTest(DaemonTest):
    def test_a_callback_runs_once_on_a_thread_of_its_own(self) -> None:  # 128, 131
        calls = []
        called = threading.Event()

        def callback(future: futured.Future[int]) -> None:
            calls.append((future.result(), threading.current_thread().name))
            called.set()

        with gate() as path:
            future = self.executor().submit(functions.behind, path, 3)
            future.add_done_callback(callback)
            open_gate(path)
            self.assertTrue(called.wait(PATIENCE))
        self.assertEqual(calls, [(3, "futured-callbacks")])

    def test_a_callback_of_a_done_future_runs_here_and_now(self) -> None:  # 130
        future = self.executor().submit(abs, -3)
        future.result(PATIENCE)
        threads = []
        future.add_done_callback(lambda _: threads.append(threading.current_thread()))
        self.assertEqual(threads, [threading.current_thread()])

    def test_a_callback_that_blocks_does_not_stop_delivery(self) -> None:  # 131
        release = threading.Event()
        self.addCleanup(release.set)
        executor = self.executor()
        with gate() as path:
            executor.submit(functions.behind, path).add_done_callback(lambda _: release.wait(PATIENCE))
            open_gate(path)
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
        release.set()

    def test_what_callbacks_raise_is_logged_and_ignored(self) -> None:  # 132, 133
        called = threading.Event()

        def fail(_: object) -> None:
            raise SystemExit(3)

        with gate() as path, self.assertLogs("concurrent.futures", "ERROR") as logs:
            executor = self.executor()
            future = executor.submit(functions.behind, path)
            future.add_done_callback(fail)
            future.add_done_callback(lambda _: called.set())
            open_gate(path)
            self.assertTrue(called.wait(PATIENCE))
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
        self.assertIn("exception calling callback", logs.output[0])

    def test_a_callback_may_wait_for_another_future(self) -> None:  # 131
        results: "queue.Queue[int]" = queue.Queue()
        executor = self.executor()
        with gate() as path:
            future = executor.submit(functions.behind, path)
            future.add_done_callback(lambda _: results.put(executor.submit(abs, -5).result(PATIENCE)))
            open_gate(path)
            self.assertEqual(results.get(timeout=PATIENCE), 5)


class PickleTest(DaemonTest):
    def test_an_executor_is_pickled_as_its_address(self) -> None:  # 15
        executor = self.executor(max_workers=1)
        copy = pickle.loads(pickle.dumps(executor))
        self.addCleanup(copy.shutdown)
        self.assertEqual(copy.address, executor.address)
        self.assertNotEqual(copy.session_id, executor.session_id)
        self.assertEqual(copy.submit(abs, -2).result(PATIENCE), 2)

    def test_a_future_is_pickled_as_its_id(self) -> None:  # 122
        with gate() as path:
            future = self.executor().submit(functions.behind, path, {"a": (1, 2)})
            copy = pickle.loads(pickle.dumps(future))
            self.assertEqual(copy.id, future.id)
            wait_until(copy.running, "the start event")
            open_gate(path)
            self.assertEqual(copy.result(PATIENCE), {"a": (1, 2)})

    def test_a_task_submits_to_its_own_daemon(self) -> None:  # 15
        executor = self.executor()

        def outer(inner: futured.Executor) -> int:
            with inner:
                return inner.submit(abs, -4).result(30) + 1

        self.assertEqual(executor.submit(outer, executor).result(PATIENCE), 5)

    def test_a_task_waits_for_the_future_of_another(self) -> None:
        executor = self.executor()
        with gate() as path:
            first = executor.submit(functions.behind, path, 20)
            second = executor.submit(lambda future: future.result(30) + 1, first)
            open_gate(path)
            self.assertEqual(second.result(PATIENCE), 21)

    def test_attach_finds_a_future_by_its_id(self) -> None:
        executor = self.executor()
        kept = executor.options(retention=60).submit(abs, -8)
        self.assertEqual(kept.result(PATIENCE), 8)
        self.assertEqual(futured.attach(kept.id, self.daemon.address).result(PATIENCE), 8)

    def test_attach_opens_pickles_only_when_told_to(self) -> None:  # 154
        kept = self.executor().options(retention=60).submit(complex, 1, 2)
        kept.result(PATIENCE)
        closed = futured.attach(kept.id, self.daemon.address)
        self.assertEqual(closed.result(PATIENCE).WhichOneof("kind"), "opaque_value")
        opened = futured.attach(kept.id, self.daemon.address, accept_pickle=True)
        self.assertEqual(opened.result(PATIENCE), 1 + 2j)

    def test_an_unknown_id_fails_and_does_not_hang(self) -> None:  # 164
        future = futured.attach("00000000-0000-8000-8000-000000000001", self.daemon.address)
        with self.assertRaises(futured.UnknownFuture):
            future.result(PATIENCE)

    def test_what_is_no_id_is_refused(self) -> None:
        for wrong in ("", "1", "00000000-0000-4000-8000-000000000001"):
            with self.assertRaises(ValueError):
                futured.attach(wrong, self.daemon.address)

    def test_an_attached_future_can_be_cancelled(self) -> None:
        with gate() as path:
            executor = self.executor(max_workers=1)
            executor.submit(functions.behind, path)
            pending = executor.submit(abs, -1)
            copy = pickle.loads(pickle.dumps(pending))
            self.assertTrue(copy.cancel())
            with self.assertRaises(concurrent.futures.CancelledError):
                pending.result(PATIENCE)


class StopTest(DaemonTest):
    def test_a_function_that_is_killed_is_cancelled(self) -> None:
        with gate() as path, tempfile.TemporaryDirectory() as folder:
            mark = os.path.join(folder, "mark")
            executor = self.executor()
            future = executor.submit(functions.behind, path, 1, mark)
            wait_until(lambda: os.path.exists(mark), "it to run")
            self.assertTrue(future.kill())
            with self.assertRaises(concurrent.futures.CancelledError):
                future.result(PATIENCE)
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
            with self.assertRaises(ValueError):
                future.kill(grace=-1)

    def test_terminate_workers_ends_what_runs(self) -> None:  # 92, 94
        for end in (futured.Executor.terminate_workers, futured.Executor.kill_workers):
            with gate() as path, tempfile.TemporaryDirectory() as folder:
                mark = os.path.join(folder, "mark")
                executor = self.executor(max_workers=1)
                running = executor.submit(functions.behind, path, 1, mark)
                pending = executor.submit(abs, -1)
                wait_until(lambda: os.path.exists(mark), "it to run")
                end(executor)
                self.assertIsInstance(running.exception(PATIENCE), futured.WorkerLost)
                self.assertTrue(pending.cancelled())
                with self.assertRaises(RuntimeError):
                    executor.submit(abs, -1)
                end(executor)


if __name__ == "__main__":
    unittest.main()
