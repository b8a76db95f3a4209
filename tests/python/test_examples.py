"""The programs of examples/python, against a daemon with the configuration that they come with."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from typing import Any, Iterator, Tuple
from unittest import mock

from support import FOR_WORKERS, PATIENCE, ROOT, SOURCES, Daemon, examples_plugin, futuredctl, wait_until

EXAMPLES = ROOT / "examples" / "python"
PYTHONPATH = os.pathsep.join([str(SOURCES), str(EXAMPLES)])


class ExampleDaemon(Daemon):
    """With examples/python/futured.toml."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="futured-test-")
        self.folder = pathlib.Path(self._folder.name)
        self._memory = True
        self._config = self.folder / "futured.toml"
        plugin = examples_plugin()
        plugins = [str(plugin)] if plugin else []
        config = (EXAMPLES / "futured.toml").read_text().replace('["python3"', json.dumps([sys.executable])[:-1])
        config = config.replace('"PYTHONPATH"]', json.dumps(["PYTHONPATH", *FOR_WORKERS])[1:])
        self._config.write_text(f"plugins = {json.dumps(plugins)}\n{config}")
        self.has_plugin = bool(plugins)
        self.address = "127.0.0.1:0"
        self._process = None
        with mock.patch.dict(os.environ, PYTHONPATH=PYTHONPATH):
            self.start()


class SlowPages(http.server.BaseHTTPRequestHandler):
    """/delay/SECONDS/…"""

    def do_GET(self) -> None:
        time.sleep(float(self.path.split("/")[2]))
        body = b"x" * 1000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextlib.contextmanager
def slow_pages() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowPages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


def ask(url: str, method: str = "GET") -> Tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


class ExamplesTest(unittest.TestCase):
    daemon: ExampleDaemon

    @classmethod
    def setUpClass(cls) -> None:
        cls.daemon = ExampleDaemon()
        cls.addClassCleanup(cls.daemon.stop)

    def command(self, name: str, *arguments: str) -> Tuple[str, ...]:
        return (sys.executable, str(EXAMPLES / name), f"--address={self.daemon.address}", *arguments)

    def run_example(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            self.command(name, *arguments),
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=2 * PATIENCE,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_fetch_urls(self) -> None:
        with slow_pages() as site:
            lines = self.run_example("fetch_urls.py", f"{site}/delay/1.5", f"{site}/delay/0", "http://127.0.0.1:1/")
        self.assertIn("/delay/1.5 page is 1000 bytes", lines.splitlines()[-1])
        self.assertIn("http://127.0.0.1:1/ generated an exception", lines)

    def test_primes(self) -> None:
        lines = self.run_example("primes.py").splitlines()
        self.assertEqual(lines[0], "112272535095293 is prime: True")
        self.assertEqual(lines[-1], "1099726899285419 is prime: False")

    def test_first_completed(self) -> None:
        with slow_pages() as site:
            text = self.run_example("first_completed.py", f"{site}/delay/300", f"{site}/delay/0", f"{site}/delay/301")
        self.assertIn("/delay/0: 1000 bytes, the first to answer", text)
        self.assertEqual(text.count("cancelled"), 2)

    def test_map_files(self) -> None:
        text = self.run_example("map_files.py", str(EXAMPLES / "primes.py"), str(EXAMPLES / "batches.py"))
        sizes = [(EXAMPLES / name).stat().st_size for name in ("primes.py", "batches.py")]
        self.assertEqual([int(line.split()[2]) for line in text.splitlines()], [*sizes, sum(sizes)])

    def test_map_timeout(self) -> None:
        self.assertIn("all 2 in time", self.run_example("map_timeout.py", "0", "0", "--timeout=30"))
        text = self.run_example("map_timeout.py", "0", "20", "--timeout=2")
        self.assertIn("1 of 2 in time", text)

    def test_batches(self) -> None:
        self.assertIn("1 to 1000 is 333833500", self.run_example("batches.py", "1000", "--size=10"))

    def test_progress_bar(self) -> None:
        self.assertRegex(self.run_example("progress_bar.py", "20", "--points=5000"), r"pi is about 3\.\d+, by 20")

    def test_tqdm_progress(self) -> None:
        text = self.run_example("tqdm_progress.py", "3", "--points=20000")
        self.assertRegex(text, r"pi is about 3\.\d+, by 3")
        self.assertEqual(len(re.findall(r"stdout \d+ of 20000 points are inside", text)), 3)

    def test_done_callbacks(self) -> None:
        text = self.run_example("done_callbacks.py", str(EXAMPLES / "primes.py"), "/no/such/file")
        self.assertIn("primes.py", text)
        self.assertIn("/no/such/file: ", text)
        self.assertTrue(text.endswith("done\n"))

    def test_crash(self) -> None:
        text = self.run_example("crash.py")
        self.assertIn("SIGSEGV", text)
        self.assertIn("100 / 2 = 50", text)
        self.assertIn("100 / 4 = 25", text)

    def test_named_functions(self) -> None:
        text = self.run_example("named_functions.py")
        self.assertIn("HELLO!", text)
        self.assertIn("'word': 'a'", text)
        self.assertIn("1001: 7 11 13", text)
        self.assertIn("AttributeError", text)
        if self.daemon.has_plugin:
            self.assertIn("[False, False, True, True, False, True, False, True, False, False]", text)

    def test_the_same_functions_are_there_for_programs_in_other_languages(self) -> None:
        """futuredctl is one in C++."""
        program = futuredctl()
        if program is None:
            self.skipTest("no futuredctl")
        command = [str(program), f"--address={self.daemon.address}", "submit", "--executor=python", "--wait"]
        for call, value in ((["text.shout", "hello"], "HELLO!"), (["math.sum_of_squares_py", "[1, 2, 3]"], 14)):
            output = subprocess.run([*command, *call], check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
            self.assertEqual(json.loads(output), value)

    def test_word_report(self) -> None:
        text = self.run_example("word_report.py", str(EXAMPLES))
        self.assertIn("0 unreadable files", text)
        self.assertIn(" futured\n", text)

    def test_asyncio_requests(self) -> None:
        self.assertIn("all 50 in", self.run_example("asyncio_requests.py", "50"))

    def test_service(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
        command = self.command("service.py", "--port=0")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as service:
            try:
                assert service.stdout is not None
                url = service.stdout.readline().strip()
                self.assertEqual(ask(f"{url}/primes/1000")[1]["primes"], 168)
                begun = ask(f"{url}/primes/100000", "POST")[1]
                wait_until(lambda: ask(f"{url}/futures/{begun['id']}") == (200, {"id": begun["id"], "primes": 9592}))
                self.assertEqual(ask(f"{url}/futures/0c5d58a0-94f9-8a3c-b1d6-000000000001")[0], 404)
                self.assertEqual(ask(f"{url}/nothing")[0], 404)
            finally:
                service.kill()


if __name__ == "__main__":
    unittest.main()
