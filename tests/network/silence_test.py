"""Machines that vanish: the daemon misses them, and what they held is free again. C2, C4."""
import subprocess
import sys

import network  # It makes the modules of tests/abuse known.
import harness
import http2
import protobuf

CALLS = harness.size('SILENT_CALLS', 100)


class ClientsOfAMachineThatVanished(network.NetworkTest):
    daemon_flags = ('--keepalive-time=1s', '--keepalive-timeout=1s', f'--max-waiters={CALLS}')

    def waiting(self):
        """Holds as many waiting calls as the daemon allows, from the client's machine."""
        program = network.PYTHON[:-1] + [__file__, 'wait', self.daemon.address, str(CALLS)]
        process = subprocess.Popen([*self.network.client.inside, *program], stdout=subprocess.PIPE)

        def end():
            process.kill()
            process.wait()
            process.stdout.close()
        self.addCleanup(end)
        self.assertEqual(process.stdout.readline(), b'waiting\n')
        return process

    def test_are_missed_and_leave_nothing(self):
        client = self.waiting()
        self.assertGreater(self.daemon.descriptors(), self.base_descriptors)
        self.network.cut()
        self.wait_until_missed()
        self.network.heal()
        # As many find room again.
        self.waiting()
        self.assertIsNone(client.poll())


def wait(address, calls):
    """The program on the client's machine."""
    with http2.Connection(http2.connect(address)) as client:
        request = protobuf.submit_request(protobuf.task('abuse.wait', '/nonexistent'))
        answer = client.call(protobuf.SUBMIT, request)
        future = protobuf.first(protobuf.first(answer.messages[0], 1), 1)
        request = protobuf.field(1, future) + protobuf.field(2, protobuf.duration(1000))
        begun = [client.begin(protobuf.RESULT, request) for _ in range(int(calls))]
        client.call(protobuf.HEALTH)
        if any(client.answers[call].ended for call in begun):
            sys.exit('there is no room')
        print('waiting', flush=True)
        client.wait_for_end(patience=600)


if __name__ == '__main__':
    if sys.argv[1:2] == ['wait']:
        wait(*sys.argv[2:])
    else:
        network.main()
