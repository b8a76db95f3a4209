"""Executor.map. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import itertools
import os
import tempfile
import unittest
from typing import Iterator

from support import PATIENCE, DaemonTest, gate, late_future, open_gate

import functions_for_tests as functions
from futured import _map
from futured._pickles import encode_result


def lines(path: str) -> int:
    if not os.path.exists(path):
        return 0
    with open(path) as file:
        return len(file.readlines())


class MapTest(DaemonTest):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "calls")

    def test_results_come_in_the_order_of_the_input(self) -> None:  # 24
        self.assertEqual(list(self.executor().map(pow, range(100), [2] * 100)), [i * i for i in range(100)])

    def test_it_stops_at_the_shortest_input(self) -> None:  # 22
        executor = self.executor()
        self.assertEqual(list(executor.map(pow, range(7), [2] * 5, chunksize=3)), [0, 1, 4, 9, 16])
        self.assertEqual(list(executor.map(pow, [1, 2, 3], [2])), [1])
        self.assertEqual(list(executor.map(pow)), [])
        with self.assertRaises(TypeError):
            executor.map(pow, 5)  # type: ignore[arg-type]

    def test_all_is_submitted_at_the_call(self) -> None:  # 21, 32
        executor = self.executor()
        executor.map(functions.append, [self.path] * 10, "abcdefghij")
        gc.collect()
        executor.shutdown()
        self.assertEqual(lines(self.path), 10)

    def test_what_the_input_raises_comes_out_of_the_call(self) -> None:  # 23
        def inputs() -> Iterator[str]:
            yield from ("a", "b", "c")
            raise OSError("no more")

        for chunksize in (1, 2):
            executor = self.executor()
            with self.assertRaisesRegex(OSError, "no more"):
                executor.map(functions.append, itertools.repeat(self.path), inputs(), chunksize=chunksize)
            executor.shutdown()
        self.assertEqual(lines(self.path), 6)

    def test_an_exception_comes_when_it_is_its_turn(self) -> None:  # 26
        results = self.executor().map(divmod, [4, 5, 6], [2, 0, 2])
        self.assertEqual(next(results), (2, 0))
        with self.assertRaises(Exception):
            next(results)
        with self.assertRaises(StopIteration):
            next(results)

    def test_a_function_that_raises_stop_iteration_cuts_no_chunk_short(self) -> None:
        for chunksize in (1, 4):
            results = self.executor().map(next, [iter("a"), iter(""), iter("c")], chunksize=chunksize)
            with self.assertRaisesRegex(RuntimeError, "StopIteration"):
                list(results)

    def test_a_failure_cancels_what_has_not_begun(self) -> None:  # 27
        with gate() as path:
            executor = self.executor(max_workers=1)
            first = executor.map(divmod, [1], [0])
            rest = executor.map(functions.behind, [path, path, path])
            with self.assertRaises(Exception):
                next(first)
            open_gate(path)
            self.assertEqual(len(list(rest)), 3)
        with gate() as path:
            calls = executor.map(_fail_or_append, range(30), [self.path] * 30)
            with self.assertRaises(Exception):
                list(calls)
            executor.shutdown()
        self.assertLess(lines(self.path), 30)

    def test_the_timeout_counts_from_the_call(self) -> None:  # 28, 29
        with gate() as path:
            executor = self.executor(max_workers=1)
            results = executor.map(functions.behind, [path, path], timeout=0.2)
            with self.assertRaises(concurrent.futures.TimeoutError):
                next(results)
            open_gate(path)
            executor.shutdown()

    def test_without_time_what_is_there_is_given(self) -> None:  # 30
        executor = self.executor(max_workers=1)
        results = executor.map(abs, [-1, -2], timeout=0)
        executor.submit(abs, -3).result(PATIENCE)
        self.assertEqual(list(results), [1, 2])

    def test_what_comes_as_time_runs_out_is_given_once_or_not_at_all(self) -> None:  # 28
        for entry in (1, 2, 3, 4):
            late = late_future(encode_result(7), False, entry)
            given = []
            try:
                given.extend(_map.start(lambda _: late, [None], 0, None))
            except concurrent.futures.TimeoutError:
                pass
            self.assertIn(given, ([7], []), f"entry {entry}")

    def test_closing_cancels_what_has_not_begun(self) -> None:  # 31
        with gate() as path:
            executor = self.executor(max_workers=1)
            results = executor.map(functions.behind, ["/", path, path, path], [0, 1, 2, 3])
            self.assertEqual(next(results), 0)
            results.close()  # type: ignore[attr-defined]
            after = executor.submit(functions.append, self.path, "x")
            open_gate(path)
            after.result(PATIENCE)
            executor.shutdown()

    def test_nothing_to_do_works_after_shutdown(self) -> None:  # 33
        executor = self.executor()
        executor.shutdown()
        self.assertEqual(list(executor.map(abs, [])), [])
        with self.assertRaises(RuntimeError):
            executor.map(abs, [1])

    def test_wrong_sizes_are_refused_at_the_call(self) -> None:  # 34, 40
        executor = self.executor()
        with self.assertRaisesRegex(ValueError, "chunksize must be >= 1"):
            executor.map(abs, [], chunksize=0)
        with self.assertRaisesRegex(TypeError, "buffersize must be an integer or None"):
            executor.map(abs, [], buffersize="2")  # type: ignore[arg-type]
        with self.assertRaisesRegex(ValueError, "buffersize must be None or > 0"):
            executor.map(abs, [], buffersize=0)

    def test_a_chunk_is_one_task(self) -> None:  # 35
        executor = self.executor()
        processes = list(executor.map(functions.process_id, range(40), chunksize=20))
        self.assertEqual(len(set(processes[:20])), 1)
        self.assertEqual(len(set(processes[20:])), 1)
        self.assertEqual(list(executor.map(pow, range(7), [2] * 7, chunksize=3)), [i * i for i in range(7)])

    def test_items_fail_alone_without_chunks(self) -> None:  # 35
        results = self.executor().map(divmod, [4, 5], [2, 0])
        self.assertEqual(next(results), (2, 0))

    def test_a_stop_iteration_is_a_runtime_error(self) -> None:  # 38
        with self.assertRaises(Exception):
            list(self.executor().map(next, [iter([])]))

    def test_a_buffer_bounds_what_is_submitted(self) -> None:  # 39, 41
        pulled = itertools.count()
        results = self.executor().map(abs, pulled, buffersize=4)
        self.assertEqual(next(pulled), 4)
        self.assertEqual([next(results) for _ in range(3)], [0, 1, 2])
        self.assertEqual(next(pulled), 8)
        results.close()  # type: ignore[attr-defined]

    def test_a_buffer_holds_the_executor(self) -> None:  # 42
        results = self.executor().map(abs, range(-10, 0), buffersize=2)
        gc.collect()
        self.assertEqual(list(results), list(range(10, 0, -1)))

    def test_a_shutdown_ends_a_buffered_iteration(self) -> None:  # 43
        executor = self.executor()
        results = executor.map(abs, itertools.count(), buffersize=2)
        next(results)
        executor.shutdown()
        with self.assertRaises(RuntimeError):
            list(results)

    def test_named_functions_are_mapped_too(self) -> None:
        results: Iterator[bool] = self.executor(executor="thread").map("math.is_prime", range(6), chunksize=2)
        self.assertEqual(list(results), [False, False, True, True, False, True])

    def test_thousands_pass(self) -> None:
        executor = self.executor()
        self.assertEqual(sum(executor.map(abs, range(-5000, 0), chunksize=100)), 5000 * 5001 // 2)
        self.assertEqual(sum(executor.map(abs, range(-5000, 0))), 5000 * 5001 // 2)


def _fail_or_append(number: int, path: str) -> None:
    import time

    if number == 0:
        raise ValueError("the first")
    time.sleep(0.02)
    functions.append(path, str(number))


if __name__ == "__main__":
    unittest.main()
