"""nginx with deploy/nginx/futured.conf in front of a real daemon, for tests.

FUTURED, FUTUREDCTL and CLI_PLUGIN as in tests/cli/harness.py.
"""
import functools
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / 'tests' / folder) for folder in ('cli', 'support')]

from authority import Authority  # noqa: E402
from harness import PATIENCE, Daemon, Result, environment, eventually  # noqa: E402

CONFIGURATION = ROOT / 'deploy/nginx/futured.conf'
SKIP = 77
# By CN of their certificates.
IDENTITIES = '''
[identities.web]
verbs = ["submit", "read", "cancel"]
executors = ["*"]
functions = ["test.*"]

[identities.watcher]
verbs = ["read"]
'''
# In Debian /usr/sbin is not on the path of users.
NGINX = shutil.which('nginx', path=os.environ.get('PATH', '') + ':/usr/sbin')


def main():
    if not NGINX or not shutil.which('openssl'):
        print('skipped: there is no nginx, or no openssl')
        sys.exit(SKIP)
    unittest.main()


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def replace(text, old, new):
    """Where it stands; that it does not would be a test of something else."""
    if old not in text:
        raise AssertionError(f'{CONFIGURATION} has no {old!r}')
    return text.replace(old, str(new))


class Nginx:
    """Listens on `port`. Ends with stop()."""

    def __init__(self, directory, settings):
        self.directory = directory
        # Somebody else may take the port first.
        for _ in range(5):
            self.port = free_port()
            self._write(replace(settings, 'listen 7443', f'listen 127.0.0.1:{self.port}'))
            self.process = subprocess.Popen([NGINX, '-p', str(directory), '-c', str(directory / 'nginx.conf'),
                                             '-e', str(directory / 'error.log')])
            eventually(lambda: self._serves() or self.process.poll() is not None)
            if self.process.poll() is None:
                return
        raise AssertionError((directory / 'error.log').read_text())

    def _write(self, settings):
        places = [f'{kind}_temp_path {self.directory}/{kind};'
                  for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')]
        user = 'user root;' if os.geteuid() == 0 else ''
        (self.directory / 'nginx.conf').write_text('\n'.join([
            user, 'daemon off;', 'worker_processes 1;', f'pid {self.directory}/nginx.pid;',
            'events { worker_connections 1024; }', 'http {', *places,
            f'access_log {self.directory}/access.log;', settings, '}']))

    def _serves(self):
        with socket.socket() as probe:
            return probe.connect_ex(('127.0.0.1', self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    @property
    def requests(self):
        return (self.directory / 'access.log').read_text()


class NginxTest(unittest.TestCase):
    """Each class has a daemon with identities and nginx in front of it."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = pathlib.Path(temporary.name)
        cls.authority = Authority(cls.directory)
        cls.start_daemon()
        cls.nginx = Nginx(cls.directory, cls.settings())
        cls.addClassCleanup(cls.nginx.stop)

    @classmethod
    def start_daemon(cls):
        (cls.directory / 'identities.toml').write_text(IDENTITIES)
        cls.tokens = {name: cls.new_token(name) for name in ('web', 'watcher')}
        cls.daemon = Daemon(cls.directory, '--http-listen=127.0.0.1:0', f'--http-port-file={cls.directory}/http',
                            '--http-hosts=localhost', f'--identities={cls.directory}/identities.toml',
                            f'--tokens={cls.directory}/tokens')
        cls.addClassCleanup(cls.daemon.stop)

    @classmethod
    def new_token(cls, identity):
        return subprocess.run([os.environ['FUTUREDCTL'], 'token', 'new', identity, '--file', f'{cls.directory}/tokens'],
                              check=True, capture_output=True, text=True, timeout=PATIENCE,
                              env=environment()).stdout.strip()

    @classmethod
    def settings(cls):
        """The configuration as it is deployed, with other places."""
        certificate, key = cls.authority.issue('server')
        tokens = cls.directory / 'tokens.map'
        tokens.touch(0o600)
        tokens.write_text(''.join(f'"CN={name}" "Bearer {token}";\n' for name, token in cls.tokens.items()))
        text = CONFIGURATION.read_text()
        for old, new in (('/etc/nginx/futured-tokens.map', tokens), ('/etc/nginx/futured.pem', certificate),
                         ('/etc/nginx/futured.key', key), ('/etc/nginx/futured-clients.pem', cls.authority.certificate),
                         ('127.0.0.1:7070', cls.daemon.address), ('futured.example', 'localhost'),
                         ('127.0.0.1:7071', (cls.directory / 'http').read_text().strip())):
            text = replace(text, old, new)
        return re.sub(r' *#.*', '', text)

    @classmethod
    @functools.cache
    def certificate(cls, name):
        return cls.authority.issue(name)

    def run_ctl(self, name, *arguments, **variables):
        """futuredctl with the certificate of that name, or without one. By an address: c-ares leaks what it is asked for."""
        shown = []
        if name:
            certificate, key = self.certificate(name)
            shown = [f'--certificate-file={certificate}', f'--key-file={key}']
        done = subprocess.run([os.environ['FUTUREDCTL'], f'--address=tls://127.0.0.1:{self.nginx.port}', '--timeout=20s',
                               f'--ca-file={self.authority.certificate}', *shown, *arguments],
                              capture_output=True, text=True, timeout=PATIENCE, env=environment(**variables))
        return Result(done.returncode, done.stdout, done.stderr)

    def context(self, name, *protocols):
        """TLS for a client with the certificate of that name, or without one."""
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        if protocols:
            context.set_alpn_protocols(protocols)
        if name:
            context.load_cert_chain(*self.certificate(name))
        return context
