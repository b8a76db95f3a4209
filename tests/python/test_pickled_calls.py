"""Pickled calls in a worker: what goes in, what comes out, and everything that cannot be pickled on the way."""

from __future__ import annotations

import cloudpickle
import functools
import os
import pickle
import sys
import threading
import types
import unittest
from concurrent.futures import CancelledError
from typing import Any, Callable, Optional

import pickle_samples as samples
from fake_daemon import FakeDaemon, pickled
from support import SOURCES  # noqa: F401  (finds the package)

from futured import _pickles
from futured._errors import InitializerFailed, LimitExceeded, NotUnpicklable, TaskError, exception_of
from futured._generated import value_pb2
from futured._values import to_value


# A program.
MAIN = """
class Point:
    pass

class Odd(Exception):
    pass

def make(x):
    point = Point()
    point.x = x
    return point

def fail():
    raise Odd(7)
"""


class Item:
    pass


def call_with(function: Callable[[Any], Any], item: Any) -> Any:
    return function(item)


class PickledCalls(unittest.TestCase):
    daemon: FakeDaemon

    @classmethod
    def setUpClass(cls) -> None:
        cls.daemon = FakeDaemon("--accept-pickle", max_value_size=1 << 20)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.ready()

    def result(self, data: bytes) -> Any:
        return self.daemon.run((_pickles.FUNCTION, data))[0]

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.outcome(self.daemon.run(pickled(function, *args, **kwargs))[0])

    def outcome(self, result: Any) -> Any:
        if result.HasField("error"):
            raise exception_of(result.error, pickled=True)
        return _pickles.decode_value(result.value, pickled=True)

    # --- What works.

    def test_a_call_is_encoded_as_value_proto_says(self) -> None:
        for size in (0, 100, 1000, 100_000, 3 << 20):
            arguments = value_pb2.Arguments()
            opaque = arguments.positional.add().opaque_value
            opaque.codec = _pickles.CODEC
            opaque.data = _pickles.dumps((print, (bytes(size),), {}))
            encoded = _pickles.encode_call(print, (bytes(size),), {})
            self.assertEqual(encoded, arguments.SerializeToString())
            initializer = _pickles.Initializer.of(print)
            both = value_pb2.Arguments.FromString(_pickles.encode_call(print, (bytes(size),), {}, initializer))
            self.assertEqual(both.positional, arguments.positional)
            self.assertEqual(_pickles.decode_initializer(both), initializer)

    def test_builtins_methods_lambdas_closures_and_partials_run(self) -> None:
        base = 10
        self.assertEqual(self.call(divmod, 7, 2), (3, 1))
        self.assertEqual(self.call("a,b".split, ","), ["a", "b"])
        self.assertEqual(self.call(lambda x, y=1: x + y + base, 5), 16)
        self.assertEqual(self.call(functools.partial(pow, 2), 10), 1024)
        self.assertEqual(self.call(call_with, lambda x: x * 2, 4), 8)

    def test_every_keyword_goes_to_the_callable(self) -> None:
        """Semantics 2."""
        keywords = {"self": 1, "fn": 2, "timeout": 3, "key": 4, "initializer": 5}
        self.assertEqual(self.outcome(self.result(_pickles.encode_call(dict, (), keywords))), keywords)

    def test_results_of_all_types_come_back(self) -> None:
        for item in (None, True, 1, 2**80, 0.5, "x", "\udc80", b"x", (1, 2), [1], {1, 2}, {1: (2,)}, complex(1, 2)):
            with self.subTest(item):
                arrived = self.call(samples.make, lambda: item)
                self.assertEqual(arrived, item)
                self.assertIs(type(arrived), type(item))

    def test_simple_results_are_plain_values_that_other_languages_can_read(self) -> None:
        for item in (None, True, 1, 0.5, "x", b"x"):
            self.assertEqual(self.daemon.run(pickled(lambda: item))[0].value, to_value(item).SerializeToString())

    def test_what_lives_in_main_goes_by_value_and_comes_back_as_itself(self) -> None:
        """Semantics 10, 90."""
        main = types.ModuleType("__main__")
        exec(compile(MAIN, "script.py", "exec"), main.__dict__)
        real, sys.modules["__main__"] = sys.modules["__main__"], main
        try:
            point = self.call(main.make, 3)
            self.assertIs(type(point), main.Point)
            self.assertEqual(point.x, 3)
            self.assertIs(self.call(type, point), main.Point)
            with self.assertRaises(main.Odd) as caught:
                self.call(main.fail)
            self.assertEqual(caught.exception.args, (7,))
        finally:
            sys.modules["__main__"] = real

    def test_modules_may_be_sent_by_value(self) -> None:
        module = types.ModuleType("only_here")
        exec("def triple(x):\n    return 3 * x", module.__dict__)
        sys.modules["only_here"] = module
        try:
            with self.assertRaisesRegex(NotUnpicklable, "No module named 'only_here'"):
                self.call(module.triple, 2)
            cloudpickle.register_pickle_by_value(module)
            try:
                self.assertEqual(self.call(module.triple, 2), 6)
            finally:
                cloudpickle.unregister_pickle_by_value(module)
        finally:
            del sys.modules["only_here"]

    def test_a_call_is_a_snapshot(self) -> None:
        """Semantics 8."""
        items = [1]
        data = _pickles.encode_call(sum, (items,), {})
        items.append(2)
        self.assertEqual(self.outcome(self.result(data)), 1)

    def test_a_task_that_raises_a_cancelled_error_unasked_has_failed(self) -> None:
        """Semantics 117."""
        with self.assertRaises(CancelledError):
            self.call(samples.raise_it, CancelledError())
        with self.assertRaises(TimeoutError):
            self.call(samples.raise_it, TimeoutError())

    def test_what_ends_a_program_does_not_end_the_worker(self) -> None:
        """Semantics 75, 91, 146."""
        before = self.call(os.getpid)
        with self.assertRaises(SystemExit) as caught:
            self.call(sys.exit, 3)
        self.assertEqual(caught.exception.code, 3)
        with self.assertRaises(KeyboardInterrupt):
            self.call(samples.raise_it, KeyboardInterrupt())
        self.assertEqual(self.call(os.getpid), before)

    def test_the_worker_keeps_no_reference_to_arguments_and_results(self) -> None:
        """Semantics 19."""

        def remember(item: Any) -> Any:
            import builtins
            import weakref

            builtins.remembered = weakref.ref(item)  # type: ignore[attr-defined]
            return item

        def is_gone() -> bool:
            import builtins

            return builtins.remembered() is None  # type: ignore[attr-defined]

        self.call(remember, Item())
        self.assertTrue(self.call(is_gone))

    # --- What cannot be pickled.

    def test_a_task_that_cannot_be_pickled_raises_its_error(self) -> None:
        """Semantics 9: the executor puts it into the future."""
        with self.assertRaisesRegex(ValueError, "not to be pickled"):
            _pickles.encode_call(print, (samples.FailsAtPickle(),), {})
        with self.assertRaises(SystemExit):
            _pickles.encode_call(print, (samples.ExitsAtPickle(),), {})
        with self.assertRaises((TypeError, pickle.PicklingError)):
            _pickles.encode_call(print, (threading.Lock(),), {})

    def test_a_task_that_cannot_be_unpickled_fails_alone(self) -> None:
        """Semantics 151."""
        with self.assertRaisesRegex(NotUnpicklable, "the task cannot be unpickled: ValueError: not to be") as caught:
            self.call(print, samples.FailsAtUnpickle())
        self.assertIn("fail_to_unpickle", caught.exception.traceback)
        with self.assertRaisesRegex(NotUnpicklable, "SystemExit"):
            self.call(print, samples.ExitsAtUnpickle())
        with self.assertRaisesRegex(NotUnpicklable, "No module named 'elsewhere'"):
            self.call(print, samples.OnlyHere())
        self.assertEqual(self.call(abs, -1), 1)

    def test_arguments_that_are_no_pickle_fail_alone(self) -> None:
        for data in (_pickles.encode_named((1,), {}), _pickles.encode_named((), {})):
            with self.assertRaises(NotUnpicklable):
                self.outcome(self.result(data))

    def test_a_result_that_cannot_be_pickled_fails_with_that_error(self) -> None:
        """Semantics 147."""
        with self.assertRaisesRegex(ValueError, "not to be pickled"):
            self.call(samples.make, samples.FailsAtPickle)
        with self.assertRaises(SystemExit):
            self.call(samples.make, samples.ExitsAtPickle)
        with self.assertRaises((TypeError, pickle.PicklingError)):
            self.call(samples.make, threading.Lock)

    def test_a_result_that_cannot_be_unpickled_fails_alone(self) -> None:
        """Semantics 150."""
        with self.assertRaisesRegex(NotUnpicklable, "the result cannot be unpickled: ValueError"):
            self.call(samples.make, samples.FailsAtUnpickle)
        with self.assertRaisesRegex(NotUnpicklable, "SystemExit"):
            self.call(samples.make, samples.ExitsAtUnpickle)
        with self.assertRaisesRegex(NotUnpicklable, "No module named 'elsewhere'"):
            self.call(samples.make, samples.OnlyHere)

    def test_exceptions_that_cannot_be_carried_are_wrapped(self) -> None:
        """Semantics 148, 149."""
        for cls, text in (
            (samples.ExceptionThatExitsAtPickle, "why"),
            (samples.ExceptionThatExitsAtUnpickle, "why"),
            (samples.ExceptionOnlyHere, "why"),
            (samples.Careless, "why:3"),
        ):
            args = ("why", 3) if cls is samples.Careless else ("why",)
            with self.subTest(cls), self.assertRaisesRegex(TaskError, text) as caught:
                self.call(samples.raise_new, cls, *args)
            self.assertIn(cls.__name__, caught.exception.type)

    def test_a_result_above_the_limit_fails_alone(self) -> None:
        with self.assertRaisesRegex(LimitExceeded, "the limit is 1048576"):
            self.call(bytes, 2 << 20)
        self.assertEqual(len(self.call(bytes, 1 << 19)), 1 << 19)

    def test_an_exception_above_the_limit_is_wrapped(self) -> None:
        with self.assertRaises(TaskError) as caught:
            self.call(samples.raise_new, ValueError, "x" * (2 << 20))
        self.assertEqual(caught.exception.type, "ValueError")

    # --- Initializers.

    def initialized(self, initializer: Optional[_pickles.Initializer], function: Callable[[], Any]) -> Any:
        return self.outcome(self.result(_pickles.encode_call(function, (), {}, initializer)))

    def test_an_initializer_runs_once_in_a_worker(self) -> None:
        """Semantics 72."""
        first = _pickles.Initializer.of(count, ("first",))
        second = _pickles.Initializer.of(count, ("second",))
        for _ in range(3):
            self.initialized(first, os.getpid)
        self.initialized(second, os.getpid)
        self.assertEqual(self.call(counts), {"first": 1, "second": 1})

    def test_calls_of_a_failed_initializer_fail_and_others_run(self) -> None:
        """Semantics 73."""
        before = self.critical_lines()
        failing = _pickles.Initializer.of(samples.raise_it, (ValueError("no disk"),))
        for _ in range(2):
            with self.assertRaisesRegex(InitializerFailed, "no disk") as caught:
                self.initialized(failing, os.getpid)
            assert caught.exception.cause is not None
            self.assertEqual(caught.exception.cause.type, "ValueError")
        self.assertEqual(self.critical_lines(), before + 1)
        self.assertTrue(self.call(os.getpid))

    def critical_lines(self) -> int:
        return sum(b"Exception in initializer" in line.text for line in self.daemon.kept("log"))

    def test_an_initializer_that_exits_or_cannot_be_unpickled_has_failed(self) -> None:
        for initializer in (
            _pickles.Initializer.of(sys.exit, (1,)),
            _pickles.Initializer.of(print, (samples.ExitsAtUnpickle(),)),
        ):
            with self.assertRaises(InitializerFailed):
                self.initialized(initializer, os.getpid)


def count(name: str) -> None:
    counts()[name] = counts().get(name, 0) + 1


def counts() -> Any:
    import builtins

    if not hasattr(builtins, "counts_of_test"):
        builtins.counts_of_test = {}  # type: ignore[attr-defined]
    return builtins.counts_of_test  # type: ignore[attr-defined]


if __name__ == "__main__":
    unittest.main()
