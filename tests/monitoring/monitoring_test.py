"""deploy/monitoring: what Prometheus and Grafana ask of a daemon is there, and each alert fires when it should.

A real daemon that has everything to do is scraped by a real Prometheus with the configuration of deploy/monitoring, of which
the address, the interval and the paths of files are changed. FUTUREDCTL names the tool, the others are as in http_harness.
"""
import math
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'http'))

from http_harness import HttpTest, ROOT, UNKNOWN_ID, eventually  # noqa: E402
from harness import environment  # noqa: E402
from monitoring_files import MONITORING, alerts, dashboard, expressions, panels  # noqa: E402
from prometheus import Prometheus  # noqa: E402

IDENTITIES = ROOT / 'deploy' / 'compose' / 'identities.toml'
SKIPPED = 77
SELECTOR = re.compile(r'\b(?:futured|process)_\w+(?:\{[^}]*\})?|\bup\{[^}]*\}')


class FilesTest(unittest.TestCase):
    def check(self, *command):
        run = subprocess.run(['promtool', *command], cwd=MONITORING, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_rules_are_well_formed(self):
        self.check('check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yml')

    def test_each_alert_fires_when_it_should_and_only_then(self):
        self.check('test', 'rules', 'alerts_test.yml')

    def test_no_alert_lacks_a_test(self):
        tested = set(re.findall(r'alertname="(\w+)"', (MONITORING / 'alerts_test.yml').read_text()))
        self.assertEqual(sorted(tested), sorted(alerts()))

    def test_panels_are_told_apart_and_have_room(self):
        self.assertEqual(len({panel['id'] for panel in dashboard()['panels']}), len(dashboard()['panels']))
        self.assertEqual(len({panel['title'] for panel in panels()}), len(panels()))
        taken = set()
        for panel in dashboard()['panels']:
            at = panel['gridPos']
            cells = {(at['x'] + i, at['y'] + j) for i in range(at['w']) for j in range(at['h'])}
            self.assertFalse(cells & taken, panel['title'] + ' lies upon another')
            self.assertLessEqual(at['x'] + at['w'], 24, panel['title'])
            taken |= cells

    def test_compose_puts_each_file_where_it_is_looked_for(self):
        mounted = re.findall(r'- \./monitoring/([\w./]+):([\w./-]+):ro', (ROOT / 'deploy' / 'compose.yaml').read_text())
        self.assertEqual(sorted(name for name, _ in mounted), ['alerts.yml', 'grafana', 'panels', 'prometheus.yml'])
        places = dict(mounted)
        self.assertTrue(all((MONITORING / name).exists() for name in places))
        self.assertIn(f'path: {places["panels"]}}}', (MONITORING / 'grafana' / 'dashboards' / 'futured.yml').read_text())
        self.assertEqual(pathlib.PurePath(places['alerts.yml']).parent, pathlib.PurePath(places['prometheus.yml']).parent)

    def test_no_variable_is_left_over(self):
        for name, text in expressions().items():
            self.assertNotIn('$', text, name)


class BusyDaemonTest(HttpTest):
    daemon_flags = ('--executor=thread.kind=thread', '--executor=thread.max_workers=4',
                    '--executor=process.kind=process', '--executor=process.max_workers=2')

    @classmethod
    def setUpClass(cls):
        cls.realm = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.app, cls.monitor = cls.realm / 'app', cls.realm / 'monitor'
        for path in (cls.app, cls.monitor):
            token = subprocess.run([os.environ['FUTUREDCTL'], 'token', 'new', path.name, '--file', cls.realm / 'tokens'],
                                   check=True, capture_output=True, timeout=60, env=environment())
            path.touch(0o600)
            path.write_bytes(token.stdout)
        identities = cls.realm / 'identities.toml'
        shutil.copy(IDENTITIES, identities)
        identities.chmod(0o600)
        cls.daemon_flags = (*cls.daemon_flags, f'--identities={identities}', f'--tokens={cls.realm}/tokens')
        super().setUpClass()
        cls.prometheus = Prometheus(shutil.which('prometheus'), cls.configuration(), cls.realm)
        cls.addClassCleanup(cls.prometheus.stop)

    @classmethod
    def configuration(cls):
        """The one of deploy/monitoring, for this daemon, and in a hurry."""
        text = (MONITORING / 'prometheus.yml').read_text()
        for old, new in (('futured:7071', cls.address), ('/run/futured/token', str(cls.monitor)), ('15s', '1s'),
                         ('alerts.yml', str(MONITORING / 'alerts.yml'))):
            assert old in text, old
            text = text.replace(old, new)
        path = cls.realm / 'prometheus.yml'
        path.write_text(text)
        subprocess.run(['promtool', 'check', 'config', path], check=True, stdout=subprocess.DEVNULL, timeout=60)
        return path

    def ask(self, method, path, body=None, headers=None, connection=None):
        token = {'Authorization': 'Bearer ' + self.app.read_text().strip()}
        return super().ask(method, path, body, {**token, **(headers or {})}, connection)

    def test_each_panel_and_each_alert_has_something_to_look_at(self):
        self.make_everything_happen()
        stop = threading.Event()
        worker = threading.Thread(target=self.keep_busy, args=(stop,))
        worker.start()
        try:
            for name, text in expressions().items():
                with self.subTest(panel=name):
                    self.wait_for_number(text)
            for text in sorted(set(SELECTOR.findall(self.rules_text()))):
                with self.subTest(selector=text):
                    eventually(lambda: self.prometheus.query(text))
        finally:
            stop.set()
            worker.join()
        self.check_rules()

    def wait_for_number(self, text):
        """Until there is a series that is a number."""
        try:
            eventually(lambda: any(math.isfinite(value) for _, value in self.prometheus.query(text)))
        except AssertionError:
            self.fail(f'{text} has come to {self.prometheus.query(text)}')

    @staticmethod
    def rules_text():
        """The rules without what is said to people."""
        lines = (MONITORING / 'alerts.yml').read_text().splitlines()
        return '\n'.join(line for line in lines if not re.match(r' +(summary|description):|#', line))

    def check_rules(self):
        """Prometheus has evaluated each rule, and of a daemon on which all goes wrong once none fires for long."""
        def rules():
            return [rule for group in self.prometheus.get('/api/v1/rules')['data']['groups'] for rule in group['rules']]
        eventually(lambda: all(rule['health'] == 'ok' for rule in rules()))
        self.assertEqual(sorted(rule['name'] for rule in rules()), sorted(alerts()))

    def make_everything_happen(self):
        """What a counter with a label needs, to be there at all."""
        hang = self.directory / 'hang'
        self.submit('test.hang', {'stringValue': str(hang)}, executor='process')
        begun = self.directory / 'hang.begun'
        eventually(begun.exists)
        os.kill(int(begun.read_text()), signal.SIGKILL)

    def keep_busy(self, stop):
        """A little of all, again and again, so that rates are of something."""
        while not stop.wait(0.02):
            for executor in ('thread', 'process'):
                self.submit('test.square', {'intValue': 3}, executor=executor, wait='30s')
                self.submit('test.fail', {'stringValue': 'broken'}, executor=executor, wait='30s',
                            retry={'maxAttempts': 2, 'delay': '0.001s'})
            self.post('/v1/FutureService/Result', {'id': UNKNOWN_ID})
            self.post('/v1/FutureService/Result', {'id': UNKNOWN_ID}, {'Authorization': 'Bearer futured_wrong'})


if __name__ == '__main__':
    if shutil.which('prometheus') is None or shutil.which('promtool') is None:
        print('prometheus is not installed; it comes with the package prometheus')
        sys.exit(SKIPPED)
    unittest.main()
