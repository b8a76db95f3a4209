"""Exceptions: as a worker describes them, and as a client raises them."""

from __future__ import annotations

import builtins
import concurrent.futures
import concurrent.futures.process
import pickle
import sys
import traceback
import unittest
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Callable, Type

import pickle_samples as samples
import support  # noqa: F401  (finds the package)

from futured import _errors
from futured._errors import TaskError, exception_of
from futured._generated import future_pb2
from futured.worker.failures import describe_exception

LIMIT = 1 << 20


def described(raise_it: Callable[[], object], limit: int = LIMIT) -> future_pb2.Error:
    try:
        raise_it()
    except BaseException as exception:
        return describe_exception(exception, limit, skip=1)
    raise AssertionError("nothing was raised")


def carried(exception: BaseException) -> Any:
    """As it arrives."""

    def throw() -> None:
        raise exception

    return exception_of(described(throw), pickled=True)


class Faithful(unittest.TestCase):
    """Semantics 141 to 149."""

    def test_type_arguments_attributes_and_notes_arrive(self) -> None:
        error = OSError(2, "no such file", "a.txt")
        vars(error).update(hint="look elsewhere", __notes__=["first", "second"])
        arrived = carried(error)
        self.assertIs(type(arrived), FileNotFoundError)
        self.assertEqual((arrived.args, arrived.filename), ((2, "no such file"), "a.txt"))
        self.assertEqual(arrived.hint, "look elsewhere")
        self.assertEqual(arrived.__notes__, ["first", "second"])

    def test_classes_of_the_program_itself_arrive_as_themselves(self) -> None:
        class Local(Exception):
            pass

        self.assertIs(type(carried(Local(1))), Local)

    def test_a_class_that_says_how_to_pickle_it_arrives(self) -> None:
        arrived = carried(samples.Careful("a.txt", line=3))
        self.assertIsInstance(arrived, samples.Careful)
        self.assertEqual((arrived.path, arrived.line), ("a.txt", 3))

    @unittest.skipIf(sys.version_info < (3, 11), "exception groups are newer")
    def test_a_group_arrives_whole(self) -> None:
        group: Any = getattr(builtins, "ExceptionGroup")
        arrived = carried(group("both", [ValueError(1), KeyError("k")]))
        self.assertEqual([repr(each) for each in arrived.exceptions], ["ValueError(1)", "KeyError('k')"])

    def test_what_ends_a_program_arrives_too(self) -> None:
        exit_of_task = carried(SystemExit(3))
        self.assertIs(type(exit_of_task), SystemExit)
        self.assertEqual(exit_of_task.code, 3)
        self.assertIs(type(carried(KeyboardInterrupt())), KeyboardInterrupt)

    def test_the_cause_is_the_remote_traceback(self) -> None:
        def inner() -> None:
            raise ZeroDivisionError("by zero")  # the line to see

        def outer() -> None:
            try:
                inner()
            except ZeroDivisionError as error:
                raise RuntimeError(123) from error

        arrived = exception_of(described(outer), pickled=True)
        cause: Any = arrived.__cause__
        self.assertIs(type(cause), getattr(concurrent.futures.process, "_RemoteTraceback"))
        for text in ("# the line to see", "direct cause", "RuntimeError: 123"):
            self.assertIn(text, cause.tb)
            self.assertIn(text, "".join(traceback.format_exception(type(arrived), arrived, arrived.__traceback__)))
        self.assertNotIn("raise_it()", cause.tb)

    def test_an_exception_that_is_false_arrives(self) -> None:
        """Semantics 119."""
        self.assertIs(type(carried(samples.Falsy())), samples.Falsy)

    def test_each_time_it_is_an_object_of_its_own(self) -> None:
        error = described(lambda: samples.raise_it(ValueError(1)))
        self.assertIsNot(exception_of(error, pickled=True), exception_of(error, pickled=True))


