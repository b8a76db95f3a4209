"""The shell of one page: its commands run one after another, as a reader would type them."""
import os
import re
import select
import signal
import subprocess
import time
import uuid

# A command, and the start of a daemon. Generous, as the machine may be busy; a page that waits so long fails anyway.
PATIENCE = 120.0
BACKGROUND = re.compile(r'&\s*(#.*)?$')


class ShellError(Exception):
    pass


class Shell:
    """Commands in the background write into files, lest their output is taken for that of others. After one that
    starts futured, the next command waits until the daemon serves, as a reader would: `port_file` tells."""

    def __init__(self, folder, environment, port_file):
        self._folder, self._port_file = folder, port_file
        self._logs = []
        self._process = subprocess.Popen(['bash', '--norc', '--noprofile'], cwd=folder, env=environment,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         start_new_session=True)

    def run(self, text):
        """(output, exit code) of a command."""
        if not BACKGROUND.search(text):
            return self._say(text)
        log = self._folder / f'.background-{len(self._logs)}'
        log.touch()
        self._logs.append(log)
        starts_daemon = re.match(r'(\w+=\S+ )*(exec )?futured(\s|$)', text)
        if starts_daemon:
            self._port_file.unlink(missing_ok=True)
        answer = self._say(text, f'>{log} 2>&1')
        if starts_daemon:
            self._wait_for_daemon(log)
        return answer

    def logs(self):
        """What the commands in the background have printed, for those who look for a fault."""
        return ''.join(log.read_text(errors='replace') for log in self._logs if log.exists())

    def close(self):
        """Ends the shell and all that it has started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and self._members():
                time.sleep(0.02)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _members(self):
        self._process.poll()
        try:
            os.killpg(self._process.pid, 0)
            return True
        except ProcessLookupError:
            return False

    def _say(self, text, redirection=''):
        mark = uuid.uuid4().hex
        # What a command reads is not the rest of what we say.
        said = f'{{ {text}\n}} </dev/null {redirection}\nprintf \'\\n%s %d\\n\' {mark} $?\n'
        self._process.stdin.write(said.encode())
        self._process.stdin.flush()
        end = re.compile(rf'\n?\n{mark} (\d+)\n$'.encode())
        heard, deadline = b'', time.monotonic() + PATIENCE
        while not (found := end.search(b'\n' + heard)):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                so_far = heard.decode(errors='replace')
                raise ShellError(f'it has not ended after {PATIENCE:g} s; so far it printed\n{so_far}')
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise ShellError(f'the shell has ended\n{heard.decode(errors="replace")}')
            heard += piece
        output = (b'\n' + heard)[1:found.start()].decode(errors='replace')
        return output, int(found.group(1))

    def _wait_for_daemon(self, log):
        deadline = time.monotonic() + PATIENCE
        while not (self._port_file.exists() and self._port_file.read_text().endswith('\n')):
            if time.monotonic() > deadline or re.search(r'^futured: ', log.read_text(errors='replace'), re.MULTILINE):
                raise ShellError(f'the daemon does not serve\n{log.read_text(errors="replace")}')
            time.sleep(0.01)
