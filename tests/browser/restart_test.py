"""The page while its daemon ends and is started again."""
import unittest

from browser_harness import BrowserTest, expect
from harness import Daemon


class RestartTest(BrowserTest):
    def start_again(self):
        cls = type(self)
        cls.daemon = Daemon(cls.directory, f'--http-listen={cls.address}', *cls.daemon_flags)
        cls.addClassCleanup(cls.daemon.stop)

    def kill(self):
        self.daemon.stop()
        (self.directory / 'port').unlink()

    def header(self):
        return self.page.locator('.connection')

    def test_it_says_that_the_daemon_is_gone_and_goes_on_when_it_is_back(self):
        future = self.submit('test.square', {'intValue': 12}, wait='30s', retention='600s')['id']
        self.show()
        expect(self.header()).to_have_text('Live')
        self.kill()
        expect(self.header()).to_have_text('Reconnecting')
        self.start_again()
        expect(self.header()).to_have_text('Live')
        # The new daemon has another token for pages, and still knows the future.
        self.named('link', 'Futures').click()
        self.page.locator(f'a[aria-label="Future {future}"]').click()
        expect(self.page.get_by_role('region', name='Value')).to_contain_text('144')

    def test_the_task_stream_goes_on(self):
        self.show('/tasks')
        expect(self.header()).to_have_text('Live')
        self.kill()
        expect(self.page.locator('#main .warning')).to_contain_text('trying again')
        self.start_again()
        expect(self.page.locator('#main .warning')).to_have_count(0)
        blocked = self.blocked('after')
        expect(self.page.locator('.functions')).to_contain_text('test.wait_for_file')
        self.open('after')
        self.future_page(blocked)
        expect(self.badge()).to_have_text('succeeded')

    def test_a_future_that_ran_is_shown_as_the_restart_left_it(self):
        future = self.blocked('ran')
        self.future_page(future)
        expect(self.badge()).to_have_text('running')
        self.kill()
        self.start_again()
        expect(self.badge()).to_have_text('failed')
        expect(self.page.get_by_role('region', name='Error')).to_contain_text('DaemonRestarted')


if __name__ == '__main__':
    unittest.main()
