"""examples/demo: what it shows, and that it leaves nothing behind, however it ends."""
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from examples import environment
from harness import PATIENCE, eventually

DEMO = pathlib.Path(__file__).parents[2] / 'examples/demo'


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self):
        """In a process group of its own, as a shell on a terminal does."""
        process = subprocess.Popen(
            [DEMO, os.environ['BUILD']], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(TMPDIR=str(self.folder)), start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate()

    @staticmethod
    def processes(session):
        """Those of a session; worker processes have groups of their own."""
        found = []
        for path in pathlib.Path('/proc').glob('[0-9]*/stat'):
            try:
                fields = path.read_text().rpartition(')')[2].split()
            except (FileNotFoundError, ProcessLookupError):  # It has just ended.
                continue
            if int(fields[3]) == session:
                found.append(path.parent.name)
        return found

    def expect_nothing_left(self, process):
        eventually(lambda: not self.processes(process.pid))
        self.assertEqual(list(self.folder.iterdir()), [])

    def read_until(self, process, text):
        for line in process.stdout:
            if text in line.decode():
                return
        self.fail(f'{text} was never written: {process.stderr.read()}')

    def test_shows_five_examples_and_what_was_gained(self):
        process = self.start()
        out, err = process.communicate(timeout=8 * PATIENCE)
        out = out.decode()
        self.assertEqual((process.returncode, err), (0, b''))
        self.assertEqual(out.count('times as fast\n'), 3, out)
        self.assertIn('bad-host: failed: ', out)
        self.assertEqual(out.count('9 primes in '), 2, out)
        self.assertRegex(out, r'\nthe crash: WorkerLost: .*SIGSEGV')
        self.assertRegex(out, r'1; reboot: failed: ProgramFailed: ')
        self.assertIn('12: 2 2 3\n1001: 7 11 13\n9999999999999917: 9999999999999917\n', out)
        self.assertIn('the first to answer\n', out)
        self.assertIn(': cancelled\n', out)
        self.expect_nothing_left(process)

    def test_an_interrupt_of_the_group_leaves_nothing(self):
        for text in ('tasks for other programs', 'status 200', '$ primes', '$ primes --executor=cpu', 'the crash: ',
                     '12: 2 2 3', 'the first to answer'):
            with self.subTest(text):
                process = self.start()
                self.read_until(process, text)
                os.killpg(process.pid, signal.SIGINT)
                self.assertEqual(process.wait(2 * PATIENCE), 130, process.stderr.read())
                self.expect_nothing_left(process)

    def test_a_signal_to_the_script_alone_leaves_nothing(self):
        for text in ('status 200', '$ primes --executor=cpu'):
            with self.subTest(text):
                process = self.start()
                self.read_until(process, text)
                process.terminate()
                self.assertEqual(process.wait(2 * PATIENCE), 143, process.stderr.read())
                self.expect_nothing_left(process)

    def test_an_interrupt_while_it_starts_leaves_nothing(self):
        process = self.start()
        eventually(lambda: any(self.folder.iterdir()))
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.wait(2 * PATIENCE), 130, process.stderr.read())
        self.expect_nothing_left(process)

    def test_a_reader_that_goes_away_leaves_nothing(self):
        process = self.start()
        self.read_until(process, 'status 200')
        process.stdout.close()
        self.assertNotEqual(process.wait(2 * PATIENCE), 0)
        process.stdout = None
        self.expect_nothing_left(process)

    def test_a_folder_without_programs_is_an_error_and_leaves_nothing(self):
        process = subprocess.run([DEMO, self.folder], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                                 env=environment(TMPDIR=str(self.folder)))
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(b'make demo builds it', process.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == '__main__':
    unittest.main()
