"""TLS, with certificates made for these tests."""

import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock
from typing import Any, Optional

from support import PATIENCE, ROOT

import futured
from futured._grpc import grpc
from guarded_daemon import GuardedDaemon

sys.path.insert(0, str(ROOT / "tests" / "support"))

from authority import Authority  # noqa: E402


class TlsTest(unittest.TestCase):
    folder: pathlib.Path
    trusted: Authority
    other: Authority

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(prefix="futured-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.trusted = Authority(cls.folder)
        cls.other = Authority(cls.folder, "other")

    def daemon(self, *names: str, clients: Optional[Authority] = None) -> GuardedDaemon:
        """One with TLS; with `clients`, it asks for certificates of that authority."""
        certificate, key = self.trusted.issue("server", names) if names else self.trusted.issue("server")
        credentials = grpc.ssl_server_credentials(
            [(key.read_bytes(), certificate.read_bytes())],
            clients.certificate.read_bytes() if clients else None,
            clients is not None,
        )
        return GuardedDaemon(credentials=credentials)

    def credentials(self, **fields: Any) -> futured.Credentials:
        return futured.Credentials(**{"ca_file": str(self.trusted.certificate), **fields})

    def result(self, address: str, credentials: Optional[futured.Credentials]) -> Any:
        with futured.Executor(address, credentials=credentials) as executor:
            return executor.submit("any").result(PATIENCE)

    def check_unreachable(self, daemon: GuardedDaemon, address: str, credentials: futured.Credentials) -> None:
        with futured.Executor(address, reconnect_timeout=0.5, credentials=credentials) as executor:
            error = executor.submit("any").exception(PATIENCE)
        self.assertIsInstance(error, futured.ConnectionLost)
        self.assertNotIn("canary", str(error))
        self.assertEqual(daemon.shown, [])

    def test_a_daemon_of_a_trusted_authority_is_believed(self) -> None:
        with self.daemon() as daemon:
            self.assertEqual(self.result(daemon.address, self.credentials(token="canary")), 1)
            self.assertEqual(daemon.shown, ["Bearer canary"])
            self.assertEqual(self.result(f"tls://{daemon.address}", self.credentials()), 1)
            with unittest.mock.patch.dict(os.environ, FUTURED_CA_FILE=str(self.trusted.certificate)):
                self.assertEqual(self.result(daemon.address.replace("127.0.0.1", "localhost"), None), 1)

    def test_one_of_another_authority_is_not(self) -> None:
        with self.daemon() as daemon:
            foreign = self.credentials(token="canary", ca_file=str(self.other.certificate))
            self.check_unreachable(daemon, daemon.address, foreign)
            self.check_unreachable(daemon, f"tls://{daemon.address}", futured.Credentials(token="canary"))

    def test_one_with_another_name_is_not(self) -> None:
        with self.daemon("DNS:futured.example") as daemon:
            self.check_unreachable(daemon, daemon.address, self.credentials(token="canary"))
            self.check_unreachable(daemon, daemon.address, self.credentials(server_name="wrong.example"))
            self.assertEqual(self.result(daemon.address, self.credentials(server_name="futured.example")), 1)

    def test_the_clients_certificate_is_shown(self) -> None:
        mine, foreign = self.trusted.issue("client", ["URI:spiffe://test/client"]), self.other.issue("foreign")
        with self.daemon(clients=self.trusted) as daemon:
            self.check_unreachable(daemon, daemon.address, self.credentials())
            for certificate, key in (foreign, (mine[0], foreign[1])):
                wrong = self.credentials(certificate_file=str(certificate), key_file=str(key))
                self.check_unreachable(daemon, daemon.address, wrong)
            right = self.credentials(certificate_file=str(mine[0]), key_file=str(mine[1]))
            self.assertEqual(self.result(daemon.address, right), 1)


if __name__ == "__main__":
    unittest.main()
