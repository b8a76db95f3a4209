"""futuredctl submit, and result."""
import json
import unittest

from harness import (CANCELLED, NOT_FOUND, OK, REFUSED, TASK_FAILED, TIMEOUT, UNAVAILABLE, UNKNOWN_ID, USAGE, CliTest,
                     eventually)


class SubmitTest(CliTest):
    def test_prints_the_id_whose_result_is_the_value(self):
        future = self.submit('test.square', 12)
        self.check(self.run_ctl('result', future), OK, '144\n')

    def test_with_wait_prints_the_value(self):
        self.check(self.run_ctl('submit', 'test.square', 12, '--wait'), OK, '144\n')
        self.check(self.run_ctl('submit', '--wait', 'test.square', 12), OK, '144\n')

    def test_as_json_tells_id_and_state(self):
        told = json.loads(self.check(self.run_ctl('submit', 'test.square', 12, '--output', 'json'), OK).out)
        self.assertEqual(set(told), {'id', 'state'})
        self.check(self.run_ctl('result', told['id']), OK, '144\n')

    def test_as_json_with_wait_tells_the_outcome(self):
        told = json.loads(self.check(self.run_ctl('--output', 'json', 'submit', 'test.square', 12, '--wait'), OK).out)
        self.assertEqual((told['state'], told['value']), ('succeeded', 144))

    def test_an_error_goes_to_standard_error(self):
        result = self.check(self.run_ctl('submit', 'test.fail', 'a', '--wait'), TASK_FAILED, '')
        self.assertEqual(result.err, 'futuredctl: std::out_of_range: a\n')

    def test_an_error_comes_with_its_causes(self):
        result = self.check(self.run_ctl('submit', 'test.fail_nested', '--wait'), TASK_FAILED, '')
        self.assertEqual(result.err, 'futuredctl: std::runtime_error: outer\ncaused by std::out_of_range: inner\n')

    def test_an_error_as_json_goes_to_standard_output(self):
        result = self.check(self.run_ctl('submit', 'test.fail_nested', '--wait', '--output', 'json'), TASK_FAILED)
        self.assertEqual(result.err, '')
        told = json.loads(result.out)
        self.assertEqual(told['state'], 'failed')
        self.assertEqual((told['error']['origin'], told['error']['message']), ('task', 'outer'))
        self.assertEqual(told['error']['cause']['message'], 'inner')

    def test_what_an_error_says_cannot_control_the_terminal(self):
        result = self.check(self.run_ctl('submit', 'test.fail', '"\\u001b[31mred"', '--wait'), TASK_FAILED)
        self.assertEqual(result.err, 'futuredctl: std::out_of_range: \\u001b[31mred\n')

    def test_an_unknown_function_and_wrong_arguments_are_failed_tasks(self):
        result = self.check(self.run_ctl('submit', 'test.unknown', '--wait'), TASK_FAILED, '')
        self.assertIn('test.unknown', result.err)
        result = self.check(self.run_ctl('submit', 'test.square', 'abc', '--wait'), TASK_FAILED, '')
        self.assertIn('expected int64, got string "abc"', result.err)
        result = self.check(self.run_ctl('submit', 'test.square', '--wait'), TASK_FAILED, '')
        self.assertIn('expected 1 argument', result.err)

    def test_a_task_timeout_is_a_failed_task(self):
        result = self.check(self.run_ctl('submit', 'test.wait_for_file', self.directory / 'gate', '--task-timeout',
                                         '20ms', '--wait', '--output', 'json'), TASK_FAILED)
        self.assertEqual(json.loads(result.out)['error']['origin'], 'timeout')

    def test_a_failed_attempt_is_followed_by_others(self):
        result = self.check(self.run_ctl('submit', 'test.fail', 'a', '--attempts', 3, '--retry-delay', '1ms', '--wait',
                                         '--output', 'json'), TASK_FAILED)
        self.assertEqual(json.loads(result.out)['error']['attempt'], 3)
        told, = self.listed()
        self.assertEqual((told['attempt'], told['max_attempts']), (3, 3))

    def test_only_named_errors_are_retried(self):
        result = self.check(self.run_ctl('submit', 'test.fail', 'a', '--attempts', 3, '--retry-on', 'timeout,worker',
                                         '--wait', '--output', 'json'), TASK_FAILED)
        self.assertEqual(json.loads(result.out)['error']['attempt'], 1)

    def test_between_attempts_it_is_pending_and_tells_why(self):
        future = self.submit('test.fail', 'a', '--attempts', 2, '--retry-delay', '1h', '--expires', '9h')
        eventually(lambda: 'last_error' in self.listed()[0])
        told, = self.listed()
        self.assertEqual((told['id'], told['state'], told['attempt']), (future, 'pending', 1))
        self.assertEqual(told['last_error']['message'], 'a')
        self.assertLess(told['due_time'], told['fail_time'])

    def test_a_delayed_task_is_pending_and_can_be_cancelled(self):
        for flag in ('--delay', '1h'), ('--not-before', '2100-01-01T00:00:00Z'):
            future = self.submit('test.square', 3, *flag)
            self.assertEqual(self.listed('--state', 'pending')[0]['id'], future)
            self.check(self.run_ctl('cancel', future), OK)

    def test_a_future_expires(self):
        result = self.check(self.run_ctl('submit', 'test.square', 3, '--delay', '1h', '--expires', '20ms', '--wait',
                                         '--output', 'json'), TASK_FAILED)
        error = json.loads(result.out)['error']
        self.assertEqual(error['origin'], 'timeout')
        self.assertIn('expired', error['message'])

    def test_what_is_asked_for_is_shown(self):
        self.submit('test.square', 3, '--priority', '-7', '--at-most-once', '--ephemeral')
        told, = self.listed()
        self.assertEqual((told['priority'], told['at_most_once'], told['ephemeral']), (-7, True, True))

    def test_bad_options_are_usage(self):
        for flags, part in ((('--attempts', 1001), '1001'), (('--priority', 101), '101'), (('--label', 'team'), 'team'),
                            (('--not-before', 'soon'), 'soon'), (('--retry-factor', 0.5, '--attempts', 2), '0.5'),
                            (('--at-most-once', '--attempts', 2), 'at_most_once'), (('--delay', 'x'), 'x')):
            with self.subTest(flags):
                self.assertIn(part, self.check(self.run_ctl('submit', 'test.square', 3, *flags), USAGE, '').err)

    def test_a_repeated_id_is_the_same_future(self):
        self.assertEqual(self.submit('test.square', 5, '--id', UNKNOWN_ID), UNKNOWN_ID)
        self.assertEqual(self.submit('test.square', 5, '--id', UNKNOWN_ID), UNKNOWN_ID)
        self.check(self.run_ctl('submit', 'test.square', 5, '--id', UNKNOWN_ID, '--wait'), OK, '25\n')
        self.assertEqual(self.listed('--function', 'test.square')[0]['attempt'], 1)
        self.assertEqual(len(self.listed()), 1)

    def test_a_repeated_id_with_other_arguments_is_refused(self):
        self.submit('test.square', 5, '--id', UNKNOWN_ID)
        result = self.check(self.run_ctl('submit', 'test.square', 6, '--id', UNKNOWN_ID), REFUSED, '')
        self.assertIn(UNKNOWN_ID, result.err)

    def test_retention_is_how_long_the_outcome_is_kept(self):
        short, long = self.submit('test.square', 5, '--retention', '5m'), self.submit('test.square', 5)
        for future in short, long:
            self.check(self.run_ctl('result', future), OK, '25\n')
        told = {future['id']: future for future in self.listed()}
        self.assertLess(told[short]['expire_time'], told[long]['expire_time'])

    def test_runs_on_the_named_executor(self):
        self.check(self.run_ctl('submit', 'test.square', 5, '--executor', 'thread', '--wait'), OK, '25\n')
        result = self.check(self.run_ctl('submit', 'test.square', 5, '--executor', 'nope'), NOT_FOUND, '')
        self.assertIn('"nope"', result.err)

    def test_bad_names_and_ids_are_usage(self):
        result = self.check(self.run_ctl('submit', 'bad name'), USAGE, '')
        self.assertIn('"bad name"', result.err)
        self.assertIn('(FIELD_INVALID)', result.err)
        result = self.check(self.run_ctl('submit', 'test.square', 5, '--id', 'nope'), USAGE, '')
        self.assertIn('"nope"', result.err)

    def test_a_draining_executor_does_not_serve(self):
        self.check(self.run_ctl('executors', 'drain', 'thread'), OK)
        self.check(self.run_ctl('submit', 'test.square', 5), UNAVAILABLE, '')
        self.check(self.run_ctl('submit', 'test.square', 5, '--wait'), UNAVAILABLE, '')

    def test_when_the_time_is_up_the_task_goes_on(self):
        result = self.check(self.run_ctl('submit', 'test.wait_for_file', self.directory / 'gate', '--wait',
                                         '--timeout', '0'), TIMEOUT, '')
        future, = [future['id'] for future in self.listed()]
        self.assertIn(future, result.err)
        self.open()
        self.check(self.run_ctl('result', future), OK, 'true\n')


