"""The overview and the task stream show what the daemon does."""
import itertools
import unittest

from browser_harness import BrowserTest, eventually, expect


class OverviewTest(BrowserTest):
    daemon_flags = ('--executor=thread.max_workers=3',)

    def tile(self, name):
        return self.page.locator(f'[data-tile={name}] .figure')

    def test_tiles_and_rows_show_what_runs_and_what_waits(self):
        for name in ('one', 'two', 'three', 'four', 'five'):
            self.submit('test.wait_for_file', {'stringValue': str(self.directory / name)})
        self.submit('test.square', {'intValue': 2})
        self.show()
        expect(self.tile('running')).to_have_text('3')
        expect(self.tile('queued')).to_have_text('3')
        row = self.page.get_by_role('row', name='thread')
        expect(row).to_contain_text('3 running, 3 workers')
        expect(row).to_contain_text('active')
        for name in ('one', 'two', 'three', 'four', 'five'):
            self.open(name)
        expect(self.tile('running')).to_have_text('0')
        expect(self.page.locator('[data-tile=done]')).to_contain_text('6 succeeded')

    def test_charts_are_drawn(self):
        self.show()
        expect(self.page.locator('.chart canvas')).to_have_count(4)
        expect(self.named('heading', 'Throughput')).to_be_visible()
        expect(self.named('heading', 'Queue depth')).to_be_visible()
        expect(self.named('heading', 'Time in the queue')).to_be_visible()
        expect(self.named('heading', 'Time running')).to_be_visible()

    def test_the_header_says_that_the_daemon_is_there(self):
        self.show()
        expect(self.page.locator('.connection')).to_have_text('Live')


class TaskStreamTest(BrowserTest):
    daemon_flags = ('--executor=thread.max_workers=2',)

    def run_squares(self):
        for number in range(20):
            self.submit('test.square', {'intValue': number}, wait='30s')

    def show_bars(self):
        self.show('/tasks')
        expect(self.page.locator('.connection')).to_have_text('Live')
        self.run_squares()
        expect(self.page.locator('.functions')).to_contain_text('test.square')

    def test_a_function_that_runs_is_in_the_legend(self):
        self.blocked('legend')
        self.show('/tasks')
        expect(self.page.locator('.functions')).to_contain_text('test.wait_for_file')
        self.open('legend')

    def test_ended_tasks_are_counted_in_the_legend(self):
        self.show_bars()

    def test_keys_choose_a_task_and_open_it(self):
        self.show_bars()
        self.page.locator('.stage canvas').focus()
        self.press('ArrowDown')
        expect(self.page.locator('.details')).to_contain_text('succeeded')
        expect(self.named('button', 'Resume')).to_be_visible()
        self.press('.', ',')
        self.press('Enter')
        expect(self.badge()).to_have_text('succeeded')

    def test_a_task_under_the_pointer_shows_its_details(self):
        future = self.blocked('pointer')
        self.show('/tasks')
        expect(self.page.locator('.functions')).to_contain_text('test.wait_for_file')
        canvas = self.page.locator('.stage canvas')
        box = canvas.bounding_box()
        rows = itertools.cycle((0.25, 0.75))

        def is_found():
            """It is on the one worker or the other, and reaches the right end."""
            canvas.hover(position={'x': box['width'] - 20, 'y': 22 + (box['height'] - 22) * next(rows)})
            return self.page.locator('.details').count()
        eventually(is_found)
        expect(self.page.locator('.details')).to_contain_text(future)
        expect(self.page.locator('.details')).to_contain_text('running')
        self.open('pointer')

    def test_it_pauses_and_zooms(self):
        self.show_bars()
        self.named('button', 'Pause').click()
        expect(self.named('button', 'Resume')).to_have_attribute('aria-pressed', 'true')
        self.named('button', 'Zoom in').click()
        expect(self.page.locator('.span')).to_have_text('10 s')
        self.press('-')
        expect(self.page.locator('.span')).to_have_text('15 s')
        self.press('p')
        expect(self.named('button', 'Pause')).to_be_visible()

    def test_a_function_is_picked_out(self):
        self.show_bars()
        one = self.named('button', 'test.square')
        one.click()
        expect(one).to_have_attribute('aria-pressed', 'true')


if __name__ == '__main__':
    unittest.main()
