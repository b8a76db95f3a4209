"""IDs in great numbers, twice, unknown, or none. D14."""
import harness
import protobuf
from harness import INVALID_ARGUMENT, MIB, NOT_FOUND, OK, RESOURCE_EXHAUSTED, AbuseTest, size
from protobuf import field

ALL_COMPLETED = field(2, 3)
SNAPSHOT = field(3, protobuf.duration(0))
CANCEL, FORGET = '/futured.v1.FutureService/Cancel', '/futured.v1.FutureService/Forget'
UNKNOWN = '3f0c9a51-77d2-8c1e-9d3a-%012x'


def listed(ids):
    return b''.join(field(1, each) for each in ids)


class IdsInOneCallTest(AbuseTest):
    rest = {protobuf.WAIT: ALL_COMPLETED + SNAPSHOT, protobuf.AS_COMPLETED: field(2, protobuf.duration(0)),
            protobuf.GET: b'', CANCEL: field(3, 1), FORGET: b''}

    def setUp(self):
        super().setUp()
        self.client_ = self.client()

    def ask(self, path, ids):
        return self.client_.call(path, listed(ids) + self.rest[path])


class TooManyIdsAreRefused(IdsInOneCallTest):
    def test_above_the_limit_of_a_call(self):
        for path in self.rest:
            with self.subTest(path):
                answer = self.ask(path, (UNKNOWN % number for number in range(10_001)))
                self.assertEqual((answer.status, answer.text),
                                 (RESOURCE_EXHAUSTED, 'ids: 10001 IDs, the limit is 10000'))
        self.assert_others_are_served()

    def test_a_million_is_more_than_a_message_holds(self):
        before = self.daemon.memory()
        answer = self.ask(protobuf.WAIT, (UNKNOWN % number for number in range(size('IDS', 200_000))))
        self.assertEqual(answer.status, RESOURCE_EXHAUSTED, answer)
        self.check_memory(self.daemon.memory() - before, 128 * MIB)
        self.assert_others_are_served()


class AsManyIdsAsAllowedAreAnswered(IdsInOneCallTest):
    def test_the_same_one_counts_once(self):
        future = self.submit('abuse.square', 7)
        answer = self.ask(protobuf.WAIT, [future] * 10_000)
        self.assertEqual(answer.status, OK, answer)
        self.assertEqual(len(protobuf.fields(answer.messages[0])), 1)

    def test_in_little_time(self):
        running = self.running()
        begun = self.daemon.processor_seconds()
        for _ in range(size('CALLS', 20)):
            answer = self.ask(protobuf.WAIT, [running] * 9_999)
            self.assertEqual(answer.status, OK, answer)
            self.assertEqual(protobuf.fields(answer.messages[0]), [(2, running.encode())])
        harness.report(f'{size("CALLS", 20)} calls with 9,999 IDs cost {self.daemon.processor_seconds() - begun:.2f} s')
        self.client_.close()
        self.assert_everything_returns()


class IdsOfNoFutureAreAnswered(IdsInOneCallTest):
    def test_unknown_ones(self):
        running = self.running()
        for path in protobuf.WAIT, protobuf.AS_COMPLETED:
            answer = self.ask(path, [running, UNKNOWN % 1, UNKNOWN % 2])
            self.assertEqual(answer.status, NOT_FOUND, answer)
            self.assertIn(UNKNOWN % 1, answer.text)
        answer = self.ask(protobuf.GET, [running, UNKNOWN % 1])
        self.assertEqual((answer.status, len(protobuf.fields(answer.messages[0]))), (OK, 1))

    def test_none(self):
        for path in protobuf.WAIT, protobuf.AS_COMPLETED, protobuf.GET:
            self.assertEqual(self.ask(path, []).status, INVALID_ARGUMENT)

    def test_what_is_no_id(self):
        for text in '', 'x', '0' * 36, 'x' * 100_000, UNKNOWN % 1 + ' ', '../../etc/passwd':
            for path in self.rest:
                with self.subTest(path, text=text[:40]):
                    answer = self.ask(path, [text])
                    self.assertEqual(answer.status, INVALID_ARGUMENT, answer)
                    self.assertLess(len(answer.text), 1_000, 'an answer is not as long as what was wrong')
        self.assert_others_are_served()


if __name__ == '__main__':
    harness.main()
