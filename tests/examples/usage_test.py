"""What all examples have in common, and slow_server."""
import http.client
import pathlib
import signal
import unittest

from examples import PATIENCE, ExampleTest
from harness import eventually

PROGRAMS = ('batches', 'coroutines', 'crash', 'done_callbacks', 'fetch_urls', 'first_completed', 'follow',
            'map_files', 'map_timeout', 'primes', 'progress_bar', 'run_program')


class Usage(ExampleTest):
    def test_every_program_has_help(self):
        for program in PROGRAMS:
            result = self.check(self.run_example(program, '--help'), 0)
            self.assertIn('Usage: ', result.out)
            self.assertIn('FUTURED_ADDRESS', result.out)

    def test_a_missing_argument_is_named(self):
        result = self.run_example('fetch_urls')
        self.assertNotEqual(result.code, 0)
        self.assertIn('URL is required', result.err)

    def test_a_daemon_that_is_not_there_is_named(self):
        result = self.check(self.run_example('primes', '--address', '127.0.0.1:1'), 1)
        self.assertIn('127.0.0.1:1', result.err)

    def test_every_program_is_in_the_map(self):
        text = (pathlib.Path(__file__).parents[2] / 'examples/README.md').read_text()
        for program in PROGRAMS + ('slow_server',):
            self.assertIn(f'[`{program}`]({program}.cc)', text)


class SlowServer(ExampleTest):
    def setUp(self):
        super().setUp()
        port_file = self.directory / 'server'
        self.server = self.begin('slow_server', '--port-file', port_file)
        eventually(port_file.exists)
        self.address = port_file.read_text().strip()

    def get(self, path):
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request('GET', path)
        response = connection.getresponse()
        return response.status, response.read()

    def test_answers_after_the_delay(self):
        self.assertEqual(self.get('/delay/0'), (200, b'waited 0 ms\n'))
        self.assertEqual(self.get('/delay/10/page'), (200, b'waited 10 ms\n'))

    def test_has_nothing_else(self):
        for path in ('/', '/delay/', '/delay/x', '/delay/-1', '/delay/1x', '/delay/999999999999'):
            self.assertEqual(self.get(path)[0], 404, path)

    def test_ends_on_a_signal_while_a_client_waits(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.server if number == signal.SIGTERM else self.begin('slow_server')
            address = server.stdout.readline().decode().removeprefix('http://').split('/')[0]
            connection = http.client.HTTPConnection(address, timeout=PATIENCE)
            connection.request('GET', '/delay/60000')
            server.send_signal(number)
            self.assertEqual(server.wait(PATIENCE), 0)
            connection.close()


if __name__ == '__main__':
    unittest.main()
