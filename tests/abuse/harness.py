"""A real daemon for the tests of abuse, seen from outside: its memory, its descriptors, and whether it serves others.

FUTURED and ABUSE_PLUGIN name the daemon and the plugin with the functions of abuse_plugin.cc. FUTURED_ABUSE_LISTENER says
how clients reach it: plain (TCP), or mtls. Sizes are small ones, but for those that variables of the form ABUSE_… set.
"""
import functools
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import unittest

import http2
import mtls
import protobuf

PATIENCE = http2.PATIENCE
# Of a daemon that sanitizers watch, which keep what is freed.
IGNORE_MEMORY = bool(os.environ.get('ABUSE_IGNORE_MEMORY'))
SKIPPED = 77
MIB = 1 << 20
OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, NOT_FOUND = 0, 1, 2, 3, 5
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 8, 12, 13, 14


def size(name, small):
    """How much: as the variable ABUSE_name says, or the small size."""
    return int(os.environ.get('ABUSE_' + name, small))


def eventually(condition, what='this', patience=PATIENCE):
    """Looks again and again: another process tells nobody what it does."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'{what} never happened')
        time.sleep(0.01)


def report(*words):
    """A figure, for who reads the output of the test."""
    print('  ', *words, file=sys.stderr)


@functools.cache
def help_text():
    return subprocess.run([os.environ['FUTURED'], '--help'], stdout=subprocess.PIPE, check=True, timeout=PATIENCE,
                          env=environment()).stdout.decode()


def supports(flag):
    return flag in help_text()


def listening_everywhere():
    """The flag that lets the daemon listen on other than loopback without authentication, where it asks for one."""
    return [flag for flag in ('--listen-insecurely-on-any-interface', '--insecure-serve-anyone') if supports(flag)]


def environment():
    """That of the test, but for what would configure the daemon."""
    return {name: value for name, value in os.environ.items() if not name.startswith('FUTURED')}


class Listener:
    """Plain TCP on loopback."""
    flags = ('--listen=127.0.0.1:0',)

    def wrap(self, connection):
        return connection


class Daemon:
    """`inside` is a command that it is run by, such as "ip netns exec NAME"; `descriptors` the most that it may have."""

    def __init__(self, directory, *flags, listener=None, inside=(), descriptors=None):
        self.listener = listener or Listener()
        port_file = directory / 'port'
        port_file.unlink(missing_ok=True)
        self.log_file = directory / 'log'

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        with open(self.log_file, 'ab') as log:
            self.process = subprocess.Popen(
                [*inside, os.environ['FUTURED'], f'--port-file={port_file}', f'--data-dir={directory}/data',
                 '--plugins=' + os.environ['ABUSE_PLUGIN'], *self.listener.flags, *flags],
                stderr=log, stdout=log, stdin=subprocess.DEVNULL, env=environment(), preexec_fn=limit)
        eventually(lambda: port_file.exists() or self.process.poll() is not None, 'the start of the daemon')
        if self.process.poll() is not None:
            raise AssertionError('the daemon ended:\n' + self.log())
        self.address = port_file.read_text().strip().rpartition('//')[2]

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_file.read_text(errors='replace')

    def stop(self):
        self.process.kill()
        self.process.wait()

    # How it is.

    def _status(self, name):
        for line in pathlib.Path(f'/proc/{self.pid}/status').read_text().splitlines():
            if line.startswith(name + ':'):
                return int(line.split()[1]) * 1024
        raise AssertionError('the daemon has ended:\n' + self.log())

    def memory(self):
        """Resident, bytes."""
        return self._status('VmRSS')

    def peak(self):
        """The most that was resident since forget_peak(), bytes."""
        return self._status('VmHWM')

    def forget_peak(self):
        pathlib.Path(f'/proc/{self.pid}/clear_refs').write_text('5')

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def processor_seconds(self):
        words = pathlib.Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')

    # Clients.

    def socket(self):
        """A connection that is ready for HTTP/2."""
        return self.listener.wrap(http2.connect(self.address))

    def client(self, **how):
        return http2.Connection(self.socket(), **how)


def listener():
    """As FUTURED_ABUSE_LISTENER says."""
    if os.environ.get('FUTURED_ABUSE_LISTENER', 'plain') == 'plain':
        return Listener()
    return mtls.listener()


class AbuseTest(unittest.TestCase):
    """Each test has a daemon of its own, started with these flags."""
    daemon_flags = ()
    # What an unhurt daemon's memory may differ from one moment to another.
    noise = 24 * MIB

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.daemon = self.start(*self.daemon_flags)
        # Whatever is made only once.
        self.assert_others_are_served()
        self.base_memory, self.base_descriptors = self.daemon.memory(), 0
        eventually(lambda: self._are_descriptors_settled(), 'that the daemon closes the connection of a client')
        self.daemon.forget_peak()

    def _are_descriptors_settled(self):
        before, self.base_descriptors = self.base_descriptors, self.daemon.descriptors()
        return before == self.base_descriptors

    def start(self, *flags, **how):
        """A daemon of this test."""
        daemon = Daemon(self.directory, *flags, listener=listener(), **how)
        self.addCleanup(daemon.stop)
        return daemon

    def client(self, **how):
        """A connection that is closed when the test ends."""
        connection = self.daemon.client(**how)
        self.addCleanup(connection.close)
        return connection

    def submit(self, function, *arguments):
        """The ID of a new future."""
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, protobuf.submit_request(protobuf.task(function, *arguments)))
            self.assertEqual(answer.status, OK, answer)
            return protobuf.first(protobuf.first(answer.messages[0], 1), 1).decode()

    def running(self):
        """The ID of a future that does not end before the test does."""
        gate = self.directory / 'gate'
        self.addCleanup(gate.touch)
        return self.submit('abuse.wait', str(gate))

    # What must hold whatever clients do.

    def assert_others_are_served(self):
        """A client with a connection of its own is answered."""
        with self.daemon.client() as other:
            self.assertEqual(other.call(protobuf.HEALTH).status, OK)
            request = protobuf.submit_request(protobuf.task('abuse.square', 7), wait=PATIENCE)
            answer = other.call(protobuf.SUBMIT, request)
            self.assertEqual(answer.status, OK, answer)
            future = protobuf.first(answer.messages[0], 1)
            self.assertEqual(protobuf.first(future, 3), protobuf.field(1, protobuf.value_of(49)))

    def assert_memory_stays(self, most):
        """It was never more than so many bytes above where it began."""
        grown = self.daemon.peak() - self.base_memory
        report(f'{self.id()}: memory grew by {max(grown, 0) / MIB:.1f} MiB at most')
        self.check_memory(grown, most)

    def check_memory(self, bytes_, most):
        if not IGNORE_MEMORY:
            self.assertLess(bytes_, most, f'{bytes_ / MIB:.1f} MiB')

    def wait_until_memory_is_below(self, most):
        """Bytes. What malloc keeps is given back a while after its users have gone."""
        if not IGNORE_MEMORY:
            eventually(lambda: self.daemon.memory() < most, 'that memory returns')

    def assert_everything_returns(self, memory=None):
        """Once clients have gone: descriptors and memory are what they were."""
        eventually(lambda: self.daemon.descriptors() <= self.base_descriptors, 'that descriptors are closed')
        try:
            self.wait_until_memory_is_below(self.base_memory + (self.noise if memory is None else memory))
        finally:
            grown = (self.daemon.memory() - self.base_memory) / MIB
            report(f'{self.id()}: memory is {grown:.1f} MiB above where it began')
        self.assert_others_are_served()


def main():
    """Runs the tests of the program, or says why they cannot be run here, with code 77."""
    why_not = mtls.why_not(help_text()) if os.environ.get('FUTURED_ABUSE_LISTENER') == 'mtls' else None
    if why_not:
        print('skipped:', why_not)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
