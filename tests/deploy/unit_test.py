"""deploy/systemd: what systemd-analyze says of the unit, and what the unit and the daemon promise each other."""
import configparser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / 'deploy/systemd/futured.service'
STRICT = ROOT / 'deploy/systemd/strict-sandbox.conf'
SKIP = 77
PATIENCE = 60
# Of 10, which is a service that nothing confines.
MOST_EXPOSURE = 2.0


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)


def section(path, name):
    """Of keys that are given several times, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser[name]


def seconds(text):
    number, unit = re.fullmatch(r'(\d+)(s|min|m)', text).groups()
    return int(number) * (1 if unit == 's' else 60)


class ExposureTest(unittest.TestCase):
    def exposure(self, unit):
        done = run('systemd-analyze', 'security', '--offline=yes', str(unit))
        found = re.search(r'Overall exposure level for \S+: ([\d.]+)', done.stdout)
        self.assertTrue(found, done)
        return float(found.group(1))

    def test_is_small(self):
        self.assertLessEqual(self.exposure(UNIT), MOST_EXPOSURE)

    def test_is_small_with_strict_workers_too(self):
        with tempfile.TemporaryDirectory() as folder:
            both = pathlib.Path(folder) / UNIT.name
            # A drop-in counts after the unit.
            settings = STRICT.read_text().partition('[Service]\n')[2]
            both.write_text(UNIT.read_text().replace('\n[Install]', settings + '\n[Install]'))
            exposure = self.exposure(both)
        self.assertLessEqual(exposure, MOST_EXPOSURE + 1)
        self.assertGreater(exposure, self.exposure(UNIT))

    def test_systemd_understands_every_line(self):
        done = run('systemd-analyze', 'verify', '--man=no', str(UNIT))
        complaints = [line for line in done.stderr.splitlines()
                      if UNIT.name in line and 'is not executable' not in line]
        self.assertEqual(complaints, [])


class PromiseTest(unittest.TestCase):
    service = section(UNIT, 'Service')

    def default(self, key):
        """Of the daemon."""
        done = run(sys.argv[1], '--print-config')
        return tomllib.loads(done.stdout)[key]

    def test_the_stop_leaves_time_for_the_drain(self):
        drain = seconds(self.default('drain_grace')) + seconds(self.default('exit_margin'))
        self.assertGreater(seconds(self.service['TimeoutStopSec']), drain)

    def test_the_daemon_alone_is_asked_to_end(self):
        self.assertEqual(self.service['KillMode'], 'mixed')

    def test_bad_configuration_is_not_tried_again(self):
        with tempfile.NamedTemporaryFile('w', suffix='.toml') as file:
            file.write('no_such_key = 1\n')
            file.flush()
            self.assertEqual(run(sys.argv[1], f'--config={file.name}').returncode,
                             int(self.service['RestartPreventExitStatus']))

    def test_the_packaged_configuration_is_good(self):
        done = run(sys.argv[1], f'--config={ROOT}/deploy/debian/futured.toml', '--print-config')
        self.assertEqual((done.returncode, done.stderr), (0, ''))


if __name__ == '__main__':
    if not shutil.which('systemd-analyze'):
        print('skipped: there is no systemd-analyze')
        sys.exit(SKIP)
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
