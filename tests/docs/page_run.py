"""One page, run from its first block to its last."""
import re
import time

import console
import data_blocks
from place import ROOT, free_ports
from python_session import Session
from shell import Shell, ShellError

RUNS = ('console', 'sh', 'python')
# Keys of a configuration that is a file of the page: then no variable must outrank them.
KEYS = {'listen': 'FUTURED_LISTEN', 'http_listen': 'FUTURED_HTTP_LISTEN', 'data_dir': 'FUTURED_DATA_DIR'}


class PageRun:
    """`faults` has (line, text) of what went wrong, `times` (text, seconds) of the watches. A page ends at its first
    block of commands that fails, as what follows depends on it."""

    def __init__(self, page, name, place, targets):
        self._page, self._name, self._place, self._targets = page, name, place, targets
        self._folder = place.folder / 'pages' / re.sub(r'\W', '-', name)
        self._ports = free_ports()
        self._shell = self._python = None
        self._watch = None
        self.faults, self.times, self.commands = [], [], 0

    def run(self):
        """All of it."""
        self._folder.mkdir(parents=True)
        self._place.clone(self._folder)
        self._variables = self._place.variables_for(self._folder, self._ports)
        for block in self._page.blocks:
            if block.file and block.language == 'toml':
                for key, variable in KEYS.items():
                    if re.search(rf'^{key}\s*=', block.text, re.MULTILINE):
                        self._variables.pop(variable, None)
        try:
            for block in self._page.blocks:
                before = len(self.faults)
                self._run_block(block)
                if len(self.faults) > before and block.language in RUNS and not block.file:
                    break
        finally:
            for process in (self._python, self._shell):
                if process:
                    process.close()
        return self

    def _run_block(self, block):
        if block.run_by:
            if block.run_by not in self._targets:
                self._fail(block.line - 1, f'there is no make {block.run_by}')
        elif block.language == 'time':
            self._time(block.text)
        elif block.file:
            self._write(block)
        elif block.language in ('console', 'sh'):
            self._run_commands(block)
        elif block.language == 'python':
            self._run_python(block)
        elif block.language in data_blocks.CHECKS:
            self._check(block)
        elif block.language == 'text':
            self._check_text(block)
        elif block.language != 'cpp':
            self._fail(block.line - 1, f'nobody checks a block {block.language!r}')

    def _write(self, block):
        (self._folder / block.file).write_text(self._with_ports(block.text))
        # cmake is told a folder.
        known_as = 'cmake' if block.file == 'CMakeLists.txt' else block.file.split('.')[0]
        if not any(known_as in other.text for other in self._page.blocks if other is not block):
            self._fail(block.line, f'nothing on this page uses {block.file}')
        if block.language == 'python':
            try:
                compile(block.text, block.file, 'exec')
            except SyntaxError as error:
                self._fail(block.line + error.lineno - 1, str(error))

    def _run_commands(self, block):
        try:
            commands = console.commands_of(block) if block.language == 'console' else scripts_of(block)
        except ValueError as error:
            self._fail(block.line, str(error))
            return
        for command in commands:
            if not self._run_command(command):
                break

    def _run_command(self, command):
        if re.match(r'(sudo )?make ', command.text):
            return self._is_target(command)
        self._shell = self._shell or Shell(self._folder, self._variables, self._folder / '.address')
        self.commands += 1
        try:
            output, code = self._shell.run(self._with_ports(command.text))
        except ShellError as error:
            return self._fail(command.line, str(error))
        if command.expected is None and code != 0:
            return self._fail(command.line, f'exit code {code}\n{output}{self._shell.logs()}')
        # What a program says of its defaults names the usual ports.
        wanted = [command.expected, self._with_ports(command.expected or '')]
        if command.expected is not None and not any(console.is_as_expected(one, output) for one in wanted):
            return self._fail(command.line, f'it printed\n{output.rstrip()}\nnot\n{command.expected.rstrip()}')
        return True

    def _is_target(self, command):
        """What the Makefile has is not run: most of it takes minutes, and tests itself."""
        words = command.text.split('#')[0].split()
        for target in words[words.index('make') + 1:]:
            if '=' not in target and target not in self._targets:
                return self._fail(command.line, f'there is no make {target}')
        return True

    def _run_python(self, block):
        self._python = self._python or Session(str(self._place.python), self._folder, self._variables)
        self.commands += 1
        _, error = self._python.run(self._with_ports(block.text), self._name, block.line)
        if error:
            lines = re.findall(rf'"{re.escape(self._name)}", line (\d+)', error)
            self._fail(int(lines[-1]) if lines else block.line, error)

    def _check(self, block):
        try:
            data_blocks.CHECKS[block.language](block.text, self._place)
        except Exception as error:  # Whatever a parser raises.
            self._fail(block.line, f'{block.language}: {error}')

    def _check_text(self, block):
        """Nobody runs it here: so the page names the target, or the test, that does."""
        if re.search(r'^\$ ', block.text, re.MULTILINE):
            self._fail(block.line, 'commands are a block `console`, which is run')
        codes = [code for code, _ in self._page.codes()]
        named = {target for code in codes for target in re.findall(r'^(?:sudo )?make ([a-z0-9-]+)', code)}
        tests = [code for code in codes if code.startswith('tests/') and (ROOT / code).is_file()]
        if not named & self._targets and not tests:
            self._fail(block.line, 'a page with a block `text` names the `make` target or the test that runs what it says')

    def _time(self, text):
        if text:
            self._watch = (text, time.monotonic())
        else:
            self.times.append((self._watch[0], time.monotonic() - self._watch[1]))

    def _with_ports(self, text):
        return re.sub(rf'(?<=[:=])({"|".join(self._ports)})\b', lambda port: self._ports[port.group()], text)

    def _fail(self, line, text):
        self.faults.append((line, text))
        return False


def scripts_of(block):
    """The commands of an `sh` block: all must succeed."""
    commands, text, line = [], '', block.line
    for number, part in enumerate(block.text.rstrip('\n').split('\n')):
        text = f'{text}\n{part}' if text else part
        if console.is_complete(text):
            if text.strip():
                commands.append(console.Command(text, line))
            text, line = '', block.line + number + 1
    if text:
        raise ValueError(f'this command has no end: {text}')
    return commands
