"""Clients that speak another protocol, or none. D13."""
import os
import random
import ssl

import harness
import http2
import mtls
from harness import AbuseTest, report, size

CLIENT_HELLO = bytes.fromhex('16030100c4010000c00303') + bytes(192)


class NonsenseTest(AbuseTest):
    def say(self, words, connection=None):
        """On a connection of its own, until the daemon closes it."""
        connection = connection or self.daemon.socket()
        with http2.Connection(connection, polite=False, preface=False) as client:
            client.send(words)
            client.wait_for_end()


class OtherProtocolsAreEnded(NonsenseTest):
    daemon_flags = ('--handshake-timeout=2s', '--max-connection-idle=2s')

    def test_requests_of_http_1(self):
        for words in (b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', b'POST /futured.v1.FutureService/Submit HTTP/1.1\r\n\r\n',
                      b'GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'):
            with self.subTest(words):
                self.say(words)
        self.assert_everything_returns()

    def test_tls_where_there_is_none(self):
        self.say(CLIENT_HELLO, http2.connect(self.daemon.address))
        self.assert_everything_returns()

    def test_no_tls_where_it_is_needed(self):
        if isinstance(self.daemon.listener, harness.Listener):
            self.skipTest('a plain listener')
        self.say(http2.PREFACE + http2.settings(), http2.connect(self.daemon.address))
        self.assert_everything_returns()

    def test_tls_without_a_certificate(self):
        if isinstance(self.daemon.listener, harness.Listener):
            self.skipTest('a plain listener')
        context = mtls.MutualTls.context(mtls.authority())
        try:
            # With TLS 1.3 the client hears of the refusal when it reads.
            with context.wrap_socket(http2.connect(self.daemon.address), server_hostname='localhost') as stranger:
                stranger.settimeout(harness.PATIENCE)
                self.assertEqual(stranger.recv(1), b'', 'a client without a certificate is heard')
        except (ssl.SSLError, ConnectionError) as error:
            report('without a certificate:', error)
        self.assert_everything_returns()

    def test_random_bytes(self):
        seed = size('SEED', random.randrange(1 << 32))
        report(f'ABUSE_SEED={seed}')
        chance = random.Random(seed)
        for i in range(size('SAYINGS', 20)):
            words = chance.randbytes(chance.randrange(1, 4096))
            self.say((http2.PREFACE if i % 2 else b'') + words)
        self.assert_everything_returns()

    def test_few_lines_are_logged(self):
        for _ in range(size('SAYINGS', 20)):
            self.say(b'x' * 100)
        self.assertLess(self.daemon.log().count('\n'), 10, self.daemon.log())


class FramesThatMustNotBeAreEnded(NonsenseTest):
    """Whatever is wrong on HTTP/2's own terms."""
    daemon_flags = ('--max-connection-idle=2s',)
    frames = {
        'data of no stream': http2.frame(http2.DATA, 0, 0, b'x'),
        'a frame larger than allowed': http2.frame(http2.DATA, 0, 1, bytes(1 << 20)),
        'settings of half a value': http2.frame(http2.SETTINGS, 0, 0, b'\0\4\0'),
        'settings of a stream': http2.frame(http2.SETTINGS, 0, 1),
        'a ping of seven bytes': http2.frame(http2.PING, 0, 0, bytes(7)),
        'a continuation of nothing': http2.frame(http2.CONTINUATION, 0, 1, b'x'),
        'an even stream': http2.frame(http2.HEADERS, http2.END_HEADERS, 2, http2.block(http2.request_headers('/'))),
        'a window beyond bounds': http2.frame(http2.WINDOW_UPDATE, 0, 0, b'\x7f\xff\xff\xff') * 2,
        'a window that does not grow': http2.frame(http2.WINDOW_UPDATE, 0, 0, bytes(4)),
        'an index of no header': http2.frame(http2.HEADERS, http2.END_HEADERS, 1, b'\xff\xff\xff\x07'),
        'a promise': http2.frame(http2.PUSH_PROMISE, http2.END_HEADERS, 1, bytes(4)),
        'an unknown kind': http2.frame(99, 255, 1, os.urandom(100)),
    }

    def test_each(self):
        for what, frame in self.frames.items():
            with self.subTest(what):
                self.say(http2.PREFACE + http2.settings() + frame)
        self.assert_everything_returns()


if __name__ == '__main__':
    harness.main()
