"""futuredctl wait, and as-completed."""
import json
import unittest

from harness import CANCELLED, NOT_FOUND, OK, TASK_FAILED, TIMEOUT, UNAVAILABLE, UNKNOWN_ID, USAGE, CliTest


class WaitTest(CliTest):
    def finished(self, function='test.square', argument=3):
        future = self.submit(function, argument)
        self.run_ctl('result', future)
        return future

    def test_all_completed_is_the_default(self):
        done, blocked = self.finished(), self.blocked()
        waiting = self.start('wait', done, blocked)
        self.open()
        result = self.check(self.finish(waiting), OK)
        self.assertEqual(sorted(result.out.splitlines()), sorted([f'{done}\tdone', f'{blocked}\tdone']))

    def test_first_completed(self):
        done, blocked = self.finished(), self.blocked()
        result = self.check(self.run_ctl('wait', '--return-when', 'first_completed', done, blocked), OK)
        self.assertEqual(result.out, f'{done}\tdone\n{blocked}\tnot_done\n')

    def test_first_exception(self):
        failed, blocked = self.finished('test.fail', 'a'), self.blocked()
        result = self.check(self.run_ctl('wait', '--return-when', 'first_exception', blocked, failed), OK)
        self.assertEqual(result.out, f'{failed}\tdone\n{blocked}\tnot_done\n')

    def test_first_exception_without_one_waits_for_all(self):
        done, blocked = self.finished(), self.blocked()
        self.check(self.run_ctl('wait', '--return-when', 'first_exception', done, blocked, '--timeout', '0'), TIMEOUT,
                   f'{done}\tdone\n{blocked}\tnot_done\n')
        self.open()
        self.check(self.run_ctl('wait', '--return-when', 'first_exception', done, blocked), OK)

    def test_when_the_time_is_up_it_tells_what_is_known(self):
        done, blocked = self.finished(), self.blocked()
        for when in 'all_completed', 'first_exception':
            result = self.run_ctl('wait', done, blocked, '--timeout', '20ms', '--return-when', when)
            self.check(result, TIMEOUT, f'{done}\tdone\n{blocked}\tnot_done\n')
            self.assertIn('not done: 1', result.err)
        self.check(self.run_ctl('wait', '--return-when', 'first_completed', blocked, '--timeout', '0'), TIMEOUT,
                   f'{blocked}\tnot_done\n')

    def test_as_json(self):
        done, blocked = self.finished(), self.blocked()
        result = self.check(self.run_ctl('wait', '--return-when', 'first_completed', done, blocked, '--output', 'json'),
                            OK)
        self.assertEqual(json.loads(result.out), {'done': [done], 'not_done': [blocked]})

    def test_reads_ids_from_standard_input(self):
        first, second = self.finished(), self.finished()
        for text in f'{first}\n{second}\n', f'\n{first}\r\n\r\n{second}':
            result = self.check(self.run_ctl('wait', '-', stdin=text), OK)
            self.assertEqual(sorted(result.out.splitlines()), sorted([f'{first}\tdone', f'{second}\tdone']))

    def test_a_failed_future_is_done(self):
        failed = self.finished('test.fail', 'a')
        self.check(self.run_ctl('wait', failed), OK, f'{failed}\tdone\n')

    def test_unknown_and_malformed_ids(self):
        result = self.check(self.run_ctl('wait', self.finished(), UNKNOWN_ID), NOT_FOUND, '')
        self.assertIn(UNKNOWN_ID, result.err)
        self.check(self.run_ctl('wait', 'nope'), USAGE, '')
        self.check(self.run_ctl('wait', '-'), USAGE, '')
        self.check(self.run_ctl('wait'), USAGE, '')
        self.check(self.run_ctl('wait', UNKNOWN_ID, '--return-when', 'never'), USAGE, '')

    def test_a_daemon_that_dies_is_unavailable(self):
        waiting = self.start('wait', self.blocked())
        self.daemon.stop()
        self.check(self.finish(waiting), UNAVAILABLE, '')


class AsCompletedTest(CliTest):
    def test_prints_outcomes_in_the_order_of_completion(self):
        first, second = self.blocked('first'), self.blocked('second')
        process = self.start('as-completed', second, first)
        self.open('first')
        self.assertEqual(process.stdout.readline().decode(), f'{first}\tsucceeded\ttrue\n')
        self.open('second')
        self.check(self.finish(process), OK, f'{second}\tsucceeded\ttrue\n')

    def test_tells_errors_and_fails(self):
        failed = self.submit('test.fail', 'a\nb')
        self.check(self.run_ctl('as-completed', failed), TASK_FAILED,
                   f'{failed}\tfailed\tstd::out_of_range: a\\u000ab\n')

    def test_a_cancelled_one_has_its_exit_code_unless_one_failed(self):
        failed = self.submit('test.fail', 'a')
        self.run_ctl('result', failed)
        cancelled = self.pending()
        self.check(self.run_ctl('cancel', cancelled), OK)
        self.check(self.run_ctl('as-completed', cancelled), CANCELLED, f'{cancelled}\tcancelled\n')
        for order in (failed, cancelled), (cancelled, failed):
            self.check(self.run_ctl('as-completed', *order), TASK_FAILED)

    def test_as_json(self):
        future = self.submit('test.square', 3)
        result = self.check(self.run_ctl('as-completed', future, '--output', 'json'), OK)
        self.assertEqual(json.loads(result.out), {'id': future, 'state': 'succeeded', 'value': 9})

    def test_when_the_time_is_up_it_tells_how_many_are_missing(self):
        done, blocked = self.submit('test.square', 3), self.blocked()
        self.run_ctl('result', done)
        result = self.check(self.run_ctl('as-completed', blocked, done, '--timeout', '20ms'), TIMEOUT,
                            f'{done}\tsucceeded\t9\n')
        self.assertIn('unfinished: 1', result.err)

    def test_reads_many_ids_from_standard_input(self):
        futures = [self.submit('test.square', i) for i in range(20)]
        result = self.check(self.run_ctl('as-completed', '-', stdin='\n'.join(futures)), OK)
        told = dict(line.split('\tsucceeded\t') for line in result.out.splitlines())
        self.assertEqual(told, {future: str(i * i) for i, future in enumerate(futures)})

    def test_unknown_and_malformed_ids(self):
        result = self.check(self.run_ctl('as-completed', UNKNOWN_ID), NOT_FOUND, '')
        self.assertIn(UNKNOWN_ID, result.err)
        self.check(self.run_ctl('as-completed', 'nope'), USAGE, '')
        self.check(self.run_ctl('as-completed', '-'), USAGE, '')

    def test_a_daemon_that_dies_is_unavailable(self):
        waiting = self.start('as-completed', self.blocked())
        self.daemon.stop()
        self.check(self.finish(waiting), UNAVAILABLE, '')


if __name__ == '__main__':
    unittest.main()
