"""The page by keyboard, on a phone, in dark and light, without motion."""
import unittest

from browser_harness import BrowserTest, PHONE, expect

VIEWS = ('/', '/tasks', '/futures', '/executors')


class KeyboardTest(BrowserTest):
    def focused(self):
        return self.page.evaluate('document.activeElement.textContent || document.activeElement.ariaLabel')

    def test_the_first_tab_skips_the_navigation(self):
        self.show()
        expect(self.page.locator('.connection')).to_have_text('Live')
        self.press('Tab')
        self.assertIn('Skip to the content', self.focused())
        self.press('Enter')
        expect(self.page.locator('#main')).to_be_focused()

    def test_digits_change_the_view(self):
        self.show()
        expect(self.page.locator('.connection')).to_have_text('Live')
        for key, view in (('2', 'Task stream'), ('3', 'Futures'), ('4', 'Executors'), ('1', 'Overview')):
            self.press(key)
            expect(self.named('heading', view, exact=True, level=1)).to_be_attached()

    def test_a_future_is_found_opened_and_cancelled_by_keys_alone(self):
        future = self.blocked('keys')
        self.show('/futures')
        expect(self.page.locator('table.futures tbody tr')).to_have_count(1)
        self.press('/')
        self.page.keyboard.type('wait_for')
        expect(self.page.locator('table.futures tbody tr')).to_have_count(1)
        self.press('Tab', 'Enter')
        expect(self.badge()).to_have_text('running')
        self.assertIn(future, self.page.url)
        self.press('c')
        expect(self.page.locator('dialog')).to_be_visible()
        self.press('Enter')
        expect(self.notice()).to_contain_text('asked to stop')
        expect(self.badge()).to_have_text('cancelled')

    def test_the_keys_are_told(self):
        self.show()
        expect(self.page.locator('.connection')).to_have_text('Live')
        self.press('?')
        expect(self.page.get_by_role('dialog')).to_contain_text('Search futures')
        self.press('Escape')
        expect(self.page.get_by_role('dialog')).to_have_count(0)

    def test_what_has_the_focus_is_seen(self):
        self.show('/executors')
        self.named('button', 'Pause').focus()
        self.press('Tab')
        width = self.page.evaluate('getComputedStyle(document.activeElement).outlineWidth')
        self.assertNotEqual(width, '0px')

    def test_everything_that_is_clicked_has_a_name(self):
        for view in VIEWS:
            self.show(view)
            expect(self.page.locator('.connection')).to_have_text('Live')
            nameless = self.page.evaluate('''() => [...document.querySelectorAll('button, a, input, select, canvas[tabindex]')]
                .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
                .map((one) => one.outerHTML)''')
            self.assertEqual(nameless, [], view)


class PhoneTest(BrowserTest):
    viewport = PHONE
    context_options = {'has_touch': True, 'device_scale_factor': 2}

    def test_no_view_is_wider_than_the_screen(self):
        future = self.submit('test.fail', {'stringValue': 'wide ' * 500}, wait='30s', labels={'a': 'b' * 200})['id']
        for view in (*VIEWS, f'/futures/{future}'):
            self.show(view)
            expect(self.page.locator('.connection')).to_have_text('Live')
            expect(self.page.locator('#main .empty')).to_have_count(0) if view not in ('/tasks',) else None
            self.assertTrue(self.is_as_wide_as_it_shows(), view)

    def test_a_finger_pans_the_task_stream(self):
        self.show('/tasks')
        expect(self.page.locator('.connection')).to_have_text('Live')
        box = self.page.locator('.stage canvas').bounding_box()
        self.page.mouse.move(box['x'] + 150, box['y'] + 40)
        self.page.mouse.down()
        self.page.mouse.move(box['x'] + 250, box['y'] + 40, steps=5)
        self.page.mouse.up()
        expect(self.named('button', 'Resume')).to_be_visible()


class ThemeTest(BrowserTest):
    context_options = {'color_scheme': 'dark', 'reduced_motion': 'reduce'}

    def theme(self):
        return self.page.evaluate('document.documentElement.dataset.theme')

    def test_it_is_as_the_system_has_it_until_it_is_chosen(self):
        self.show()
        switch = self.page.get_by_role('button', name='Theme')
        expect(switch).to_have_attribute('aria-label', 'Theme: auto')
        self.assertEqual(self.theme(), 'dark')
        self.page.emulate_media(color_scheme='light')
        expect(self.page.locator('html[data-theme=light]')).to_be_attached()
        switch.click()
        self.press('t')
        expect(self.page.locator('html[data-theme=dark]')).to_be_attached()
        self.page.reload()
        expect(self.page.locator('html[data-theme=dark]')).to_be_attached()

    def test_texts_stand_out_in_both(self):
        """Contrast of texts to what is behind them: WCAG asks for 4.5."""
        self.submit('test.fail', {'stringValue': 'contrast'}, wait='30s')
        for scheme in ('dark', 'light'):
            self.page.emulate_media(color_scheme=scheme)
            self.show('/futures')
            expect(self.page.locator('table.futures .badge')).to_have_count(1)
            for what in ('.badge', '.error', '.note', 'thead th', 'nav a', 'table a'):
                self.assertGreaterEqual(self.page.evaluate(CONTRAST, what), 4.5, f'{what} in {scheme}')


# The least of all elements.
CONTRAST = '''(selector) => {
  const channel = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const paint = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const colours = [];
    for (let at = one; at; at = at.parentElement) colours.unshift(getComputedStyle(at).backgroundColor);
    return colours;
  };
  return Math.min(...[...document.querySelectorAll(selector)].map((one) => {
    const text = paint([...behind(one), getComputedStyle(one).color]), back = paint(behind(one));
    return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
  }));
}'''


if __name__ == '__main__':
    unittest.main()
