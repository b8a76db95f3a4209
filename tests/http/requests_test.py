"""What the HTTP listener does with requests, good and bad, and with clients that mean no good."""
import socket
import time
import unittest

from http_harness import HttpTest, PATIENCE, eventually

GET = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'


class RequestsTest(HttpTest):
    def status(self, text):
        answer = self.say(text)
        self.assertRegex(answer, r'^HTTP/1\.1 \d\d\d ')
        return int(answer.split()[1])

    def test_pages(self):
        self.assertEqual(self.get('/healthz').text, 'ok\n')
        self.assertEqual(self.get('/readyz').text, 'ready\n')
        self.assertEqual(self.get('/nothing').status, 404)

    def test_a_daemon_that_drains_is_alive_and_not_ready(self):
        self.call('DaemonService/Drain', {})
        self.addCleanup(self.call, 'DaemonService/Resume', {})
        self.assertEqual((self.get('/healthz').status, self.get('/readyz').status), (200, 503))
        self.call('DaemonService/Resume', {})
        self.assertEqual(self.get('/readyz').status, 200)

    def test_head_is_get_without_a_body(self):
        for page in ('/healthz', '/metrics', '/v1/events', '/v1/tasks'):
            answer = self.ask('HEAD', page)
            self.assertEqual((answer.status, answer.text), (200, ''))
        self.assertEqual(self.ask('HEAD', '/healthz').headers['content-length'], '3')

    def test_options_tell_the_methods_and_allow_no_origin(self):
        for path, methods in (('/metrics', 'GET, HEAD, OPTIONS'), ('/v1/FutureService/Submit', 'POST, OPTIONS')):
            answer = self.ask('OPTIONS', path, headers={'Access-Control-Request-Method': 'POST'})
            self.assertEqual((answer.status, answer.headers['allow']), (204, methods))
            self.assertFalse([name for name in answer.headers if name.startswith('access-control')])

    def test_other_methods_are_not_allowed(self):
        for method, path in (('POST', '/metrics'), ('DELETE', '/metrics'), ('GET', '/v1/FutureService/List'),
                             ('PUT', '/v1/FutureService/List'), ('BREW', '/healthz')):
            answer = self.ask(method, path)
            self.assertEqual(answer.status, 405, (method, path))
            self.assertIn('allow', answer.headers)

    def test_each_answer_carries_the_headers_that_protect_browsers(self):
        for path in ('/healthz', '/metrics', '/nothing'):
            headers = self.get(path, {'Origin': 'http://evil.example'}).headers
            self.assertEqual(headers['x-content-type-options'], 'nosniff')
            self.assertIn("default-src 'none'", headers['content-security-policy'])
            self.assertFalse([name for name in headers if name.startswith('access-control')])

    def test_only_our_names_are_answered(self):
        for host in ('localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:80', 'localhost.'):
            self.assertEqual(self.get('/healthz', {'Host': host}).status, 200, host)
        for host in ('evil.example', 'evil.example:7071', 'localhost.evil.example', '127.0.0.2', '', '::', '[', ':80'):
            for method, path in (('GET', '/healthz'), ('HEAD', '/metrics'), ('OPTIONS', '/metrics'),
                                 ('POST', '/v1/FutureService/List'), ('PUT', '/nothing')):
                self.assertEqual(self.ask(method, path, headers={'Host': host}).status, 421, (host, method))

    def test_a_request_without_a_host_is_bad(self):
        self.assertEqual(self.status('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'), 400)

    def test_what_a_form_can_send_changes_nothing(self):
        for kind in (None, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/json',
                     'application/jsonx'):
            headers = {'Content-Type': kind} if kind else {}
            self.assertEqual(self.ask('POST', '/v1/ExecutorService/Pause', '{"name": "thread"}', headers).status, 415)
        self.assertEqual(self.call('ExecutorService/Get', {'name': 'thread'})['executor']['state'],
                         'EXECUTOR_STATE_ACTIVE')

    def test_a_character_set_may_follow_the_content_type(self):
        headers = {'Content-Type': 'Application/JSON ; charset=utf-8'}
        self.assertEqual(self.ask('POST', '/v1/ExecutorService/List', '{}', headers).status, 200)

    def test_malformed_requests_are_bad_and_end_the_connection(self):
        for text in ('nonsense\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', GET + 'no colon\r\n\r\n',
                     GET + 'Content-Length: x\r\n\r\n', GET + 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n',
                     GET + 'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
                     GET + 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
                     'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00' + '\r\n' * 4):
            with self.subTest(text):
                self.assertEqual(self.status(text), 400)

    def test_a_header_that_is_too_large_is_told(self):
        self.assertEqual(self.status(GET + 'X: ' + 'x' * 9000 + '\r\n\r\n'), 431)
        self.assertEqual(self.status('GET /' + 'x' * 9000), 431)

    def test_a_body_that_is_too_large_is_told_before_it_is_sent(self):
        self.assertEqual(self.status(GET + 'Content-Length: 99999999\r\n\r\n'), 413)

    def test_a_chunked_body_that_is_too_large_is_told(self):
        connection = self.socket()
        connection.sendall((GET + 'Transfer-Encoding: chunked\r\n\r\n').encode())
        chunk = b'100000\r\n' + b'x' * 0x100000 + b'\r\n'
        try:
            for _ in range(8):
                connection.sendall(chunk)
        except OSError:
            pass
        self.assertIn(b' 413 ', self.read_to_end(connection)[:20])

    def test_a_client_may_ask_before_it_sends_its_body(self):
        connection = self.socket()
        connection.sendall(b'POST /v1/ExecutorService/List HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
                           b'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n')
        self.assertEqual(connection.recv(25), b'HTTP/1.1 100 Continue\r\n\r\n')
        connection.sendall(b'{}')
        self.assertTrue(self.read_to_end(connection).startswith(b'HTTP/1.1 200 OK'))

    def test_a_connection_serves_many_requests(self):
        connection = self.connection()
        for _ in range(100):
            self.assertEqual(self.ask('GET', '/healthz', connection=connection).status, 200)
            self.assertEqual(self.ask('GET', '/nothing', connection=connection).status, 404)

    def test_requests_sent_ahead_are_answered_in_order(self):
        connection = self.socket()
        requests = (GET + '\r\n' + 'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n') * 50
        connection.sendall((requests + GET + 'Connection: close\r\n\r\n').encode())
        text = self.read_to_end(connection).decode()
        statuses = [line.split()[1] for line in text.splitlines() if line.startswith('HTTP/1.1 ')]
        self.assertEqual(statuses, ['200', '404'] * 50 + ['200'])

    def test_http_1_0_is_answered_once(self):
        self.assertEqual(self.status('GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n'), 200)

    def test_a_client_that_goes_in_the_middle_harms_nobody(self):
        for text in ('', 'G', GET, GET + 'Content-Length: 10\r\n\r\nabc', GET + '\r\n'):
            connection = self.socket()
            connection.sendall(text.encode())
            connection.close()
        self.assertEqual(self.get('/healthz').status, 200)
        eventually(lambda: self.samples()[('futured_http_connections', '')] == 1)


