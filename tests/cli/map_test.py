"""futuredctl map."""
import os
import unittest

from harness import CANCELLED, NOT_FOUND, OK, TASK_FAILED, TIMEOUT, USAGE, CliTest, eventually


class MapTest(CliTest):
    def items_file(self, text):
        path = self.directory / 'items'
        path.write_text(text)
        return path

    def test_prints_the_results_in_the_order_of_the_items(self):
        self.check(self.run_ctl('map', 'test.square', 3, -1, 2), OK, '9\n1\n4\n')

    def test_items_may_be_many(self):
        expected = ''.join(f'{i * i}\n' for i in range(5000))
        self.check(self.run_ctl('map', 'test.square', *range(5000)), OK, expected)
        self.check(self.run_ctl('map', 'test.square', *range(5000), '--ahead', 7), OK, expected)

    def test_items_are_json_or_texts(self):
        self.check(self.run_ctl('map', 'test.echo', '[1, 2]', '{"a": 1}', '[a,b]', 'hello', '"97"', '97', 'null'), OK,
                   '[1,2]\n{"a":1}\n"[a,b]"\n"hello"\n"97"\n97\nnull\n')

    def test_options_may_follow_the_items(self):
        self.check(self.run_ctl('map', 'test.echo', 'a', '[1, 2]', '--max-workers', 1, '--string'), OK,
                   '"a"\n"[1, 2]"\n')

    def test_raw_prints_texts_without_ends_of_lines(self):
        self.check(self.run_ctl('map', 'test.echo', 'a', 'b\n', '{"base64":"Yw=="}', '--raw'), OK, 'ab\nc')

    def test_items_from_a_file(self):
        path = self.items_file('3\n\n  \n4\r\n[1, 2]\nhello\nlast')
        self.check(self.run_ctl('map', 'test.echo', '--items', path), OK, '3\n4\n[1,2]\n"hello"\n"last"\n')
        self.check(self.run_ctl('map', 'test.echo', '--items', path, '--string'), OK,
                   '"3"\n"4"\n"[1, 2]"\n"hello"\n"last"\n')

    def test_items_from_standard_input(self):
        text = ''.join(f'{i}\n' for i in range(3000))
        self.check(self.run_ctl('map', 'test.square', '--items', '-', stdin=text), OK,
                   ''.join(f'{i * i}\n' for i in range(3000)))

    def test_a_named_pipe_is_read_once(self):
        self.check(self.run_ctl('map', 'test.square', '--items', '/dev/stdin', stdin='3\n4\n'), OK, '9\n16\n')

    def test_without_items_there_is_nothing_to_do(self):
        self.check(self.run_ctl('map', 'test.square', '--items', self.items_file('\n\n')), OK, '')
        self.check(self.run_ctl('map', 'test.square', '--items', '-'), OK, '')

    def test_as_json(self):
        result = self.check(self.run_ctl('map', 'test.square', 3, 4, '--output', 'json'), OK)
        self.assertEqual(self.json_lines(result.out), [{'item': 1, 'state': 'succeeded', 'value': 9},
                                                       {'item': 2, 'state': 'succeeded', 'value': 16}])

    def test_runs_as_many_at_once_as_it_is_told(self):
        gates = [self.directory / name for name in 'ab']
        process = self.start('map', 'test.wait_for_file', *gates, '--max-workers', 1)
        self.wait_for_begin('a')
        self.assertEqual((len(self.ids('running')), len(self.ids('pending'))), (1, 1))
        self.open('a')
        self.wait_for_begin('b')
        self.open('b')
        self.check(self.finish(process), OK, 'true\ntrue\n')

    def test_a_result_is_printed_when_it_is_there(self):
        process = self.start('map', 'test.wait_for_file', *[self.directory / name for name in 'ab'])
        self.open('a')
        self.assertEqual(process.stdout.readline(), b'true\n')
        self.open('b')
        self.check(self.finish(process), OK, 'true\n')


