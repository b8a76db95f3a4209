"""The dashboard's files, and what a browser may send."""
import re
import unittest

from http_harness import HttpTest

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
STRANGER = {'Origin': 'http://evil.example', 'Sec-Fetch-Site': 'cross-site'}
OWN = {'Origin': 'http://127.0.0.1', 'Sec-Fetch-Site': 'same-origin'}


class DashboardTest(HttpTest):
    def page(self):
        """The page; the test is over where the daemon was built without it."""
        answer = self.get('/')
        self.assertEqual(answer.status, 200, answer)
        if 'built without its dashboard' in answer.text:
            self.skipTest('the daemon was built without its dashboard')
        return answer

    def token(self):
        return re.search(r'<meta name="futured-token" content="([0-9a-f]{32})"', self.page().text)[1]

    def test_there_is_a_page(self):
        answer = self.get('/')
        self.assertEqual((answer.status, answer.headers['content-type']), (200, 'text/html; charset=utf-8'))
        self.assertEqual(answer.headers['cache-control'], 'no-store')
        self.assertNotIn('@FUTURED_TOKEN@', answer.text)
        self.assertEqual(self.ask('HEAD', '/').status, 200)
        self.assertEqual(self.ask('POST', '/').status, 405)

    def test_the_page_and_its_files_carry_the_headers_that_protect_browsers(self):
        for path in ('/', *self.files()):
            headers = self.get(path, STRANGER).headers
            self.assertEqual(headers['content-security-policy'], POLICY)
            self.assertEqual(headers['x-content-type-options'], 'nosniff')
            self.assertEqual(headers['referrer-policy'], 'no-referrer')

    def files(self):
        return re.findall(r'(?:href|src)="(/assets/[^"]+)"', self.get('/').text)

    def test_files_of_the_page_are_there_and_are_not_sent_twice(self):
        self.page()
        self.assertIn('/assets/app.js', self.files())
        for path in self.files():
            first = self.get(path)
            self.assertEqual((first.status, first.headers['cache-control']), (200, 'no-cache'), path)
            again = self.get(path, {'If-None-Match': first.headers['etag']})
            self.assertEqual((again.status, again.text, again.headers['etag']), (304, '', first.headers['etag']))
            self.assertNotIn('content-length', again.headers)

    def test_a_kept_connection_goes_on_after_a_file_that_was_not_sent(self):
        self.page()
        connection = self.connection()
        for _ in range(3):
            self.assertEqual(self.ask('GET', '/assets/app.js', headers={'If-None-Match': '*'},
                                      connection=connection).status, 304)
        self.assertEqual(self.ask('GET', '/healthz', connection=connection).text, 'ok\n')

    def test_a_browser_needs_the_token_of_the_page_below_v1(self):
        self.submit('test.square', {'intValue': 3}, wait='30s')
        for headers in (STRANGER, OWN, {**OWN, 'X-Futured-Token': 32 * '0'}, {'Sec-Fetch-Site': 'none'},
                        {'Origin': 'null'}):
            for method, path in (('POST', '/v1/FutureService/List'), ('GET', '/v1/events'), ('HEAD', '/v1/events'),
                                 ('OPTIONS', '/v1/FutureService/List'), ('GET', '/v1/nothing')):
                answer = self.ask(method, path, '{}' if method == 'POST' else None,
                                  {'Content-Type': 'application/json', **headers})
                self.assertEqual(answer.status, 403, (method, path, headers))
        self.assertEqual(self.post('/v1/FutureService/List', {}, OWN).json()['details'][0]['reason'], 'PAGE_TOKEN_WRONG')
        for path in ('/healthz', '/readyz', '/metrics', '/'):
            self.assertEqual(self.get(path, STRANGER).status, 200)

    def test_the_page_itself_is_let_in(self):
        headers = {**OWN, 'X-Futured-Token': self.token()}
        self.assertEqual(self.post('/v1/ExecutorService/List', {}, headers).status, 200)
        self.assertEqual(self.ask('HEAD', '/v1/events', headers=headers).status, 200)


if __name__ == '__main__':
    unittest.main()
