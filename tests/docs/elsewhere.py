"""Commands in blocks `text`. They need a machine of their own, so that other tests run them: in one of their scripts is a line
with all words of the command, in this order. It may have more of them, and a variable or a pattern in the place of a name.

Blocks with kubectl are run as they are printed, by tests/kubernetes, which sees to it that it runs all of them.
"""
import fnmatch
import re
import shlex

COMMAND = re.compile(r'^(?:apt|docker|docker-compose|futuredctl) ')
COMPOSE = ('docker-compose', '-f', 'deploy/compose.yaml')
SCRIPTS = ('deploy/docker-test', 'deploy/deb-test*', 'tests/docker/*.sh')


def faults_of_commands(page, root):
    """(line, text) of each command that no script has."""
    scripts = [patterns for name in SCRIPTS for path in sorted(root.glob(name)) for patterns in lines_of(path.read_text())]
    for line, command in commands_of(page):
        if not any(is_run_by(command, patterns) for patterns in scripts):
            yield line, f'no test runs {command}'


def commands_of(page):
    """(line, text) of each."""
    for block in page.blocks:
        if block.language == 'text' and 'kubectl' not in block.text:
            for number, text in enumerate(block.text.split('\n')):
                if COMMAND.match(text):
                    yield block.line + number, text


def lines_of(script):
    """The words of each line, as patterns of fnmatch."""
    for line in script.replace('\\\n', ' ').split('\n'):
        bare = re.sub(r'"?\$\(|\)"?', ' ', line)
        try:
            words = shlex.split(bare, comments=True)
        except ValueError:  # A quotation that goes over several lines.
            words = bare.split()
        yield [re.sub(r'\$\{[^}]*\}|\$\w+', '*', word) for word in words]


def is_run_by(command, patterns):
    words = shlex.split(command, comments=True)
    if tuple(words[:3]) == COMPOSE:
        words[:3] = ['compose']
    return words[0] in patterns and are_in(words[1:], patterns[patterns.index(words[0]) + 1:])


def are_in(words, patterns):
    """In this order."""
    left = iter(patterns)
    return all(any(is_same(word, pattern) for pattern in left) for word in words)


def is_same(word, pattern):
    """Folders do not count. A variable alone stands for what is to be put in, which a page writes in capitals."""
    pattern = pattern.split('/')[-1]
    if pattern == '*':
        return word.isupper()
    return fnmatch.fnmatchcase(word.split('/')[-1], pattern)
