"""What is secret stays so: a token and an argument are in no log, metric, span, process list or environment."""
import hashlib
import pathlib
import secrets
import tempfile
import unittest

from http_harness import PATIENCE, HttpTest, eventually
from trace_test import Collector

SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'


def processes_below(pid):
    """A process, and all that it has started."""
    parents = {}
    for entry in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            parents[int(entry.name)] = int((entry / 'stat').read_text().rsplit(')', 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


class CanaryTest(HttpTest):
    @classmethod
    def setUpClass(cls):
        realm = tempfile.TemporaryDirectory()
        cls.addClassCleanup(realm.cleanup)
        cls.realm = pathlib.Path(realm.name)
        cls.token = 'futured_' + secrets.token_urlsafe(32)
        cls.argument = 'canary-' + secrets.token_hex(16)
        cls.write('identities.toml', '[identities.web]\nverbs = ["submit", "read"]\nexecutors = ["*"]\nfunctions = ["*"]\n')
        cls.write('tokens', f'web sha256:{hashlib.sha256(cls.token.encode()).hexdigest()}\n')
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        host, port = cls.collector.server_address
        cls.daemon_flags = (
            f'--identities={cls.realm}/identities.toml', f'--tokens={cls.realm}/tokens', f'--audit-log={cls.realm}/audit',
            f'--trace-endpoint=http://{host}:{port}', '--verbose', '--executor=thread.kind=thread',
            '--executor=cpu.kind=process', '--executor=cpu.max_workers=1')
        super().setUpClass()

    @classmethod
    def write(cls, name, text):
        path = cls.realm / name
        path.touch(0o600)
        path.write_text(text)

    def as_web(self):
        return {'Authorization': f'Bearer {self.token}'}

    def run_one(self, executor):
        """Returns what can be seen of the daemon's processes while a task runs."""
        gate = self.directory / f'{self.argument}-{executor}'
        answer = self.post('/v1/FutureService/Submit', {'tasks': [{
            'function': 'test.wait_for_file', 'arguments': {'positional': [{'stringValue': str(gate)}]},
            'options': {'executor': executor, 'traceparent': SAMPLED}}]}, self.as_web())
        self.assertEqual(answer.status, 200, answer)
        eventually((self.directory / f'{gate.name}.begun').exists)
        seen = ''
        for pid in processes_below(self.daemon.process.pid):
            for kind in 'cmdline', 'environ', 'comm':
                seen += pathlib.Path(f'/proc/{pid}/{kind}').read_text(errors='replace')
        gate.touch()
        future = answer.json()['futures'][0]['id']
        done = self.post('/v1/FutureService/Result', {'id': future, 'timeout': f'{PATIENCE}s'}, self.as_web()).json()
        self.assertTrue(done['done'], done)
        return seen

    def test_is_seen_nowhere(self):
        processes = self.run_one('thread') + self.run_one('cpu')
        eventually(lambda: len(self.collector.spans('run')) == 2)
        self.post('/v1/FutureService/Submit', {'tasks': []}, {'Authorization': f'Bearer x{self.token}'})
        eventually((self.realm / 'audit').read_text)
        places = {
            'processes': processes,
            'log': (self.directory / 'log').read_text(),
            'audit log': (self.realm / 'audit').read_text(),
            'metrics': self.ask('GET', '/metrics', headers=self.as_web()).text,
            'spans': str([body for _, _, body in self.collector.seen()]),
        }
        for place, text in places.items():
            for secret in self.argument, self.token, self.token[len('futured_'):]:
                with self.subTest(place):
                    self.assertTrue(text, place)
                    self.assertNotIn(secret, text)


if __name__ == '__main__':
    unittest.main()
