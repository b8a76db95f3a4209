"""futuredctl when nobody takes its output."""
import os
import subprocess
import unittest

from harness import OK, REFUSED, TASK_FAILED, CliTest

MESSAGE = 'futuredctl: cannot write to standard output\n'


class OutputTest(CliTest):
    def broken_pipe(self):
        """One end of a pipe that nobody reads."""
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        return writing

    def commands(self):
        """All that print something, and end by themselves."""
        future = self.submit('test.square', 3)
        self.check(self.run_ctl('result', future), OK)
        return (('submit', 'test.square', 3), ('submit', 'test.square', 3, '--wait'), ('map', 'test.square', 3),
                ('result', future), ('wait', future), ('as-completed', future), ('cancel', future), ('get', future),
                ('list',), ('executors',), ('functions',), ('health',), ('top', '--once'))

    def test_a_broken_pipe_is_a_failure_of_its_own(self):
        pipe = self.broken_pipe()
        for command in self.commands():
            for form in 'text', 'json':
                with self.subTest(command, form=form):
                    result = self.finish_without_output(self.start(*command, '--output', form, stdout=pipe))
                    self.assertEqual(result, (REFUSED, MESSAGE))

    def test_a_full_disk_is_a_failure_of_its_own(self):
        with open('/dev/full', 'wb') as full:
            for command in self.commands():
                with self.subTest(command):
                    result = self.finish_without_output(self.start(*command, stdout=full))
                    self.assertEqual(result, (REFUSED, MESSAGE))

    def test_a_closed_output_is_a_failure_of_its_own(self):
        for command in self.commands():
            with self.subTest(command):
                process = self.start_in_shell('"$@" >&-', *command)
                self.assertEqual(self.finish_without_output(process), (REFUSED, MESSAGE))

    def test_without_standard_streams_calls_still_work(self):
        process = self.start_in_shell('"$@" <&- >&- 2>&-', 'submit', 'test.fail', 'a', '--wait')
        self.assertEqual(self.finish_without_output(process), (TASK_FAILED, ''))
        self.assertEqual(len(self.ids('failed')), 1)

    def test_map_stops_and_leaves_nothing_pending(self):
        lines = self.directory / 'items'
        lines.write_text('1\n' * 200_000)
        process = self.start('map', 'test.square', '--items', lines, '--max-workers', 1)
        self.assertEqual(process.stdout.readline(), b'1\n')
        process.stdout.close()
        self.assertEqual(self.finish_without_output(process), (REFUSED, MESSAGE))
        self.assertEqual(self.ids('pending'), [])

    def test_as_completed_stops_although_others_are_unfinished(self):
        done, blocked = self.submit('test.square', 3), self.blocked()
        process = self.start('as-completed', done, blocked, stdout=self.broken_pipe())
        self.assertEqual(self.finish_without_output(process), (REFUSED, MESSAGE))

    def test_top_stops(self):
        process = self.start('top', '--interval', '1ms')
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(self.finish_without_output(process), (REFUSED, MESSAGE))

    def start_in_shell(self, script, *arguments):
        words = ['sh', '-c', script, 'sh', *self.command('--address', self.daemon.address, *arguments)]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def finish_without_output(process):
        """Exit code and standard error."""
        error = process.stderr.read().decode()
        return process.wait(30), error


if __name__ == '__main__':
    unittest.main()
