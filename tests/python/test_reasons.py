"""Refusals: what the daemon says of them, and when to come back."""

from __future__ import annotations

import unittest
from typing import Any, List, Tuple

import grpc
from support import PATIENCE, DaemonTest

import futured
from futured._generated import errors_pb2, session_pb2
from futured._reasons import Refusal, refusal_of, with_jitter
from futured._retry import Retry
from futured._session import Session


class FakeError:
    """What gRPC raises, as far as it is looked at."""

    def __init__(self, *metadata: Tuple[str, Any], code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> None:
        self._metadata = metadata
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def trailing_metadata(self) -> Any:
        return self._metadata


def details(*pairs: Tuple[str, Any]) -> bytes:
    status = errors_pb2.ErrorStatus(code=8, message="full")
    for name, detail in pairs:
        status.details.add(type_url="type.googleapis.com/google.rpc." + name, value=detail.SerializeToString())
    return bytes(status.SerializeToString())


class Decoding(unittest.TestCase):
    def test_reason_delay_and_field_are_read(self) -> None:
        retry = errors_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(1500)
        bad = errors_pb2.BadRequest()
        bad.field_violations.add(field="tasks[3].function")
        info = errors_pb2.ErrorInfo(reason="DISK_FULL", domain="futured")
        data = details(("ErrorInfo", info), ("RetryInfo", retry), ("BadRequest", bad))
        error = FakeError(("retry-after-ms", "1500"), ("grpc-status-details-bin", data))
        self.assertEqual(refusal_of(error), Refusal("DISK_FULL", 1.5, "tasks[3].function"))

    def test_bytes_as_another_daemon_may_write_them_are_read(self) -> None:
        info = b"\x0a\x09DISK_FULL\x12\x07futured"
        any_bytes = b"\x0a\x28type.googleapis.com/google.rpc.ErrorInfo\x12" + bytes([len(info)]) + info
        data = b"\x08\x08\x12\x04full\x1a" + bytes([len(any_bytes)]) + any_bytes
        self.assertEqual(refusal_of(FakeError(("grpc-status-details-bin", data))).reason, "DISK_FULL")

    def test_details_of_other_kinds_are_passed_over(self) -> None:
        data = details(("DebugInfo", errors_pb2.ErrorInfo(reason="NO")), ("BadRequest", errors_pb2.BadRequest()))
        self.assertEqual(refusal_of(FakeError(("grpc-status-details-bin", data))), Refusal())

    def test_no_details_and_none_that_are_count_as_nothing(self) -> None:
        for error in (FakeError(), FakeError(("grpc-status-details-bin", b"\xff\xff\xff"))):
            self.assertEqual(refusal_of(error), Refusal())


class Retries(unittest.TestCase):
    @staticmethod
    def refusal(reason: str, delay: int = 0) -> Any:
        retry = errors_pb2.RetryInfo()
        retry.retry_delay.FromSeconds(delay)
        data = details(("ErrorInfo", errors_pb2.ErrorInfo(reason=reason)), ("RetryInfo", retry))
        return FakeError(("grpc-status-details-bin", data))

    def test_a_daemon_that_goes_away_is_given_the_time_it_asks_for(self) -> None:
        for reason in ("DAEMON_DRAINING", "DAEMON_STOPPING"):
            pause = Retry(3600).after(self.refusal(reason, 10))
            assert pause is not None
            self.assertTrue(10 <= pause <= 15, pause)

    def test_pauses_grow_until_the_daemon_is_heard_of(self) -> None:
        retry = Retry(3600)
        gone: Any = FakeError()
        self.assertLessEqual(retry.after(gone) or 0, 0.05)
        pauses = [retry.after(gone) or 0 for _ in range(20)]
        self.assertTrue(0.5 <= pauses[-1] <= max(pauses) <= 1, pauses)
        retry.heard()
        self.assertLessEqual(retry.after(gone) or 0, 0.05)

    def test_other_refusals_are_final(self) -> None:
        missing: Any = FakeError(code=grpc.StatusCode.NOT_FOUND)
        for error in (self.refusal("EXECUTOR_DRAINING", 1), missing):
            self.assertIsNone(Retry(3600).after(error))

    def test_it_ends_with_its_limit(self) -> None:
        self.assertIsNone(Retry(0).after(self.refusal("DAEMON_DRAINING")))
        self.assertLess(Retry(0.01).after(self.refusal("DAEMON_DRAINING", 3600)) or 1, 0.02)


class Delays(unittest.TestCase):
    def test_a_delay_is_obeyed_and_lengthened_by_up_to_half(self) -> None:
        self.assertEqual([with_jitter(2.0, lambda: part) for part in (0.0, 0.5, 1.0)], [2.0, 2.5, 3.0])
        many = [with_jitter(1.0) for _ in range(1000)]
        self.assertTrue(all(1.0 <= delay <= 1.5 for delay in many))
        self.assertGreater(max(many) - min(many), 0.3)

    def test_a_session_waits_for_the_delay_and_its_part(self) -> None:
        session: Any = Session("127.0.0.1:1")
        session._now = lambda: 100.0
        session._draw = lambda: 0.5
        endings: List[Any] = []
        refusal = session_pb2.SessionRefusal(first=1, count=1, code=8)
        refusal.retry_delay.FromMilliseconds(4000)
        session._hear_refusal(refusal, endings)
        self.assertEqual(session._retry_at, 105.0)
        self.assertEqual(endings, [])


class Errors(DaemonTest):
    def test_an_unknown_executor_has_its_reason(self) -> None:
        executor = self.executor(executor="nowhere")
        with self.assertRaises(futured.SessionBroken) as caught:
            executor.submit(abs, -1).result(PATIENCE)
        self.assertEqual(caught.exception.reason, "EXECUTOR_UNKNOWN")
        self.assertEqual(caught.exception.field, "hello.executor")

    def test_an_option_that_is_refused_names_its_field(self) -> None:
        with self.assertRaises(futured.Refused) as caught:
            self.executor().options(priority=1000).submit(abs, 1).result(PATIENCE)
        self.assertEqual(caught.exception.reason, "FIELD_INVALID")
        self.assertEqual(caught.exception.field, "submits.options.priority")
        self.assertEqual(caught.exception.retry_delay, 0)

    def test_an_unknown_future_has_its_reason(self) -> None:
        with self.assertRaises(futured.UnknownFuture) as caught:
            futured.attach("0b5f9a3e-71c2-8d40-9e5a-000000000001", self.daemon.address).result(PATIENCE)
        self.assertEqual(caught.exception.reason, "FUTURE_UNKNOWN")


if __name__ == "__main__":
    unittest.main()