class MapFailureTest(CliTest):
    def test_ends_at_the_first_item_that_fails(self):
        result = self.check(self.run_ctl('map', 'test.square', 1, 2, 'x', 4), TASK_FAILED, '1\n4\n')
        self.assertIn('futuredctl: item 3: ', result.err)
        self.assertIn('got string "x"', result.err)

    def test_tells_the_causes_of_an_error(self):
        result = self.check(self.run_ctl('map', 'test.fail', 'a\nb'), TASK_FAILED, '')
        self.assertEqual(result.err, 'futuredctl: item 1: std::out_of_range: a\nb\n')

    def test_as_json_the_error_is_the_last_line(self):
        result = self.check(self.run_ctl('map', 'test.fail', 'a', 'b', '--output', 'json'), TASK_FAILED)
        told, = self.json_lines(result.out)
        self.assertEqual((told['item'], told['state']), (1, 'failed'))
        self.assertEqual((told['error']['origin'], told['error']['message']), ('task', 'a'))
        self.assertEqual(result.err, '')

    def test_a_failed_item_cancels_what_has_not_begun(self):
        process = self.start('map', 'test.wait_for_file', '[1]', *[self.directory / 'gate'] * 50, '--max-workers', 1)
        self.check(self.finish(process), TASK_FAILED, '')
        self.assertEqual(self.ids('pending'), [])

    def test_an_unknown_function_is_a_failed_task(self):
        result = self.check(self.run_ctl('map', 'test.unknown', 1), TASK_FAILED, '')
        self.assertIn('test.unknown', result.err)

    def test_an_unknown_executor(self):
        result = self.check(self.run_ctl('map', 'test.square', 1, '--executor', 'nope'), NOT_FOUND, '')
        self.assertIn('"nope" is unknown; there are: thread', result.err)
        self.check(self.run_ctl('map', 'test.square', 3, '--executor', 'thread'), OK, '9\n')

    def test_a_task_timeout_is_a_failed_task(self):
        result = self.check(self.run_ctl('map', 'test.wait_for_file', self.directory / 'gate', '--task-timeout', '20ms',
                                         '--output', 'json'), TASK_FAILED)
        self.assertEqual(self.json_lines(result.out)[0]['error']['origin'], 'timeout')

    def test_when_the_time_is_up_only_what_has_begun_goes_on(self):
        result = self.check(self.run_ctl('map', 'test.wait_for_file', *[self.directory / 'gate'] * 50, '--max-workers',
                                         1, '--timeout', '2s'), TIMEOUT, '')
        self.assertIn('item 1: the time is up', result.err)
        self.assertEqual(self.ids('pending'), [])
        running, = self.ids('running')
        self.open()
        self.check(self.run_ctl('result', running), OK, 'true\n')

    def test_without_any_time_it_is_up(self):
        self.check(self.run_ctl('map', 'test.wait_for_file', self.directory / 'gate', '--timeout', 0), TIMEOUT, '')
        self.assertEqual(self.ids('pending'), [])

    def test_a_cancelled_item(self):
        for form, out in (('text', ''), ('json', '{"item":1,"state":"cancelled"}\n')):
            process = self.start('map', 'test.wait_for_file', self.directory / form, 2, '--output', form)
            self.wait_for_begin(form)
            # The other item, which is no path, has ended.
            eventually(lambda: len(self.ids('running')) == 1)
            running, = self.ids('running')
            self.check(self.run_ctl('cancel', '--running', running), OK)
            self.check(self.finish(process), CANCELLED, out)

    def test_an_item_that_is_no_value_is_named(self):
        result = self.check(self.run_ctl('map', 'test.echo', 1, '{"base64":"*"}', 3), USAGE, '')
        self.assertIn('item 2: not base64', result.err)
        result = self.check(self.run_ctl('map', 'test.echo', '--items', '-', stdin='1\n\n{"base64":"*"}\n3\n'), USAGE)
        self.assertIn('item 2: not base64', result.err)
        self.assertEqual(self.ids('pending,running'), [])

    def test_files_that_cannot_be_read(self):
        missing = self.directory / 'missing'
        result = self.check(self.run_ctl('map', 'test.square', '--items', missing), USAGE, '')
        self.assertIn(f'{missing}: No such file', result.err)
        self.check(self.run_ctl('map', 'test.square', '--items', self.directory), USAGE, '')
        folder = os.open(self.directory, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        self.check(self.finish(self.start('map', 'test.square', '--items', '-', stdin=folder)), USAGE, '')

    def test_bad_usage(self):
        path = self.directory / 'items'
        path.write_text('1\n')
        for arguments in ((), ('test.square',), ('test.square', 1, '--items', path), ('test.square', 1, '--ahead', 0),
                          ('test.square', 1, '--ahead', 'x'), ('test.square', 1, '--max-workers', 0),
                          ('test.square', 1, '--max-workers', 99999999999), ('test.square', 1, '--task-timeout', 'x')):
            with self.subTest(arguments):
                result = self.check(self.run_ctl('map', *arguments), USAGE, '')
                self.assertLess(len(result.err), 200)


if __name__ == '__main__':
    unittest.main()
