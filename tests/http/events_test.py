"""Server-sent events."""
import json
import socket
import unittest

from http_harness import HttpTest, PATIENCE, eventually


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
        self.submit('test.square', {'intValue': 3}, wait='30s')
        eventually(lambda: next(events)['counters']['succeeded'] == first['counters']['succeeded'] + 1)

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


class FewStreamsTest(StreamTest):
    daemon_flags = ('--http-max-event-streams=3',)

    def test_streams_above_the_limit_are_refused(self):
        kept = [self.stream() for _ in range(3)]
        eventually(lambda: self.open_streams() == 3)
        answer = self.get('/v1/events')
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
