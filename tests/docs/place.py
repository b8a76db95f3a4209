"""Where pages run: an installed tree, a Python with the package, and for each page a folder, ports, an environment."""
import functools
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What a page finds beside its own files, as one who has cloned the repository.
CLONE = ('client/python', 'proto', 'deploy', 'examples')
# The ports that pages name: gRPC, HTTP, and others that their examples serve on. Each page has its own instead.
PORTS = ('7070', '7071', '7443', '8000', '8080')


class Place:
    """Made once, in `folder`: `prefix` has what `cmake --install` lays out of the build, `python` the package."""

    def __init__(self, folder, build, package):
        self.folder = folder
        self.prefix = folder / 'prefix'
        self.protos = self.prefix / 'share/futured/proto'
        self.venv = folder / 'venv'
        subprocess.run(['cmake', '--install', str(build), '--prefix', str(self.prefix)], check=True, timeout=120,
                       stdout=subprocess.DEVNULL)
        venv.create(self.venv, system_site_packages=True, symlinks=True)
        site = next(self.venv.glob('lib/python*/site-packages'))
        (site / 'futured.pth').write_text(f'{package}\n')
        (self.prefix / 'bin/grpcurl').symlink_to(pathlib.Path(__file__).with_name('grpcurl'))

    @property
    def python(self):
        return self.venv / 'bin/python3'

    @property
    def variables(self):
        """For a command of no page. Only what is named here, so that nothing of the caller's changes what pages do."""
        path = [self.venv / 'bin', self.prefix / 'bin', self.prefix / 'sbin', pathlib.Path(sys.executable).parent,
                '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']
        return {'PATH': os.pathsep.join(map(str, path)), 'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
                'PYTHONDONTWRITEBYTECODE': '1', 'PYTHONUNBUFFERED': '1', 'FUTURED_PROTO': str(self.protos),
                # pip takes what it builds with from the system: so a page needs no network.
                'PIP_NO_BUILD_ISOLATION': '0', 'PIP_NO_INDEX': '1', 'PIP_DISABLE_PIP_VERSION_CHECK': '1',
                'CMAKE_PREFIX_PATH': str(self.prefix), **self._ccache}

    @functools.cached_property
    def _ccache(self):
        """Pages have a home of their own, and are in other folders each time."""
        found = shutil.which('ccache')
        return {'CMAKE_CXX_COMPILER_LAUNCHER': found, 'CCACHE_DIR': ccache_folder(found),
                'CCACHE_BASEDIR': str(self.folder), 'CCACHE_NOHASHDIR': '1'} if found else {}

    def variables_for(self, folder, ports=None):
        """For the commands of a page: a daemon that they start serves at its ports, and keeps its futures in its folder."""
        ports = ports or {'7070': '0', '7071': '0'}
        return {**self.variables, 'HOME': str(folder), 'FUTURED_DATA_DIR': f'{folder}/.futured',
                'FUTURED_ADDRESS': f'localhost:{ports["7070"]}', 'FUTURED_PORT_FILE': f'{folder}/.address',
                'FUTURED_LISTEN': f'127.0.0.1:{ports["7070"]}', 'FUTURED_HTTP_LISTEN': f'127.0.0.1:{ports["7071"]}'}

    def clone(self, folder):
        """The parts of the repository that pages name."""
        leave = shutil.ignore_patterns('_generated', '__pycache__', 'build', '*.egg-info')
        for part in CLONE:
            shutil.copytree(ROOT / part, folder / part, ignore=leave)


def ccache_folder(ccache):
    """That of the caller."""
    return subprocess.run([ccache, '--get-config', 'cache_dir'], capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip()


def free_ports():
    """A port for each of PORTS, below those that the kernel gives to others: a page may use its own much later."""
    end = int(pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range').read_text().split()[0])
    found = []
    while len(found) < len(PORTS):
        port = random.randrange(10_000, max(end, 20_000))
        if port not in found and is_free(port):
            found.append(port)
    return dict(zip(PORTS, map(str, found)))


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True
