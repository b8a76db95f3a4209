"""futuredctl retry."""
import unittest

from harness import NOT_FOUND, OK, TASK_FAILED, UNKNOWN_ID, USAGE, CliTest


class RetryTest(CliTest):
    def failed(self, text='x'):
        future = self.submit('test.fail', text)
        self.check(self.run_ctl('wait', future), OK)
        return future

    def test_the_same_task_runs_again(self):
        future = self.failed('some text')
        again = self.check(self.run_ctl('retry', future), OK).out.strip()
        self.assertNotEqual(again, future)
        self.assertIn('some text', self.check(self.run_ctl('result', again), TASK_FAILED, '').err)

    def test_a_cancelled_one_runs_at_last(self):
        future = self.pending()
        self.check(self.run_ctl('cancel', future), OK)
        again = self.check(self.run_ctl('retry', future), OK).out.strip()
        self.check(self.run_ctl('executors', 'resume', 'thread'), OK)
        self.check(self.run_ctl('result', again), OK)

    def test_reads_ids_from_standard_input_and_prints_new_ones(self):
        futures = [self.failed(), self.failed()]
        news = self.check(self.run_ctl('retry', '-', stdin='\n'.join(futures)), OK).out.split()
        self.assertEqual(len({*news, *futures}), 4)

    def test_as_json(self):
        future = self.failed()
        line, = self.json_lines(self.check(self.run_ctl('retry', '--output', 'json', future), OK).out)
        self.assertEqual(line['id'], future)
        self.check(self.run_ctl('get', line['new_id']), OK)

    def test_what_cannot_be_retried(self):
        done = self.submit('test.square', 3)
        self.check(self.run_ctl('result', done), OK)
        self.assertIn('neither failed', self.run_ctl('retry', done).err)
        self.check(self.run_ctl('retry', UNKNOWN_ID), NOT_FOUND, '')
        self.check(self.run_ctl('retry'), USAGE, '')


if __name__ == '__main__':
    unittest.main()
