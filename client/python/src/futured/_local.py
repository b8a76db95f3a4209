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

from futured import _exit
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
    Dropping it lets what was submitted finish; the daemon then ends with the last of its futures. Ctrl-C in a `with`
    waits for nothing, as it ends the workers of a ProcessPoolExecutor: the daemon serves nobody else.
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
        # The session lives as long as something is unfinished, or somebody holds a future.
        self._stopper = weakref.finalize(self._session, started.stop)
        self._stopper.atexit = False  # The daemon has a hook of its own.

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `Executor.shutdown`. With `wait`, stops the daemon too; without, it ends with the program."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._stopper()

    def __exit__(self, kind: Any, *about: Any) -> Optional[bool]:
        if kind is None or not issubclass(kind, KeyboardInterrupt):
            return super().__exit__(kind, *about)
        self._session.shutdown(wait=False, cancel_futures=True)
        self._session.close()
        self._stopper()
        return False


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
        self._owner = os.getpid()
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="futured-local-"))
        _exit.at_exit(self, last=True)
        _exit.after_fork(self)
        try:
            (self._folder / "futured.toml").write_text(_configuration(max_workers, modules, plugins))
            self._process = self._start(program)
            self.address = self._wait_for_address(self._process)
        except BaseException:
            self.stop()
            raise

    def _start(self, program: pathlib.Path) -> subprocess.Popen[bytes]:
        command = [
            str(program),
            f"--config={self._folder / 'futured.toml'}",
            "--memory",
            "--listen=127.0.0.1:0",
            "--http-listen=off",
            f"--port-file={self._folder / 'port'}",
        ]
        with open(self._folder / "log", "wb") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", self._GUARDIAN, "futured-local", *command],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this program.
            )

    def _wait_for_address(self, process: subprocess.Popen[bytes]) -> str:
        port = self._folder / "port"
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            text = port.read_text() if port.exists() else ""
            if text.endswith("\n"):
                return text.strip()
            if process.poll() is not None:
                log = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"the daemon does not start:\n{log}")
            time.sleep(0.005)
        raise RuntimeError(f"the daemon has not started in {_START_TIMEOUT:g} s")

    def stop(self) -> None:
        """May be called again. In a forked child without effect."""
        if os.getpid() != self._owner:
            return
        if self._process is not None:
            _hang_up(self._process)
            try:
                self._process.wait(_END_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _at_exit(self) -> None:
        self.stop()

    def _after_fork(self) -> None:
        if self._process is not None:
            _hang_up(self._process)
            self._process.poll()  # It finds that the daemon is no child of this process.


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    """Lets go of the pipe, which breaks once nobody holds it."""
    assert process.stdin is not None
    process.stdin.close()


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