class SmallDaemonTest(CliTest):
    daemon_flags = ('--max-pending=1',)

    def test_a_full_queue_refuses(self):
        self.pending()
        result = self.check(self.run_ctl('submit', 'test.square', 5), REFUSED, '')
        self.assertIn('the limit is 1', result.err)
        self.assertRegex(result.err, r' \(TOO_MANY_PENDING; try again in \d+ms\)\n$')


class ResultTest(CliTest):
    def test_waits_for_the_end(self):
        future = self.blocked()
        waiting = self.start('result', future)
        self.open()
        self.check(self.finish(waiting), OK, 'true\n')

    def test_when_the_time_is_up_the_task_goes_on(self):
        future = self.blocked()
        for time in '0', '20ms':
            result = self.check(self.run_ctl('result', future, '--timeout', time), TIMEOUT, '')
            self.assertIn(future, result.err)
        self.open()
        self.check(self.run_ctl('result', future), OK, 'true\n')

    def test_of_a_failed_task(self):
        future = self.submit('test.fail', 'a')
        result = self.check(self.run_ctl('result', future), TASK_FAILED, '')
        self.assertEqual(result.err, 'futuredctl: std::out_of_range: a\n')

    def test_of_a_cancelled_task(self):
        future = self.pending()
        self.check(self.run_ctl('cancel', future), OK)
        result = self.check(self.run_ctl('result', future), CANCELLED, '')
        self.assertEqual(result.err, f'futuredctl: {future} is cancelled\n')
        result = self.check(self.run_ctl('result', future, '--output', 'json'), CANCELLED)
        self.assertEqual(json.loads(result.out), {'id': future, 'state': 'cancelled'})

    def test_of_an_unknown_future(self):
        for form in 'text', 'json':
            result = self.check(self.run_ctl('result', UNKNOWN_ID, '--output', form), NOT_FOUND, '')
            self.assertIn(UNKNOWN_ID, result.err)
            self.assertTrue(result.err.endswith(' (FUTURE_UNKNOWN)\n'), result)

    def test_of_what_is_no_id(self):
        result = self.check(self.run_ctl('result', 'nope'), USAGE, '')
        self.assertIn('"nope"', result.err)

    def test_a_daemon_that_dies_is_unavailable(self):
        future = self.blocked()
        waiting = self.start('result', future)
        self.daemon.stop()
        result = self.check(self.finish(waiting), UNAVAILABLE, '')
        self.assertIn(self.daemon.address, result.err)


if __name__ == '__main__':
    unittest.main()