class Wrapped(unittest.TestCase):
    """Where the exception itself cannot arrive."""

    def check(self, arrived: BaseException, type_name: str, text: str) -> None:
        assert isinstance(arrived, TaskError)
        self.assertIn(type_name, arrived.type)
        self.assertIn(text, arrived.message)
        self.assertIn(text, str(arrived))
        self.assertIn("Traceback", arrived.traceback)
        self.assertEqual(arrived.origin, "task")
        self.assertIn("Traceback", str(arrived.__cause__))

    def test_one_that_cannot_be_unpickled_is_named(self) -> None:
        self.check(carried(samples.Careless("a.txt", 3)), "Careless", "a.txt:3")

    def test_one_that_exits_when_pickled_is_named(self) -> None:
        self.check(carried(samples.ExceptionThatExitsAtPickle("why")), "ExitsAtPickle", "why")

    def test_one_that_exits_when_unpickled_is_named(self) -> None:
        self.check(carried(samples.ExceptionThatExitsAtUnpickle("why")), "ExitsAtUnpickle", "why")

    def test_one_that_the_client_alone_cannot_unpickle_is_named(self) -> None:
        """Semantics 149."""
        error = described(lambda: samples.raise_it(samples.ExceptionOnlyHere("why")))
        error.exception.data = pickle.dumps(samples.ExceptionThatExitsAtUnpickle())
        arrived = exception_of(error, pickled=True)
        self.check(arrived, "ExceptionOnlyHere", "why")
        self.assertIsInstance(arrived, _errors.NotUnpicklable)
        self.assertIn("SystemExit", str(arrived))

    def test_a_pickle_of_something_else_is_no_exception(self) -> None:
        error = described(lambda: samples.raise_it(ValueError("why")))
        error.exception.data = pickle.dumps(1)
        self.check(exception_of(error, pickled=True), "ValueError", "why")
        error.exception.codec = "other"
        self.check(exception_of(error, pickled=True), "ValueError", "why")

    def test_one_whose_text_fails_is_described(self) -> None:
        arrived = exception_of(described(lambda: samples.raise_it(samples.ExceptionWithoutText())), pickled=False)
        self.check(arrived, "ExceptionWithoutText", "str() failed")

    def test_one_that_is_too_large_is_described_in_short(self) -> None:
        error = described(lambda: samples.raise_it(ValueError("x" * 100_000)), limit=50_000)
        self.assertFalse(error.HasField("exception"))
        self.assertLess(error.ByteSize(), 50_000)
        self.check(exception_of(error, pickled=True), "ValueError", "truncated, 100000 bytes")

    def test_a_chain_of_causes_is_there_as_data_and_has_an_end(self) -> None:
        def chain() -> None:
            error: Exception = KeyError("first")
            for number in range(100):
                try:
                    raise ValueError(number) from error
                except ValueError as raised:
                    error = raised
            raise error

        arrived = exception_of(described(chain, limit=0), pickled=True)
        assert isinstance(arrived, TaskError)
        length = 0
        link = arrived.cause
        while link is not None:
            length, link = length + 1, link.cause
        self.assertEqual(length, 15)

    def test_a_circle_of_causes_ends(self) -> None:
        first, second = ValueError(1), ValueError(2)
        first.__cause__, second.__cause__ = second, first
        arrived = exception_of(described(lambda: samples.raise_it(first), limit=0), pickled=True)
        assert isinstance(arrived, TaskError) and arrived.cause is not None
        self.assertIsNone(arrived.cause.cause)

    def test_text_that_is_no_utf_8_is_escaped(self) -> None:
        self.assertEqual(described(lambda: samples.raise_it(ValueError("\udc80"))).message, "\\udc80")

    def test_a_pickle_is_not_opened_for_a_call_that_was_not_pickled(self) -> None:
        error = described(lambda: samples.raise_it(ValueError(1)))
        error.exception.data = pickle.dumps(samples.FailsAtUnpickle())
        self.assertIs(type(exception_of(error, pickled=False)), TaskError)


class Origins(unittest.TestCase):
    def arrived(self, origin: future_pb2.ErrorOrigin, type_name: str = "X") -> TaskError:
        error = future_pb2.Error(origin=origin, type=type_name, message="m", attempt=2, worker="python-1")
        error.exception.data = b"never opened"
        arrived = exception_of(error, pickled=True)
        assert isinstance(arrived, TaskError)
        self.assertEqual((arrived.attempt, arrived.worker, str(arrived)), (2, "python-1", f"{type_name}: m"))
        self.assertIsNone(arrived.__cause__)
        return arrived

    def check(self, arrived: BaseException, cls: Type[BaseException], base: Type[BaseException]) -> None:
        self.assertIs(type(arrived), cls)
        self.assertIsInstance(arrived, base)

    def test_each_origin_has_its_class(self) -> None:
        """Semantics 117, 140, 153, 155, 162."""
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_CALL), TaskError, Exception)
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_TIMEOUT), _errors.TaskTimeout, concurrent.futures.TimeoutError)
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_LIMIT), _errors.LimitExceeded, ValueError)
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_DAEMON), _errors.DaemonRestarted, BrokenProcessPool)
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_WORKER), _errors.WorkerLost, BrokenProcessPool)
        self.check(self.arrived(future_pb2.ERROR_ORIGIN_EXECUTOR), _errors.ExecutorBroken, BrokenProcessPool)
        self.assertEqual(self.arrived(future_pb2.ERROR_ORIGIN_WORKER).origin, "worker")

    def test_some_errors_have_a_class_by_their_type(self) -> None:
        call, executor = future_pb2.ERROR_ORIGIN_CALL, future_pb2.ERROR_ORIGIN_EXECUTOR
        self.check(self.arrived(call, "futured::UnknownFunction"), _errors.UnknownFunction, LookupError)
        self.check(self.arrived(call, "futured.NotUnpicklable"), _errors.NotUnpicklable, BrokenProcessPool)
        self.check(self.arrived(executor, "futured.InitializerFailed"), _errors.InitializerFailed, BrokenProcessPool)

    def test_a_function_cannot_choose_a_class_by_its_type(self) -> None:
        error = future_pb2.Error(origin=future_pb2.ERROR_ORIGIN_TASK, type="futured.NotUnpicklable", message="m")
        self.assertIs(type(exception_of(error, pickled=True)), TaskError)

    def test_errors_of_tasks_can_be_pickled_themselves(self) -> None:
        cause = TaskError("inner", type="KeyError")
        for cls in (TaskError, _errors.TaskTimeout, _errors.LimitExceeded, _errors.WorkerLost, _errors.NotUnpicklable):
            error = cls("m", type="T", traceback="tb", origin="worker", attempt=2, worker="w", cause=cause)
            again = pickle.loads(pickle.dumps(error))
            self.assertIs(type(again), cls)
            self.assertEqual((str(again), again.traceback, again.attempt, again.worker), ("T: m", "tb", 2, "w"))
            self.assertEqual(str(again.cause), "KeyError: inner")


if __name__ == "__main__":
    unittest.main()
