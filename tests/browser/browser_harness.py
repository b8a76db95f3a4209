"""A page of a real daemon in a real browser, for tests.

The variables of http_harness.py, and CHROMIUM for another browser than Debian's. A test fails when its page had an error,
broke its content security policy, or showed a dialog of the browser.
"""
import http.server
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'http'))

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from http_harness import HttpTest, PATIENCE, ROOT, eventually  # noqa: E402,F401

CHROMIUM = os.environ.get('CHROMIUM', '/usr/bin/chromium')
# Chromium will not run as root with its sandbox; containers have little shared memory.
FLAGS = ['--no-sandbox', '--disable-dev-shm-usage']
# What the console says of calls that are meant to fail: a daemon that is gone, a token that is wrong.
EXPECTED = ('Failed to load resource',)
DESKTOP = {'width': 1280, 'height': 800}
PHONE = {'width': 360, 'height': 740}

expect.set_options(timeout=PATIENCE * 1000)


class BrowserTest(HttpTest):
    """Each class has a daemon and a browser of its own, each test a page."""
    viewport = DESKTOP
    context_options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.complaints = []
        self.page = self.new_page()

    def tearDown(self):
        self.assertEqual(self.complaints, [])

    def new_page(self, **options):
        """A page of its own: nothing is remembered from others."""
        context = self.browser.new_context(**{'viewport': self.viewport, **self.context_options, **options})
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on('pageerror', lambda error: self.complaints.append(f'error: {error}'))
        page.on('dialog', lambda dialog: (self.complaints.append(f'dialog: {dialog.message}'), dialog.dismiss()))
        page.on('console', self.heard)
        return page

    def serve(self, handler):
        """Another server than the daemon, while the test runs. Returns its address."""
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.addCleanup(server.server_close)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(server.shutdown)
        return f'127.0.0.1:{server.server_port}'

    def heard(self, message):
        if message.type in ('error', 'warning') and not message.text.startswith(EXPECTED):
            self.complaints.append(f'console: {message.text}')

    def show(self, route='/', page=None):
        """Goes to a view of the page."""
        (page or self.page).goto(f'http://{self.address}/#{route}')

    def future_page(self, future):
        self.show(f'/futures/{future}')

    def named(self, role, name, **more):
        return self.page.get_by_role(role, name=name, **more)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def badge(self):
        """The state on a future's page."""
        return self.page.locator('.future .head .badge')

    def notice(self):
        return self.page.locator('.notices')

    def is_as_wide_as_it_shows(self):
        return self.page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')
