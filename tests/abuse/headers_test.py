"""Headers that are too large, badly made, or never end. D3 to D6, D12."""
import harness
import http2
import protobuf
from harness import MIB, OK, AbuseTest, report, size


class HeadersTest(AbuseTest):
    def answer(self, client, stream=1):
        """That to a call with bad headers; an end of the connection is one too."""
        try:
            return client.end_of(stream)
        except http2.Closed:
            return client.answers[stream]


class HeadersAboveTheLimitAreRefused(HeadersTest):
    """D3. gRPC 1.51 holds to its limit once the client has acknowledged it."""

    def test_without_memory(self):
        for length in 8 << 10, 12 << 10, 15 << 10:
            with self.subTest(length), self.daemon.client() as client:
                client.listen_until(lambda: client.settings_acknowledged)
                client.begin(protobuf.HEALTH, b'', more=[('x-large', 'x' * length)])
                self.assertNotEqual(self.answer(client).status, OK)
        self.assert_memory_stays(self.noise)
        self.assert_everything_returns()

    def test_smaller_ones_are_not(self):
        with self.daemon.client() as client:
            client.listen_until(lambda: client.settings_acknowledged)
            self.assertEqual(client.call(protobuf.HEALTH, more=[('x-large', 'x' * (7 << 10))]).status, OK)


class OneLargeHeaderHarmsNobodyElse(HeadersTest):
    """D4, CVE-2023-33953. gRPC 1.51 takes in all of it before it looks at its size: docs/security-grpc.md."""
    length = size('HEADER_KIB', 256) << 10

    def test_others_are_served_and_memory_returns(self):
        busy = self.daemon.processor_seconds()
        with self.daemon.client() as client:
            data = http2.block(http2.request_headers(protobuf.HEALTH, [('x-large', 'x' * self.length)]))
            client.new_stream()
            pieces = [data[i:i + http2.MAX_FRAME] for i in range(0, len(data), http2.MAX_FRAME)]
            for i, piece in enumerate(pieces):
                last = http2.END_HEADERS if i + 1 == len(pieces) else 0
                kind = http2.CONTINUATION if i else http2.HEADERS
                if not client.send(http2.frame(kind, last | (0 if i else http2.END_STREAM), 1, piece)):
                    break
            self.assert_others_are_served()
            self.assertNotEqual(self.answer(client).status, OK)
        self.assert_memory_stays(self.noise + 8 * self.length)
        report(f'a header of {self.length >> 10} KiB cost {self.daemon.processor_seconds() - busy:.2f} s')
        self.assert_everything_returns()


class PaddedIntegersEndTheConnection(HeadersTest):
    """D5, CVE-2023-33953."""
    padding = size('PADDING_KIB', 64) << 10

    def test_others_are_served(self):
        # The length of a header's name: an integer of zeros that overflows in the end.
        endless = b'\x00\x7f' + b'\x80' * self.padding + b'\x7f'
        with self.daemon.client() as client:
            client.new_stream()
            for i in range(0, len(endless), http2.MAX_FRAME):
                kind = http2.CONTINUATION if i else http2.HEADERS
                if not client.send(http2.frame(kind, 0, 1, endless[i:i + http2.MAX_FRAME])):
                    break
            client.wait_for_end()
        self.assert_memory_stays(self.noise)
        self.assert_everything_returns()


class HeadersWithoutEndAreEnded(HeadersTest):
    """D6: nothing is called yet, so it is the time of an idle connection that ends them."""
    daemon_flags = ('--max-connection-idle=2s',)
    length = size('CONTINUATION_MIB', 2) * MIB

    def test_by_the_time_of_idle_connections(self):
        opening = http2.block(http2.request_headers(protobuf.HEALTH))
        piece = http2.literal('x-more', 'x' * (http2.MAX_FRAME - 64))
        with self.daemon.client() as client:
            client.new_stream()
            client.send(http2.frame(http2.HEADERS, 0, 1, opening))
            for _ in range(self.length // len(piece)):
                if not client.send(http2.frame(http2.CONTINUATION, 0, 1, piece)):
                    break
            self.assert_others_are_served()
            client.wait_for_end()
        self.assert_memory_stays(self.noise + 2 * self.length)
        self.assert_everything_returns()


class HeadersThatOnceEndedServersHarmNobody(HeadersTest):
    """D12, CVE-2023-1428: `te`, `:scheme` and `grpclb_client_stats` of more than 8 KiB."""

    def test_the_daemon_lives(self):
        long = 'x' * (9 << 10)
        for name in 'te', ':scheme', 'grpclb_client_stats':
            for value in 'trailers' + long, long, 'x':
                with self.subTest(name, length=len(value)), self.daemon.client() as client:
                    headers = http2.request_headers(protobuf.HEALTH, [(name, value)], leave_out=(name,))
                    opening, stream = client.headers(headers)
                    client.send(opening + http2.frame(http2.DATA, http2.END_STREAM, stream, http2.message(b'')))
                    self.answer(client, stream)
                    self.assert_others_are_served()
        self.assert_memory_stays(self.noise)


class BinaryHeadersThatAreNoneHarmOnlyTheirSender(HeadersTest):
    """CVE-2023-32732: what is no base64 may end the connection that it came on."""

    def test_others_are_served(self):
        with self.daemon.client() as bystander:
            with self.daemon.client() as client:
                client.begin(protobuf.HEALTH, b'', more=[('x-bad-bin', '!not base64!')])
                answer = self.answer(client)
                self.assertNotEqual(answer.status, OK)
                report('a bad binary header:', answer, '; the connection is', 'closed' if client.closed else 'open')
            self.assertEqual(bystander.call(protobuf.HEALTH).status, OK)
        self.assert_everything_returns()


if __name__ == '__main__':
    harness.main()
