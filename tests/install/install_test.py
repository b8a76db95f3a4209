#!/usr/bin/env python3
"""Installs a build into an empty prefix, builds the project beside this file against it, and has the installed daemon
run the project's function, in a thread and in an installed worker process.

Usage: install_test.py BUILD_DIR [CMAKE_OPTION…]   (options for configuring the project)
"""
import contextlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parent / 'project'


def run(*command):
    """Runs a command that must succeed; its output is shown only if it does not. Returns it."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=240)
    if done.returncode != 0:
        sys.exit(f'{" ".join(map(str, command))}: exit code {done.returncode}\n{done.stdout}')
    return done.stdout


@contextlib.contextmanager
def daemon(program, plugin, folder):
    """The address of a running daemon, which must end with exit code 0 when asked to."""
    port_file = folder / 'address'
    command = [str(program), '--listen=127.0.0.1:0', '--http-listen=off', f'--port-file={port_file}', f'--plugins={plugin}',
               f'--data-dir={folder}/data', '--executor=thread.kind=thread', '--executor=cpu.kind=process']
    process = subprocess.Popen(command)
    try:
        yield address_in(port_file, process)
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=60) != 0:
            sys.exit(f'{program}: exit code {process.returncode} after SIGTERM')
    finally:
        process.kill()
        process.wait()


def address_in(port_file, process):
    """Waits for the daemon to say where it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists() and port_file.read_text().endswith('\n'):
            return port_file.read_text().strip()
        time.sleep(0.02)
    sys.exit(f'the daemon wrote no {port_file}; exit code: {process.returncode}')


def main():
    build, options = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prefix, outside = folder / 'prefix', folder / 'build'
        run('cmake', '--install', build, '--prefix', prefix)
        run('cmake', '-S', PROJECT, '-B', outside, f'-DCMAKE_PREFIX_PATH={prefix}', *options)
        run('cmake', '--build', outside)
        with daemon(prefix / 'bin/futured', outside / 'libgreeting_plugin.so', folder) as address:
            answer = run(outside / 'greet', address, 'world')
            if answer != 'Hello, world!\n':
                sys.exit(f'the caller printed {answer!r}')
            answer = run(prefix / 'bin/futuredctl', f'--address={address}', 'submit', '--executor=cpu', '--wait',
                         'greeting.greet', 'worker')
            if answer != '"Hello, worker!"\n':
                sys.exit(f'a worker process answered {answer!r}')


if __name__ == '__main__':
    main()
