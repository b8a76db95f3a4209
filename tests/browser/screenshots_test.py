"""Pictures of a busy daemon, for the documentation: into the folder SCREENSHOTS, or one that is thrown away."""
import os
import pathlib
import random
import tempfile
import threading
import unittest

from browser_harness import BrowserTest, expect

# Bytes of a picture; in the repository they stay for ever.
LARGEST = 150 * 1024
VIEWPORT = {'width': 1200, 'height': 760}
WARM_UP_MS = 24_000
PROGRAMS = {'image.thumbnail': (0.05, 0.4), 'invoice.pdf': (0.2, 0.8), 'mail.send': (0.03, 0.2), 'report.render': (0.5, 1.6)}
PRIMES = (67_280_421_310_721, 999_999_000_001, 35_184_372_088_891, 2_147_483_647)
TRANSCODE = '''echo "reading $1" >&2
for share in 10 20 30 40 50 60 70; do
  echo "$share% of $1, 24.9 frames a second" >&2
  sleep 0.15
done
echo "frame 1743: the reference picture is missing" >&2
echo "giving up" >&2
exit 3
'''


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
        self.end = threading.Event()
        busy = threading.Thread(target=self.keep_busy)
        busy.start()
        self.addCleanup(busy.join)
        self.addCleanup(self.end.set)

    def keep_busy(self):
        random.seed(7)
        connection = self.connection()
        while not self.end.wait(0.25):
            answer = self.post('/v1/FutureService/Submit', {'tasks': [*self.slow(), *self.quick()]}, connection=connection)
            self.assertEqual(answer.status, 200, answer)

    def slow(self):
        for _ in range(random.randint(2, 4)):
            name = random.choice(list(PROGRAMS))
            seconds = f'{random.uniform(*PROGRAMS[name]):.3f}'
            yield self.task(name, {'seconds': {'stringValue': seconds}}, executor='media',
                            labels={'customer': random.choice(['acme', 'globex', 'initech']), 'order': str(random.randint(1000, 9999))})
        if random.random() < 0.2:
            yield self.task('time.sleep', positional=[{'doubleValue': random.uniform(0.5, 2)}])

    def quick(self):
        for _ in range(random.randint(8, 25)):
            yield self.task('math.is_prime', positional=[{'intValue': random.choice(PRIMES)}])
        for _ in range(random.randint(200, 500)):
            yield self.task('text.word_count', positional=[{'stringValue': 'one two three'}])
        if random.random() < 0.3:
            yield self.task('file.read', positional=[{'stringValue': '/var/lib/orders/4711.json'}], labels={'order': '4711'})

    @staticmethod
    def task(function, keyword=None, positional=(), **options):
        return {'function': function, 'arguments': {'positional': list(positional), 'keyword': keyword or {}},
                'options': {**options, 'retention': '300s'}}

    def take(self, name):
        for scheme in ('light', 'dark'):
            self.page.emulate_media(color_scheme=scheme)
            expect(self.page.locator(f'html[data-theme={scheme}]')).to_be_attached()
            self.page.wait_for_timeout(1_100)
            path = self.pictures / f'dashboard-{name}-{scheme}.png'
            self.page.screenshot(path=path)
            self.assertLess(path.stat().st_size, LARGEST, path)

    def test_pictures_of_a_busy_daemon(self):
        self.show()
        self.page.wait_for_timeout(WARM_UP_MS)
        self.take('overview')
        self.show('/tasks')
        self.page.wait_for_timeout(14_000)
        self.page.locator('.stage canvas').hover(position={'x': 640, 'y': 250})
        self.take('tasks')
        task = self.task('video.transcode', {'file': {'stringValue': 'holiday-2026.mkv'}}, executor='media', priority=10,
                         labels={'customer': 'acme', 'order': '4711'})
        future = self.call('FutureService/Submit', {'tasks': [task], 'wait': '30s'})['futures'][0]['id']
        self.future_page(future)
        expect(self.page.get_by_role('log')).to_contain_text('giving up')
        self.take('future')


if __name__ == '__main__':
    unittest.main()
