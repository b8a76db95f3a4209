"""futuredctl while the daemon is out of reach for a time."""
import signal
import unittest

from harness import OK, TASK_FAILED, UNAVAILABLE, USAGE, CliTest, Daemon, PATIENCE


class ReconnectTest(CliTest):
    # Longer than any test may take.
    retry = '1000s'

    def restart(self):
        self.daemon = Daemon(self.directory, f'--listen={self.daemon.address}')
        self.addCleanup(self.daemon.stop)

    def start_and_look(self, *words):
        """Starts it on a terminal, where it tells that it has looked for the daemon."""
        process, terminal = self.start_on_terminal(*words)
        text = b''
        while b'looking for it again' not in text:
            text += self.read_some(terminal)
        return process, terminal

    def finish_on_terminal(self, process, terminal, code, out):
        self.assertIn(out, self.read_terminal(terminal))
        self.assertEqual(process.wait(PATIENCE), code)

    def test_each_command_waits_for_the_next_daemon(self):
        future = self.submit('test.square', 3)
        self.run_ctl('wait', future)
        for words, code, out in ((('submit', 'test.square', 4, '--wait'), OK, '16'), (('result', future), OK, '9'),
                                 (('wait', future), OK, 'done'), (('as-completed', future), OK, '9'),
                                 (('cancel', future), OK, 'finished'), (('get', future), OK, future),
                                 (('list',), OK, future), (('executors',), OK, 'thread'),
                                 (('submit', 'test.fail', 'no', '--wait'), TASK_FAILED, 'no')):
            with self.subTest(words):
                self.daemon.stop()
                waiting = self.start_and_look(*words)
                self.restart()
                self.finish_on_terminal(*waiting, code, out)

    def test_a_wait_goes_on_with_the_next_daemon(self):
        future = self.blocked()
        for command in ('result', 'as-completed', 'wait'):
            self.assertEqual(self.ids('running'), [future])
        waiting = [self.start_on_terminal(command, future) for command in ('result', 'as-completed', 'wait', 'logs')]
        self.check(self.run_ctl('drain', '--exit'), OK)
        self.open()
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)
        self.restart()
        for (process, terminal), out in zip(waiting, ('true', 'succeeded', 'done', '')):
            self.finish_on_terminal(process, terminal, OK, out)

    def test_a_daemon_that_drains_is_waited_for(self):
        self.check(self.run_ctl('drain'), OK)
        waiting = self.start_and_look('submit', 'test.square', 4, '--wait')
        self.check(self.run_ctl('drain', '--undo'), OK)
        self.finish_on_terminal(*waiting, OK, '16')

    def test_an_executor_that_drains_is_not(self):
        self.check(self.run_ctl('executors', 'drain', 'thread'), OK)
        self.check(self.run_ctl('submit', 'test.square', 4), UNAVAILABLE, '')

    def test_the_time_of_the_command_is_the_limit(self):
        self.daemon.stop()
        self.check(self.run_ctl('list', '--timeout', '200ms'), UNAVAILABLE, '')

    def test_top_is_ended_while_it_looks(self):
        process, terminal = self.start_on_terminal('top', '--interval', '1ms')
        text = b''
        while b'thread' not in text:
            text += self.read_some(terminal)
        self.daemon.stop()
        while b'looking for it again' not in text:
            text += self.read_some(terminal)
        process.send_signal(signal.SIGINT)
        self.finish_on_terminal(process, terminal, UNAVAILABLE, '')

    def test_health_is_told_at_once(self):
        self.daemon.stop()
        self.check(self.run_ctl('health'), UNAVAILABLE, '')

    def test_bad_usage(self):
        self.check(self.run_ctl('list', '--retry', 'soon'), USAGE)


if __name__ == '__main__':
    unittest.main()
