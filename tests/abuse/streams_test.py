"""Many streams on one connection: held open, or reset as soon as they are opened. D1 and D2."""
import struct

import harness
import http2
import protobuf
from harness import MIB, OK, RESOURCE_EXHAUSTED, AbuseTest, eventually, report, size

WAIT_FOR_EVER = protobuf.field(2, protobuf.duration(1000))


class StreamsThatAreResetAtOnceLeaveNoMemoryBehind(AbuseTest):
    """D1, CVE-2023-44487. gRPC 1.51 has no bound for what they cost while the attack lasts: docs/security-grpc.md.

    They cost most when the client does not read what the daemon answers, and how much differs: what they would cost if all
    were there at once is the bound.
    """
    resets = size('RESETS', 3_000)
    # They cost about 20 KiB each over TCP, and up to 32 KiB behind TLS.
    memory_of_one = 48 << 10

    def attack(self):
        with self.daemon.client(polite=False) as attacker:
            for start in range(0, self.resets, 500):
                pieces = []
                for _ in range(min(500, self.resets - start)):
                    opening, stream = attacker.headers(http2.request_headers(protobuf.RESULT))
                    pieces += [opening, http2.frame(http2.RST_STREAM, 0, stream, struct.pack('>I', http2.CANCEL))]
                if not attacker.send(b''.join(pieces), listening=False):
                    return
            self.assert_others_are_served()
            # It is answered when all before it has been taken.
            if attacker.send(http2.frame(http2.PING, 0, 0, bytes(8)), listening=False):
                attacker.listen_until(lambda: attacker.pings_acknowledged or attacker.closed)

    def test_others_are_served_and_memory_returns(self):
        busy = self.daemon.processor_seconds()
        self.attack()
        self.assert_memory_stays(self.noise + self.resets * self.memory_of_one)
        report(f'{self.resets} resets cost {self.daemon.processor_seconds() - busy:.2f} s of processor time')
        self.assert_everything_returns(memory=32 * MIB)

    def test_further_attacks_cost_no_more_than_one(self):
        for _ in range(3):
            self.attack()
        self.assert_memory_stays(self.noise + self.resets * self.memory_of_one)
        self.assert_everything_returns(memory=32 * MIB)


class OneConnectionHoldsNoMoreCallsThanAllowed(AbuseTest):
    """D2. gRPC 1.51 holds to its limit once the client has acknowledged it; for all others there is the one on waiters."""
    streams, waiters, asked = 100, 250, size('STREAMS', 400)
    daemon_flags = (f'--max-streams-per-connection={streams}', f'--max-waiters={waiters}')

    def setUp(self):
        super().setUp()
        self.request = protobuf.field(1, self.running()) + WAIT_FOR_EVER

    def ask(self, calls, **how):
        """A client that waits by so many calls at once, and their answers."""
        client = self.client(**how)
        client.listen_until(lambda: client.settings_acknowledged)
        begun = [client.begin(protobuf.RESULT, self.request) for _ in range(calls)]
        return client, [client.answers[call] for call in begun]

    def held(self):
        """How many calls of a client that ignores the limit wait at once. Those above are refused."""
        client, answers = self.ask(self.asked, polite=False)
        # It is answered when all before have been.
        client.end_of(client.begin(protobuf.HEALTH, b''))
        refused = [answer for answer in answers if answer.ended]
        self.assertEqual({answer.status for answer in refused}, {RESOURCE_EXHAUSTED})
        client.close()
        return self.asked - len(refused)

    def test_who_opens_more_loses_the_connection(self):
        with self.assertRaises(http2.Closed):
            client, _ = self.ask(self.asked)
            client.wait_for_end()
            raise http2.Closed
        eventually(lambda: self.held() == self.waiters, 'that waiting calls of a client that has gone end')
        self.assert_everything_returns()

    def test_as_many_as_allowed_wait_together(self):
        client, answers = self.ask(self.streams - 1)
        self.assertEqual(client.call(protobuf.HEALTH).status, OK)
        self.assertFalse(any(answer.ended for answer in answers))
        client.close()
        self.assert_everything_returns()

    def test_a_client_that_ignores_the_limit_meets_the_one_on_waiting_calls(self):
        for _ in range(3):
            eventually(lambda: self.held() == self.waiters, 'that waiting calls of a client that has gone end')
        self.assert_everything_returns()


if __name__ == '__main__':
    harness.main()
