"""A real Prometheus, for tests: Debian's program, on a free port of the loopback interface."""
import json
import os
import pathlib
import subprocess
import urllib.parse
import urllib.request

from http_harness import PATIENCE, eventually


class Prometheus:
    """Runs with `config`, a file, and keeps its data in `folder`. What it says is in folder/prometheus.log."""

    def __init__(self, program, config, folder):
        self.log = folder / 'prometheus.log'
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                [program, f'--config.file={config}', f'--storage.tsdb.path={folder}/series',
                 '--web.listen-address=127.0.0.1:0', '--log.format=json'], stdout=log, stderr=log, cwd=folder)
        try:
            eventually(lambda: self._listens() or self.process.poll() is not None)
            self.port = self._listens()
            eventually(self._is_ready)
        except BaseException:
            self.stop()
            raise AssertionError('Prometheus does not start:\n' + self.log.read_text())

    def stop(self):
        self.process.kill()
        self.process.wait()

    def query(self, expression):
        """What an expression comes to at this moment: [(labels, value)]."""
        answer = self.get('/api/v1/query?' + urllib.parse.urlencode({'query': expression}))
        return [(series['metric'], float(series['value'][1])) for series in answer['data']['result']]

    def get(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{path}', timeout=PATIENCE) as answer:
            return json.load(answer)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError('Prometheus has ended')
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/-/ready', timeout=PATIENCE) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _listens(self):
        """The port that it listens on; 0: none yet. It tells nobody which one it was given."""
        sockets = set()
        try:
            for descriptor in pathlib.Path(f'/proc/{self.process.pid}/fd').iterdir():
                sockets.add(os.readlink(descriptor))
        except OSError:
            return 0
        listening = '0A'
        for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == listening and f'socket:[{fields[9]}]' in sockets:
                return int(fields[1].rsplit(':', 1)[1], 16)
        return 0
