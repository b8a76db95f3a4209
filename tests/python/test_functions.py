"""Named functions: @futured.function, what they may take and return, and how their calls fail."""

from __future__ import annotations

import unittest
from typing import Any

from fake_daemon import FakeDaemon, named
from support import SOURCES  # noqa: F401  (finds the package)

from futured import _pickles
from futured._errors import LimitExceeded, TaskError, UnknownFunction, exception_of
from futured._generated import value_pb2
from futured._values import from_value
from futured.worker import current, function
from futured.worker.functions import registered, signature_of


class Registering(unittest.TestCase):
    def tearDown(self) -> None:
        for name in [name for name in registered() if name.startswith("tests.")]:
            del registered()[name]

    def test_a_registered_function_stays_as_it_is(self) -> None:
        @function("tests.double")
        def double(number: int) -> int:
            return 2 * number

        self.assertEqual(double(4), 8)
        self.assertIs(registered()["tests.double"], double)
        self.assertIn("number", signature_of(double))

    def test_two_functions_cannot_have_one_name(self) -> None:
        @function("tests.twice")
        def first() -> None: ...

        with self.assertRaisesRegex(ValueError, "two functions of the name 'tests.twice': .*first and .*second"):

            @function("tests.twice")
            def second() -> None: ...

    def test_a_module_may_be_loaded_again(self) -> None:
        for _ in range(2):

            @function("tests.again")
            def again() -> None: ...

    def test_names_are_checked(self) -> None:
        for name in ("", "with space", "ä", "x" * 129):
            with self.subTest(name), self.assertRaisesRegex(ValueError, "1 to 128 characters"):
                function(name)
        with self.assertRaisesRegex(TypeError, "takes a name"):
            function(self.test_names_are_checked)  # type: ignore[arg-type]

    def test_there_is_no_current_task_outside_of_a_worker(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "no task is running"):
            current()


class Calling(unittest.TestCase):
    daemon: FakeDaemon

    @classmethod
    def setUpClass(cls) -> None:
        cls.daemon = FakeDaemon("worker_functions", max_value_size=10_000)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.ready()

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        result = self.daemon.run(named(name, *args, **kwargs))[0]
        if result.HasField("error"):
            raise exception_of(result.error, pickled=False)
        return from_value(value_pb2.Value.FromString(result.value))

    def failure(self, name: str, *args: Any, **kwargs: Any) -> TaskError:
        with self.assertRaises(TaskError) as caught:
            self.call(name, *args, **kwargs)
        return caught.exception

    def test_plain_values_go_in_and_come_out(self) -> None:
        item = {"list": [1, 2.5, None, True], "text": "häß", "bytes": b"\0\xff", "large": 2**64 - 1}
        self.assertEqual(self.call("test.echo", item), item)

    def test_arguments_go_by_place_or_by_name(self) -> None:
        self.assertEqual(self.call("test.add", 1), 11)
        self.assertEqual(self.call("test.add", 1, second=2), 3)

    def test_an_error_names_type_and_message_and_place(self) -> None:
        error = self.failure("test.raise", "bad luck")
        self.assertEqual((error.type, error.message, error.origin), ("ValueError", "bad luck", "task"))
        self.assertIn("raise ValueError(message)", error.traceback)
        self.assertNotIn("tasks.py", error.traceback)

    def test_wrong_arguments_are_an_error_of_the_call(self) -> None:
        for error in (
            self.failure("test.add"),
            self.failure("test.add", 1, 2, 3),
            self.failure("test.add", 1, third=1),
        ):
            self.assertEqual((error.type, error.origin), ("TypeError", "call"))

    def test_a_type_error_inside_is_one_of_the_function(self) -> None:
        self.assertEqual(self.failure("test.raise_type_error").origin, "task")
        self.assertEqual(self.failure("test.add", "text").origin, "task")

    def test_an_unknown_function_is_named(self) -> None:
        error = self.failure("test.nothing")
        self.assertIsInstance(error, UnknownFunction)
        self.assertIn('executor "python" has no function "test.nothing"', str(error))

    def test_arguments_that_cannot_be_read_are_an_error_of_the_call(self) -> None:
        result = self.daemon.run(("test.echo", b"\xff"))[0]
        self.assertEqual(exception_of(result.error, pickled=False).origin, "call")  # type: ignore[attr-defined]
        self.assertEqual(self.daemon.run(("test.echo", b"\x0a\x00"))[0].error.message, "a value of no kind")

    def test_a_result_without_a_kind_is_the_function_s_error(self) -> None:
        error = self.failure("test.set")
        self.assertEqual((error.type, error.origin), ("TypeError", "task"))
        self.assertIn("type set", error.message)

    def test_a_result_that_is_too_large_names_the_limit(self) -> None:
        error = self.failure("test.bytes", 20_000)
        self.assertIsInstance(error, LimitExceeded)
        self.assertIn("10000", error.message)

    def test_an_exit_is_an_error_and_the_worker_goes_on(self) -> None:
        self.assertEqual(self.failure("test.sys_exit").type, "SystemExit")
        self.assertEqual(self.call("test.echo", 1), 1)

    def test_pickled_calls_are_refused_unless_accepted(self) -> None:
        result = self.daemon.run((_pickles.FUNCTION, _pickles.encode_call(abs, (1,), {})))[0]
        error = exception_of(result.error, pickled=True)
        self.assertIsInstance(error, UnknownFunction)
        self.assertIn("--accept-pickle", str(error))

    def test_an_exception_of_a_named_function_carries_no_pickle(self) -> None:
        self.assertFalse(self.daemon.run(named("test.raise", "x"))[0].error.HasField("exception"))


if __name__ == "__main__":
    unittest.main()
