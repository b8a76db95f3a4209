"""Traces: from the caller by the daemon to functions, workers and programs, and to a collector."""
import http.server
import json
import os
import pathlib
import signal
import tempfile
import threading
import unittest

from harness import OK, PATIENCE, USAGE, CliTest, Daemon, eventually

TRACE = '0af7651916cd43dd8448eb211c80319c'
CALLER = 'b7ad6b7169203331'
SAMPLED = f'00-{TRACE}-{CALLER}-01'
NOT_SAMPLED = f'00-{TRACE}-{CALLER}-00'
SECRET = 'canary-5f1e'


class Collector(http.server.ThreadingHTTPServer):
    """Keeps the spans that it is sent. Answers `status`."""
    daemon_threads = True

    def __init__(self):
        self.lock, self.requests, self.status = threading.Lock(), [], 200
        super().__init__(('127.0.0.1', 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def seen(self):
        with self.lock:
            return list(self.requests)

    def spans(self, kind=''):
        """Those whose names begin with `kind`."""
        return [span for _, _, body in self.seen() for resource in body['resourceSpans']
                for scope in resource['scopeSpans'] for span in scope['spans'] if span['name'].startswith(kind)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        with self.server.lock:
            self.server.requests.append((self.path, self.headers, body))
            status = self.server.status
        self.send_response(status)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


def attributes(span):
    return {each['key']: next(iter(each['value'].values())) for each in span['attributes']}


class TraceTest(CliTest):
    """The daemon has threads, worker processes, and a program."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.collector = Collector()
        self.addCleanup(self.collector.stop)
        headers = self.directory / 'headers'
        headers.write_text(f'Authorization: Bearer {SECRET}\n')
        headers.chmod(0o600)
        config = self.directory / 'futured.toml'
        config.write_text(f"""
            trace_endpoint = "http://127.0.0.1:{self.collector.server_port}"
            trace_headers_file = "{headers}"
            trace_service_name = "my-tasks"
            log_level = "debug"
            [executors.thread]
            kind = "thread"
            [executors.cpu]
            kind = "process"
            max_workers = 1
            [functions."program.trace"]
            executor = "cpu"
            command = ["/bin/sh", "-c", "echo $TRACEPARENT"]
            output = "text"
            """)
        self.daemon = Daemon(self.directory, f'--config={config}', *self.daemon_flags)
        self.addCleanup(self.daemon.stop)

    def told(self, *arguments):
        return json.loads(self.check(self.run_ctl('submit', *arguments, '--wait'), OK).out.strip() or '""')

    def end_daemon(self):
        """The daemon sends what waits."""
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)

    def one(self, kind):
        span, = self.collector.spans(kind)
        return span


class FlowTest(TraceTest):
    def check_run(self, told, function, executor):
        eventually(lambda: self.collector.spans('run '))
        run = self.one('run ')
        self.assertEqual(run['name'], f'run {function}')
        self.assertEqual((run['traceId'], run['parentSpanId']), (TRACE, CALLER))
        self.assertEqual(told, f'00-{TRACE}-{run["spanId"]}-01')
        about = attributes(run)
        self.assertEqual((about['futured.executor'], about['futured.attempt'], about['futured.outcome']),
                         (executor, '1', 'succeeded'))
        self.assertTrue(about['futured.worker'].startswith(executor + '-'), about)
        self.assertLessEqual(int(run['startTimeUnixNano']), int(run['endTimeUnixNano']))

    def test_thread(self):
        told = self.told('test.trace', '--traceparent', SAMPLED)
        self.check_run(told, 'test.trace', 'thread')
        self.end_daemon()
        names = sorted(span['name'] for span in self.collector.spans())
        self.assertEqual(names, ['queue test.trace', 'run test.trace', 'store outcome test.trace',
                                 'store submission test.trace'])
        for span in self.collector.spans():
            self.assertEqual((span['traceId'], span['parentSpanId']), (TRACE, CALLER))
        path, headers, body = self.collector.seen()[0]
        self.assertEqual((path, headers['Authorization']), ('/v1/traces', f'Bearer {SECRET}'))
        resource = body['resourceSpans'][0]['resource']['attributes']
        self.assertIn({'key': 'service.name', 'value': {'stringValue': 'my-tasks'}}, resource)

    def test_worker_process(self):
        told = self.told('test.trace', '--executor', 'cpu', '--traceparent', SAMPLED)
        self.check_run(told, 'test.trace', 'cpu')

    def test_program(self):
        told = self.told('program.trace', '--executor', 'cpu', '--traceparent', SAMPLED)
        self.check_run(told.strip(), 'program.trace', 'cpu')

    def test_what_is_not_sampled_is_handed_on(self):
        self.assertEqual(self.told('test.trace', '--traceparent', NOT_SAMPLED), NOT_SAMPLED)
        self.assertEqual(self.told('test.trace'), '')
        self.end_daemon()
        self.assertEqual(self.collector.spans(), [])

    def test_map_is_part_of_it(self):
        self.check(self.run_ctl('map', 'test.square', *range(20), '--traceparent', SAMPLED), OK)
        eventually(lambda: len(self.collector.spans('run ')) == 20)

    def test_the_environment_names_it(self):
        os.environ['TRACEPARENT'] = NOT_SAMPLED
        self.addCleanup(os.environ.pop, 'TRACEPARENT')
        self.assertEqual(self.told('test.trace'), NOT_SAMPLED)
        other = NOT_SAMPLED.replace(CALLER, '00f067aa0ba902b7')
        self.assertEqual(self.told('test.trace', '--traceparent', other), other)
        os.environ['TRACEPARENT'] = 'nonsense'
        self.assertEqual(self.told('test.trace'), '')

    def test_a_flag_that_is_none_is_refused(self):
        result = self.check(self.run_ctl('submit', 'test.trace', '--traceparent', 'nonsense'), USAGE, '')
        self.assertIn('--traceparent', result.err)

    def test_failures_tell_their_type_and_nothing_that_was_said(self):
        self.run_ctl('submit', 'test.fail', SECRET, '--wait', '--traceparent', SAMPLED)
        eventually(lambda: self.collector.spans('run '))
        run = self.one('run ')
        self.assertEqual(run['status'], {'code': 2})
        self.assertEqual(attributes(run)['futured.error.origin'], 'task')
        self.assertNotIn(SECRET, json.dumps([body for _, _, body in self.collector.seen()]))
        self.assertNotIn(SECRET, (self.directory / 'log').read_text())

    def test_what_survives_keeps_its_trace(self):
        self.run_ctl('executors', 'pause', 'thread')
        future = self.submit('test.trace', '--traceparent', SAMPLED)
        self.daemon.stop()
        (self.directory / 'port').unlink()
        self.daemon = Daemon(self.directory, f'--config={self.directory / "futured.toml"}')
        self.addCleanup(self.daemon.stop)
        told = json.loads(self.check(self.run_ctl('result', future), OK).out)
        self.check_run(told, 'test.trace', 'thread')


class ShareTest(TraceTest):
    daemon_flags = ('--trace-sample=1',)

    def test_tasks_without_a_trace_get_one(self):
        told = self.told('test.trace')
        self.end_daemon()
        root, run = self.one('task '), self.one('run ')
        self.assertNotIn('parentSpanId', root)
        self.assertEqual(run['parentSpanId'], root['spanId'])
        self.assertEqual(told, f'00-{root["traceId"]}-{run["spanId"]}-01')


class TroubleTest(TraceTest):
    def test_a_collector_that_refuses_is_logged_and_harms_nothing(self):
        self.collector.status = 400
        self.told('test.trace', '--traceparent', SAMPLED)
        eventually(lambda: 'answers 400' in (self.directory / 'log').read_text())
        self.assertNotIn(SECRET, (self.directory / 'log').read_text())
        self.told('test.trace', '--traceparent', SAMPLED)
        self.end_daemon()

    def test_headers_that_others_may_read_are_refused(self):
        (self.directory / 'headers').chmod(0o644)
        self.daemon.stop()
        (self.directory / 'port').unlink()
        with self.assertRaises(FileNotFoundError):
            Daemon(self.directory, f'--config={self.directory / "futured.toml"}')
        self.assertIn('trace_headers_file', (self.directory / 'log').read_text())


if __name__ == '__main__':
    unittest.main()
