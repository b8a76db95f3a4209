"""What the daemon is shown, and what becomes of futures when it does not let the caller in."""

import asyncio
import concurrent.futures
import contextlib
import copy
import dataclasses
import io
import logging
import os
import pathlib
import pickle
import tempfile
import unittest
import unittest.mock
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Iterator

from support import PATIENCE, binaries, wait_until

import futured
from futured._credentials import load, with_environment
from futured._grpc import grpc
from guarded_daemon import GuardedDaemon

CANARY = "futured_canary"
ID = "0c5d58a0-94f9-8a3c-b1d6-000000000001"
# What none of these tests waits for.
FAR_AWAY = 3600.0


class CredentialsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="futured-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.token_file = str(self.folder / "token")

    def write_token(self, content: str, mode: int = 0o600) -> str:
        """Its path."""
        path = pathlib.Path(self.token_file)
        path.touch(0o600)
        path.write_bytes(content.encode("latin-1"))
        path.chmod(mode)
        return self.token_file

    def executor(self, address: str, **options: Any) -> futured.Executor:
        made = futured.Executor(address, **options)
        self.addCleanup(made.shutdown, True, cancel_futures=True)
        return made

    def check_refused(self, words: str, address: str = "localhost:1", **fields: Any) -> None:
        with self.assertRaises(ValueError) as raised:
            futured.Executor(address, credentials=futured.Credentials(**fields))
        self.assertIn(words, str(raised.exception))
        self.assertNotIn("canary", str(raised.exception))


class WhatIsShownTest(CredentialsTest):
    def check_shown(self, daemon: GuardedDaemon, **options: Any) -> None:
        self.assertEqual(self.executor(daemon.address, **options).submit("any").result(PATIENCE), 1)

    def test_a_token_on_loopback_and_on_a_unix_socket(self) -> None:
        for listen in ("127.0.0.1:0", f"unix:{self.folder}/socket"):
            with self.subTest(listen), GuardedDaemon(CANARY, listen=listen) as daemon:
                self.check_shown(daemon, credentials=futured.Credentials(token=CANARY))
                self.check_shown(daemon, credentials=futured.Credentials(token_file=self.write_token(CANARY + "\n")))

    def test_nothing_without_a_token(self) -> None:
        with GuardedDaemon() as daemon:
            self.check_shown(daemon)
            self.assertEqual(daemon.shown, [""])

    def test_options_win_over_the_environment(self) -> None:
        with environment(FUTURED_TOKEN="from-environment"), GuardedDaemon(CANARY) as daemon:
            self.check_shown(daemon, credentials=futured.Credentials(token_file=self.write_token(CANARY)))
            daemon.token = "from-environment"
            self.check_shown(daemon)
            daemon.token = ""
            self.check_shown(daemon, credentials=futured.Credentials(environment=False))
            self.assertEqual(daemon.shown[-1], "")

    def test_a_unix_socket_has_no_use_for_certificates(self) -> None:
        with environment(FUTURED_CA_FILE="/none"), self.assertRaisesRegex(ValueError, "/none cannot be read"):
            futured.Executor("localhost:1")
        with environment(FUTURED_CA_FILE="/none"), GuardedDaemon(listen=f"unix:{self.folder}/socket") as daemon:
            self.check_shown(daemon)

    def test_by_those_who_attach(self) -> None:
        with GuardedDaemon(CANARY) as daemon:
            stranger = futured.attach(ID, daemon.address)
            self.assertIsInstance(stranger.exception(PATIENCE), futured.Unauthenticated)
            futured.attach(ID, daemon.address, credentials=futured.Credentials(token=CANARY))
            wait_until(lambda: daemon.shown[-1] == f"Bearer {CANARY}", "the token")

    def test_by_coroutines(self) -> None:
        async def call(address: str) -> Any:
            async with futured.aio.Executor(address, credentials=futured.Credentials(token=CANARY)) as executor:
                return await asyncio.wait_for(executor.submit("any"), PATIENCE)

        with GuardedDaemon(CANARY) as daemon:
            self.assertEqual(asyncio.run(call(daemon.address)), 1)

    def test_by_administrators(self) -> None:
        with GuardedDaemon(CANARY) as daemon:
            self.executor(daemon.address, executor="mine", credentials=futured.Credentials(token=CANARY)).kill_workers()
            with self.assertRaises(futured.Unauthenticated):
                self.executor(daemon.address, executor="mine").kill_workers()
            with self.assertRaises(futured.PermissionDenied):
                self.executor(daemon.address, credentials=futured.Credentials(token=CANARY)).terminate_workers()

    def test_nothing_of_the_environment_to_a_private_daemon(self) -> None:
        with environment(FUTURED_CA_FILE="/none", FUTURED_TOKEN_FILE="/none"):
            with futured.local(max_workers=1, daemon=binaries() / "futured") as executor:
                self.assertEqual(executor.submit(abs, -2).result(PATIENCE), 2)


