"""Authority: certificates for tests of TLS, made anew for each by `openssl`, so that no key is ever in the tree."""
import pathlib
import subprocess
from typing import Sequence, Tuple

LOCALHOST = ('DNS:localhost', 'IP:127.0.0.1', 'IP:::1')


class Authority:
    """Its certificate is NAME.pem in the folder. Those that it issues are NAME.pem and NAME.key, all valid for a day."""

    def __init__(self, folder: pathlib.Path, name: str = 'authority') -> None:
        self._folder = folder
        self.certificate, self._key = self._make(name, ['basicConstraints=critical,CA:TRUE'])

    def issue(self, name: str, alternative_names: Sequence[str] = LOCALHOST) -> Tuple[pathlib.Path, pathlib.Path]:
        """A certificate for servers and clients, and its key: paths of PEM files."""
        extensions = ['basicConstraints=critical,CA:FALSE', 'subjectAltName=' + ','.join(alternative_names)]
        return self._make(name, extensions, '-CA', str(self.certificate), '-CAkey', str(self._key))

    def _make(self, name: str, extensions: Sequence[str], *issuer: str) -> Tuple[pathlib.Path, pathlib.Path]:
        certificate, key = self._folder / f'{name}.pem', self._folder / f'{name}.key'
        key.unlink(missing_ok=True)
        key.touch(0o600)
        options = [word for extension in extensions for word in ('-addext', extension)]
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-subj', f'/CN={name}', '-days', '1', '-config', '/dev/null', '-keyout', str(key),
                        '-out', str(certificate), *options, *issuer],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        return certificate, key
