"""deploy/nginx/futured.conf: who gets in, as whom, and what comes through."""
import http.client
import json
import socket
import struct
import subprocess
import sys

import nginx_harness
from nginx_harness import PATIENCE, ROOT, NginxTest

sys.path.append(str(ROOT / 'tests/abuse'))

import http2  # noqa: E402

OK, DENIED = 0, 8


class CallsTest(NginxTest):
    def test_a_unary_call_comes_through(self):
        result = self.run_ctl('web', 'submit', 'test.echo', 'hello', '--wait')
        self.assertEqual((result.code, result.out), (OK, '"hello"\n'), result)
        self.assertIn('POST /futured.v1.FutureService/Submit', self.nginx.requests)

    def test_a_session_comes_through(self):
        result = self.run_ctl('web', 'map', 'test.echo', *map(str, range(200)))
        self.assertEqual((result.code, result.out.split()), (OK, [str(i) for i in range(200)]), result)
        self.assertIn('POST /futured.v1.FutureService/Session', self.nginx.requests)

    def test_health_comes_through(self):
        self.assertEqual(self.run_ctl('web', 'health').code, OK)


class IdentityTest(NginxTest):
    def test_a_certificate_stands_for_its_identity(self):
        result = self.run_ctl('watcher', 'submit', 'test.echo', '1', '--wait')
        self.assertEqual(result.code, DENIED, result)
        self.assertIn('watcher', result.err)
        self.assertEqual(self.run_ctl('watcher', 'list').code, OK)

    def test_a_token_of_the_client_counts_for_nothing(self):
        result = self.run_ctl('watcher', 'submit', 'test.echo', '1', '--wait', FUTURED_TOKEN=self.tokens['web'])
        self.assertEqual(result.code, DENIED, result)
        self.assertEqual(self.run_ctl('web', 'submit', 'test.echo', '1', '--wait', FUTURED_TOKEN='futured_bad').code, OK)

    def test_a_client_without_a_certificate_is_refused(self):
        self.assertNotEqual(self.run_ctl(None, 'list').code, OK)
        self.assertNotEqual(self.run_ctl(None, 'list', FUTURED_TOKEN=self.tokens['web']).code, OK)

    def test_a_certificate_without_an_identity_is_refused(self):
        self.assertEqual(self.run_ctl('stranger', 'list').code, DENIED)
        self.assertEqual(self.run_ctl('stranger', 'health').code, DENIED)

    def test_a_certificate_of_another_authority_is_refused(self):
        folder = self.directory / 'other'
        folder.mkdir()
        certificate, key = nginx_harness.Authority(folder).issue('web')
        result = self.run_ctl(None, f'--certificate-file={certificate}', f'--key-file={key}', 'list')
        self.assertNotEqual(result.code, OK, result)


class HttpTest(NginxTest):
    def connection(self, name):
        connection = http.client.HTTPSConnection('localhost', self.nginx.port, timeout=PATIENCE, context=self.context(name))
        self.addCleanup(connection.close)
        return connection

    def status(self, name, headers=()):
        connection = self.connection(name)
        connection.request('GET', '/metrics', headers=dict(headers))
        response = connection.getresponse()
        response.read()
        return response.status

    def test_events_come_as_they_happen(self):
        connection = self.connection('web')
        connection.request('GET', '/v1/events?interval=1')
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        events = []
        while len(events) < 2:
            line = response.readline().decode()
            self.assertTrue(line, 'the stream ended')
            if line.startswith('data:'):
                events.append(json.loads(line[len('data:'):]))
        self.assertTrue(all(events))

    def test_only_those_with_a_certificate_and_an_identity_read(self):
        self.assertEqual(self.status('watcher'), 200)
        self.assertEqual(self.status('stranger'), 403)
        self.assertEqual(self.status(None), 400)
        self.assertEqual(self.status(None, {'Authorization': 'Bearer ' + self.tokens['web']}), 400)

    def test_headers_that_are_too_large_end_at_nginx(self):
        self.assertEqual(self.status('web', {'X-Large': 'x' * 20_000}), 400)
        self.assertEqual(self.status('web'), 200)


class AbuseTest(NginxTest):
    resets = 5_000

    def client(self):
        plain = socket.create_connection(('127.0.0.1', self.nginx.port), timeout=PATIENCE)
        return http2.Connection(self.context('web', 'h2').wrap_socket(plain, server_hostname='localhost'))

    def test_who_resets_streams_loses_the_connection_and_others_are_served(self):
        with self.client() as attacker:
            for _ in range(self.resets):
                opening, stream = attacker.headers(http2.request_headers('/futured.v1.FutureService/Result'))
                cancel = http2.frame(http2.RST_STREAM, 0, stream, struct.pack('>I', http2.CANCEL))
                if not attacker.send(opening + cancel):
                    break
            attacker.wait_for_end()
        # nginx closes the connection after the request that makes keepalive_requests full.
        taken = self.nginx.requests.count('/Result')
        self.assertGreater(taken, 0)
        self.assertLessEqual(taken, 1_100)
        self.assertEqual(self.run_ctl('web', 'submit', 'test.echo', '1', '--wait').code, OK)


class SyntaxTest(NginxTest):
    def test_nginx_has_no_objection(self):
        done = subprocess.run([nginx_harness.NGINX, '-t', '-q', '-p', str(self.directory), '-c',
                               str(self.directory / 'nginx.conf'), '-e', 'stderr'], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ''))


if __name__ == '__main__':
    nginx_harness.main()
