"""futuredctl get, and list."""
import json
import pathlib
import unittest

from harness import NOT_FOUND, OK, UNKNOWN_ID, USAGE, CliTest, eventually

COLUMNS = ['ID', 'STATE', 'FUNCTION', 'EXECUTOR', 'ATTEMPT', 'SUBMITTED', 'TOOK', 'LOGGED', 'OPTIONS', 'NEWS']
OTHER_ID = '2f0c9a51-77d2-8c1e-9d3a-000000000001'


class GetTest(CliTest):
    def test_shows_a_table(self):
        done, pending = self.submit('test.square', 3), self.pending()
        self.run_ctl('result', done)
        lines = [line.split() for line in self.check(self.run_ctl('get', done, pending), OK).out.splitlines()]
        self.assertEqual(lines[0], COLUMNS)
        self.assertEqual(lines[1][:5], [done, 'succeeded', 'test.square', 'thread', '1/1'])
        self.assertEqual(len(lines[1]), 7)
        self.assertEqual(lines[2][:5], [pending, 'pending', 'test.square', 'thread', '0/1'])
        self.assertEqual(len(lines[2]), 6)

    def test_shows_errors_in_the_table(self):
        failed = self.submit('test.fail', 'a')
        self.run_ctl('wait', failed)
        out = self.check(self.run_ctl('get', failed), OK).out
        self.assertTrue(out.endswith('std::out_of_range: a\n'), out)

    def test_as_json_with_outcomes(self):
        done, failed, pending = self.submit('test.square', 3), self.submit('test.fail', 'a'), self.pending()
        self.run_ctl('wait', done, failed)
        told = self.json_lines(self.check(self.run_ctl('get', done, failed, pending, '--output', 'json'), OK).out)
        self.assertEqual([future['state'] for future in told], ['succeeded', 'failed', 'pending'])
        self.assertEqual((told[0]['value'], told[0]['attempt']), (9, 1))
        self.assertEqual(told[1]['error']['message'], 'a')
        self.assertEqual(told[2]['attempt'], 0)
        self.assertIn('finish_time', told[0])
        self.assertNotIn('start_time', told[2])

    def test_shows_with_what_options_it_was_submitted(self):
        future = self.submit('test.square', 3, '--delay', '1h', '--task-timeout', '30s', '--retention', '5m',
                             '--expires', '2h', '--not-before', '2100-01-01T00:00:00Z', '--attempts', 3,
                             '--retry-delay', '1500ms', '--retry-on', 'worker,E', '--label', 'team=a')
        expected = {'timeout': '30s', 'retention': '300s', 'expires': '7200s', 'delay': '3600s',
                    'not_before': '2100-01-01T00:00:00Z', 'labels': {'team': 'a'},
                    'retry': {'max_attempts': 3, 'delay': '1.500s', 'on': ['worker', 'E']}}
        told = json.loads(self.check(self.run_ctl('get', future, '--output', 'json'), OK).out)
        self.assertEqual(told['options'], expected)
        self.assertEqual(self.listed()[0]['options'], expected)
        table = self.check(self.run_ctl('get', future), OK).out
        for part in ('timeout=30s', 'retention=300s', 'retry.max_attempts=3', 'retry.delay=1.500s',
                     'retry.on=["worker","E"]', 'labels.team=a', 'not_before=2100-01-01T00:00:00Z'):
            self.assertIn(part, table)
        usual = self.submit('test.square', 3)
        self.assertNotIn('options', json.loads(self.run_ctl('get', usual, '--output', 'json').out))

    def test_shows_the_progress_of_running_ones(self):
        gate = self.directory / 'gate'
        running = self.submit('test.report', gate, 0.429, 'reading')
        eventually(lambda: pathlib.Path(f'{gate}.begun').exists())
        self.assertIn('43 % reading', self.check(self.run_ctl('get', running), OK).out)
        told = json.loads(self.check(self.run_ctl('get', running, '--output', 'json'), OK).out)
        self.assertEqual((told['progress']['fraction'], told['progress']['message']), (0.429, 'reading'))
        self.assertIn('report_time', told['progress'])
        self.assertEqual(self.listed('--state', 'running')[0]['progress']['message'], 'reading')
        gate.touch()
        self.run_ctl('result', running)
        self.assertNotIn('progress', json.loads(self.run_ctl('get', running, '--output', 'json').out))

    def test_an_unknown_one_is_missing(self):
        future = self.pending()
        result = self.check(self.run_ctl('get', future, UNKNOWN_ID), NOT_FOUND)
        self.assertIn(future, result.out)
        self.assertNotIn(UNKNOWN_ID, result.out)
        self.assertIn(UNKNOWN_ID, result.err)
        self.check(self.run_ctl('get', UNKNOWN_ID), NOT_FOUND, '')

    def test_an_id_may_have_capital_letters(self):
        future = self.pending()
        self.assertIn(future, self.check(self.run_ctl('get', future.upper()), OK).out)

    def test_reads_ids_from_standard_input(self):
        futures = [self.pending(), self.submit('test.square', 4)]
        result = self.check(self.run_ctl('get', '-', '--output', 'json', stdin='\n'.join(futures)), OK)
        self.assertEqual([future['id'] for future in self.json_lines(result.out)], futures)

    def test_bad_usage(self):
        for arguments in (), ('nope',), ('-',):
            self.check(self.run_ctl('get', *arguments), USAGE, '')


