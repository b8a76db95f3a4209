"""/metrics: the page, its description in docs/metrics.md, and that each metric moves."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import unittest

import grpc

from http_harness import HttpTest, ROOT, UNKNOWN_ID, eventually
from trace_test import SAMPLED, Collector

ROW = re.compile(r'^\| `([a-z_]+)` \| (counter|gauge|histogram) \| ([a-z, ]*) ?\| ([^|]+) \|')
UUID = '3f0c9a51-77d2-8c1e-9d3a-000000000000'

# What a healthy daemon does not show, and who shows it instead.
CONSTANT = {
    'futured_build_info', 'futured_futures_unfinished_max', 'futured_futures_unfinished_max_bytes',
    'futured_futures_retained_max', 'futured_futures_retained_max_bytes', 'futured_executor_workers_max',
    'futured_waiters_max', 'futured_identity_unfinished_max', 'futured_connections_max', 'process_max_fds', 'process_start_time_seconds'}
RARE = {
    'futured_futures_undelivered': 'FutureTableMetricsTest, as a reader must be slow',
    'futured_store_commit_retries_total': 'FullDiskTest',
    'futured_store_refusing': 'FullDiskTest',
    'futured_connections_unread_total': 'ReadProgressTest',
    'futured_descriptors_exhausted_total': 'ListenerTest',
    'futured_log_lines_dropped_total': 'LogTest',
    'futured_identity_refused_total': 'the tests of accounts, as an identity must have limits',
    'futured_http_slow_readers_total': 'EventsTest, as a reader must be slow'}


def documented():
    """{name: (type, labels)} of docs/metrics.md."""
    rows = map(ROW.match, (ROOT / 'docs' / 'metrics.md').read_text().splitlines())
    return {row[1]: (row[2], {label.strip() for label in row[3].split(',') if label.strip()}) for row in rows if row}


def labels_of(text):
    return {label: value for label, value in re.findall(r'(\w+)="([^"]*)"', text)}


FLAGS = ('--executor=thread.kind=thread', '--executor=thread.max_workers=4', '--executor=process.kind=process',
         '--executor=process.max_workers=1', '--max-connections=3', '--http-max-connections=8',
         '--wal-limit=256KiB')


class MetricsTest(HttpTest):
    daemon_flags = FLAGS

    def families(self, text):
        """{name: (type, labels)} of a page."""
        found = {match[1]: (match[2], set()) for match in re.finditer(r'^# TYPE (\S+) (\S+)$', text, re.M)}
        for name, labels in self.series_of(text):
            family = re.sub(r'_(bucket|sum|count)$', '', name)
            family = family if found.get(family, ('',))[0] == 'histogram' else name
            found[family][1].update(set(labels_of(labels)) - {'le'})
        return found

    def series_of(self, text):
        return [(re.split(r'[{ ]', line)[0], line.rsplit(' ', 1)[0]) for line in text.splitlines()
                if line and not line.startswith('#')]

    def test_the_page_is_what_the_documentation_says(self):
        self.get('/healthz')
        answer = self.get('/metrics')
        self.assertEqual(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
        shown = self.families(answer.text)
        described = documented()
        self.assertEqual(sorted(set(shown) - set(described)), [], 'is on the page and not in docs/metrics.md')
        self.assertEqual(sorted(set(described) - set(shown)), [], 'is in docs/metrics.md and not on the page')
        for name, told in described.items():
            self.assertEqual(shown[name], told, name)

    def test_no_series_comes_twice(self):
        series = [line for _, line in self.series_of(self.get('/metrics').text)]
        self.assertEqual(len(series), len(set(series)))

    def test_names_are_as_prometheus_wants_them(self):
        promtool = shutil.which('promtool')
        if promtool is None:
            self.skipTest('promtool is not installed; it comes with the package prometheus')
        self.get('/healthz')
        checked = subprocess.run([promtool, 'check', 'metrics'], input=self.get('/metrics').text, text=True,
                                 capture_output=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, '', ''))

    def test_unknown_functions_share_a_series(self):
        for i in range(20):
            self.submit(f'made.up{i}', wait='30s')
        functions = {labels_of(labels).get('function') for _, labels in self.samples()}
        self.assertIn('(other)', functions)
        self.assertFalse([name for name in functions if name and name.startswith('made')])

    def test_buckets_add_up(self):
        self.submit('test.square', {'intValue': 3}, executor='thread', wait='30s')
        labels = 'executor="thread",function="test.square"'
        samples = self.samples()
        buckets = [value for (name, text), value in samples.items()
                   if name == 'futured_task_run_seconds_bucket' and labels in text]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], samples[('futured_task_run_seconds_count', '{' + labels + '}')])
        self.assertGreater(samples[('futured_task_run_seconds_sum', '{' + labels + '}')], 0)


class BusyDaemonTest(HttpTest):
    """A daemon that has everything to do."""

    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        host, port = cls.collector.server_address
        cls.daemon_flags = (*FLAGS, f'--trace-endpoint=http://{host}:{port}')
        super().setUpClass()

    def see(self):
        for (name, labels), value in self.samples().items():
            self.seen.setdefault(re.sub(r'_(bucket|sum|count)$', '', name), {}).setdefault((name, labels), set()).add(value)

    def moved(self):
        return {name for name, series in self.seen.items() if any(len(values) > 1 for values in series.values())}

    def test_each_documented_metric_moves(self):
        self.seen = {}
        self.see()
        for step in (self.finish_tasks, self.queue_tasks, self.fail_tasks, self.run_processes, self.trace_tasks,
                     self.hold_connections, self.wait_for_futures, self.end):
            step()
        described = set(documented())
        self.assertEqual(sorted((CONSTANT | set(RARE)) - described), [], 'is excused and not documented')
        self.assertEqual(sorted(described - CONSTANT - set(RARE) - self.moved()), [], 'never moved')

    def finish_tasks(self):
        for i in range(300):
            self.submit('test.echo', {'stringValue': 'x' * 2000}, executor='thread', wait='30s', retention='600s')
        self.submit('test.square', {'intValue': 3}, executor='thread', wait='30s', retention='0.001s')
        eventually(lambda: self.value('futured_futures_expired_total') >= 1)
        # By a checkpoint, when there is nothing else to do.
        before = self.seen['futured_store_database_bytes'][('futured_store_database_bytes', '')]
        eventually(lambda: self.value('futured_store_database_bytes') not in before)
        self.see()

    def queue_tasks(self):
        self.call('ExecutorService/Pause', {'name': 'thread'})
        for _ in range(3):
            self.submit('test.square', {'intValue': 3}, executor='thread')
        self.submit('test.square', {'intValue': 3}, executor='thread', delay='3600s')
        self.see()
        self.call('ExecutorService/Resume', {'name': 'thread'})
        self.blocked('running', executor='thread')
        self.see()
        self.open('running')

    def fail_tasks(self):
        self.submit('test.fail', {'stringValue': 'broken'}, executor='thread', wait='30s',
                    retry={'maxAttempts': 2, 'delay': '0.001s'})
        self.blocked('late', executor='thread', timeout='0.02s')
        eventually(lambda: self.value('futured_task_late_outcomes_total') >= 1)
        self.assertEqual(self.post('/v1/FutureService/Result', {'id': UNKNOWN_ID}).status, 404)
        self.see()

    def run_processes(self):
        path = self.directory / 'hang'
        self.submit('test.hang', {'stringValue': str(path)}, executor='process')
        begun = self.directory / 'hang.begun'
        eventually(begun.exists)
        self.see()
        os.kill(int(begun.read_text()), signal.SIGKILL)
        eventually(lambda: self.value('futured_worker_deaths_total', 'process') == 1)
        self.see()

    def trace_tasks(self):
        # Refused, so that its spans are dropped.
        self.collector.status = 400
        self.submit('test.square', {'intValue': 3}, executor='thread', wait='30s', traceparent=SAMPLED)
        eventually(lambda: self.value('futured_spans_dropped_total') >= 1)
        self.collector.status = 200
        self.submit('test.square', {'intValue': 3}, executor='thread', wait='30s', traceparent=SAMPLED)
        eventually(lambda: self.value('futured_spans_exported_total') >= 1)
        self.see()

    def hold_connections(self):
        held = [self.plain_connection() for _ in range(6)]
        eventually(lambda: self.value('futured_connections_shed_total') >= 3)
        self.see()
        for connection in held:
            connection.close()
        eventually(lambda: self.value('futured_connections') == 0)
        connections = [self.socket() for _ in range(10)]
        eventually(lambda: any(map(self.is_closed, connections)))
        for connection in connections:
            connection.close()
        eventually(lambda: self.scrape_or_nothing().get(('futured_http_connections_shed_total', ''), 0) >= 1)

    @staticmethod
    def is_closed(connection):
        connection.setblocking(False)
        try:
            return connection.recv(1) == b''
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True

    def scrape_or_nothing(self):
        try:
            return self.samples()
        except OSError:
            return {}

    def plain_connection(self):
        host, port = self.daemon.address.rsplit(':', 1)
        connection = socket.create_connection((host, int(port)), 30)
        self.addCleanup(connection.close)
        return connection

    def wait_for_futures(self):
        future = self.blocked('waited', executor='thread')
        waiting = self.connection()
        waiting.request('POST', '/v1/FutureService/Result', json.dumps({'id': future}),
                        {'Content-Type': 'application/json'})
        stream = self.socket()
        stream.sendall(b'GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
        with grpc.insecure_channel(self.daemon.address) as channel:
            # A SessionRequest with a hello that names the session.
            hello = b'\x0a' + bytes([len(UUID) + 2]) + b'\x0a' + bytes([len(UUID)]) + UUID.encode()
            session = channel.stream_stream('/futured.v1.FutureService/Session')(self.say_and_wait(hello))
            next(session)
            eventually(lambda: self.value('futured_sessions') == 1 and self.value('futured_waiting_calls') == 1 and
                       self.value('futured_http_event_streams') == 1)
            self.see()
            session.cancel()
        self.open('waited')
        self.assertEqual(waiting.getresponse().status, 200)
        self.see()

    @staticmethod
    def say_and_wait(message):
        yield message
        threading.Event().wait(60)

    def end(self):
        self.blocked('end', executor='thread')
        self.daemon.process.terminate()
        eventually(lambda: self.value('futured_draining') == 1)
        self.see()
        self.open('end')
        self.assertEqual(self.daemon.process.wait(60), 0)

    def value(self, name, executor=None):
        return self.samples()[(name, f'{{executor="{executor}"}}' if executor else '')]


if __name__ == '__main__':
    unittest.main()