class RefusalTest(CredentialsTest):
    def test_of_a_token_for_another_machine_without_tls(self) -> None:
        for address in ("10.0.0.1:7070", "futured.example:7070", "127.0.0.1.example:1", "dns:///futured.example:7070"):
            self.check_refused("in plain text", address, token=CANARY)
            futured.Executor(address, credentials=futured.Credentials(token=CANARY, allow_plaintext_token=True))
        for address in ("tls://futured.example:7070", "127.9.9.9:1", "[::1]:1", "ipv4:127.0.0.1:1", "unix:/none"):
            futured.Executor(address, credentials=futured.Credentials(token=CANARY))

    def test_of_contradictions(self) -> None:
        self.check_refused("not both", token=CANARY, token_file=self.token_file)
        self.check_refused("needed together", certificate_file=self.token_file)
        self.check_refused("no host", "tls://")
        with self.assertRaises(TypeError):
            futured.Executor(credentials=CANARY)  # type: ignore[arg-type]

    def test_of_files_by_their_names(self) -> None:
        for content, words in (
            ("", "has no token"),
            ("\n", "has no token"),
            (f"{CANARY}\n{CANARY}\n", "has more than one line"),
            (f"{CANARY} x", "a space, a control character or one beyond ASCII"),
            (f"{CANARY}\0", "a space, a control character or one beyond ASCII"),
            (f"{CANARY}\xe4", "a space, a control character or one beyond ASCII"),
            (CANARY * 300, "has more than 4096 bytes"),
            (CANARY * 3000, "has more than 4096 bytes"),
        ):
            self.check_refused(f"{self.token_file} has", token_file=self.write_token(content))
            self.check_refused(words, token_file=self.token_file)
        self.check_refused("/none cannot be read: No such file", token_file="/none")
        self.check_refused(f"{self.folder} is no regular file", token_file=str(self.folder))
        os.mkfifo(self.folder / "pipe", 0o600)
        self.check_refused("is no regular file", token_file=str(self.folder / "pipe"))
        self.check_refused("no CERTIFICATE in PEM", ca_file=self.write_token("no PEM"))

    def test_of_secrets_that_others_may_read(self) -> None:
        for mode in (0o644, 0o640, 0o604):
            self.check_refused(f"has mode {mode:04o}", token_file=self.write_token(CANARY, mode))
        load(futured.Credentials(token_file=self.write_token(CANARY, 0o400)))

    def test_of_the_given_token_does_not_repeat_it(self) -> None:
        self.check_refused("the given token has", token=f"{CANARY}\r\nx-evil: 1")


class DeniedTest(CredentialsTest):
    def test_an_unknown_caller_hears_of_it_at_once(self) -> None:
        with GuardedDaemon("another") as daemon:
            known_as = futured.Credentials(token=CANARY)
            executor = self.executor(daemon.address, reconnect_timeout=FAR_AWAY, credentials=known_as)
            error = executor.submit("any").exception(PATIENCE)
            self.assertIsInstance(error, futured.Unauthenticated)
            self.assertIsInstance(error, BrokenProcessPool)
            self.assertIn("who is this?", str(error))
            with self.assertRaises(futured.Unauthenticated):
                executor.submit("any")
            self.assertEqual(len(daemon.shown), 1)

    def test_so_does_a_caller_without_permission(self) -> None:
        with GuardedDaemon() as daemon:
            daemon.at_first_call = lambda context: context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you")
            executor = self.executor(daemon.address, reconnect_timeout=FAR_AWAY)
            error = executor.submit("any").exception(PATIENCE)
            self.assertIsInstance(error, futured.PermissionDenied)
            self.assertIsInstance(error, PermissionError)
            self.assertIsInstance(error, futured.Refused)
            self.assertIn("not for you", str(error))
            with self.assertRaises(futured.PermissionDenied):
                executor.submit("any")