class SlowClientsTest(HttpTest):
    def test_a_header_that_never_ends_is_ended(self):
        connection = self.socket()
        connection.sendall(GET.encode())
        connection.settimeout(0.2)
        begun = time.monotonic()
        # A byte now and then, as long as it is taken.
        while time.monotonic() < begun + PATIENCE:
            try:
                connection.sendall(b'X')
                if connection.recv(1) == b'':
                    return
            except socket.timeout:
                continue
            except OSError:
                return
        self.fail('the connection is still open')


class FewConnectionsTest(HttpTest):
    daemon_flags = ('--http-max-connections=4',)

    def test_connections_above_the_limit_are_closed_at_once(self):
        kept = []
        for _ in range(4):
            connection = self.connection()
            self.assertEqual(self.ask('GET', '/healthz', connection=connection).status, 200)
            kept.append(connection)
        self.assertEqual(self.read_to_end(self.socket()), b'')
        for connection in kept[1:]:
            connection.close()
        eventually(lambda: self.read_to_end_of_get().startswith(b'HTTP/1.1 200'))
        self.assertGreaterEqual(self.shed(kept[0]), 1)

    def read_to_end_of_get(self):
        connection = self.socket()
        try:
            connection.sendall((GET + 'Connection: close\r\n\r\n').encode())
        except OSError:
            return b''
        return self.read_to_end(connection)

    def shed(self, connection):
        text = self.ask('GET', '/metrics', connection=connection).text
        return next(float(line.split()[1]) for line in text.splitlines()
                    if line.startswith('futured_http_connections_shed_total '))


class NamesTest(HttpTest):
    daemon_flags = ('--http-hosts=futured.example:other',)

    def test_configured_names_are_answered(self):
        for host in ('futured.example', 'FUTURED.example:7071', 'other', 'localhost'):
            self.assertEqual(self.get('/healthz', {'Host': host}).status, 200, host)
        self.assertEqual(self.get('/healthz', {'Host': 'example'}).status, 421)


if __name__ == '__main__':
    unittest.main()
