"""A future's page: what it shows, and what its buttons do."""
import unittest

from browser_harness import BrowserTest, eventually, expect

TEXT = 'stringValue'


class FutureTest(BrowserTest):
    def state(self, future):
        return self.call('FutureService/Get', {'ids': [future]})['futures'][0]['state']

    def logged(self, name, lines, fails_first=False, **options):
        """Submits a task that has logged the lines and runs until a file of that name appears. Returns its ID."""
        path = str(self.directory / name)
        values = {'listValue': {'items': [{TEXT: line} for line in lines]}}
        future = self.submit('test.log', {TEXT: path}, values, {'boolValue': fails_first}, **options)['id']
        eventually((self.directory / (name + '.begun')).exists)
        return future

    def test_a_running_future_shows_its_progress_as_it_changes(self):
        path = str(self.directory / 'progress')
        future = self.submit('test.report', {TEXT: path}, {'doubleValue': 0.42}, {TEXT: 'page 42 of 100'})['id']
        self.future_page(future)
        expect(self.badge()).to_have_text('running')
        expect(self.page.get_by_role('meter', name='Progress')).to_have_attribute('aria-valuenow', '42')
        expect(self.page.locator('.progress')).to_contain_text('page 42 of 100')
        self.open('progress')
        expect(self.badge()).to_have_text('succeeded')
        expect(self.page.locator('.progress')).to_have_count(0)

    def test_the_arguments_of_a_running_future_are_shown_as_a_call(self):
        future = self.blocked('arguments')
        self.future_page(future)
        expect(self.page.locator('pre').first).to_contain_text(f'test.wait_for_file("{self.directory / "arguments"}")')
        self.open('arguments')

    def test_a_value_is_shown(self):
        future = self.submit('test.square', {'intValue': 12}, wait='30s')['id']
        self.future_page(future)
        expect(self.page.get_by_role('region', name='Value')).to_contain_text('144')

    def test_an_error_is_shown_with_what_caused_it(self):
        future = self.submit('test.fail_nested', wait='30s')['id']
        self.future_page(future)
        error = self.page.get_by_role('region', name='Error')
        expect(error).to_contain_text('outer')
        expect(error).to_contain_text('Caused by')
        expect(error).to_contain_text('inner')

    def test_the_button_cancels_a_running_future(self):
        future = self.blocked('cancelled')
        self.future_page(future)
        self.named('button', 'Cancel').click()
        self.named('button', 'Cancel it').click()
        expect(self.notice()).to_contain_text('It has been asked to stop.')
        expect(self.badge()).to_have_text('cancelled')
        self.assertEqual(self.state(future), 'FUTURE_STATE_CANCELLED')

    def test_no_means_no(self):
        future = self.blocked('kept')
        self.future_page(future)
        self.named('button', 'Cancel').click()
        self.named('button', 'No').click()
        expect(self.page.locator('dialog')).to_have_count(0)
        self.named('button', 'Cancel').click()
        expect(self.page.locator('dialog')).to_be_visible()
        self.press('Escape')
        expect(self.page.locator('dialog')).to_have_count(0)
        self.assertEqual(self.state(future), 'FUTURE_STATE_RUNNING')
        self.open('kept')
        expect(self.badge()).to_have_text('succeeded')

    def test_the_button_retries_a_failed_future_with_its_arguments(self):
        future = self.submit('test.fail', {TEXT: 'bad luck'}, wait='30s')['id']
        self.future_page(future)
        expect(self.badge()).to_have_text('failed')
        self.named('button', 'Retry').click()
        self.page.locator('dialog').get_by_role('button', name='Retry').click()
        expect(self.notice()).to_contain_text('submitted again')
        self.page.wait_for_url(lambda url: '/futures/' in url and future not in url)
        expect(self.badge()).to_have_text('failed')
        expect(self.page.get_by_role('region', name='Error')).to_contain_text('bad luck')
        expect(self.page.locator('pre').first).to_contain_text('test.fail("bad luck")')

    def test_a_future_is_forgotten(self):
        future = self.submit('test.square', {'intValue': 1}, wait='30s')['id']
        self.future_page(future)
        self.named('button', 'Forget').click()
        self.page.locator('dialog').get_by_role('button', name='Forget').click()
        expect(self.notice()).to_contain_text('It is forgotten.')
        self.assertEqual(self.call('FutureService/Get', {'ids': [future]}), {})

    def test_a_log_is_followed_until_its_end(self):
        future = self.logged('log', [f'line {number}' for number in range(100)])
        self.future_page(future)
        log = self.page.get_by_role('log')
        expect(log).to_contain_text('line 99')
        log.scroll_into_view_if_needed()
        expect(log.get_by_text('line 99')).to_be_in_viewport()
        self.open('log')
        expect(log).to_contain_text('the end')
        expect(self.badge()).to_have_text('succeeded')

    def test_attempts_are_counted_and_told_apart_in_the_log(self):
        future = self.logged('attempts', ['once'], True, retry={'maxAttempts': 2, 'delay': '0.1s'})
        self.open('attempts')
        self.future_page(future)
        expect(self.badge()).to_have_text('succeeded')
        expect(self.page.locator('.facts')).to_contain_text('2 of 2')
        expect(self.page.get_by_role('log')).to_contain_text('warning #1')
        expect(self.page.get_by_role('log')).to_contain_text('warning #2')

    def test_an_unknown_future_is_said_to_be_none(self):
        self.future_page('3f0c9a51-77d2-8c1e-9d3a-000000000001')
        expect(self.page.locator('#main')).to_contain_text('no future of this ID')


if __name__ == '__main__':
    unittest.main()
