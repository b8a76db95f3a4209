"""What tests of networks share: a daemon on one machine, programs of the SDKs on another, and the ledger of both."""
import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'abuse'))

import harness
import namespaces

PYTHON = [sys.executable, '-B', str(pathlib.Path(__file__).resolve().parent / 'ledger_client.py')]


class FarListener(harness.Listener):
    """On the server's machine; without authentication, as nobody else is there."""

    def __init__(self, machine):
        self.flags = (f'--listen={machine.address}:0', *harness.listening_everywhere())


class Client:
    """A program of an SDK on the client's machine, and what it wrote down."""

    def __init__(self, command, network, daemon, directory, count, pause):
        self.count = count
        self._ledger = directory / 'ledger'
        self._output = directory / 'output'
        words = [*network.client.inside, *command, daemon.address, str(directory / 'executions'), str(self._ledger),
                 str(count), str(pause)]
        with open(self._output, 'wb') as output:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**harness.environment(), 'PYTHONPATH': os.environ['FUTURED_PACKAGE']})

    def outcomes(self):
        """Number and outcome of each future, as they were told."""
        return [line.partition(' ')[::2] for line in self._ledger.read_text().splitlines()]

    def wait(self, patience):
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'{len(self.outcomes())} of {self.count} futures are done') from None
        if self.process.returncode:
            raise AssertionError(self._output.read_text(errors='replace'))

    def end(self):
        self.process.kill()
        self.process.wait()


class NetworkTest(unittest.TestCase):
    """Each test has a network, and a daemon in it that soon misses clients who do not answer."""
    daemon_flags = ('--keepalive-time=1s', '--keepalive-timeout=1s')
    tasks = harness.size('TASKS', 200)
    # Until the SDK has found out by itself that a connection is dead, and made another.
    patience = 90

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.network = namespaces.Network()
        self.addCleanup(self.network.close)
        self.daemon = harness.Daemon(self.directory, *self.daemon_flags, listener=FarListener(self.network.server),
                                     inside=self.network.server.inside)
        self.addCleanup(self.daemon.stop)
        self.base_descriptors = self.daemon.descriptors()

    def client(self, command, pause=10):
        client = Client(command, self.network, self.daemon, self.directory, self.tasks, pause)
        self.addCleanup(client.end)
        return client

    def executions(self):
        """How often each function ran."""
        path = self.directory / 'executions'
        return collections.Counter(path.read_text().split() if path.exists() else [])

    def wait_for_executions(self, client, count):
        harness.eventually(lambda: self.executions().total() >= count or client.process.poll() is not None,
                           f'that {count} functions run')

    def check_ledger(self, client):
        """Every future ended once, with its own value, and every function ran once."""
        client.wait(self.patience)
        numbers = [str(number) for number in range(self.tasks)]
        self.assertEqual(sorted(client.outcomes()), sorted(zip(numbers, numbers)))
        self.assertEqual(self.executions(), collections.Counter(numbers))

    def wait_until_missed(self):
        """Until the daemon has given up the clients that it had, and a while longer."""
        harness.eventually(lambda: self.daemon.descriptors() <= self.base_descriptors, 'that clients are missed')
        self.pass_time(harness.size('FAULT_SECONDS', 1))

    @staticmethod
    def pass_time(seconds):
        """How long a fault lasts."""
        time.sleep(seconds)


class SdkTest(NetworkTest):
    """Each test runs for both SDKs."""
    sdks = {'C++': [os.environ.get('LEDGER_CLIENT', '')], 'Python': PYTHON}

    def for_each_sdk(self, fault):
        """The fault comes when the program is in the middle of its work."""
        for name, command in self.sdks.items():
            with self.subTest(name):
                (self.directory / 'executions').unlink(missing_ok=True)
                client = self.client(command)
                self.wait_for_executions(client, self.tasks // 4)
                begun = time.monotonic()
                fault(client)
                self.check_ledger(client)
                harness.report(f'{self.id()}: {name} had all outcomes {time.monotonic() - begun:.1f} s after the fault began')


def main():
    why_not = namespaces.why_not()
    if why_not:
        print('skipped:', why_not)
        sys.exit(harness.SKIPPED)
    unittest.main(verbosity=2)
