"""The examples as programs, against a daemon as a program and a web server in the test.

EXAMPLES names the folder of the programs; CLI_PLUGIN, FUTURED and FUTUREDCTL are those of tests/cli/harness.py.
"""
import http.server
import os
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'cli'))
from harness import PATIENCE, CliTest, environment  # noqa: E402

BIG = b'x' * (1 << 20 | 1)


class Handler(http.server.BaseHTTPRequestHandler):
    """/gate/NAME answers when the gate is open, /big with more than 1 MiB, /missing with 404, all else at once."""

    def do_GET(self):
        if self.path.startswith('/gate/'):
            self.server.pass_gate(self.path.removeprefix('/gate/'))
        body = BIG if self.path == '/big' else b'hello\n'
        self.send_response(404 if self.path == '/missing' else 200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:  # The client has seen enough.
            pass

    def log_message(self, *_):
        pass


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1000

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server_port
        self.changed = threading.Condition()
        self.opened = set()
        self.waiting = {}
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True).start()

    def pass_gate(self, name):
        with self.changed:
            self.waiting[name] = self.waiting.get(name, 0) + 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: name in self.opened, PATIENCE)

    def open(self, name):
        with self.changed:
            self.opened.add(name)
            self.changed.notify_all()

    def wait_for_requests(self, name, count):
        """Until so many have come to the gate."""
        with self.changed:
            return self.changed.wait_for(lambda: self.waiting.get(name, 0) >= count, PATIENCE)

    def stop(self):
        self.shutdown()
        self.server_close()


class ExampleTest(CliTest):
    """Each test has a daemon and a web server of its own, and a directory."""

    def setUp(self):
        super().setUp()
        self.web = WebServer()
        self.addCleanup(self.web.stop)

    def begin(self, program, *arguments, address=None, **more):
        """Starts an example with pipes."""
        process = subprocess.Popen(
            [pathlib.Path(os.environ['EXAMPLES']) / program, *map(str, arguments)], stdin=subprocess.DEVNULL,
            **{'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **more},
            env=environment(FUTURED_ADDRESS=address or self.daemon.address))
        self.addCleanup(self.end, process)
        return process

    def run_example(self, program, *arguments, **more):
        return self.finish(self.begin(program, *arguments, **more))
