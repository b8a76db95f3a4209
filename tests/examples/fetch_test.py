"""fetch_urls, first_completed, map_timeout, coroutines; http.get."""
import unittest

from examples import ExampleTest
from harness import CANCELLED

BAD_HOST = 'http://localhost:1/bad'


class FetchUrls(ExampleTest):
    def test_shows_each_page_when_it_comes(self):
        process = self.begin('fetch_urls', self.web.url + '/gate/last', self.web.url + '/first')
        self.assertIn(b'/first: status 200, 6 bytes', process.stdout.readline())
        self.web.open('last')
        self.assertIn(b'/gate/last: status 200, 6 bytes', process.stdout.readline())
        self.assertEqual(self.finish(process).code, 0)

    def test_shows_the_error_of_a_bad_host_beside_the_pages_of_others(self):
        result = self.check(self.run_example('fetch_urls', BAD_HOST, self.web.url + '/good'), 0)
        self.assertIn(f'{BAD_HOST}: failed: {BAD_HOST}: cannot connect: Connection refused\n', result.out)
        self.assertIn('/good: status 200, 6 bytes\n', result.out)
        self.assertIn('2 pages in ', result.out)

    def test_shows_pages_that_are_no_success(self):
        result = self.check(self.run_example('fetch_urls', self.web.url + '/missing'), 0)
        self.assertIn('/missing: status 404', result.out)

    def test_says_why_a_page_cannot_be_fetched(self):
        result = self.check(self.run_example('fetch_urls', self.web.url + '/big', 'https://localhost/', 'nonsense'), 0)
        for reason in ('it has more than 1 MiB', 'only http is supported', 'not a URL'):
            self.assertIn(reason, result.out)

    def test_compares_when_asked_to(self):
        result = self.check(self.run_example('fetch_urls', '--compare', BAD_HOST, self.web.url), 0)
        self.assertRegex(result.out, r'with futures .* one after another .* times as fast\n$')


class FirstCompleted(ExampleTest):
    def test_takes_the_first_page_and_cancels_the_rest(self):
        gates = [f'{self.web.url}/gate/{i}' for i in range(2)]
        result = self.check(self.run_example('first_completed', *gates, self.web.url + '/fast'), 0)
        self.assertIn('/fast: status 200, the first to answer\n', result.out)
        for gate in gates:
            self.assertIn(f'{gate}: cancelled\n', result.out)

    def test_a_mirror_that_fails_does_not_count(self):
        result = self.check(self.run_example('first_completed', BAD_HOST, self.web.url + '/good'), 0)
        self.assertIn('/good: status 200, the first to answer\n', result.out)

    def test_fails_when_all_mirrors_do(self):
        result = self.check(self.run_example('first_completed', BAD_HOST, BAD_HOST + '2'), 1)
        self.assertIn('no mirror has the page', result.err)

    def test_tries_in_turn_when_asked_to_compare(self):
        result = self.check(self.run_example('first_completed', '--compare', BAD_HOST, self.web.url), 0)
        self.assertIn('one after another', result.out)


class MapTimeout(ExampleTest):
    def test_gives_all_pages_in_order_when_there_is_time(self):
        urls = [f'{self.web.url}/{i}' for i in range(5)]
        result = self.check(self.run_example('map_timeout', '--timeout', 60, *urls), 0)
        self.assertEqual(result.out, ''.join(f'{url}: status 200\n' for url in urls) + 'all 5 pages in time\n')

    def test_does_without_what_takes_too_long(self):
        slow = self.web.url + '/gate/never'
        result = self.check(self.run_example('map_timeout', '--timeout', 0.2, slow, self.web.url + '/next'), 0)
        self.assertEqual(result.out, f'{slow}: not there after 0.20 s; 0 of 2 pages in time\n')


class Coroutines(ExampleTest):
    daemon_flags = ('--executor=thread.max_workers=1',)

    def test_all_requests_wait_at_the_same_time(self):
        process = self.begin('coroutines', '--count', 100, self.web.url + '/gate/all')
        self.assertTrue(self.web.wait_for_requests('all', 100))
        self.web.open('all')
        result = self.check(self.finish(process), 0)
        self.assertIn('100 requests by a coroutine: ', result.out)
        self.assertIn('100 requests by a plain function: ', result.out)

    def test_a_plain_function_can_be_stopped_while_it_waits(self):
        future = self.submit('http.get_blocking', self.web.url + '/gate/never')
        self.assertTrue(self.web.wait_for_requests('never', 1))
        self.check(self.run_ctl('cancel', '--running', future), 0)
        self.check(self.run_ctl('result', future), CANCELLED)


if __name__ == '__main__':
    unittest.main()
