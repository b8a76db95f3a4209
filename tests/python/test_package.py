"""What the package brings along, and what it leaves alone. Numbers are those of docs/semantics.md."""

import os
import subprocess
import sys
import unittest

from support import PATIENCE, SOURCES

import futured


def printed_by(program: str) -> str:
    """By a Python of its own, which writes nothing beside the sources."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, "-B", "-c", program]
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=True)
    return ended.stdout


class ImportTest(unittest.TestCase):
    def test_it_has_all_the_names_that_it_lists(self) -> None:
        for name in [*futured.__all__, "aio"]:
            self.assertEqual(getattr(futured, name).__name__.rpartition(".")[2], name)
            self.assertIn(name, dir(futured))
        with self.assertRaisesRegex(AttributeError, "no attribute 'Exekutor'"):
            futured.Exekutor  # type: ignore[attr-defined]

    def test_all_of_it_can_be_imported_by_star(self) -> None:
        self.assertEqual(printed_by("from futured import *; print(Executor.__name__, local.__name__)"), "Executor local\n")

    def test_a_worker_starts_without_grpc_and_asyncio(self) -> None:  # 194
        imported = printed_by("import sys, futured, futured.worker.start; print(*sys.modules)").split()
        self.assertIn("futured.worker.start", imported)
        self.assertFalse({"grpc", "asyncio", "futured._session"} & set(imported))

    def test_functions_are_declared_without_grpc(self) -> None:
        imported = printed_by("import sys, futured; futured.function('a')(abs); futured.current; print(*sys.modules)")
        self.assertNotIn("grpc", imported.split())

    def test_the_environment_stays_as_it_was(self) -> None:
        program = "import os; was = dict(os.environ); import futured._grpc; print(os.environ == was)"
        self.assertEqual(printed_by(program), "True\n")


if __name__ == "__main__":
    unittest.main()
