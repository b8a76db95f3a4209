"""futuredctl cancel."""
import unittest

from harness import CANCELLED, NOT_FOUND, OK, UNKNOWN_ID, USAGE, CliTest, eventually


def session_of(future):
    return future[:future.rindex('-')] + '-000000000000'


class CancelTest(CliTest):
    def state(self, future):
        return self.json_lines(self.check(self.run_ctl('get', future, '--output', 'json'), OK).out)[0]['state']

    def two_of_a_session(self):
        """One that runs, one that is pending, and their session."""
        session = session_of(UNKNOWN_ID)
        running = self.submit('test.wait_for_file', self.directory / 'gate', '--id', session[:-1] + '1')
        self.wait_for_begin()
        self.check(self.run_ctl('executors', 'pause', 'thread'), OK)
        return running, self.submit('test.square', 3, '--id', session[:-1] + '2'), session

    def test_a_pending_one_never_runs(self):
        future = self.pending()
        self.check(self.run_ctl('cancel', future), OK, f'{future}\tcancelled\n')
        self.check(self.run_ctl('executors', 'resume', 'thread'), OK)
        self.check(self.run_ctl('result', future), CANCELLED, '')

    def test_a_running_one_goes_on(self):
        future = self.blocked()
        self.check(self.run_ctl('cancel', future), OK, f'{future}\trunning\n')
        self.open()
        self.check(self.run_ctl('result', future), OK, 'true\n')

    def test_running_asks_it_to_stop(self):
        future = self.blocked()
        self.check(self.run_ctl('cancel', '--running', future), OK, f'{future}\tstop_requested\n')
        self.check(self.run_ctl('result', future), CANCELLED, '')

    def test_a_finished_one_stays(self):
        future = self.submit('test.square', 3)
        self.check(self.run_ctl('result', future), OK)
        self.check(self.run_ctl('cancel', future), OK, f'{future}\tfinished\n')
        self.check(self.run_ctl('cancel', '--running', future), OK, f'{future}\tfinished\n')

    def test_tells_of_each_also_when_one_is_unknown(self):
        future = self.pending()
        self.check(self.run_ctl('cancel', UNKNOWN_ID, future), NOT_FOUND,
                   f'{UNKNOWN_ID}\tnot_found\n{future}\tcancelled\n')

    def test_as_json(self):
        future = self.pending()
        result = self.check(self.run_ctl('cancel', '--output', 'json', future, UNKNOWN_ID), NOT_FOUND)
        self.assertEqual(self.json_lines(result.out),
                         [{'id': future, 'effect': 'cancelled'}, {'id': UNKNOWN_ID, 'effect': 'not_found'}])

    def test_reads_ids_from_standard_input(self):
        futures = [self.pending(), self.submit('test.square', 4)]
        self.check(self.run_ctl('cancel', '-', stdin='\n'.join(futures)), OK,
                   ''.join(f'{future}\tcancelled\n' for future in futures))

    def test_a_session_without_its_running_ones(self):
        running, pending, session = self.two_of_a_session()
        self.check(self.run_ctl('cancel', '--session', session), OK, '1 cancelled, 0 asked to stop\n')
        self.assertEqual((self.state(running), self.state(pending)), ('running', 'cancelled'))

    def test_a_session_with_its_running_ones(self):
        running, _, session = self.two_of_a_session()
        result = self.check(self.run_ctl('cancel', '--running', '--session', session, '--output', 'json'), OK)
        self.assertEqual(self.json_lines(result.out), [{'cancelled': 1, 'stop_requested': 1}])
        eventually(lambda: self.state(running) == 'cancelled')

    def test_a_session_without_futures(self):
        self.check(self.run_ctl('cancel', '--session', session_of(UNKNOWN_ID)), OK, '0 cancelled, 0 asked to stop\n')

    def test_bad_usage(self):
        session = session_of(UNKNOWN_ID)
        for arguments in (), ('nope',), ('-',), ('--session', 'nope'), (UNKNOWN_ID, '--session', session):
            with self.subTest(arguments):
                self.check(self.run_ctl('cancel', *arguments), USAGE, '')


if __name__ == '__main__':
    unittest.main()
