"""Clients that wait in great numbers, that do not read, and that are stopped. C2, C3, C11."""
import os
import signal
import subprocess
import time

import harness
import http2
import protobuf
from harness import MIB, OK, AbuseTest, eventually, report, size

WAIT_FOR_EVER = protobuf.field(2, protobuf.duration(1000))
CALLS_ON_ONE = 100
# Short, so that a client that has gone silent is missed soon.
KEEPALIVE = ('--keepalive-time=1s', '--keepalive-timeout=1s')


class WaitersTest(AbuseTest):
    waiters = size('WAITERS', 2_000)
    daemon_flags = (f'--max-waiters={waiters}',)

    def setUp(self):
        super().setUp()
        # What thousands of calls leave is given back page by page, and a few bytes hold a page.
        self.noise = 24 * MIB + 1024 * self.waiters
        self.gate = self.directory / 'gate'
        self.future = self.running()
        self.request = protobuf.field(1, self.future) + WAIT_FOR_EVER

    def wait(self):
        """As many calls that wait as there may be, on connections with a hundred each: these, and the streams."""
        clients = []
        for _ in range(self.waiters // CALLS_ON_ONE):
            client = self.client()
            clients.append((client, [client.begin(protobuf.RESULT, self.request) for _ in range(CALLS_ON_ONE)]))
        for client, _ in clients:
            client.call(protobuf.HEALTH)
        # To ask whether all wait takes the place of one that would.
        eventually(self.is_idle, 'that all wait')
        self.assertTrue(self.is_full())
        return clients

    def is_idle(self):
        busy = self.daemon.processor_seconds()
        time.sleep(0.2)
        return self.daemon.processor_seconds() == busy

    def is_full(self):
        """Whether a further call that would wait is refused."""
        with self.daemon.client() as client:
            request = protobuf.field(1, self.future) + protobuf.field(2, protobuf.duration(0, 10**6))
            return client.call(protobuf.RESULT, request).status == harness.RESOURCE_EXHAUSTED

    def is_empty(self):
        """Whether as many can wait as ever. It asks by calls that do."""
        with self.daemon.client() as client:
            request = protobuf.field(1, self.future) + protobuf.field(2, protobuf.duration(2))
            calls = [client.begin(protobuf.RESULT, request) for _ in range(min(self.waiters, 900))]
            return all(client.end_of(call).status == OK for call in calls)

    def assert_all_returns(self):
        eventually(self.is_empty, 'that there is room for waiting calls')
        self.assert_everything_returns()


class WaitersLeaveNothing(WaitersTest):
    """C11."""

    def cost(self):
        report(f'a waiting call costs {(self.daemon.memory() - self.base_memory) / self.waiters / 1024:.1f} KiB')

    def test_that_are_answered(self):
        clients = self.wait()
        self.cost()
        self.gate.touch()
        for client, calls in clients:
            for call in calls:
                self.assertEqual(client.end_of(call).status, OK)
        eventually(lambda: not self.is_full(), 'that nobody waits')
        # Their connections stay: it is the calls that give their memory back.
        self.wait_until_memory_is_below(self.base_memory + self.noise)
        for client, _ in clients:
            client.close()
        self.assert_everything_returns()

    def test_that_close_their_connections(self):
        for client, _ in self.wait():
            client.close()
        self.assert_all_returns()

    def test_that_cancel_their_calls(self):
        clients = self.wait()
        cancel = http2.CANCEL.to_bytes(4, 'big')
        for client, calls in clients:
            client.send(b''.join(http2.frame(http2.RST_STREAM, 0, call, cancel) for call in calls))
        self.assert_others_are_served()
        for client, _ in clients:
            client.close()
        self.assert_all_returns()


class WaitersThatFallSilentAreGivenUp(WaitersTest):
    """C2, C4: their machine has lost its power, or they do not read: nobody answers whether they are there."""
    # More would be given up before they all wait.
    waiters = min(2_000, WaitersTest.waiters)
    daemon_flags = (f'--max-waiters={waiters}', '--keepalive-time=3s', '--keepalive-timeout=1s')

    def test_and_leave_nothing(self):
        clients = self.wait()
        eventually(self.is_empty, 'that silent clients are given up')
        for client, _ in clients:
            client.wait_for_end()
        self.assert_all_returns()


class ReadersThatStopAreGivenUp(WaitersTest):
    """C3: a client that asks for large outcomes and reads none."""
    daemon_flags = KEEPALIVE
    value, count = MIB, size('VALUES', 50)

    def values(self):
        task = protobuf.task('abuse.bytes', self.value)
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, protobuf.submit_request(*[task] * self.count))
            self.assertEqual(answer.status, OK, answer)
            ids = [protobuf.first(future, 1).decode() for _, future in protobuf.fields(answer.messages[0])]
            request = b''.join(protobuf.field(1, each) for each in ids)
            waited = client.call(protobuf.WAIT, request + protobuf.field(2, 3))
            self.assertEqual(len(protobuf.fields(waited.messages[0])), self.count)
            return request

    def test_without_memory_for_what_they_do_not_read(self):
        request = self.values()
        base = self.daemon.memory()
        self.daemon.forget_peak()
        readers = [self.client(polite=False, window=65535) for _ in range(5)]
        for reader in readers:
            for _ in range(10):
                reader.begin(protobuf.AS_COMPLETED, request)
        self.assert_others_are_served()
        for reader in readers:
            reader.wait_for_end()
        grown = self.daemon.peak() - base
        report(f'50 streams that were not read cost {grown / MIB:.1f} MiB')
        # Each holds one message and a part of it on its way.
        self.check_memory(grown, 50 * 6 * MIB)
        # The values stay until their time is over, and were there before.
        self.wait_until_memory_is_below(base + self.noise)