class ListTest(CliTest):
    def setUp(self):
        super().setUp()
        self.done = self.submit('test.square', 3)
        self.failed = self.submit('test.fail', 'a')
        self.running = self.blocked()
        self.run_ctl('wait', self.done, self.failed)
        self.waiting = self.pending()
        self.cancelled = self.submit('test.square', 5)
        self.check(self.run_ctl('cancel', self.cancelled), OK)

    def test_shows_all_oldest_first(self):
        lines = [line.split() for line in self.check(self.run_ctl('list'), OK).out.splitlines()]
        self.assertEqual(lines[0], COLUMNS)
        self.assertEqual([line[0] for line in lines[1:]],
                         [self.done, self.failed, self.running, self.waiting, self.cancelled])

    def test_of_a_state(self):
        for state, future in (('succeeded', self.done), ('failed', self.failed), ('running', self.running),
                              ('pending', self.waiting), ('cancelled', self.cancelled)):
            self.assertEqual(self.ids(state), [future])

    def test_of_several_states(self):
        expected = [self.failed, self.waiting]
        self.assertEqual(self.ids('pending,failed'), expected)
        self.assertEqual([future['id'] for future in self.listed('--state', 'pending', '--state', 'failed')], expected)

    def test_of_a_function(self):
        self.assertEqual([future['id'] for future in self.listed('--function', 'test.fail')], [self.failed])
        self.assertEqual(self.listed('--function', 'test.unknown'), [])

    def test_of_an_executor(self):
        self.assertEqual(len(self.listed('--executor', 'thread')), 5)
        self.check(self.run_ctl('list', '--executor', 'nope'), NOT_FOUND, '')

    def test_of_a_session(self):
        self.submit('test.square', 6, '--id', OTHER_ID)
        session = OTHER_ID[:-1] + '0'
        self.assertEqual([future['id'] for future in self.listed('--session', session)], [OTHER_ID])
        self.assertEqual(self.listed('--session', UNKNOWN_ID[:-1] + '0'), [])

    def test_of_labels(self):
        both = self.submit('test.square', 7, '--label', 'team=sales', '--label', 'note=a=b')
        one = self.submit('test.square', 7, '--label', 'team=sales')
        self.assertEqual([future['id'] for future in self.listed('--label', 'team=sales')], [both, one])
        self.assertEqual([future['id'] for future in self.listed('--label', 'team=sales', '--label', 'note=a=b')],
                         [both])
        self.assertEqual(self.listed('--label', 'team=sales')[0]['labels'], {'team': 'sales', 'note': 'a=b'})
        self.assertEqual(self.listed('--label', 'team=other'), [])

    def test_of_a_time(self):
        times = [future['submit_time'] for future in self.listed()]
        self.assertEqual(len(self.listed('--since', '1h')), 5)
        self.assertEqual(self.listed('--until', '1h'), [])
        self.assertEqual(len(self.listed('--since', '2001-01-01T00:00:00Z', '--until', '2100-01-01T00:00:00Z')), 5)
        self.assertEqual(self.listed('--since', '2100-01-01T00:00:00Z'), [])
        self.assertEqual(times, sorted(times))

    def test_filters_combine(self):
        self.assertEqual([future['id'] for future in self.listed('--function', 'test.square', '--state', 'cancelled')],
                         [self.cancelled])

    def test_shows_no_outcomes(self):
        self.assertNotIn('value', self.listed('--state', 'succeeded')[0])

    def test_limit_is_the_most(self):
        self.assertEqual([future['id'] for future in self.listed('--limit', '2')], [self.done, self.failed])
        self.assertEqual(len(self.listed('--limit', '5')), 5)

    def wait_for_pending(self, count):
        def pending():
            return json.loads(self.check(self.run_ctl('executors', '--output', 'json'), OK).out)['pending']
        eventually(lambda: pending() == count)

    def test_limit_goes_over_pages(self):
        self.start('map', 'test.square', *range(2100))
        self.wait_for_pending(2101)
        for limit, expected in ((0, 2105), (2050, 2050), (1000, 1000)):
            with self.subTest(limit):
                ids = [future['id'] for future in self.listed('--limit', limit)]
                self.assertEqual(len(ids), expected)
                self.assertEqual(len(set(ids)), expected)

    def test_a_hundred_are_shown_unless_told_otherwise(self):
        self.start('map', 'test.square', *range(200))
        self.wait_for_pending(201)
        self.assertEqual(len(self.listed()), 100)

    def test_bad_usage(self):
        for arguments in (('--state', 'sleeping'), ('--session', 'nope'), ('--limit', '-1'), ('--limit', 'x'),
                          ('--limit', '1.5'), ('--label', 'team'), ('--since', 'yesterday'), ('extra',)):
            with self.subTest(arguments):
                self.check(self.run_ctl('list', *arguments), USAGE, '')


class EmptyListTest(CliTest):
    def test_of_nothing(self):
        self.assertEqual(self.check(self.run_ctl('list'), OK).out.split(), COLUMNS)
        self.check(self.run_ctl('list', '--output', 'json'), OK, '')


if __name__ == '__main__':
    unittest.main()
