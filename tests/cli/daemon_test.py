"""futuredctl executors, functions, health, and top."""
import json
import signal
import socket
import unittest

from harness import NOT_FOUND, OK, UNAVAILABLE, USAGE, CliTest, eventually

COLUMNS = ['EXECUTOR', 'KIND', 'STATE', 'WORKERS', 'PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED',
           'SANDBOX']


class ExecutorsTest(CliTest):
    def executor(self, *command):
        told, = self.json_lines(self.check(self.run_ctl('executors', *command, '--output', 'json'), OK).out)
        return told

    def state(self, *command):
        return self.executor(*command)['state']

    def test_shows_a_table(self):
        lines = [line.split() for line in self.check(self.run_ctl('executors'), OK).out.splitlines()]
        self.assertEqual(lines[0], COLUMNS)
        self.assertEqual(lines[1][:3], ['thread', 'thread', 'active'])
        self.assertEqual(len(lines), 2)

    def test_counts_futures(self):
        futures = [self.submit('test.square', 3), self.submit('test.square', 4), self.submit('test.fail', 'a')]
        self.run_ctl('wait', *futures)
        self.blocked()
        pending = [self.pending(), self.submit('test.square', 5), self.submit('test.square', 6)]
        self.run_ctl('cancel', *pending[:2])
        told = self.executor()
        self.assertEqual([told[key] for key in ('pending', 'running', 'succeeded', 'failed', 'cancelled')],
                         [1, 1, 2, 1, 2])

    def test_pause_begins_nothing_until_resume(self):
        self.assertEqual(self.state('pause', 'thread'), 'paused')
        future = self.submit('test.square', 3)
        self.assertEqual(self.executor()['pending'], 1)
        self.assertEqual(self.state('resume', 'thread'), 'active')
        self.check(self.run_ctl('result', future), OK, '9\n')

    def test_drain_refuses_until_resume(self):
        self.assertEqual(self.state('drain', 'thread'), 'draining')
        for command in 'submit', 'map':
            result = self.check(self.run_ctl(command, 'test.square', 3), UNAVAILABLE, '')
            self.assertIn('draining', result.err)
        self.assertEqual(self.state('resume', 'thread'), 'active')
        self.check(self.run_ctl('submit', 'test.square', 3, '--wait'), OK, '9\n')

    def test_a_change_is_shown_as_a_table(self):
        lines = self.check(self.run_ctl('executors', 'pause', 'thread'), OK).out.splitlines()
        self.assertEqual((lines[0].split(), lines[1].split()[2]), (COLUMNS, 'paused'))

    def test_unknown_executors(self):
        for change in 'pause', 'resume', 'drain', 'show', 'end-workers':
            result = self.check(self.run_ctl('executors', change, 'nope'), NOT_FOUND, '')
            self.assertIn('"nope"', result.err)

    def test_bad_usage(self):
        for arguments in (('pause',), ('stop', 'thread'), ('pause', 'thread', 'extra'), ('pause', ''), ('thread',),
                          ('pause', 'thread', '--kill')):
            with self.subTest(arguments):
                self.check(self.run_ctl('executors', *arguments), USAGE, '')


class FunctionsTest(CliTest):
    def test_shows_a_table(self):
        lines = self.check(self.run_ctl('functions'), OK).out.splitlines()
        self.assertEqual(lines[0].split(), ['FUNCTION', 'SIGNATURE', 'EXECUTOR'])
        self.assertIn(['test.square', 'int64(int64)', 'thread'], [line.split() for line in lines])

    def test_as_json(self):
        told = self.json_lines(self.check(self.run_ctl('functions', '--output', 'json'), OK).out)
        self.assertIn({'name': 'test.square', 'signature': 'int64(int64)', 'executor': 'thread'}, told)


class HealthTest(CliTest):
    def test_of_a_daemon_that_serves(self):
        self.check(self.run_ctl('health'), OK, 'serving\n')
        told = json.loads(self.check(self.run_ctl('health', '--output', 'json'), OK).out)
        self.assertEqual(told, {'address': self.daemon.address, 'status': 'serving'})

    def test_of_a_daemon_that_drains(self):
        self.blocked()
        self.daemon.process.send_signal(signal.SIGTERM)
        eventually(lambda: self.run_ctl('health').out != 'serving\n')
        self.check(self.run_ctl('health'), UNAVAILABLE, 'not_serving\n')
        self.check(self.run_ctl('submit', 'test.square', 3), UNAVAILABLE, '')


class UnavailableTest(CliTest):
    def all_commands(self):
        future = self.submit('test.square', 3)
        return (('submit', 'test.square', 3), ('submit', 'test.square', 3, '--wait'), ('map', 'test.square', 3),
                ('result', future), ('wait', future), ('as-completed', future), ('cancel', future), ('get', future),
                ('list',), ('drain',), ('executors',), ('executors', 'pause', 'thread'), ('functions',), ('health',),
                ('top',), ('backup', self.directory / 'copy.db'))

    def test_every_command_tells_that_nobody_is_there(self):
        commands = self.all_commands()
        self.daemon.stop()
        for command in commands:
            with self.subTest(command):
                result = self.check(self.run_ctl(*command), UNAVAILABLE, '')
                self.assertTrue(result.err.startswith(f'futuredctl: cannot reach futured at {self.daemon.address}: '))
                self.assertEqual(result.err.count('\n'), 1, result)

    def test_somebody_else_who_says_nothing_is_nobody(self):
        with socket.create_server(('127.0.0.1', 0)) as silent:
            address = f'127.0.0.1:{silent.getsockname()[1]}'
            result = self.run_ctl('health', '--address', address, '--timeout', '50ms')
            self.assertIn(address, self.check(result, UNAVAILABLE, '').err)

    def test_the_option_comes_before_the_environment(self):
        self.check(self.run_ctl('health', '--address', '127.0.0.1:1'), UNAVAILABLE, '')
        self.check(self.run_ctl('--address', '127.0.0.1:1', 'health'), UNAVAILABLE, '')


class TopTest(CliTest):
    def test_once(self):
        lines = [line.split() for line in self.check(self.run_ctl('top', '--once'), OK).out.splitlines()]
        self.assertEqual(lines[0], COLUMNS + ['ENDED/S'])
        self.assertEqual((lines[1][0], lines[1][-1]), ('thread', '0'))

    def test_as_json_tells_the_rate(self):
        process = self.start('top', '--interval', '1ms', '--output', 'json')
        self.assertEqual(json.loads(process.stdout.readline())['ended_per_second'], 0)
        self.submit('test.square', 3)
        told = json.loads(process.stdout.readline())
        while told['ended_per_second'] == 0:
            told = json.loads(process.stdout.readline())
        self.assertEqual(told['succeeded'], 1)
        self.assertGreater(told['ended_per_second'], 0)
        self.check(self.interrupt(process), OK)

    def test_sigterm_ends_it_too(self):
        process = self.start('top', '--interval', '1h')
        process.stdout.readline()
        self.check(self.interrupt(process, signal.SIGTERM), OK)

    def test_ends_with_the_daemon(self):
        process = self.start('top', '--interval', '1ms')
        process.stdout.readline()
        self.daemon.stop()
        self.assertEqual(self.finish(process).code, UNAVAILABLE)


if __name__ == '__main__':
    unittest.main()
