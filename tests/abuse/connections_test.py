"""Connections: more than there may be, more than there are descriptors for, silent ones, slow ones. C9, C10."""
import select
import socket
import struct
import time

import harness
import http2
import protobuf
from harness import MIB, OK, AbuseTest, eventually, report, size

RESET_AT_CLOSE = struct.pack('ii', 1, 0)


class ConnectionsTest(AbuseTest):
    def open(self, count):
        """So many connections that say nothing, as far as they come about."""
        opened = []
        for _ in range(count):
            connection = http2.connect(self.daemon.address)
            self.addCleanup(connection.close)
            opened.append(connection)
        return opened

    def assert_served_again(self):
        """Once the daemon has noticed that there is room."""
        def served():
            try:
                self.assert_others_are_served()
                return True
            except (OSError, http2.Closed):
                return False
        eventually(served, 'that others are served again')


class DescriptorsThatRunOutComeBack(ConnectionsTest):
    """CVE-2023-4785."""
    descriptors = 128

    def start(self, *flags, **how):
        return super().start(*flags, **{'descriptors': self.descriptors, **how})

    def test_others_are_served_when_the_attackers_have_gone(self):
        for _ in range(2):
            attackers = self.open(2 * self.descriptors)
            eventually(lambda: 'out of descriptors' in self.daemon.log(), 'that descriptors run out')
            for attacker in attackers:
                attacker.close()
            self.assert_served_again()
        self.assert_everything_returns()

    def test_a_client_that_was_there_before_is_served_meanwhile(self):
        client = self.client()
        self.assertEqual(client.call(protobuf.HEALTH).status, OK)
        attackers = self.open(2 * self.descriptors)
        eventually(lambda: 'out of descriptors' in self.daemon.log(), 'that descriptors run out')
        request = protobuf.submit_request(protobuf.task('abuse.square', 7), wait=harness.PATIENCE)
        self.assertEqual(client.call(protobuf.SUBMIT, request).status, OK)
        busy = self.daemon.processor_seconds()
        time.sleep(1)
        self.assertLess(self.daemon.processor_seconds() - busy, 0.5, 'a daemon without descriptors is not busy')
        client.close()
        for attacker in attackers:
            attacker.close()
        self.assert_everything_returns()


class ConnectionsAboveTheLimitAreClosed(ConnectionsTest):
    limit = 50
    daemon_flags = (f'--max-connections={limit}',)

    def test_at_once_and_only_those(self):
        opened = self.open(2 * self.limit)

        def ended():
            return [each for each in opened if select.select([each], [], [], 0)[0] and not self.says_something(each)]
        eventually(lambda: len(ended()) == self.limit, 'that so many are closed')
        for each in opened:
            each.close()
        self.assert_served_again()
        self.assertEqual(self.daemon.log().count('too many connections'), 1, self.daemon.log())
        self.assert_everything_returns()

    @staticmethod
    def says_something(connection):
        try:
            return bool(connection.recv(1, socket.MSG_PEEK))
        except ConnectionError:
            return False


class SilentConnectionsAreClosed(ConnectionsTest):
    """C9."""
    daemon_flags = ('--handshake-timeout=2s', '--max-connection-idle=3s', '--keepalive-time=1s',
                    '--keepalive-timeout=1s')

    def test_that_never_say_anything(self):
        for each in self.open(size('SILENT', 100)):
            http2.Connection(each, polite=False, preface=False).wait_for_end()
        self.assert_everything_returns()

    def test_that_dribble_a_greeting(self):
        connection = http2.connect(self.daemon.address)
        dribble(self, connection, http2.PREFACE)
        self.assert_everything_returns()

    def test_that_dribble_headers(self):
        connection = self.daemon.socket()
        connection.sendall(http2.PREFACE + http2.settings())
        block = http2.block(http2.request_headers(protobuf.HEALTH))
        dribble(self, connection, http2.frame(http2.HEADERS, http2.END_HEADERS, 1, block))
        self.assert_everything_returns()

    def test_that_dribble_a_message_until_they_are_asked(self):
        """Those that do not answer when asked whether they are there."""
        connection = self.daemon.socket()
        opening = http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.block(http2.request_headers(protobuf.SUBMIT)))
        connection.sendall(http2.PREFACE + http2.settings() + opening)
        body = http2.message(protobuf.submit_request(protobuf.task('abuse.square', 7)))
        dribble(self, connection, http2.frame(http2.DATA, 0, 1, body)[:12], again=False)
        self.assert_everything_returns()


def dribble(test, connection, words, again=True):
    """Sends a byte now and then, all of them again and again if asked to; until the daemon closes the connection."""
    client = http2.Connection(connection, polite=False, preface=False)
    end = time.monotonic() + harness.PATIENCE
    sent = 0
    while not client.closed:
        test.assertLess(time.monotonic(), end, f'still open after {sent} bytes')
        if sent < len(words) - 1 or not again and sent < len(words):
            client.send(words[sent:sent + 1])
            sent += 1
        try:
            client.listen_until(lambda: client.closed, patience=0.2)
        except http2.Silence:
            pass
    client.close()


class ConnectionsThatComeAndGoLeaveNothing(ConnectionsTest):
    """C10."""
    count = size('CONNECTIONS', 1_000)

    def come_and_go(self, visit):
        for i in range(self.count):
            with self.daemon.socket() as connection:
                visit(connection)
            if i % (self.count // 4) == 0:
                self.assert_served_again()
        self.assert_everything_returns()
        report(f'{self.count} connections cost {self.daemon.processor_seconds():.2f} s')

    def test_without_a_word(self):
        self.come_and_go(lambda connection: None)

    def test_with_a_greeting(self):
        self.come_and_go(lambda connection: connection.sendall(http2.PREFACE + http2.settings()))

    def test_in_the_middle_of_a_call_by_reset(self):
        call = http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.block(http2.request_headers(protobuf.SUBMIT)))

        def visit(connection):
            connection.sendall(http2.PREFACE + http2.settings() + call + http2.frame(http2.DATA, 0, 1, b'\0\0\0\1\0abc'))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self.come_and_go(visit)


if __name__ == '__main__':
    harness.main()
