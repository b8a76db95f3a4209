"""A real daemon that serves HTTP, for tests.

FUTURED, CLI_PLUGIN and PROTO_DIR name the daemon, the plugin with the functions of tests/cli/cli_plugin.cc and the folder of
the protocol.
"""
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'cli'))

from harness import Daemon, PATIENCE, UNKNOWN_ID, eventually  # noqa: E402,F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$')


class Answer:
    """A response that has been read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = response.read().decode()

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f'{self.status} {self.headers}\n{self.text}'


class HttpTest(unittest.TestCase):
    """Each class has a daemon of its own, and a directory."""
    daemon_flags = ()

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = pathlib.Path(temporary.name)
        cls.daemon = Daemon(cls.directory, '--http-listen=127.0.0.1:0', f'--http-port-file={cls.directory}/http',
                            *cls.daemon_flags)
        cls.addClassCleanup(cls.daemon.stop)
        cls.address = (cls.directory / 'http').read_text().strip()
        host, port = cls.address.rsplit(':', 1)
        cls.endpoint = (host, int(port))

    def connection(self):
        connection = http.client.HTTPConnection(*self.endpoint, timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def ask(self, method, path, body=None, headers=None, connection=None):
        """The answer to one request, on a connection of its own unless there is one."""
        asked = connection or self.connection()
        try:
            asked.request(method, path, body, headers or {})
            return Answer(asked.getresponse())
        finally:
            if connection is None:
                asked.close()

    def get(self, path, headers=None):
        return self.ask('GET', path, headers=headers)

    def post(self, path, message, headers=None, connection=None):
        """A call in JSON, as its text or as what is to be one."""
        body = message if isinstance(message, (str, bytes)) else json.dumps(message)
        return self.ask('POST', path, body, {'Content-Type': 'application/json', **(headers or {})}, connection)

    def call(self, path, message):
        """The answer to a call that can be done."""
        answer = self.post('/v1/' + path, message)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def submit(self, function, *positional, wait=None, **options):
        """Submits one task and returns what is said of its future."""
        task = {'function': function, 'arguments': {'positional': list(positional)}, 'options': options}
        request = {'tasks': [task], **({'wait': wait} if wait else {})}
        return self.call('FutureService/Submit', request)['futures'][0]

    def socket(self):
        """A bare connection."""
        connection = socket.create_connection(self.endpoint, PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def read_to_end(self, connection):
        """What comes until the other side ends the connection."""
        text = b''
        while True:
            try:
                some = connection.recv(65536)
            except ConnectionResetError:
                return text
            if not some:
                return text
            text += some

    def say(self, text):
        """What the daemon answers to these bytes, until it ends the connection."""
        connection = self.socket()
        connection.sendall(text if isinstance(text, bytes) else text.encode())
        return self.read_to_end(connection).decode()

    def blocked(self, name, **options):
        """Submits a task that has begun and runs until a file of that name appears. Returns its ID."""
        path = self.directory / name
        future = self.submit('test.wait_for_file', {'stringValue': str(path)}, **options)
        eventually((self.directory / (name + '.begun')).exists)
        return future['id']

    def open(self, name):
        (self.directory / name).touch()

    def samples(self):
        """The series of /metrics: {(name, labels): value}."""
        answer = self.get('/metrics')
        self.assertEqual(answer.status, 200, answer)
        lines = [line for line in answer.text.splitlines() if line and not line.startswith('#')]
        return {(match[1], match[2] or ''): float(match[3]) for match in map(SAMPLE.match, lines)}


def rpcs():
    """The methods of all services of the protocol, from its descriptors: (service, method)."""
    from google.protobuf import descriptor_pb2
    folder = pathlib.Path(os.environ['PROTO_DIR'])
    files = [str(path) for path in sorted((folder / 'futured' / 'v1').glob('*.proto'))]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(['protoc', f'-I{folder}', f'--descriptor_set_out={out.name}', *files], check=True)
        described = descriptor_pb2.FileDescriptorSet.FromString(out.read())
    return [(service.name, method) for file in described.file for service in file.service for method in service.method]
