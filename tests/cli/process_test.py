"""futuredctl and executors of kind process."""
import os
import unittest

from harness import CANCELLED, OK, REFUSED, TASK_FAILED, USAGE, CliTest, eventually


class ProcessTest(CliTest):
    """The default executor has one worker process, with a limit."""
    daemon_flags = ('--executor=cpu.kind=process', '--executor=cpu.max_workers=1', '--executor=cpu.max_processes=500',
                    '--executor=thread.kind=thread')

    def hang(self):
        """Submits a task that runs until its process is killed. Returns its ID and the pid."""
        future = self.submit('test.hang', self.directory / 'hang')
        self.wait_for_begin('hang')
        return future, int((self.directory / 'hang.begun').read_text())

    def show(self, *command):
        told, *_ = self.json_lines(self.check(self.run_ctl('executors', *command, '--output', 'json'), OK).out)
        return told

    def rows(self, *command):
        return [line.split() for line in self.check(self.run_ctl(*command), OK).out.splitlines()]

    def is_gone(self, pid):
        try:
            os.kill(pid, 0)
            return False
        except ProcessLookupError:
            return True


class CancelTest(ProcessTest):
    def test_force_kills_what_does_not_stop(self):
        future, pid = self.hang()
        self.check(self.run_ctl('cancel', '--force', future), OK, f'{future}\tstop_enforced\n')
        self.check(self.run_ctl('result', future), CANCELLED, '')
        self.assertTrue(self.is_gone(pid))
        self.check(self.run_ctl('submit', 'test.square', 3, '--wait'), OK, '9\n')

    def test_force_with_a_grace_lets_it_stop_by_itself(self):
        future = self.blocked()
        worker, = self.show('show', 'cpu')['workers']
        result = self.check(self.run_ctl('cancel', '--force', '--grace', '1h', future, '--output', 'json'), OK)
        self.assertEqual(self.json_lines(result.out), [{'id': future, 'effect': 'stop_enforced'}])
        self.check(self.run_ctl('result', future), CANCELLED, '')
        self.assertFalse(self.is_gone(worker['pid']))

    def test_force_on_threads_asks_to_stop(self):
        future = self.submit('test.wait_for_file', self.directory / 'gate', '--executor', 'thread')
        self.wait_for_begin()
        self.check(self.run_ctl('cancel', '--force', future), OK, f'{future}\tstop_requested\n')
        self.check(self.run_ctl('result', future), CANCELLED, '')

    def test_force_of_a_session(self):
        future, _ = self.hang()
        session = future[:future.rindex('-')] + '-000000000000'
        self.check(self.run_ctl('cancel', '--force', '--session', session), OK, '0 cancelled, 1 asked to stop\n')
        self.check(self.run_ctl('result', future), CANCELLED, '')

    def test_bad_usage(self):
        future = self.submit('test.square', 3)
        for arguments in ('--grace', '1s'), ('--force', '--grace', 'soon'), ('--force', '--grace', '2h'):
            with self.subTest(arguments):
                self.check(self.run_ctl('cancel', *arguments, future), USAGE, '')


class FunctionsTest(ProcessTest):
    daemon_flags = (*ProcessTest.daemon_flags, '--executor=other.kind=process', '--executor=other.worker=/bin/false')

    def test_those_of_plugins_are_not_listed_for_executors_whose_workers_are_not_ours(self):
        executors = {row[-1] for row in self.rows('functions') if row[0] == 'test.square'}
        self.assertEqual(executors, {'cpu', 'thread'})


class ExecutorsTest(ProcessTest):
    def test_the_table_names_the_sandbox(self):
        rows = self.rows('executors')
        self.assertEqual([(row[0], row[-1]) for row in rows[1:]], [('cpu', 'basic'), ('thread', '-')])

    def test_workers_are_shown_while_they_run(self):
        _, pid = self.hang()
        titles, row = self.rows('executors', '--workers')
        self.assertEqual(titles, ['EXECUTOR', 'WORKER', 'PID', 'STATE', 'TASKS', 'AGE'])
        self.assertEqual(row[:5], ['cpu', 'cpu-1', str(pid), 'busy', '1'])
        self.assertRegex(row[5], r'^[\d.]+m?s$')
        worker = self.show('--workers')
        self.assertEqual({key: worker[key] for key in ('executor', 'name', 'pid', 'state', 'tasks')},
                         {'executor': 'cpu', 'name': 'cpu-1', 'pid': pid, 'state': 'busy', 'tasks': 1})

    def test_there_are_none_before_the_first_task(self):
        self.assertEqual(len(self.rows('executors', '--workers')), 1)
        self.assertNotIn('workers', self.show('show', 'cpu'))

    def test_one_is_shown_with_all_about_it(self):
        _, pid = self.hang()
        out = self.check(self.run_ctl('executors', 'show', 'cpu'), OK).out
        self.assertRegex(out, r'\n\nsandbox basic: .*no new privileges.*, processes <= 500\n\n')
        self.assertRegex(out, rf'\ncpu +cpu-1 +{pid} +busy +1 ')
        told = self.show('show', 'cpu')
        self.assertEqual((told['workers'][0]['pid'], told['sandbox'][:6]), (pid, 'basic:'))
        self.assertNotIn('sandbox', self.check(self.run_ctl('executors', 'show', 'thread'), OK).out)

    def test_end_workers_fails_what_runs_and_others_take_over(self):
        for flags, signal in ((), 'SIGTERM'), (('--kill',), 'SIGKILL'):
            with self.subTest(flags):
                (self.directory / 'hang.begun').unlink(missing_ok=True)
                future, pid = self.hang()
                waiting = self.submit('test.square', 3)
                self.check(self.run_ctl('executors', 'end-workers', 'cpu', *flags), OK)
                self.assertIn(signal, self.check(self.run_ctl('result', future), TASK_FAILED, '').err)
                self.check(self.run_ctl('result', waiting), OK, '9\n')
                self.assertTrue(self.is_gone(pid))

    def test_threads_have_no_workers_to_end(self):
        result = self.check(self.run_ctl('executors', 'end-workers', 'thread'), REFUSED, '')
        self.assertIn('"thread"', result.err)

    def test_top_shows_processes_too(self):
        _, pid = self.hang()
        rows = self.rows('top', '--once')
        self.assertIn(['EXECUTOR', 'WORKER', 'PID', 'STATE', 'TASKS', 'AGE'], rows)
        self.assertEqual(rows[-1][:5], ['cpu', 'cpu-1', str(pid), 'busy', '1'])


if __name__ == '__main__':
    unittest.main()
