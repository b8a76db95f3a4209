"""Ctrl-C and SIGTERM while futuredctl waits."""
import signal
import socket
import unittest

from harness import INTERRUPTED, OK, PATIENCE, TERMINATED, CliTest, eventually


class InterruptTest(CliTest):
    def interrupted(self, process, number=signal.SIGINT):
        """The result of a program that is interrupted. It must leave nothing that is pending."""
        result = self.interrupt(process, number)
        self.assertEqual(self.ids('pending'), [])
        return result

    def wait_until_cancelled(self, count):
        """Functions that run honour the request to stop a little later."""
        eventually(lambda: len(self.ids('cancelled')) == count)
        self.assertEqual(self.ids('running,succeeded,failed'), [])

    def test_map_cancels_everything(self):
        process = self.start('map', 'test.wait_for_file', *[self.directory / 'gate'] * 60, '--max-workers', 1)
        self.wait_for_begin()
        result = self.check(self.interrupted(process), INTERRUPTED, '')
        self.assertEqual(result.err, '')
        self.assertEqual(self.ids('succeeded,failed'), [])
        eventually(lambda: not self.ids('running'))

    def test_map_keeps_what_it_has_printed(self):
        process = self.start('map', 'test.wait_for_file', *[self.directory / name for name in 'ab'])
        self.open('a')
        self.assertEqual(process.stdout.readline(), b'true\n')
        self.wait_for_begin('b')
        self.check(self.interrupted(process), INTERRUPTED, '')

    def test_sigterm_does_the_same(self):
        process = self.start('map', 'test.wait_for_file', *[self.directory / 'gate'] * 10)
        self.wait_for_begin()
        self.check(self.interrupted(process, signal.SIGTERM), TERMINATED, '')

    def test_map_that_submits_all_the_time_leaves_nothing(self):
        lines = self.directory / 'items'
        lines.write_text('1\n' * 500_000)
        process = self.start('map', 'test.square', '--items', lines, '--ahead', 1000)
        self.assertEqual(process.stdout.readline(), b'1\n')
        self.check(self.interrupted(process), INTERRUPTED)

    def test_map_that_waits_for_standard_input_ends(self):
        process = self.start('map', 'test.wait_for_file', '--items', '-')
        process.stdin.write(f'{self.directory}/gate\n'.encode())
        process.stdin.flush()
        self.wait_for_begin()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), INTERRUPTED)
        eventually(lambda: not self.ids('running,pending'))

    def test_map_whose_output_is_not_read_ends(self):
        lines = self.directory / 'items'
        lines.write_text('1\n' * 500_000)
        process = self.start('map', 'test.square', '--items', lines)
        process.stdout.peek(1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), INTERRUPTED)
        self.assertEqual(self.ids('pending'), [])

    def test_submit_with_wait_asks_a_running_task_to_stop(self):
        process = self.start('submit', 'test.wait_for_file', self.directory / 'gate', '--wait')
        self.wait_for_begin()
        result = self.check(self.interrupted(process), INTERRUPTED, '')
        self.assertEqual(result.err, '')
        self.wait_until_cancelled(1)

    def test_submit_with_wait_cancels_a_pending_task(self):
        self.check(self.run_ctl('cancel', self.pending()), OK)
        process = self.start('submit', 'test.square', 3, '--wait')
        eventually(lambda: len(self.ids('pending')) == 1)
        self.check(self.interrupted(process, signal.SIGTERM), TERMINATED, '')
        self.wait_until_cancelled(2)

    def test_result_and_others_touch_no_task(self):
        future = self.blocked()
        for command in ('result',), ('wait',), ('as-completed',):
            process = self.start(*command, future)
            # It may not wait yet; then it ends all the same.
            self.assertEqual(self.interrupt(process).code, -signal.SIGINT)
        self.open()
        self.check(self.run_ctl('result', future), OK, 'true\n')

    def test_a_program_started_to_ignore_it_goes_on(self):
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGINT, handler)
        process = self.start('map', 'test.wait_for_file', self.directory / 'gate')
        self.wait_for_begin()
        process.send_signal(signal.SIGINT)
        self.open()
        self.check(self.finish(process), OK, 'true\n')

    def test_a_daemon_that_does_not_answer_holds_nobody(self):
        silent = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(silent.close)
        silent.settimeout(PATIENCE)
        address = f'127.0.0.1:{silent.getsockname()[1]}'
        for command in ('submit', 'test.square', 3, '--wait'), ('map', 'test.square', 3):
            process = self.start(*command, '--address', address)
            connection = silent.accept()[0]
            self.addCleanup(connection.close)
            self.check(self.interrupt(process), INTERRUPTED, '')


if __name__ == '__main__':
    unittest.main()
