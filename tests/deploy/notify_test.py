"""A service manager hears from the daemon when it serves, and when it ends."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

PATIENCE = 60


class NotifyTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.directory / 'notify'))
        self.manager.settimeout(PATIENCE)

    def start(self, *flags):
        kept = {name: value for name, value in os.environ.items() if not name.startswith('FUTURED')}
        process = subprocess.Popen(
            [os.environ['FUTURED'], '--listen=127.0.0.1:0', '--http-listen=off', '--memory',
             f'--port-file={self.directory}/port', *flags], stderr=subprocess.DEVNULL,
            env={**kept, 'NOTIFY_SOCKET': str(self.directory / 'notify')})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def heard(self):
        return self.manager.recv(4096).decode().splitlines()

    def test_it_serves_when_it_says_so(self):
        self.start()
        self.assertEqual(self.heard(), ['READY=1'])
        host, port = (self.directory / 'port').read_text().strip().split(':')
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()

    def test_it_says_how_long_its_end_may_take(self):
        process = self.start('--drain-grace=2m', '--exit-margin=10s')
        self.heard()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.heard(), ['STOPPING=1', 'EXTEND_TIMEOUT_USEC=130000000'])
        self.assertEqual(process.wait(PATIENCE), 0)


if __name__ == '__main__':
    unittest.main()
