"""A daemon for the tests, and patience.

The variables of CMakeLists.txt say where things are: FUTURED_BIN (the folder of futured), FUTUREDCTL, EXAMPLES_PLUGIN, and
FUTURED_PACKAGE, the folder of the package with its generated code. Without them, the package is that of the source tree, and
a build of this tree is looked for.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from typing import Any, Callable, Iterator, List, Optional, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCES = pathlib.Path(os.environ.get("FUTURED_PACKAGE") or ROOT / "client" / "python" / "src")
PATIENCE = 60.0
# What workers are given as well: test modules are imported in them too, and nothing is written beside the sources.
FOR_WORKERS = ("FUTURED_PACKAGE", "PYTHONDONTWRITEBYTECODE")

if not (SOURCES / "futured" / "_generated" / "session_pb2.py").exists():
    subprocess.run([sys.executable, str(ROOT / "client" / "python" / "generate")], check=True)
sys.path.insert(0, str(SOURCES))

import futured  # noqa: E402


def binaries() -> pathlib.Path:
    """The folder with the daemon."""
    named = os.environ.get("FUTURED_BIN")
    if named:
        return pathlib.Path(named)
    for folder in sorted(ROOT.glob("build/*/server")):
        if os.access(folder / "futured", os.X_OK):
            return folder
    raise unittest.SkipTest("no daemon: set FUTURED_BIN")


def futuredctl() -> Optional[pathlib.Path]:
    """The command line tool, where it is built."""
    return _found("FUTUREDCTL", "client/cli/futuredctl")


def examples_plugin() -> Optional[pathlib.Path]:
    """The functions of the C++ examples, where they are built."""
    return _found("EXAMPLES_PLUGIN", "examples/libfutured_examples.so")


def _found(variable: str, in_build: str) -> Optional[pathlib.Path]:
    """What the variable names, or what is in the same build as the daemon, or was put into its folder."""
    named = os.environ.get(variable)
    if named:
        return pathlib.Path(named)
    places = [binaries().parent / in_build, binaries() / pathlib.Path(in_build).name]
    return next((place for place in places if place.exists()), None)


def wait_until(condition: Callable[[], object], what: str = "it") -> None:
    """For what can't be waited for otherwise: the state of other processes."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen in {PATIENCE:g} s")
        time.sleep(0.005)


class Daemon:
    """A futured of our own, on a free port; `restart` keeps the port, and the futures unless it is in memory only.

    Its executors: `python` (processes that take pickles), and `thread`. `keys` and `extra` are added to the
    configuration, where %(worker)s stands for the keys of a Python worker.
    """

    def __init__(
        self, *, workers: int = 2, modules: Sequence[str] = (), memory: bool = True, extra: str = "", keys: str = ""
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="futured-test-")
        self.folder = pathlib.Path(self._folder.name)
        self._memory = memory
        self._config = self.folder / "futured.toml"
        paths = os.pathsep.join([str(SOURCES), str(pathlib.Path(__file__).parent)])
        command = [sys.executable, "-m", "futured.worker", "--accept-pickle", *modules]
        environment = ["PATH", "HOME", *FOR_WORKERS, f"PYTHONPATH={paths}"]
        worker = f"worker = {json.dumps(command)}\nenvironment = {json.dumps(environment)}\n"
        plugin = examples_plugin()
        self._config.write_text(
            f"plugins = {json.dumps([str(plugin)] if plugin else [])}\n{keys}\n"
            "[executors.thread]\nkind = 'thread'\n"
            f"[executors.python]\nkind = 'process'\nmax_workers = {workers}\n{worker}{extra.replace('%(worker)s', worker)}\n"
        )
        self.address = "127.0.0.1:0"
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.start()

    def start(self) -> None:
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        store: List[str] = ["--memory"] if self._memory else [f"--data-dir={self.folder / 'data'}"]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [
                    str(binaries() / "futured"),
                    f"--config={self._config}",
                    f"--listen={self.address}",
                    "--http-listen=off",
                    f"--port-file={port_file}",
                    *store,
                ],
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            wait_until(lambda: self._ready(port_file), "the start of the daemon")
        except BaseException:
            self.stop()
            raise
        self.address = port_file.read_text().strip()

    def _ready(self, port_file: pathlib.Path) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError("the daemon ended:\n" + self.log())
        return port_file.exists() and port_file.read_text().endswith("\n")

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def restart(self) -> None:
        """After a crash."""
        self.kill()
        self.start()

    def stop(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._folder.cleanup()


class DaemonTest(unittest.TestCase):
    """Tests that share one daemon."""

    workers = 2
    daemon: Daemon

    @classmethod
    def setUpClass(cls) -> None:
        cls.daemon = Daemon(workers=cls.workers)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.daemon.stop()

    def executor(self, **options: object) -> futured.Executor:
        """One that is shut down when the test ends."""
        made = futured.Executor(self.daemon.address, **options)  # type: ignore[arg-type]
        self.addCleanup(made.shutdown, True, cancel_futures=True)
        return made


@contextlib.contextmanager
def gate() -> Iterator[str]:
    """A file that functions in workers wait for (`behind`); it comes into being at the end of the block at the latest."""
    with tempfile.TemporaryDirectory(prefix="futured-gate-") as folder:
        path = os.path.join(folder, "gate")
        try:
            yield path
        finally:
            open_gate(path)


def open_gate(path: str) -> None:
    pathlib.Path(path).touch()


class _Late(threading.Condition):
    """`arrive` is called just before it is taken for the `entry`-th time after a wait in vain."""

    def __init__(self, arrive: Callable[[], object], entry: int) -> None:
        super().__init__()
        self._arrive = arrive
        self._entries = -entry
        self._waited = False

    def wait(self, timeout: Optional[float] = None) -> bool:
        self._waited = True
        return super().wait(timeout)

    def __enter__(self) -> bool:
        if self._waited:
            self._entries += 1
            if self._entries == 0:
                self._arrive()
        return super().__enter__()


def late_future(payload: bytes, failed: bool, entry: int = 1) -> "futured.Future[Any]":
    """One of no daemon, which ends just after somebody has waited for it in vain.

    That is when its lock is taken for the `entry`-th time after the wait.
    """
    future: futured.Future[Any] = futured.Future(futured.Executor()._session, 0, False)
    future._condition = _Late(lambda: future._set_payload(payload, failed), entry)
    return future


def futured_threads() -> List[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("futured")]
