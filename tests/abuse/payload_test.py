"""Messages that are too large, compressed, or none. D8 to D11."""
import gzip
import random

import harness
import http2
import protobuf
from harness import INTERNAL, INVALID_ARGUMENT, MIB, OK, RESOURCE_EXHAUSTED, UNIMPLEMENTED, AbuseTest, size
from protobuf import field

FAILED = 4


def call(function, *arguments, wait=harness.PATIENCE):
    return protobuf.submit_request(protobuf.task(function, *arguments), wait=wait)


class CompressedMessagesAreRefused(AbuseTest):
    """D8."""

    def test_before_they_are_inflated(self):
        bomb = gzip.compress(bytes(size('BOMB_MIB', 64) * MIB), 9)
        for encoding in 'gzip', 'deflate':
            with self.subTest(encoding), self.daemon.client() as client:
                answer = client.call(protobuf.SUBMIT, framed=http2.message(bomb, compressed=True),
                                     more=[('grpc-encoding', encoding)])
                self.assertEqual(answer.status, UNIMPLEMENTED, answer)
        self.assert_memory_stays(8 * MIB)
        self.assert_others_are_served()

    def test_that_do_not_say_how(self):
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, framed=http2.message(gzip.compress(bytes(MIB)), compressed=True))
            self.assertIn(answer.status, (INTERNAL, INVALID_ARGUMENT, UNIMPLEMENTED), answer)
        self.assert_memory_stays(8 * MIB)
        self.assert_others_are_served()


class MessagesAboveTheLimitAreRefused(AbuseTest):
    """D9."""
    quota = 256 * MIB

    def send(self, client, declared, sent):
        """The end of a call with a message that says to be longer than what comes of it."""
        client.listen_until(lambda: client.settings_acknowledged)
        opening, stream = client.headers(http2.request_headers(protobuf.SUBMIT))
        client.send(opening)
        client.send_data(stream, http2.message(b'', length=declared), last=False)
        for _ in range(sent // MIB):
            client.send_data(stream, bytes(MIB), last=False)
        return client.end_of(stream)

    def test_once_they_have_come(self):
        with self.daemon.client() as client:
            answer = self.send(client, 8 * MIB, 9 * MIB)
            self.assertEqual(answer.status, RESOURCE_EXHAUSTED, answer)
        self.assert_memory_stays(32 * MIB)
        self.assert_everything_returns()

    def test_by_the_quota_when_they_never_end(self):
        """gRPC 1.51 gathers as much as the message says to have; its quota of memory ends that."""
        with self.daemon.client() as client:
            answer = self.send(client, (1 << 32) - 1, 2 * self.quota)
            self.assertNotEqual(answer.status, OK, answer)
            self.assert_others_are_served()
        self.assert_memory_stays(self.quota + 64 * MIB)
        self.assert_everything_returns()

    def test_arguments_with_a_reason_of_their_own(self):
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, call('abuse.wait', 'x' * (4 * MIB)))
            self.assertEqual(answer.status, RESOURCE_EXHAUSTED, answer)
            self.assertIn('arguments', answer.text)
        self.assert_memory_stays(64 * MIB)
        self.assert_everything_returns()


class LargeValuesAreNotSent(AbuseTest):
    """D10."""

    def test_they_are_futures_that_failed(self):
        with self.daemon.client() as client:
            answer = client.call(protobuf.SUBMIT, call('abuse.bytes', 0))
            self.assertEqual(answer.status, OK, answer)
            answer = client.call(protobuf.SUBMIT, call('abuse.bytes', size('VALUE_MIB', 16) * MIB))
            self.assertEqual(answer.status, OK, answer)
            future = protobuf.first(answer.messages[0], 1)
            self.assertEqual(protobuf.first(future, 2), FAILED)
            error = protobuf.first(protobuf.first(future, 3), 2)
            self.assertIn('ValueTooLarge', protobuf.first(error, 2).decode(), error)
            self.assertLess(len(answer.body), 1000)
        self.assert_everything_returns()


class MessagesThatAreNoneAreRefused(AbuseTest):
    """D11."""
    malformed = {
        'half a field': field(1, protobuf.task('abuse.square', 7))[:-1],
        'a length beyond the end': b'\x0a\xff\xff\xff\xff\x07',
        'an endless integer': b'\x0a' + b'\xff' * 20,
        'an unknown wire type': b'\x0f',
        'a group without end': b'\x0b' * 1000,
        'text that is none': field(1, field(1, b'\xff\xfe\xfd')),
        'a number in the place of a message': field(1, 7),
        'deep nesting': None,
        'a negative time': field(1, protobuf.task('abuse.square', 7)) + field(2, protobuf.duration(-1)),
        'a time of a million years': field(1, protobuf.task('abuse.square', 7)) + field(2, protobuf.duration(10**14)),
        'more nanoseconds than a second has': field(1, protobuf.task('abuse.square', 7)) +
                                              field(2, protobuf.duration(1, 2 * 10**9)),
        'no task': b'',
    }

    @staticmethod
    def nested(depth):
        value = protobuf.value_of(7)
        for _ in range(depth):
            value = field(8, field(1, value))
        return field(1, field(1, 'abuse.square') + field(2, field(1, value)))

    def test_by_a_code_that_says_so(self):
        with self.daemon.client() as client:
            for what, request in self.malformed.items():
                with self.subTest(what):
                    answer = client.call(protobuf.SUBMIT, self.nested(10_000) if request is None else request)
                    self.assertEqual(answer.status, INVALID_ARGUMENT, answer)
        self.assert_memory_stays(self.noise)
        self.assert_others_are_served()

    def test_bodies_that_are_cut_off_or_lie(self):
        for framed in b'', b'\0', b'\0\0\0\0\x05abc', b'\x02\0\0\0\x01x', b'\xff' * 100:
            with self.subTest(framed), self.daemon.client() as client:
                try:
                    self.assertNotEqual(client.call(protobuf.SUBMIT, framed=framed).status, OK)
                except http2.Closed:
                    pass
                self.assert_others_are_served()

    def test_random_ones(self):
        seed = size('SEED', random.randrange(1 << 32))
        harness.report(f'ABUSE_SEED={seed}')
        chance = random.Random(seed)
        with self.daemon.client() as client:
            for path in protobuf.SUBMIT, protobuf.RESULT, protobuf.WAIT, protobuf.GET:
                for _ in range(size('MESSAGES', 100)):
                    answer = client.call(path, chance.randbytes(chance.randrange(1, 200)))
                    self.assertEqual(answer.status, INVALID_ARGUMENT, answer)
        self.assert_everything_returns()


class UnknownCallsAreAnswered(AbuseTest):
    def test_unimplemented(self):
        with self.daemon.client() as client:
            for path in '/futured.v1.FutureService/Nothing', '/nobody.Service/Call', '/', '//', '/' + 'x' * 4000:
                with self.subTest(path):
                    self.assertEqual(client.call(path).status, UNIMPLEMENTED)

    def test_absurd_deadlines(self):
        """C12."""
        running = field(1, self.running())
        with self.daemon.client() as client:
            for timeout in '0n', '1n', '99999999H', '-1S', 'x', '', '1' * 30 + 'S':
                with self.subTest(timeout):
                    request = running + field(2, protobuf.duration(0, 10**7))
                    stream = client.begin(protobuf.RESULT, request, more=[('grpc-timeout', timeout)])
                    self.assertIsNotNone(client.end_of(stream).status)
        self.assert_others_are_served()


if __name__ == '__main__':
    harness.main()