class ClientsThatSendButDoNotReadAreGivenUp(WaitersTest):
    """They answer nothing, but say something all the time, which is enough for gRPC's keepalive."""
    daemon_flags = KEEPALIVE

    def test_as_what_waits_for_them_would_stay_in_memory(self):
        task = protobuf.task('abuse.bytes', MIB)
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, protobuf.submit_request(*[task] * 30))
            ids = [protobuf.first(future, 1).decode() for _, future in protobuf.fields(answer.messages[0])]
        talker = self.client(polite=False)
        for _ in range(10):
            talker.begin(protobuf.AS_COMPLETED, b''.join(protobuf.field(1, each) for each in ids))

        def is_closed():
            talker.send(http2.frame(http2.WINDOW_UPDATE, 0, 0, b'\0\0\0\1'), listening=False)
            return talker.closed
        eventually(is_closed, 'that the connection is closed')
        eventually(lambda: self.daemon.descriptors() <= self.base_descriptors, 'that descriptors are closed')
        self.assert_others_are_served()


class ClientsThatAreStoppedAreGivenUp(WaitersTest):
    """C2: processes that sleep, so that their kernel still answers for them."""
    daemon_flags = KEEPALIVE
    clients = size('STOPPED', 4)

    def setUp(self):
        super().setUp()
        if not isinstance(self.daemon.listener, harness.Listener):
            self.skipTest('futuredctl is given no certificate here')

    def started(self):
        """A futuredctl that waits."""
        process = subprocess.Popen([os.environ['FUTUREDCTL'], 'result', self.future],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env={**harness.environment(), 'FUTURED_ADDRESS': self.daemon.address})
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        process.stdout.close()

    def test_and_fail_or_go_on_when_they_wake(self):
        waiting = [self.started() for _ in range(self.clients)]
        eventually(lambda: self.daemon.descriptors() >= self.base_descriptors + 2 * self.clients, 'that all wait')
        for each in waiting:
            each.send_signal(signal.SIGSTOP)
        eventually(lambda: self.daemon.descriptors() <= self.base_descriptors, 'that those who sleep are given up')
        self.assert_all_returns()
        for each in waiting:
            each.send_signal(signal.SIGCONT)
        self.gate.touch()
        for each in waiting:
            # It tells the outcome, or that the connection was lost.
            out, _ = each.communicate(timeout=harness.PATIENCE)
            self.assertTrue(each.returncode or out == b'true\n', (each.returncode, out))


if __name__ == '__main__':
    harness.main()