class RotationTest(CredentialsTest):
    def test_a_token_that_was_replaced_is_shown_on_the_next_stream(self) -> None:
        with GuardedDaemon("old") as daemon:

            def expire(context: Any) -> None:
                daemon.at_first_call = lambda context: None
                daemon.token = "new"
                self.write_token("new\n")
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "it has expired")

            daemon.at_first_call = expire
            known_as = futured.Credentials(token_file=self.write_token("old\n"))
            future = self.executor(daemon.address, credentials=known_as).submit("any")
            self.assertEqual(future.result(PATIENCE), 1)
            self.assertEqual(daemon.shown, ["Bearer old", "Bearer new"])

    def test_a_file_that_is_being_replaced_is_read_again(self) -> None:
        with GuardedDaemon() as daemon:
            self.break_with_token("", daemon)
            known_as = futured.Credentials(token_file=self.write_token("old"))
            future = self.executor(daemon.address, credentials=known_as).submit("any")
            with self.assertRaises(concurrent.futures.TimeoutError):
                future.result(0.3)
            self.write_token("new")
            self.assertEqual(future.result(PATIENCE), 1)
            self.assertEqual(daemon.shown, ["Bearer old", "Bearer new"])

    def test_a_file_that_stays_unreadable_is_named_in_the_end(self) -> None:
        with GuardedDaemon() as daemon:
            self.break_with_token(f"{CANARY} {CANARY}", daemon)
            known_as = futured.Credentials(token_file=self.write_token("old"))
            future = self.executor(daemon.address, reconnect_timeout=0.2, credentials=known_as).submit("any")
            error = future.exception(PATIENCE)
            self.assertIsInstance(error, futured.ConnectionLost)
            self.assertIn(self.token_file, str(error))
            self.assertNotIn(CANARY, str(error))

    def break_with_token(self, content: str, daemon: GuardedDaemon) -> None:
        """Breaks the first stream, and leaves this in the token's file."""

        def once(context: Any) -> None:
            daemon.at_first_call = lambda context: None
            self.write_token(content)
            context.abort(grpc.StatusCode.UNAVAILABLE, "broken by the test")

        daemon.at_first_call = once


class SecrecyTest(CredentialsTest):
    def test_no_text_or_pickle_has_the_token(self) -> None:
        given = futured.Credentials(token=CANARY, ca_file="/ca")
        executor = self.executor("unix:/none", credentials=given)
        self.assertEqual(repr(given).count("/ca"), 1)
        for text in (repr(given), str(given), repr(load(futured.Credentials(token=CANARY))), repr(executor)):
            self.assertNotIn(CANARY, text)
        for pickled in (pickle.dumps(given), pickle.dumps(executor)):
            self.assertNotIn(CANARY.encode(), pickled)

    def test_copies_in_this_process_have_it(self) -> None:
        given = futured.Credentials(token=CANARY)
        for made in (copy.copy(given), copy.deepcopy([given])[0], dataclasses.replace(given, ca_file="/ca")):
            self.assertEqual(made.token, CANARY)

    def test_what_is_pickled_keeps_the_names_of_files(self) -> None:
        given = futured.Credentials(token_file=self.write_token(CANARY))
        with GuardedDaemon(CANARY) as daemon:
            executor = self.executor(daemon.address, credentials=given)
            future = executor.submit("any")
            self.assertEqual(future.result(PATIENCE), 1)
            other = pickle.loads(pickle.dumps(executor))
            self.addCleanup(other.shutdown)
            self.assertEqual(other.submit("any").result(PATIENCE), 1)
            self.assertEqual(pickle.loads(pickle.dumps(given)), given)
            self.assertNotIn(CANARY.encode(), pickle.dumps(future))

    def test_a_token_that_was_not_pickled_comes_from_the_environment(self) -> None:
        unpickled = pickle.loads(pickle.dumps(futured.Credentials(token=CANARY)))
        with environment(FUTURED_TOKEN="from-environment"):
            self.assertEqual(with_environment(unpickled).token, "from-environment")

    def test_nothing_is_logged_or_printed(self) -> None:
        logs, errors = io.StringIO(), io.StringIO()
        handler = logging.StreamHandler(logs)
        logging.getLogger().addHandler(handler)
        self.addCleanup(logging.getLogger().removeHandler, handler)
        with contextlib.redirect_stderr(errors), GuardedDaemon("another") as daemon:
            executor = self.executor(daemon.address, credentials=futured.Credentials(token=CANARY))
            executor.submit("any").exception(PATIENCE)
        self.assertNotIn(CANARY, logs.getvalue() + errors.getvalue())


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """With these variables."""
    with unittest.mock.patch.dict(os.environ, variables):
        yield


if __name__ == "__main__":
    unittest.main()
