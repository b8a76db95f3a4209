"""What the text of an address says."""

from __future__ import annotations

import unittest

from support import SOURCES  # noqa: F401  (finds the package)

import futured
from futured._connector import Connector


class Address(unittest.TestCase):
    def test_a_host_alone_has_the_port_of_the_daemon(self) -> None:
        for address, target in (
            ("localhost", "localhost:7070"),
            ("10.0.0.1", "10.0.0.1:7070"),
            ("tls://futured.example", "futured.example:7070"),
            ("::1", "[::1]:7070"),
            ("[::1]", "[::1]:7070"),
        ):
            self.assertEqual(Connector(address)._target, target)

    def test_any_other_address_is_for_grpc_as_it_is(self) -> None:
        for address in ("localhost:7070", "unix:/run/futured.sock", "dns:///futured:7070", "[::1]:7070", "ipv4:10.0.0.1:1"):
            self.assertEqual(Connector(address)._target, address)

    def test_what_names_no_host_is_refused(self) -> None:
        for address in ("", "tls://"):
            with self.assertRaisesRegex(ValueError, "no host"):
                futured.Executor(address)

    def test_the_address_of_a_web_page_is_refused(self) -> None:
        for address in ("http://localhost:7070", "https://futured.example"):
            with self.assertRaisesRegex(ValueError, "is no daemon's"):
                futured.Executor(address)


if __name__ == "__main__":
    unittest.main()
