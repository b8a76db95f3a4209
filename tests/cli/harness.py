"""A real daemon, and futuredctl as a program, for tests.

FUTURED, FUTUREDCTL and CLI_PLUGIN name the daemon, the tool and the plugin with the functions of cli_plugin.cc.
"""
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

# Nothing below takes longer.
PATIENCE = 30

OK, TASK_FAILED, USAGE, NOT_FOUND, UNAVAILABLE, TIMEOUT, CANCELLED, REFUSED, DENIED = range(9)
INTERRUPTED, TERMINATED = 130, 143
UNKNOWN_ID = '3f0c9a51-77d2-8c1e-9d3a-000000000001'


def eventually(condition):
    """Looks again and again: another process tells nobody what it does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('this never happened')
        time.sleep(0.002)


def environment(**more):
    """That of the test, but for what would configure the daemon or the tool."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith('FUTURED')}
    return {**kept, **more}


class Daemon:
    def __init__(self, directory, *flags):
        port_file = directory / 'port'
        port_file.unlink(missing_ok=True)
        listen = [] if any(flag.startswith('--listen=') for flag in flags) else ['--listen=127.0.0.1:0']
        with open(directory / 'log', 'wb') as log:
            self.process = subprocess.Popen(
                [os.environ['FUTURED'], *listen, '--http-listen=off', f'--port-file={port_file}',
                 f'--data-dir={directory}/data',
                 '--plugins=' + os.environ['CLI_PLUGIN'], *flags], stderr=log, stdout=log, env=environment())
        eventually(lambda: port_file.exists() or self.process.poll() is not None)
        self.address = port_file.read_text().strip()

    def stop(self):
        self.process.kill()
        self.process.wait()


class Result:
    """What a run of futuredctl left: exit code, and texts of standard output and error."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f'code {self.code}\nout: {self.out}\nerr: {self.err}'


class CliTest(unittest.TestCase):
    """Each test has a daemon of its own, and a directory."""
    daemon_flags = ()
    # How long futuredctl looks for a daemon that is out of reach.
    retry = '0'

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.daemon = Daemon(self.directory, *self.daemon_flags)
        self.addCleanup(self.daemon.stop)

    def command(self, *arguments):
        """The words of a command line; bytes stay what they are."""
        return [os.environ['FUTUREDCTL'], *(word if isinstance(word, bytes) else str(word) for word in arguments)]

    def environment(self):
        """Of futuredctl."""
        return environment(FUTURED_ADDRESS=self.daemon.address, FUTURED_RETRY=self.retry)

    def start(self, *arguments, **more):
        """Starts futuredctl with pipes, but for what `more` says."""
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
        process = subprocess.Popen(self.command(*arguments), env=self.environment(),
                                   **{**pipes, **more})
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def run_ctl(self, *arguments, stdin=''):
        """Runs futuredctl with pipes."""
        process = self.start(*arguments)
        out, err = process.communicate(stdin.encode(), timeout=PATIENCE)
        return Result(process.returncode, (out or b'').decode(), (err or b'').decode())

    def run_on_terminal(self, *arguments, columns=80):
        """Runs futuredctl with standard output and error on one terminal. All it wrote is in `out`."""
        process, terminal = self.start_on_terminal(*arguments, columns=columns)
        text = self.read_terminal(terminal)
        return Result(process.wait(PATIENCE), text, '')

    def start_on_terminal(self, *arguments, columns=80, **more):
        """Starts futuredctl on a terminal; `more` may direct its output elsewhere. Returns it and our end."""
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack('HHHH', 25, columns, 0, 0))
        process = subprocess.Popen(self.command(*arguments),
                                   **{'stdin': subprocess.DEVNULL, 'stdout': other, 'stderr': other, **more},
                                   env=self.environment())
        self.addCleanup(self.end, process)
        os.close(other)
        self.addCleanup(os.close, main)
        return process, main

    @staticmethod
    def read_some(terminal):
        """The next output on a terminal; nothing when its programs have ended."""
        if not select.select([terminal], [], [], PATIENCE)[0]:
            raise AssertionError('nothing was written')
        try:
            return os.read(terminal, 65536)
        except OSError:  # The other end is closed.
            return b''

    def read_terminal(self, terminal):
        """All output until its programs end."""
        text = b''
        while some := self.read_some(terminal):
            text += some
        return text.decode()

    def check(self, result, code, out=None):
        self.assertEqual(result.code, code, result)
        if out is not None:
            self.assertEqual(result.out, out, result)
        return result

    def submit(self, *arguments):
        """Submits without waiting, and returns the ID."""
        return self.check(self.run_ctl('submit', *arguments), OK).out.strip()

    def blocked(self, name='gate'):
        """Submits a task that has begun and runs until a file of that name appears. Returns its ID."""
        path = self.directory / name
        future = self.submit('test.wait_for_file', path)
        self.wait_for_begin(name)
        return future

    def wait_for_begin(self, name='gate'):
        eventually((self.directory / (name + '.begun')).exists)

    def open(self, name='gate'):
        (self.directory / name).touch()

    def pending(self):
        """Submits a task that stays pending, as the executor is paused from then on. Returns its ID."""
        self.check(self.run_ctl('executors', 'pause', 'thread'), OK)
        return self.submit('test.square', 3)

    def ids(self, state):
        """The IDs of all futures in a state."""
        return [future['id'] for future in self.listed('--state', state)]

    def listed(self, *filters):
        """What `list` says, as objects."""
        return self.json_lines(self.check(self.run_ctl('list', '--output', 'json', *filters), OK).out)

    def json_lines(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def interrupt(self, process, number=signal.SIGINT):
        process.send_signal(number)
        return self.finish(process)

    def finish(self, process):
        """Waits for the end of a program."""
        out, err = process.communicate(timeout=PATIENCE)
        return Result(process.returncode, (out or b'').decode(), (err or b'').decode())
