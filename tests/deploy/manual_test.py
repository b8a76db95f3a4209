"""The manual pages name every option and key that the programs have, and no other.

Usage: manual_test.py FOLDER_OF_PAGES FUTURED FUTUREDCTL
"""
import gzip
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

FOLDER, FUTURED, FUTUREDCTL = sys.argv[1:4]
PATIENCE = 60
PAGES = ('futured.8', 'futured.toml.5', 'futuredctl.1')
OPTION = re.compile(r'^  (-[^ ]*)', re.MULTILINE)


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout


def page(name):
    """Without the marks of fonts, and with dashes as they are typed."""
    text = gzip.decompress(pathlib.Path(FOLDER, name + '.gz').read_bytes()).decode()
    return re.sub(r'\\f[BIR]', '', text).replace('\\-', '-').replace('\\e', '\\')


def options_in_help(*command):
    text = run(*command, '--help')
    return [name.partition('{')[0] for names in OPTION.findall(text) for name in names.split(',')]


def entries(text):
    """The names of a page's lists: what stands behind .TP, as far as it is an option."""
    found = re.findall(r'^\.TP\n(-[^\n]*)', text, re.MULTILINE)
    return [name for entry in found for name in re.match(r'(-[^\s,]+(?:, -[^\s,]+)*)', entry).group(1).split(', ')]


def commands(*command):
    """All commands below, as lists of words."""
    listed = re.search(r'\nSubcommands:\n((?:  .*\n)*)', run(*command, '--help'))
    for line in listed.group(1).splitlines() if listed else ():
        yield [*command, line.split()[0]]
        yield from commands(*command, line.split()[0])


class OptionsTest(unittest.TestCase):
    def test_of_the_daemon_are_in_its_page(self):
        self.assertEqual(entries(page('futured.8')), options_in_help(FUTURED))

    def test_of_futuredctl_are_in_its_page(self):
        head = page('futuredctl.1').partition('.SH COMMANDS')[0]
        self.assertEqual(entries(head), options_in_help(FUTUREDCTL))

    def test_of_each_command_are_in_its_section(self):
        sections = {}
        for text in page('futuredctl.1').partition('.SH COMMANDS')[2].partition('\n.SH ')[0].split('.SS futuredctl ')[1:]:
            sections[re.match(r'[a-z -]*[a-z]', text.partition(' [')[0]).group(0)] = text
        expected = {' '.join(command[1:]): command for command in commands(FUTUREDCTL)}
        self.assertEqual(sorted(sections), sorted(expected))
        for name, command in expected.items():
            with self.subTest(name):
                self.assertEqual(entries(sections[name]), options_in_help(*command))


class KeysTest(unittest.TestCase):
    def test_are_those_of_the_configuration(self):
        keys = re.findall(r'^(?:# )?([a-z_]+) = ', run(FUTURED, '--print-config').partition('\n[')[0], re.MULTILINE)
        general = page('futured.toml.5').partition('.SH KEYS')[2].partition('.SS')[0]
        self.assertEqual(re.findall(r'^\.TP\n([a-z_]+)', general, re.MULTILINE), keys)

    def test_each_has_a_description(self):
        entries_with_text = re.findall(r'^\.TP\n[a-z_]+.*\n[^.\n]', page('futured.toml.5'), re.MULTILINE)
        self.assertEqual(len(entries_with_text), page('futured.toml.5').count('\n.TP\n'))

    def test_nothing_of_this_machine_is_in_a_page(self):
        for name in PAGES:
            self.assertNotIn(str(pathlib.Path(FUTURED).parent), page(name))


class FormTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which('groff'), 'there is no groff')
    def test_groff_has_no_objection(self):
        for name in PAGES:
            done = subprocess.run(['groff', '-man', '-Kutf8', '-Tutf8', '-ww', '-z'], capture_output=True, timeout=PATIENCE,
                                  input=gzip.decompress(pathlib.Path(FOLDER, name + '.gz').read_bytes()))
            self.assertEqual((done.returncode, done.stderr.decode()), (0, ''), name)

    def test_nothing_of_the_templates_is_left(self):
        for name in PAGES:
            self.assertNotRegex(page(name), r'@[a-zA-Z]+@')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
