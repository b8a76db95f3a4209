"""A daemon whose log nobody takes serves as any other."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from harness import OK, PATIENCE, CliTest, environment, eventually

# Each submission is some lines, so that they are many times what a pipe holds.
TASKS = 2000


class UnreadLogTest(CliTest):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        (self.directory / 'items').write_text('3\n' * TASKS)

    def serve(self, log, *shell):
        """Starts a daemon with standard error at `log`; or by a shell, which may close what it likes."""
        port_file = self.directory / 'port'
        command = [os.environ['FUTURED'], '--listen=127.0.0.1:0', f'--port-file={port_file}', '--verbose',
                   f'--data-dir={self.directory}/data', '--plugins=' + os.environ['CLI_PLUGIN'], '--log-format=json']
        self.process = subprocess.Popen([*shell, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=log, env=environment())
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        eventually(lambda: port_file.exists() or self.process.poll() is not None)
        self.daemon = self
        self.address = port_file.read_text().strip()

    def works_and_ends(self):
        results = self.check(self.run_ctl('map', 'test.square', '--items', self.directory / 'items'), OK).out
        self.assertEqual(results.split(), ['9'] * TASKS)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(PATIENCE), 0)

    def test_a_pipe_that_nobody_reads(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.serve(writer)
        os.close(writer)
        self.works_and_ends()
        os.set_blocking(reader, False)
        lines = os.read(reader, 1 << 20).decode().splitlines()
        self.assertEqual(json.loads(lines[0])['level'], 'info')
        self.assertLess(len(lines), TASKS)

    def test_a_pipe_whose_reader_has_gone(self):
        reader, writer = os.pipe()
        self.serve(writer)
        os.close(writer)
        os.close(reader)
        self.works_and_ends()

    def test_closed_descriptors_are_not_taken_for_something_else(self):
        for closed in '2>&-', '0<&- 1>&- 2>&-':
            with self.subTest(closed=closed):
                self.serve(subprocess.DEVNULL, 'sh', '-c', f'exec "$@" {closed}', 'sh')
                fds = pathlib.Path(f'/proc/{self.process.pid}/fd')
                self.assertEqual([os.readlink(fds / str(fd)) for fd in range(3)], ['/dev/null'] * 3)
                self.works_and_ends()
                (self.directory / 'port').unlink()


if __name__ == '__main__':
    unittest.main()
