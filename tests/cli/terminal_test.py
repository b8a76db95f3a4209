"""futuredctl on a terminal, and not on one."""
import os
import re
import signal
import subprocess
import unittest

from harness import OK, PATIENCE, TASK_FAILED, CliTest

CLEAR_LINE = '\r\x1b[K'


def shown(text):
    """What is left on the screen: a line is written over after a carriage return."""
    lines = text.replace('\r\n', '\n').split('\n')
    return '\n'.join(line.split('\r')[-1].replace('\x1b[K', '') for line in lines)


class ProgressBarTest(CliTest):
    def test_counts_and_tells_the_rate(self):
        result = self.check(self.run_on_terminal('map', 'test.square', *range(1, 21)), OK)
        last = re.findall(r'\r\[(#*)( *)\] (\d+)/20  [\d.]+/s', result.out)[-1]
        self.assertEqual((last[0], last[1], last[2]), ('#' * 40, '', '20'))

    def test_tells_the_time_left(self):
        gates = [self.directory / name for name in 'abcd']
        process, terminal = self.start_on_terminal('map', 'test.wait_for_file', *gates, stdout=subprocess.DEVNULL)
        for name in 'a', 'b':
            self.open(name)
        text = self.read_until(terminal, rb'\[#+ +\] [12]/4  [\d.]+/s  [\dmsh.]+ left')
        self.assertNotIn(b'\n', text)
        for name in 'c', 'd':
            self.open(name)
        self.assertEqual(self.read_terminal(terminal)[-len(CLEAR_LINE):], CLEAR_LINE)
        self.assertEqual(process.wait(PATIENCE), OK)

    def test_is_gone_at_the_end_and_results_stand_on_lines_of_their_own(self):
        result = self.check(self.run_on_terminal('map', 'test.square', 1, 2, 3), OK)
        self.assertEqual(shown(result.out), '1\n4\n9\n')

    def test_is_gone_before_an_error(self):
        result = self.check(self.run_on_terminal('map', 'test.square', 1, 2, 'x'), TASK_FAILED)
        self.assertTrue(shown(result.out).startswith('1\n4\nfuturedctl: item 3: '), result)

    def test_is_gone_after_ctrl_c(self):
        gates = [self.directory / name for name in 'ab']
        process, terminal = self.start_on_terminal('map', 'test.wait_for_file', *gates, stdout=subprocess.DEVNULL)
        self.open('a')
        self.read_until(terminal, rb'1/2')
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.read_terminal(terminal)[-len(CLEAR_LINE):], CLEAR_LINE)

    def test_without_a_known_total_only_counts(self):
        reading, writing = os.pipe()
        os.write(writing, b'1\n2\n3\n')
        os.close(writing)
        self.addCleanup(os.close, reading)
        process, terminal = self.start_on_terminal('map', 'test.square', '--items', '-', stdin=reading)
        text = self.read_terminal(terminal)
        self.assertEqual(process.wait(PATIENCE), OK)
        self.assertRegex(text, r'\r1  [\d.]+/s')
        self.assertNotIn('[#', text)
        self.assertEqual(shown(text), '1\n4\n9\n')

    def test_fits_a_narrow_terminal(self):
        result = self.check(self.run_on_terminal('map', 'test.square', 1, 2, 3, columns=20), OK)
        for line in re.findall(r'\r([^\r\n\x1b]*)\x1b', result.out):
            self.assertLess(len(line), 20)

    def test_there_is_none_in_a_pipe(self):
        result = self.check(self.run_ctl('map', 'test.square', *range(20)), OK)
        self.assertEqual(result.err, '')
        self.assertNotIn('\r', result.out)

    def test_there_is_none_on_output_when_only_that_is_a_terminal(self):
        process, terminal = self.start_on_terminal('map', 'test.square', 1, 2, stderr=subprocess.PIPE)
        self.assertEqual(self.read_terminal(terminal), '1\r\n4\r\n')
        self.assertEqual(process.stderr.read(), b'')
        self.assertEqual(process.wait(PATIENCE), OK)

    def read_until(self, terminal, pattern):
        text = b''
        while not re.search(pattern, text):
            some = self.read_some(terminal)
            self.assertTrue(some, text)
            text += some
        return text


class TopTest(CliTest):
    def test_draws_over_what_was_there_until_ctrl_c(self):
        process, terminal = self.start_on_terminal('top', '--interval', '1ms')
        text = b''
        while text.count(b'\x1b[H\x1b[2JEXECUTOR') < 3:
            some = self.read_some(terminal)
            self.assertTrue(some, text)
            text += some
        process.send_signal(signal.SIGINT)
        self.read_terminal(terminal)
        self.assertEqual(process.wait(PATIENCE), OK)

    def test_shows_the_progress_of_tasks_where_there_is_room(self):
        self.submit('test.report', self.directory / 'gate', 0.5, 'reading \x1b[2J')
        self.wait_for_begin()
        for columns, shown_there in (100, True), (40, False):
            process, terminal = self.start_on_terminal('top', '--interval', '1ms', columns=columns)
            text = b''
            while text.count(b'\x1b[H\x1b[2JEXECUTOR') < 3:
                text += self.read_some(terminal)
            process.send_signal(signal.SIGINT)
            self.read_terminal(terminal)
            self.assertEqual(process.wait(PATIENCE), OK)
            screens = text.decode().split('\x1b[H\x1b[2J')
            self.assertEqual('[##########          ]  50 %  reading \\u001b[2J' in screens[2], shown_there, screens)

    def test_once_leaves_the_screen_alone(self):
        result = self.check(self.run_on_terminal('top', '--once'), OK)
        self.assertNotIn('\x1b', result.out)


if __name__ == '__main__':
    unittest.main()
