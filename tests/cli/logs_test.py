"""futuredctl logs."""
import json
import re
import subprocess
import unittest

from harness import NOT_FOUND, OK, PATIENCE, TIMEOUT, UNKNOWN_ID, USAGE, CliTest, Daemon, eventually

LINE = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\w+) +(.*)')


def texts(out):
    """Of a log: the texts of its lines, and its marks."""
    found = [LINE.fullmatch(line) for line in out.splitlines()]
    return [match[3] if match else line for match, line in zip(found, out.splitlines())]


class LogTest(CliTest):
    def log(self, *lines, name='gate', fails_first=False, flags=()):
        """Submits a task that has logged these lines and runs until a file of that name appears. Returns its ID."""
        future = self.submit(*flags, 'test.log', self.directory / name, json.dumps(lines), json.dumps(fails_first))
        self.wait_for_begin(name)
        return future

    def read_lines(self, process, count):
        """The next lines of a program under way."""
        return [process.stdout.readline().decode() for _ in range(count)]


class LogsTest(LogTest):
    def test_shows_times_levels_and_texts(self):
        future = self.log('one', 'two')
        lines = self.check(self.run_ctl('logs', future), OK).out.splitlines()
        self.assertEqual([LINE.fullmatch(line).group(2, 3) for line in lines], [('warning', 'one'), ('warning', 'two')])

    def test_without_lines_there_is_nothing(self):
        future = self.submit('test.square', 3)
        self.check(self.run_ctl('logs', future), OK, '')

    def test_follows_until_the_end(self):
        future = self.log('one')
        process = self.start('logs', '-f', future)
        self.assertEqual(texts(*self.read_lines(process, 1)), ['one'])
        self.open()
        result = self.check(self.finish(process), OK)
        self.assertEqual(texts(result.out), ['the end'])
        self.check(self.run_ctl('logs', '--follow', future), OK)

    def test_of_several_each_line_names_its_future(self):
        first, second = self.log('one', name='a'), self.log('two', name='b')
        lines = self.check(self.run_ctl('logs', first, second.upper()), OK).out.splitlines()
        self.assertEqual({line.split()[0]: line.split()[-1] for line in lines}, {first: 'one', second: 'two'})

    def test_marks_where_another_attempt_begins(self):
        self.open()
        future = self.log('one', fails_first=True, flags=('--attempts', 2, '--retry-delay', '1ms'))
        self.check(self.run_ctl('wait', future), OK)
        out = self.check(self.run_ctl('logs', future), OK).out
        self.assertEqual(texts(out), ['one', '-- attempt 2 --', 'one', 'the end'])

    def test_hostile_text_cannot_move_the_cursor_nor_look_like_another_line(self):
        future = self.log('\x1b[2J\r\x07 evil\n2025-01-01T00:00:00.000Z error forged', '\u202e')
        out = self.check(self.run_ctl('logs', future), OK).out
        self.assertNotRegex(out, '[\x00-\x09\x0b-\x1f\x7f\u202e]')
        lines = out.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn('\\u001b[2J', lines[0])
        self.assertRegex(lines[1], r'^ {30,}2025-01-01T00:00:00.000Z error forged$')

    def test_as_json(self):
        future = self.log('one\ntwo \x1b')
        told = self.json_lines(self.check(self.run_ctl('logs', '--output', 'json', future), OK).out)
        self.assertEqual([(line['id'], line['number'], line['attempt'], line['kind'], line['text']) for line in told],
                         [(future, 1, 1, 'warning', 'one\ntwo \x1b')])
        self.assertIn('time', told[0])

    def test_get_counts_lines(self):
        future = self.log('one', 'two')
        self.assertEqual(json.loads(self.run_ctl('get', future, '--output', 'json').out)['log_lines'], 2)
        self.assertEqual(self.run_ctl('get', future).out.splitlines()[1].split()[6], '2')

    def test_unknown_ones_are_named(self):
        result = self.check(self.run_ctl('logs', UNKNOWN_ID), NOT_FOUND, '')
        self.assertIn(UNKNOWN_ID, result.err)
        self.check(self.run_ctl('logs'), USAGE)

    def test_time_that_is_up_ends_it(self):
        result = self.check(self.run_ctl('logs', '-f', '--timeout', '300ms', self.log('one')), TIMEOUT)
        self.assertEqual(texts(result.out), ['one'])
        self.assertIn('the time is up', result.err)

    def test_ends_when_nobody_reads(self):
        future = self.log('one')
        process = self.start('logs', '-f', future)
        self.read_lines(process, 1)
        process.stdout.close()
        self.open()
        self.assertNotEqual(process.wait(PATIENCE), OK)


class BoundedLogsTest(LogTest):
    daemon_flags = ('--max-log-lines=3',)

    def test_marks_where_lines_were_dropped(self):
        future = self.log('1', '2', '3', '4', '5')
        out = self.check(self.run_ctl('logs', future), OK).out
        self.assertEqual(texts(out), ['-- 2 lines were dropped --', '3', '4', '5'])
        told = json.loads(self.run_ctl('get', future, '--output', 'json').out)
        self.assertEqual((told['log_lines'], told['log_lines_dropped']), (3, 2))


class RestartTest(LogTest):
    retry = '1000s'

    def restart(self):
        """The same daemon again, on the same address and data."""
        self.daemon.process.kill()
        self.daemon.process.wait()
        (self.directory / 'port').unlink()
        self.daemon = Daemon(self.directory, f'--listen={self.daemon.address}')
        self.addCleanup(self.daemon.stop)

    def test_lines_of_ended_futures_survive(self):
        self.open()
        future = self.log('one', 'two')
        self.check(self.run_ctl('wait', future), OK)
        before = self.check(self.run_ctl('logs', future), OK).out
        self.restart()
        self.assertEqual(self.check(self.run_ctl('logs', future), OK).out, before)

    def test_follower_outlives_the_daemon(self):
        future = self.log('one', flags=('--attempts', 3, '--retry-delay', '1ms'))
        process = self.start('logs', '-f', future, stderr=subprocess.STDOUT)
        self.assertEqual(texts(*self.read_lines(process, 1)), ['one'])
        self.restart()
        eventually(lambda: json.loads(self.run_ctl('get', future, '--output', 'json').out)['attempt'] == 2)
        self.open()
        result = self.check(self.finish(process), OK)
        self.assertEqual(texts(result.out), ['-- the daemon was started again; what came before is lost --',
                                             '-- attempt 2 --', 'one', 'the end'])


if __name__ == '__main__':
    unittest.main()
