"""Pictures of a busy daemon, for the documentation: into the folder SCREENSHOTS, or one that is thrown away."""
import http.server
import io
import os
import pathlib
import random
import tempfile
import threading
import time
import unittest

from PIL import Image

from browser_harness import BrowserTest, expect

# Bytes of a picture; in the repository they stay for ever.
LARGEST = 150 * 1024
VIEWPORT = {'width': 1280, 'height': 880}
# Below what a picture shows.
MARGIN = 16
# A browser that gets little of the processors takes its time for a picture.
PICTURE_MS = 120_000
WARM_UP_MS = 40_000
# The task stream shows so much, once it is zoomed.
SPAN_MS = 10_000
PROGRAMS = {'image.thumbnail': (0.05, 0.4), 'invoice.pdf': (0.2, 0.8), 'mail.send': (0.03, 0.2), 'report.render': (0.5, 1.6)}
# Milliseconds of a processor each: what waits is to make the bars, on a slow machine too.
PRIMES = (10**11 - 23, 10**12 - 11, 10**13 - 29)
TRANSCODE = '''echo "reading $1" >&2
for share in 20 40 60; do
  echo "$share% of $1, 24.9 frames a second" >&2
  sleep 0.35
done
echo "frame 1743: the reference picture is missing" >&2
echo "giving up" >&2
exit 3
'''


class Slow(http.server.BaseHTTPRequestHandler):
    """Pages that come after as many seconds as their path says, but for broken ones."""

    def do_GET(self):
        _, seconds, name = self.path.split('/')
        time.sleep(float(seconds))
        if name != 'broken':
            self.send_response(200)
            self.end_headers()

    def log_message(self, *arguments):
        pass


class ScreenshotsTest(BrowserTest):
    viewport = VIEWPORT

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / 'transcode').write_text(TRANSCODE)
        programs = ''.join(f'[functions."{name}"]\nexecutor = "media"\ncommand = ["sleep", "{{seconds}}"]\n' for name in PROGRAMS)
        config = cls.folder / 'futured.toml'
        config.write_text(
            '[executors.thread]\nkind = "thread"\nmax_workers = 4\n'
            '[executors.media]\nkind = "process"\nmax_workers = 6\n' + programs +
            f'[functions."video.transcode"]\nexecutor = "media"\ncommand = ["sh", "{cls.folder}/transcode", "{{file}}"]\n')
        cls.daemon_flags = (f'--config={config}', '--plugins=' + os.environ['EXAMPLES_PLUGIN'])
        super().setUpClass()
        cls.pictures = pathlib.Path(os.environ.get('SCREENSHOTS') or cls.folder)

    def setUp(self):
        super().setUp()
        self.site = self.serve(Slow)
        self.end = threading.Event()
        busy = threading.Thread(target=self.keep_busy)
        busy.start()
        self.addCleanup(busy.join)
        self.addCleanup(self.end.set)

    def keep_busy(self):
        random.seed(7)
        connection = self.connection()
        while not self.end.wait(0.25):
            tasks = [*self.programs(), *self.pages(), *self.quick()]
            answer = self.post('/v1/FutureService/Submit', {'tasks': tasks}, connection=connection)
            self.assertEqual(answer.status, 200, answer)

    def programs(self):
        for _ in range(random.randint(1, 4)):
            name = random.choice(list(PROGRAMS))
            seconds = f'{random.uniform(*PROGRAMS[name]):.3f}'
            labels = {'customer': random.choice(['acme', 'globex', 'initech']), 'order': str(random.randint(1000, 9999))}
            yield self.task(name, {'seconds': {'stringValue': seconds}}, executor='media', labels=labels)
        if random.random() < 0.04:
            yield self.transcode()

    def pages(self):
        """Those that hold a thread, and coroutines."""
        for function, most in (('http.get_blocking', 3), ('http.get', 1)):
            for _ in range(random.randint(0, most)):
                name = 'broken' if random.random() < 0.03 else 'orders'
                url = f'http://{self.site}/{random.uniform(0.1, 0.7):.3f}/{name}'
                yield self.task(function, positional=[{'stringValue': url}])

    def quick(self):
        for _ in range(random.randint(2, 6)):
            yield self.task('math.is_prime', positional=[{'intValue': random.choice(PRIMES)}])
        for _ in range(random.randint(200, 500)):
            yield self.task('text.word_count', positional=[{'stringValue': 'one two three'}])

    def transcode(self, **options):
        return self.task('video.transcode', {'file': {'stringValue': 'holiday-2026.mkv'}}, executor='media',
                         labels={'customer': 'acme', 'order': '4711'}, **options)

    @staticmethod
    def task(function, keyword=None, positional=(), **options):
        return {'function': function, 'arguments': {'positional': list(positional), 'keyword': keyword or {}},
                'options': {**options, 'retention': '300s'}}

    def take(self, name):
        for scheme in ('light', 'dark'):
            self.page.emulate_media(color_scheme=scheme)
            expect(self.page.locator(f'html[data-theme={scheme}]')).to_be_attached()
            self.page.wait_for_timeout(1_100)
            self.save(self.page.screenshot(clip=self.shown(), timeout=PICTURE_MS), self.pictures / f'dashboard-{name}-{scheme}.png')

    def shown(self):
        """The part of the page that has something."""
        bottom = self.page.evaluate("document.querySelector('#main').lastElementChild.getBoundingClientRect().bottom")
        return {**VIEWPORT, 'x': 0, 'y': 0, 'height': min(VIEWPORT['height'], int(bottom) + MARGIN)}

    def save(self, picture, path):
        """With a palette, which is enough for a page and a third of the bytes."""
        with Image.open(io.BytesIO(picture)) as image:
            plain = image.convert('RGB').quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        plain.save(path, optimize=True)
        self.assertLess(path.stat().st_size, LARGEST, path)

    def point_at_a_program(self):
        """Moves the pointer over the task stream until a bar of the media executor shows its details."""
        canvas, details = self.page.locator('.stage canvas'), self.page.locator('.details')
        bottom = canvas.bounding_box()['height'] - 13
        for place in range(60):
            canvas.hover(position={'x': 520 + 12 * (place // 3), 'y': bottom - 26 * (5 - place % 3)})
            if details.count() and ' media ' in details.inner_text():
                return
        self.fail('there is no bar')

    def test_pictures_of_a_busy_daemon(self):
        self.show()
        self.page.wait_for_timeout(WARM_UP_MS)
        self.take('overview')
        self.show('/tasks')
        self.named('button', 'Zoom in').click()
        self.page.wait_for_timeout(SPAN_MS)
        self.named('button', 'Pause').click()
        self.point_at_a_program()
        self.take('tasks')
        future = self.call('FutureService/Submit', {'tasks': [self.transcode(priority=10)], 'wait': '30s'})['futures'][0]['id']
        self.future_page(future)
        expect(self.page.get_by_role('log')).to_contain_text('giving up')
        self.take('future')


if __name__ == '__main__':
    unittest.main()
