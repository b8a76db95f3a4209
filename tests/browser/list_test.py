"""The list of futures, and the executors."""
import unittest

from browser_harness import BrowserTest, expect


class FuturesTest(BrowserTest):
    def rows(self):
        return self.page.locator('table.futures tbody tr')

    def test_filters_and_search_narrow_the_list(self):
        self.submit('test.fail', {'stringValue': 'narrow'}, wait='30s', labels={'team': 'red'})
        self.submit('test.square', {'intValue': 2}, wait='30s', labels={'team': 'red'})
        self.submit('test.square', {'intValue': 3}, wait='30s', labels={'team': 'blue'})
        self.show('/futures?label=team%3Dred')
        expect(self.rows()).to_have_count(2)
        self.named('button', 'failed').click()
        expect(self.rows()).to_have_count(1)
        expect(self.rows()).to_contain_text('narrow')
        self.named('button', 'failed').click()
        self.named('searchbox', 'Search').fill('square')
        expect(self.rows()).to_have_count(1)
        self.named('textbox', 'Labels').fill('team=blue')
        self.press('Enter')
        expect(self.rows()).to_contain_text('blue')
        self.named('textbox', 'Function').fill('no.such')
        self.press('Enter')
        expect(self.page.locator('#main')).to_contain_text('There is no future like that.')

    def test_an_id_in_the_search_opens_its_future(self):
        future = self.submit('test.square', {'intValue': 2}, wait='30s')['id']
        self.show('/futures')
        self.named('searchbox', 'Search').fill(future)
        expect(self.badge()).to_have_text('succeeded')

    def test_pages_lead_to_older_futures_and_back(self):
        tasks = [{'function': 'test.square', 'arguments': {'positional': [{'intValue': 1}]},
                  'options': {'labels': {'batch': 'pages'}}}] * 60
        self.call('FutureService/Submit', {'tasks': tasks, 'wait': '30s'})
        self.show('/futures?label=batch%3Dpages')
        expect(self.rows()).to_have_count(50)
        self.named('button', 'Older').click()
        expect(self.rows()).to_have_count(10)
        self.named('button', 'Newer').click()
        expect(self.rows()).to_have_count(50)

    def test_a_new_future_appears_by_itself_above_the_others(self):
        self.show('/futures?label=order%3Dnew')
        expect(self.page.locator('#main')).to_contain_text('There is no future like that.')
        self.submit('test.square', {'intValue': 2}, wait='30s', labels={'order': 'new'})
        expect(self.rows()).to_have_count(1)
        self.submit('test.fail', {'stringValue': 'x'}, wait='30s', labels={'order': 'new'})
        expect(self.rows().first).to_contain_text('test.fail')


class ExecutorsTest(BrowserTest):
    daemon_flags = ('--executor=cpu.kind=process', '--executor=cpu.max_workers=1')

    def card(self):
        return self.page.get_by_role('region', name='Executor cpu')

    def test_an_executor_is_paused_drained_and_resumed(self):
        self.show('/executors')
        for verb, state in (('Pause', 'paused'), ('Drain', 'draining')):
            self.card().get_by_role('button', name=verb).click()
            self.page.locator('dialog').get_by_role('button', name=verb).click()
            expect(self.card().locator('.badge')).to_have_text(state)
            self.card().get_by_role('button', name='Resume').click()
            expect(self.card().locator('.badge')).to_have_text('active')
        expect(self.notice()).to_contain_text('cpu goes on.')

    def test_worker_processes_and_functions_are_listed(self):
        self.submit('test.square', {'intValue': 2}, wait='30s', executor='cpu')
        self.show('/executors')
        expect(self.card().get_by_role('row', name='cpu-')).to_contain_text('idle')
        self.card().get_by_text('functions').click()
        expect(self.card()).to_contain_text('test.square')


if __name__ == '__main__':
    unittest.main()
