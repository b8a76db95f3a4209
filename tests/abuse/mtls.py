"""The daemon behind mutual TLS: a certificate authority and certificates made for the test by openssl, and sockets with
them."""
import atexit
import functools
import pathlib
import shutil
import ssl
import subprocess
import tempfile

PATIENCE = 60


def why_not(help_text):
    """Why there can be no TLS here; None if there can."""
    if 'tls_certificate' not in help_text and 'tls-certificate' not in help_text:
        return 'futured has no option tls_certificate'
    if not shutil.which('openssl'):
        return 'there is no openssl'
    return None


class Authority:
    """Signs certificates. Its files are in a directory of its own."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix='futured-ca-')
        self.directory = pathlib.Path(self._temporary.name)
        atexit.register(self._temporary.cleanup)
        self._run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
                  '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem')

    @property
    def certificate(self):
        return self.directory / 'ca.pem'

    def issue(self, name, alternative):
        """Key and certificate, by name; `alternative` as openssl's subjectAltName."""
        key, request, certificate = (f'{name}.{end}' for end in ('key', 'csr', 'pem'))
        (self.directory / f'{name}.ext').write_text(f'subjectAltName={alternative}\n')
        self._run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', f'/CN={name}',
                  '-keyout', key, '-out', request)
        self._run('x509', '-req', '-in', request, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
                  '-extfile', f'{name}.ext', '-out', certificate)
        (self.directory / key).chmod(0o600)
        return self.directory / key, self.directory / certificate

    def _run(self, *words):
        subprocess.run(['openssl', *words], cwd=self.directory, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class MutualTls:
    """As harness.Listener: how the daemon listens, and what makes a plain connection fit for it."""

    def __init__(self, authority):
        key, certificate = authority.issue('server', 'DNS:localhost,IP:127.0.0.1')
        self.flags = ('--listen=tls://127.0.0.1:0', f'--tls-certificate={certificate}', f'--tls-key={key}',
                      f'--tls-client-ca={authority.certificate}')
        self._context = self.context(authority)
        key, certificate = authority.issue('client', 'DNS:client.test')
        self._context.load_cert_chain(certificate, key)

    @staticmethod
    def context(authority):
        """Of a client that shows no certificate."""
        context = ssl.create_default_context(cafile=str(authority.certificate))
        context.set_alpn_protocols(['h2'])
        return context

    def wrap(self, connection):
        return self._context.wrap_socket(connection, server_hostname='localhost')


@functools.cache
def authority():
    return Authority()


@functools.cache
def listener():
    return MutualTls(authority())
