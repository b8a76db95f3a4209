"""futuredctl drain."""
import json
import unittest

from harness import OK, PATIENCE, TIMEOUT, UNAVAILABLE, USAGE, CliTest, Daemon, eventually


class DrainTest(CliTest):
    daemon_flags = ('--executor=thread.max_workers=1',)

    def drained(self, *words):
        return self.check(self.run_ctl('drain', *words), OK).out

    def wait_until_not_serving(self):
        eventually(lambda: self.run_ctl('health').out == 'not_serving\n')

    def test_it_takes_no_tasks_until_that_is_undone(self):
        self.blocked()
        self.assertEqual(self.drained(), 'draining: 1 running, 0 pending\n')
        self.check(self.run_ctl('health'), UNAVAILABLE, 'not_serving\n')
        self.assertIn('DAEMON_DRAINING', self.check(self.run_ctl('submit', 'test.square', 3), UNAVAILABLE, '').err)
        self.assertEqual(self.drained('--undo'), 'serving: 1 running, 0 pending\n')
        self.check(self.run_ctl('health'), OK, 'serving\n')
        self.submit('test.square', 3)

    def test_what_is_told_before_is_read_meanwhile(self):
        future = self.submit('test.square', 3)
        self.run_ctl('wait', future)
        self.drained()
        self.check(self.run_ctl('result', future), OK, '9\n')

    def test_what_has_not_begun_is_for_the_next_daemon(self):
        self.blocked()
        pending = self.submit('test.square', 3)
        process = self.start('drain', '--wait')
        self.wait_until_not_serving()
        self.open()
        self.check(self.finish(process), OK, 'drained: 0 running, 1 pending, for the next daemon\n')
        self.assertEqual(self.ids('pending'), [pending])
        self.drained('--exit')
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)
        self.daemon = Daemon(self.directory, *self.daemon_flags)
        self.addCleanup(self.daemon.stop)
        self.check(self.run_ctl('result', pending), OK, '9\n')

    def test_what_has_not_begun_begins_when_the_drain_is_undone(self):
        self.blocked()
        pending = self.submit('test.square', 3)
        self.drained()
        self.open()
        self.drained('--wait')
        self.drained('--undo')
        self.check(self.run_ctl('result', pending), OK, '9\n')

    def test_it_waits_no_longer_than_it_may(self):
        self.blocked()
        result = self.check(self.run_ctl('drain', '--wait', '--timeout', '100ms'), TIMEOUT, '')
        self.assertIn('running: 1', result.err)
        self.check(self.run_ctl('health'), UNAVAILABLE, 'not_serving\n')

    def test_the_daemon_ends_when_what_runs_has(self):
        self.blocked()
        self.assertEqual(self.drained('--exit'), 'ending: 1 running, 0 pending\n')
        result = self.check(self.run_ctl('drain', '--undo'), UNAVAILABLE, '')
        self.assertIn('cannot be undone', result.err)
        self.assertEqual(self.drained('--exit'), 'ending: 1 running, 0 pending\n')
        self.open()
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)

    def test_the_end_comes_after_the_wait(self):
        self.blocked()
        process = self.start('drain', '--wait', '--exit', '--output', 'json')
        self.wait_until_not_serving()
        self.check(self.run_ctl('drain'), OK)
        self.assertIsNone(self.daemon.process.poll())
        self.open()
        told = self.json_lines(self.check(self.finish(process), OK).out)
        self.assertEqual([each['state'] for each in told], ['drained', 'gone'])
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)

    def test_bad_usage(self):
        for words in (('--undo', '--wait'), ('--undo', '--exit'), ('thread',)):
            self.check(self.run_ctl('drain', *words), USAGE)


class MemoryDrainTest(CliTest):
    daemon_flags = ('--executor=thread.max_workers=1', '--memory')

    def test_what_no_store_keeps_is_run(self):
        self.blocked()
        pending = self.submit('test.square', 3)
        process = self.start('drain', '--wait', '--output', 'json')
        eventually(lambda: self.run_ctl('health').out == 'not_serving\n')
        self.open()
        told = json.loads(self.check(self.finish(process), OK).out)
        self.assertEqual((told['state'], told['pending'], told['keeps_futures']), ('drained', 0, False))
        self.check(self.run_ctl('result', pending), OK, '9\n')


if __name__ == '__main__':
    unittest.main()
