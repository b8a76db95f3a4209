"""The daemon is drained and replaced by another one on the same data and address, under load.

No call fails, no future is lost, no function runs twice.
"""
import collections
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'cli'))

import harness

HERE = pathlib.Path(__file__).resolve().parent
# For programs under a sanitizer, on a machine that does other things.
PATIENCE = harness.PATIENCE = 120
# Futures that each program has to see the end of between two restarts.
PROGRESS = 3


class Program:
    """A program of an SDK, and what it wrote down."""

    def __init__(self, command, directory, address):
        directory.mkdir()
        self.executions = directory / 'executions'
        self._ledger = directory / 'ledger'
        self._output = directory / 'output'
        with open(self._output, 'wb') as output:
            self.process = subprocess.Popen(
                [*command, address, self.executions, self._ledger, directory.parent / 'stop'], stdout=output,
                stderr=output, env=harness.environment(PYTHONPATH=os.environ['FUTURED_PACKAGE']))

    def outcomes(self):
        return self._ledger.read_text().splitlines() if self._ledger.exists() else []

    def done(self):
        """How many futures it has seen the end of."""
        if self.process.poll():
            raise AssertionError(self._output.read_text(errors='replace'))
        return len(self.outcomes())

    def wait(self):
        self.process.wait(PATIENCE)
        if self.process.returncode:
            raise AssertionError(self._output.read_text(errors='replace'))

    def end(self):
        self.process.kill()
        self.process.wait()


class Shell:
    """Somebody who calls futuredctl, one command after the other, until one fails or the file `stop` exists."""

    def __init__(self, directory, address):
        directory.mkdir()
        self.executions = directory / 'executions'
        self._environment = harness.environment(FUTURED_ADDRESS=address, FUTURED_RETRY=f'{PATIENCE}s')
        self._stop = directory.parent / 'stop'
        self._values = []
        self._failure = ''
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def outcomes(self):
        return [f'{value} {value}' for value in self._values]

    def done(self):
        if self._failure:
            raise AssertionError(self._failure)
        return len(self._values)

    def wait(self):
        self._thread.join(PATIENCE)
        self.done()

    def end(self):
        self._stop.touch()
        self._thread.join(PATIENCE)

    def _run(self):
        number = 0
        while not self._stop.exists() and not self._failure:
            future = self._call('submit', 'abuse.record', self.executions, number)
            value = self._call('result', future)
            for command in (('as-completed', future), ('wait', future), ('get', future), ('logs', future),
                            ('cancel', future), ('list', '--limit=1'), ('executors',)):
                self._call(*command)
            if not self._failure:
                self._values.append(value)
            number += 1

    def _call(self, *words):
        if self._failure:
            return ''
        told = subprocess.run([os.environ['FUTUREDCTL'], *map(str, words)], env=self._environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=2 * PATIENCE)
        if told.returncode:
            self._failure = f'futuredctl {words}: {told.returncode}: {told.stderr.decode()}'
        return told.stdout.decode().strip()


class RollingRestartTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.daemon = harness.Daemon(self.directory)
        self.addCleanup(lambda: self.daemon.stop())

    def begin(self):
        address = self.daemon.address
        python = [sys.executable, '-B', HERE / 'rolling_client.py']
        self.clients = {
            'C++': Program([os.environ['ROLLING_CLIENT']], self.directory / 'cpp', address),
            'Python': Program(python, self.directory / 'python', address),
            'futuredctl': Shell(self.directory / 'shell', address)}
        for client in self.clients.values():
            self.addCleanup(client.end)

    def go_on(self, progress):
        """Until each client has done so much more."""
        goals = {name: client.done() + progress for name, client in self.clients.items()}
        for name, client in self.clients.items():
            harness.eventually(lambda: client.done() >= goals[name])

    def drain(self, *words):
        command = [os.environ['FUTUREDCTL'], 'drain', f'--timeout={PATIENCE}s', f'--address={self.daemon.address}']
        told = subprocess.run([*command, *words], env=harness.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=2 * PATIENCE)
        self.assertEqual(told.returncode, 0, told)

    def replace(self):
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0, (self.directory / 'log').read_text())
        self.daemon = harness.Daemon(self.directory, f'--listen={self.daemon.address}')

    def check(self):
        """Every future ended once, with its own value, and every function ran once."""
        (self.directory / 'stop').touch()
        for name, client in self.clients.items():
            with self.subTest(name):
                client.wait()
                numbers = [str(number) for number in range(len(client.outcomes()))]
                self.assertEqual(sorted(client.outcomes()), sorted(f'{number} {number}' for number in numbers))
                executions = collections.Counter(client.executions.read_text().split())
                self.assertEqual(executions, collections.Counter(numbers))

    def test_nobody_notices_three_restarts(self):
        self.begin()
        self.go_on(PROGRESS)
        for end in (lambda: self.drain('--wait', '--exit'), lambda: self.drain('--exit'),
                    lambda: self.daemon.process.send_signal(signal.SIGTERM)):
            end()
            self.replace()
            self.go_on(PROGRESS)
        self.check()

    def test_nobody_notices_a_drain_that_is_undone(self):
        self.begin()
        self.go_on(PROGRESS)
        self.drain('--wait')
        self.drain('--undo')
        self.go_on(PROGRESS)
        self.check()


if __name__ == '__main__':
    unittest.main(verbosity=2)
