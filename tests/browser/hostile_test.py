"""Names, labels, errors and logs that would be something else than text, if they could."""
import http.server
import json
import unittest

from browser_harness import BrowserTest, PHONE, eventually, expect

SCRIPT = '<script>window.hurt = 1; alert(1)</script>'
IMAGE = '"\'><img src=x onerror="window.hurt = 1; alert(2)"><svg onload=alert(3)>'
LINK = '<a href="javascript:alert(4)">here</a> {{7*7}} ${7*7} &lt;b&gt;'
# Turns the direction of what follows, marks that pile up, no width at all, a line feed, what a terminal obeys.
BIDI = '\u202e\u2067evil\u0301\u0301\u0301\u0301\u200b\ufeff\nnext\x1b[31mred'
LONG = 'wide' * 20_000
TEXTS = (SCRIPT, IMAGE, LINK, BIDI, LONG)


class HostileTest(BrowserTest):
    def tearDown(self):
        self.assertFalse(self.page.evaluate('"hurt" in window'))
        self.assertEqual(self.page.locator('#app script, #app [onerror], #app svg, #app a[href^=javascript]').count(), 0)
        super().tearDown()

    def failed(self, text):
        labels = {'hostile': text.encode()[:250].decode(errors='ignore')}
        return self.submit('test.fail', {'stringValue': text}, wait='30s', labels=labels)['id']

    def test_errors_labels_and_arguments_are_text_in_the_list_and_on_the_page(self):
        futures = [self.failed(text) for text in TEXTS]
        self.show('/futures?state=failed')
        expect(self.page.locator('table.futures tbody tr')).to_have_count(len(TEXTS))
        expect(self.page.locator('table.futures')).to_contain_text(SCRIPT)
        self.assertTrue(self.is_as_wide_as_it_shows())
        for future, text in zip(futures, TEXTS):
            with self.subTest(text=text[:40]):
                self.future_page(future)
                error = self.page.get_by_role('region', name='Error')
                expect(error).to_contain_text(text.split('\n')[0][:100])
                expect(self.page.locator('pre').first).to_contain_text('test.fail(')
                self.assertTrue(self.is_as_wide_as_it_shows())

    def test_lines_of_a_log_and_progress_are_text(self):
        path = str(self.directory / 'log')
        lines = {'listValue': {'items': [{'stringValue': text[:5_000]} for text in TEXTS]}}
        future = self.submit('test.log', {'stringValue': path}, lines, {'boolValue': False})['id']
        self.future_page(future)
        log = self.page.get_by_role('log')
        expect(log).to_contain_text(SCRIPT)
        expect(log).to_contain_text(IMAGE)
        self.assertTrue(self.is_as_wide_as_it_shows())
        self.open('log')
        expect(self.badge()).to_have_text('succeeded')
        told = str(self.directory / 'told')
        future = self.submit('test.report', {'stringValue': told}, {'doubleValue': 0.5}, {'stringValue': SCRIPT})['id']
        eventually((self.directory / 'told.begun').exists)
        self.future_page(future)
        expect(self.page.locator('.progress')).to_contain_text(SCRIPT)
        self.open('told')

    def test_a_search_of_the_address_is_text(self):
        self.show('/futures?search=%3Cscript%3Ealert(5)%3C%2Fscript%3E&label=%22%3E%3Cimg%20src%3Dx%3E')
        expect(self.named('searchbox', 'Search')).to_have_value('<script>alert(5)</script>')
        self.show('/futures/%3Cimg%20src=x%20onerror=alert(6)%3E')
        expect(self.page.locator('.crumbs')).to_contain_text('onerror')

    def test_names_that_the_daemon_would_refuse_are_text_all_the_same(self):
        """It lets no such name in. The page does not rely on that: here it is told them in its answers."""
        future = {'id': '3f0c9a51-77d2-8c1e-9d3a-000000000001', 'state': 'FUTURE_STATE_FAILED', 'executor': IMAGE,
                  'labels': {SCRIPT: IMAGE}, 'lastError': {'type': SCRIPT, 'message': BIDI}}
        futures = [{**future, 'id': future['id'][:-1] + str(number), 'function': text} for number, text in enumerate(TEXTS)]
        self.page.route('**/v1/FutureService/List', lambda route: route.fulfill(json={'futures': futures}))
        executor = {'name': IMAGE, 'kind': SCRIPT, 'state': 'EXECUTOR_STATE_ACTIVE', 'sandbox': LONG,
                    'functions': [{'name': text, 'signature': text} for text in TEXTS],
                    'workers': [{'name': SCRIPT, 'state': 'WORKER_STATE_BUSY'}]}
        self.page.route('**/v1/ExecutorService/List', lambda route: route.fulfill(json={'executors': [executor]}))
        now = 1_790_000_000_000
        bars = [{'id': IMAGE, 'function': text, 'executor': IMAGE, 'worker': number, 'started': now - 4_000,
                 'ended': now - 1_000, 'outcome': 'failed'} for number, text in enumerate(TEXTS)]
        event = {'now': now, 'seen': len(bars), 'executors': [{'name': IMAGE, 'kind': 'thread', 'workers': 5}], 'tasks': bars}
        self.page.route('**/v1/tasks', lambda route: route.fulfill(
            content_type='text/event-stream', body=f'event: tasks\ndata: {json.dumps(event)}\n\n'))
        for view, text in (('/futures', SCRIPT), ('/executors', IMAGE), ('/tasks', SCRIPT)):
            with self.subTest(view=view):
                self.show(view)
                expect(self.page.locator('#main')).to_contain_text(text)
                self.assertTrue(self.is_as_wide_as_it_shows())


class HostilePhoneTest(HostileTest):
    """The same where there is no room for it."""
    viewport = PHONE


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A site that is not the daemon's."""

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.end_headers()
        self.wfile.write(b'<!doctype html><link rel="icon" href="data:,"><p>hello')

    def log_message(self, *arguments):
        pass


class HeadersTest(BrowserTest):
    def test_a_script_within_the_page_does_not_run(self):
        self.show()
        expect(self.page.locator('.connection')).to_have_text('Live')
        self.page.evaluate('''() => {
            const script = document.createElement('script');
            script.textContent = 'window.hurt = 1';
            document.body.append(script);
        }''')
        self.assertFalse(self.page.evaluate('"hurt" in window'))
        self.assertTrue(any('Content Security Policy' in complaint for complaint in self.complaints), self.complaints)
        self.complaints.clear()

    def test_another_site_can_call_nothing(self):
        """A page of another origin, on this machine too, reaches no call, even one that browsers send without asking."""
        self.page.goto(f'http://{self.serve(Elsewhere)}/')
        said = self.page.evaluate('''(address) => {
            const body = JSON.stringify({tasks: [{function: 'test.square'}]});
            return fetch(`http://${address}/v1/FutureService/Submit`, {method: 'POST', mode: 'no-cors', body})
                .then((answer) => answer.type, (error) => error.name);
        }''', self.address)
        self.assertIn(said, ('opaque', 'TypeError'))
        self.assertEqual(self.call('FutureService/List', {}), {})
        # The browser may say that it was no use.
        self.complaints.clear()


if __name__ == '__main__':
    unittest.main()
