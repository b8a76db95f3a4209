"""Server-sent events."""
import json
import socket
import unittest

from http_harness import HttpTest, PATIENCE, UNKNOWN_ID, eventually


class StreamTest(HttpTest):
    """What the tests of streams share."""

    def stream(self, path='/v1/events', buffer=None):
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.connect(self.endpoint)
        connection.sendall(f'GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
        return connection

    def events(self, connection):
        """The header, and then each event as its data."""
        with connection.makefile('r', encoding='utf-8', newline='\n') as lines:
            header = []
            while (line := lines.readline().strip()):
                header.append(line)
            yield header
            for line in lines:
                if line.startswith('data: '):
                    yield json.loads(line[len('data: '):])

    def open_streams(self):
        return self.samples()[('futured_http_event_streams', '')]


class EventsTest(StreamTest):
    def test_figures_come_again_and_again(self):
        events = self.events(self.stream())
        header = next(events)
        self.assertEqual(header[0], 'HTTP/1.1 200 OK')
        self.assertIn('Content-Type: text/event-stream', header)
        first = next(events)
        self.assertEqual(first['executors'][0]['name'], 'thread')
        self.assertRegex(first['version'], r'^\d+\.\d+')
        self.assertNotIn('latency', first['executors'][0])
        self.submit('test.square', {'intValue': 3}, wait='30s')
        told = [next(events)]
        eventually(lambda: told.append(next(events)) or
                   told[-1]['counters']['succeeded'] == first['counters']['succeeded'] + 1)
        self.assertGreater(told[-1]['uptimeSeconds'], first['uptimeSeconds'])
        latencies = [latency for event in told if (latency := event['executors'][0]['latency'])]
        self.assertEqual(len(latencies), 1, 'in the event after its end, and in no other')
        for kind in ('queueing', 'running'):
            self.assertLessEqual(latencies[0][kind]['p50'], latencies[0][kind]['p99'])

    def test_failures_are_told_by_whose_fault_they_were(self):
        events = self.events(self.stream())
        next(events)
        self.submit('test.fail', {'stringValue': 'x'}, wait='30s')
        eventually(lambda: next(events)['executors'][0]['failures']['task'] >= 1)

    def test_intervals_are_checked(self):
        for query in ('interval=0', 'interval=x', 'interval=', 'interval=3601', 'other=1', 'interval=1&interval=2'):
            answer = self.get('/v1/events?' + query)
            self.assertEqual(answer.status, 400, query)
            self.assertIn('interval', answer.json()['message'])

    def test_streams_are_counted_and_forgotten(self):
        streams = [self.stream('/v1/events?interval=3600') for _ in range(3)]
        eventually(lambda: self.open_streams() == 3)
        for stream in streams:
            stream.close()
        eventually(lambda: self.open_streams() == 0)


class TasksTest(StreamTest):
    def test_tasks_that_ended_and_tasks_that_run_are_told(self):
        events = self.events(self.stream('/v1/tasks'))
        self.assertIn('Content-Type: text/event-stream', next(events))
        first = next(events)
        executor = first['executors'][0]
        self.assertEqual((executor['name'], executor['kind']), ('thread', 'thread'))
        done = self.submit('test.square', {'intValue': 3}, wait='30s')['id']
        failed = self.submit('test.fail', {'stringValue': 'x'}, wait='30s')['id']
        running = self.blocked('tasks')
        told = {}

        def all_told():
            for task in next(events)['tasks']:
                told[task['id']] = task
            return {done, failed, running} <= told.keys()

        eventually(all_told)
        self.assertEqual((told[done]['function'], told[done]['outcome']), ('test.square', 'succeeded'))
        self.assertEqual((told[failed]['outcome'], told[running]['outcome']), ('failed', None))
        self.assertLess(told[done]['worker'], executor['workers'])
        self.assertLessEqual(told[done]['started'], told[done]['ended'])
        self.assertIsNone(told[running]['ended'])
        self.open('tasks')
        eventually(lambda: all_told() and told[running]['outcome'] == 'succeeded')

    def test_tasks_are_counted(self):
        events = self.events(self.stream('/v1/tasks'))
        next(events)
        next(events)
        tasks = [{'function': 'test.square', 'arguments': {'positional': [{'intValue': 1}]}}] * 1000
        self.call('FutureService/Submit', {'tasks': tasks, 'wait': '30s'})
        seen = []

        def all_seen():
            event = next(events)
            self.assertLessEqual(len(event['tasks']), 1000)
            seen.append(event['seen'])
            return sum(seen) >= 1000

        eventually(all_seen)
        self.assertEqual(sum(seen), 1000)

    def test_a_query_is_refused(self):
        self.assertEqual(self.get('/v1/tasks?interval=1').status, 400)


class WatchTest(StreamTest):
    def watch(self, future):
        events = self.events(self.stream(f'/v1/futures/{future}/watch'))
        self.assertEqual(next(events)[0], 'HTTP/1.1 200 OK')
        return events

    def test_lines_and_states_are_told_until_the_end(self):
        line = {'stringValue': 'a line'}
        future = self.submit('test.log', {'stringValue': str(self.directory / 'watch')}, {'listValue': {'items': [line]}},
                             {'boolValue': False})['id']
        events = self.watch(future)
        news = []
        eventually(lambda: news.extend(next(events)['news']) or
                   any(each.get('lines') for each in news))
        self.open('watch')
        rest = list(events)
        self.assertEqual(rest.pop(), {}, 'the last event has no news')
        news += [each for event in rest for each in event['news']]
        self.assertEqual(news[-1]['state'], 'FUTURE_STATE_SUCCEEDED')
        self.assertEqual([each['text'] for one in news for each in one.get('lines', [])], ['a line', 'the end'])

    def test_one_that_has_ended_is_told_at_once(self):
        future = self.submit('test.square', {'intValue': 3}, wait='30s')['id']
        events = list(self.watch(future))
        self.assertEqual((events[0]['news'][0]['state'], events[-1]), ('FUTURE_STATE_SUCCEEDED', {}))
        eventually(lambda: self.open_streams() == 0)

    def test_unknown_ones_are_refused(self):
        self.assertEqual(self.get(f'/v1/futures/{UNKNOWN_ID}/watch').status, 404)
        for name in ('x', 'a/b', '%ff'):
            self.assertEqual(self.get(f'/v1/futures/{name}/watch').status, 400, name)
        self.assertEqual(self.ask('POST', f'/v1/futures/{UNKNOWN_ID}/watch').status, 405)

    def test_streams_that_are_left_are_given_back(self):
        future = self.blocked('left')
        streams = [self.stream(f'/v1/futures/{future}/watch') for _ in range(3)]
        eventually(lambda: self.open_streams() == 3)
        for stream in streams:
            stream.close()
        eventually(lambda: self.open_streams() == 0)
        self.open('left')


class FewStreamsTest(StreamTest):
    daemon_flags = ('--http-max-event-streams=3',)

    def test_streams_above_the_limit_are_refused(self):
        kept = [self.stream(), self.stream(), self.stream('/v1/tasks')]
        eventually(lambda: self.open_streams() == 3)
        for path in ('/v1/events', '/v1/tasks'):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.headers['retry-after']), (503, '5'))
            self.assertIn('limit', answer.json()['message'])
        for stream in kept:
            stream.close()
        eventually(lambda: self.open_streams() == 0)


class EndTest(StreamTest):
    def test_the_end_of_the_daemon_ends_streams_and_calls(self):
        stream = self.stream()
        next(self.events(stream))
        future = self.blocked('end')
        waiting = self.connection()
        waiting.request('POST', '/v1/FutureService/Result', json.dumps({'id': future}), {'Content-Type': 'application/json'})
        eventually(lambda: self.samples()[('futured_waiting_calls', '')] == 1)
        self.daemon.process.terminate()
        eventually(lambda: self.get('/readyz').status == 503)
        self.open('end')
        self.assertEqual(waiting.getresponse().status, 200)
        self.read_to_end(stream)
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)


if __name__ == '__main__':
    unittest.main()
