"""Options, variables, metrics, reasons, calls: what pages name exists, and what exists is in the reference."""
import functools
import re
import subprocess

# Of other programs.
FOREIGN_FLAGS = {'--break-system-packages', '--system-site-packages', '--build', '--prefix', '--verbose', '--gtest_filter'}
FOREIGN_NAMES = {'real_ip', 'too_many_pings'}
NAME = re.compile(r'^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+)$')
FLAG = re.compile(r'^--[a-z][a-z-]*')
VARIABLE = re.compile(r'\bFUTURED_[A-Z][A-Z_]*[A-Z]\b')
SOURCES = ('client', 'cmake', 'deploy', 'examples', 'proto', 'server', 'task', 'tests', 'Makefile', 'CMakeLists.txt')
SUFFIXES = {'.h', '.cc', '.py', '.proto', '.cmake', '.txt', '.toml', '.yaml', '.in', '.sh', '.conf', '.service', '.ts', ''}


class Known:
    """What there is: read from the sources, and asked of the programs, which are looked for in `place`."""

    def __init__(self, root, place):
        self._root, self._place = root, place

    @functools.cached_property
    def words(self):
        """All words of the sources."""
        found = set()
        for path in self._files():
            found.update(re.findall(r'\w+', path.read_text(errors='replace')))
        return found

    @functools.cached_property
    def metrics(self):
        return set(re.findall(r'^\| `(futured_\w+)`', (self._root / 'docs/metrics.md').read_text(), re.MULTILINE))

    @functools.cached_property
    def reasons(self):
        return {name for name, _ in self.reasons_with_codes}

    @functools.cached_property
    def reasons_with_codes(self):
        text = (self._root / 'proto/futured/v1/errors.proto').read_text()
        row = re.compile(r'^  // ([A-Z_]+); (?:(?!ERROR_REASON).|\n)*?^  ERROR_REASON_(\w+) = [1-9]', re.MULTILINE)
        described = row.findall(text)
        return {(name, code) for code, name in described}

    @functools.cached_property
    def calls(self):
        text = ''.join(path.read_text() for path in sorted((self._root / 'proto/futured/v1').glob('*.proto')))
        return set(re.findall(r'^  rpc (\w+)\(', text, re.MULTILINE))

    @functools.cached_property
    def client_variables(self):
        """Those that the SDKs and futuredctl read."""
        files = [path for path in self._files() if path.is_relative_to(self._root / 'client')]
        return set(re.findall(r'"(FUTURED_[A-Z_]+)"', ''.join(path.read_text() for path in files)))

    @functools.cached_property
    def flags(self):
        helps = [self.help('futured')] + [self.help('futuredctl', *command) for command in self.commands()]
        quoted = [re.findall(r'["\'](--[a-z][a-z-]*)', path.read_text(errors='replace')) for path in self._files()]
        return set(re.findall(r'--[a-z][a-z-]*', ''.join(helps))).union(FOREIGN_FLAGS, *quoted)

    def commands(self):
        """The commands of futuredctl with their own, each a list; the first is empty."""
        found = [[]]
        for command in found:
            _, _, listed = self.help('futuredctl', *command).partition('\nSubcommands:\n')
            found += [[*command, name] for name in re.findall(r'^  (\w[\w-]*) ', listed.partition('\n\n')[0], re.MULTILINE)]
        return found

    @functools.cache
    def help(self, program, *arguments):
        return self._output([program, *arguments, '--help'])

    def keys(self):
        """The keys of executors and of functions."""
        file = self._place.folder / 'every-key.toml'
        file.write_text('[executors.a]\nkind = "thread"\n[executors.b]\nkind = "process"\n'
                        '[functions.c]\nexecutor = "b"\ncommand = ["true"]\n')
        shown = self._output(['futured', f'--config={file}', '--print-config']).partition('[executors')[2]
        return set(re.findall(r'^(?:# )?([a-z_]+) =', shown, re.MULTILINE))

    def identity_keys(self):
        text = (self._root / 'server/security/identities.cc').read_text()
        return {'limits', *re.findall(r'(?:limit_key|list_key|\{)\(?"(\w+)", (?:&|read_)', text)}

    def _output(self, command):
        return subprocess.run(command, env=self._place.variables, capture_output=True, text=True, timeout=60,
                              check=True).stdout

    def _files(self):
        for name in SOURCES:
            top = self._root / name
            for path in [top] if top.is_file() else sorted(top.rglob('*')):
                if path.is_file() and path.suffix in SUFFIXES and 'node_modules' not in path.parts:
                    yield path


def faults_of_names(page, known):
    """Names in code style that nothing has, as (line, text)."""
    text = page.path.read_text()
    reasons = known.reasons | {reason.lower() for reason in known.reasons}
    own = set(re.findall(r'\w+', ''.join(block.text for block in page.blocks)))
    for code, line in page.codes():
        flag = FLAG.match(code)
        if flag and flag.group() not in known.flags:
            yield line, f'nothing has the option {flag.group()}'
        if NAME.match(code) and code not in known.words | known.metrics | reasons | own | FOREIGN_NAMES:
            yield line, f'the sources have no {code}'
    for number, one in enumerate(text.split('\n'), 1):
        for variable in VARIABLE.findall(one):
            if variable not in known.words and variable[len('FUTURED_'):].lower() not in known.words:
                yield number, f'nothing reads the variable {variable}'


def faults_of_reference(root, known):
    """What the reference leaves out, and what it has too much, as (file, text)."""
    folder = root / 'docs/reference'
    configuration = (folder / 'configuration.md').read_text()
    for key in sorted(known.keys()):
        if f'`{key}`' not in configuration:
            yield 'docs/reference/configuration.md', f'the key {key} of executors or functions is missing'
    for key in sorted(known.identity_keys()):
        if f'`{key}`' not in configuration:
            yield 'docs/reference/configuration.md', f'the key {key} of identities is missing'
    for variable in sorted(known.client_variables):
        if f'`{variable}`' not in configuration:
            yield 'docs/reference/configuration.md', f'the variable {variable} is missing'
    rows = set(re.findall(r'^\| `([A-Z_]+)` \| ([A-Z_]+) \|', (folder / 'errors.md').read_text(), re.MULTILINE))
    for reason, code in sorted(rows ^ known.reasons_with_codes):
        yield 'docs/reference/errors.md', f'{reason} with {code} is in one of this page and errors.proto only'
    rows = set(re.findall(r'^\| `(\w+)`', (folder / 'protocol.md').read_text(), re.MULTILINE))
    for call in sorted(rows ^ known.calls):
        yield 'docs/reference/protocol.md', f'{call} is in one of this page and the protocol only'
    shown = (folder / 'cli.md').read_text()
    for command in known.commands():
        if f'$ {" ".join(["futuredctl", *command, "--help"])}\n' not in shown:
            yield 'docs/reference/cli.md', f'futuredctl {" ".join(command)} is missing'
