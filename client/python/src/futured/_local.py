"""A private daemon, for tests, notebooks and scripts: what `futured.local()` starts."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from typing import Any, List, Optional, Sequence, Union

from futured._credentials import Credentials
from futured._executor import Executor

_START_TIMEOUT = 30.0
_END_TIMEOUT = 10.0
_HOW_TO_GET_IT = (
    "no futured found: install the daemon (`make install` in its repository), put it on the PATH, or name it in the"
    " environment variable FUTURED_DAEMON"
)


class DaemonNotFound(FileNotFoundError):
    """There is no daemon to start. The message says how to get one."""


class LocalExecutor(Executor):
    """An `Executor` with a daemon of its own on a free port of this machine, which `shutdown` stops.

    Its futures live in memory. The daemon ends with this program, also when that is killed.
    """

    def __init__(
        self,
        max_workers: Optional[int] = None,
        initializer: Any = None,
        initargs: Sequence[Any] = (),
        *,
        modules: Sequence[str] = (),
        plugins: Sequence[str] = (),
        daemon: Union[str, "os.PathLike[str]", None] = None,
    ) -> None:
        started = _Daemon(find_daemon(daemon), max_workers, modules, plugins)
        try:
            # The credentials in the environment are for another daemon.
            nobody = Credentials(environment=False)
            super().__init__(started.address, "python", None, initializer, initargs, credentials=nobody)
        except BaseException:
            started.stop()
            raise
        self._daemon = started
        # After the program has waited for its work: see _at_exit.
        self._stopper = weakref.finalize(self, started.stop)
        self._stopper.atexit = False

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `Executor.shutdown`. With `wait`, stops the daemon too; without, it ends with the program."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._stopper()

    def _at_exit(self) -> None:
        super()._at_exit()
        self._stopper()

    def _after_fork(self) -> None:
        super()._after_fork()
        self._stopper.detach()  # It is the parent's.


def find_daemon(named: Union[str, "os.PathLike[str]", None] = None) -> pathlib.Path:
    """The daemon's program: `named`, $FUTURED_DAEMON, on the PATH, or in /usr/local/bin. Raises DaemonNotFound."""
    wanted = named or os.environ.get("FUTURED_DAEMON")
    places = [str(wanted)] if wanted else [shutil.which("futured") or "", "/usr/local/bin/futured", "/usr/bin/futured"]
    for place in places:
        if place and os.access(place, os.X_OK) and os.path.isfile(place):
            return pathlib.Path(place)
    raise DaemonNotFound(f"{wanted} is no program; {_HOW_TO_GET_IT}" if wanted else _HOW_TO_GET_IT)


class _Daemon:
    """The process. A shell holds its hand: it stops the daemon when the pipe to this program breaks."""

    _GUARDIAN = (
        'exec 3<&0; "$@" 3<&- </dev/null & daemon=$!; '
        "{ read -r _ <&3; kill $daemon; } 2>/dev/null & reader=$!; "
        "wait $daemon; code=$?; kill $reader 2>/dev/null; exit $code"
    )

    def __init__(
        self, program: pathlib.Path, max_workers: Optional[int], modules: Sequence[str], plugins: Sequence[str]
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="futured-local-")
        folder = pathlib.Path(self._folder.name)
        (folder / "futured.toml").write_text(_configuration(max_workers, modules, plugins))
        command = [
            str(program),
            f"--config={folder / 'futured.toml'}",
            "--memory",
            "--listen=127.0.0.1:0",
            "--http-listen=off",
            f"--port-file={folder / 'port'}",
        ]
        with open(folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", self._GUARDIAN, "futured-local", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this program.
            )
        try:
            self.address = self._wait_for_address(folder)
        except BaseException:
            self.stop()
            raise

    def _wait_for_address(self, folder: pathlib.Path) -> str:
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            text = (folder / "port").read_text() if (folder / "port").exists() else ""
            if text.endswith("\n"):
                return text.strip()
            if self._process.poll() is not None:
                log = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"the daemon does not start:\n{log}")
            time.sleep(0.005)
        raise RuntimeError(f"the daemon has not started in {_START_TIMEOUT:g} s")

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


def _configuration(max_workers: Optional[int], modules: Sequence[str], plugins: Sequence[str]) -> str:
    """The workers are this Python, with this program's import path and environment."""
    worker: List[str] = [sys.executable, "-m", "futured.worker", "--accept-pickle", *modules]
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    environment = [name for name in os.environ if name.isidentifier() and name != "PYTHONPATH"]
    lines = [
        f"plugins = {json.dumps([os.path.abspath(plugin) for plugin in plugins])}",
        'drain_grace = "0s"',
        "[executors.python]",
        'kind = "process"',
        'sandbox = "none"',
        f"worker = {json.dumps(worker)}",
        f"environment = {json.dumps(environment + ['PYTHONPATH=' + path])}",
        f"max_workers = {max_workers or os.cpu_count() or 1}",
        "[executors.thread]",
        'kind = "thread"',
    ]
    return "\n".join(lines) + "\n"


def local(
    max_workers: Optional[int] = None, initializer: Any = None, initargs: Sequence[Any] = (), **options: Any
) -> LocalExecutor:
    """An Executor with a private daemon, which ends with it: the shortest program.

    Args:
        max_workers: worker processes. None: one for each processor.
        initializer, initargs: as of `Executor`.
        modules: names of modules with functions by name (see `futured.function`) for the workers to import.
        plugins: paths of C++ plugins, whose functions run with `executor.options(executor="thread")`.
        daemon: path of the daemon's program, where it is not on the PATH.

    Raises DaemonNotFound, which says how to get the daemon; RuntimeError with the daemon's log when it does not start.

    Example:
        >>> with futured.local() as executor:
        ...     print(sum(executor.map(pow, range(10), [2] * 10)))
        285
    """
    return LocalExecutor(max_workers, initializer, initargs, **options)
