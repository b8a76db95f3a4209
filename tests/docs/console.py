"""Blocks of commands with what they print, as a terminal shows them."""
import dataclasses
import re
import subprocess

PROMPT = '$ '
ANYTHING = '…'


@dataclasses.dataclass
class Command:
    """`expected`: what it prints; None: that is not shown, so it may print anything and must succeed."""
    text: str
    line: int
    expected: str = None


def is_complete(text):
    """Whether a shell has all of a command, or waits for the rest of a quotation or of a loop."""
    checked = subprocess.run(['bash', '-n'], input=text + '\n', capture_output=True, text=True, timeout=30)
    waits = ('unexpected EOF', 'unexpected end', 'here-document')
    return not text.endswith('\\') and not any(sign in checked.stderr for sign in waits)


def commands_of(block):
    """The commands of a `console` block; ValueError for one that begins with something else."""
    commands, lines = [], block.text.rstrip('\n').split('\n')
    at = 0
    while at < len(lines):
        if lines[at].startswith(PROMPT):
            text, line = lines[at][len(PROMPT):], block.line + at
            while not is_complete(text) and at + 1 < len(lines):
                at += 1
                text += '\n' + lines[at]
            commands.append(Command(text, line))
        elif not commands:
            raise ValueError(f'a console block begins with "{PROMPT}", not with {lines[at]!r}')
        else:
            commands[-1].expected = (commands[-1].expected or '') + lines[at] + '\n'
        at += 1
    return commands


def pattern_of(expected):
    """A line that is `…` alone stands for any lines, `…` within a line for any text. Of white space within a line only
    counts that there is some."""
    parts = []
    for line in spaced(expected).split('\n'):
        if line == ANYTHING:
            parts.append(r'(?:.*\n)*?')
        else:
            parts.append(r'[^\n]*'.join(re.escape(part) for part in line.split(ANYTHING)) + r'\n')
    return re.compile(''.join(parts))


def spaced(text):
    return '\n'.join(re.sub(r'[ \t]+', ' ', line).rstrip() for line in text.rstrip('\n').split('\n'))


def is_as_expected(expected, printed):
    return pattern_of(expected).fullmatch(spaced(printed) + '\n') is not None
