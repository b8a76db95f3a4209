"""The command line of futuredctl: help, versions, mistakes."""
import re
import subprocess
import unittest

from harness import OK, UNKNOWN_ID, USAGE, CliTest

COMMANDS = ('submit', 'map', 'result', 'wait', 'as-completed', 'cancel', 'retry', 'get', 'list', 'executors',
            'functions', 'health', 'top', 'backup')
CHANGES = ('pause', 'resume', 'drain', 'show', 'end-workers')


class HelpTest(CliTest):
    def help(self, *command):
        text = self.check(self.run_ctl(*command, '--help'), OK).out
        self.assertIn('\nExamples:\n  futuredctl ', text)
        return text

    def test_names_every_command_and_exit_code(self):
        text = self.help()
        for command in COMMANDS:
            self.assertRegex(text, rf'\n  {command} +\w')
        for code in *range(9), '130, 143':
            self.assertRegex(text, rf'\n  {code}  [\w-]')

    def test_of_each_command_has_examples_of_it(self):
        for command in [(command,) for command in COMMANDS] + [('executors', change) for change in CHANGES]:
            with self.subTest(command):
                text = self.help(*command)
                self.assertIn(f'Usage: futuredctl {" ".join(command)} ', text)
                self.assertRegex(text, rf'Examples:\n(.*\n)*.*futuredctl {" ".join(command)}\b')
                self.assertIn('futuredctl --help', text)

    def test_fits_a_terminal_of_120_columns(self):
        for command in [(), *[(command,) for command in COMMANDS]]:
            for line in self.help(*command).splitlines():
                self.assertLessEqual(len(line), 120, line)

    def test_the_options_in_the_examples_are_there(self):
        for command in COMMANDS:
            text = self.help(command)
            options, examples = text.split('Examples:')
            known = set(re.findall(r'--[\w-]+', options + self.help()))
            for words in re.findall(rf'futuredctl {command}\b([^|)#\n]*)', examples):
                self.assertLessEqual(set(re.findall(r'--[\w-]+', words)), known)

    def test_short_form(self):
        self.assertEqual(self.check(self.run_ctl('-h'), OK).out, self.help())
        self.assertEqual(self.check(self.run_ctl('list', '-h'), OK).out, self.help('list'))

    def test_required_words_are_shown_without_brackets(self):
        for command, words in (('submit', 'FUNCTION [ARGUMENT...]'), ('wait', 'ID...'), ('cancel', '[ID...]'),
                               ('result', 'ID'), ('map', 'FUNCTION [ITEM...]')):
            self.assertIn(f'Usage: futuredctl {command} [OPTIONS] {words}\n', self.help(command))

    def test_needs_no_daemon(self):
        self.daemon.stop()
        self.help('list')

    def test_version(self):
        self.assertRegex(self.check(self.run_ctl('--version'), OK).out, r'^futuredctl \d+\.\d+\.\d+\n$')


class MistakesTest(CliTest):
    def test_are_named_and_touch_nothing(self):
        for arguments, words in (
                ((), 'subcommand is required'), (('explode',), "no command 'explode'"), (('list', 'x'), ': x'),
                (('--explode', 'list'), '--explode'), (('list', '--explode'), '--explode'), (('submit',), 'FUNCTION'),
                (('submit', 'test.square', '3', '--wiat'), '--wiat'), (('result',), 'ID'),
                (('result', UNKNOWN_ID, UNKNOWN_ID), UNKNOWN_ID), (('list', '--output', 'xml'), 'xml'),
                (('list', '--timeout', 'soon'), "'soon'"), (('list', '--timeout', '-1s'), "'-1s'"),
                (('list', '--timeout'), '--timeout'), (('list', '--timeout', 'nan'), "'nan'"),
                (('list', '--address', ''), '--address'), (('backup',), 'FILE'), (('backup', ''), 'FILE'),
                (('top', '--interval', '1w'), "'1w'"),
                (('submit', 'test.square', '--retention', ''), '--retention')):
            with self.subTest(arguments):
                result = self.check(self.run_ctl(*arguments), USAGE, '')
                self.assertTrue(result.err.startswith('futuredctl: '), result)
                self.assertIn(words, result.err)
                self.assertIn('--help', result.err)
        self.assertEqual(self.listed(), [])

    def test_the_address_of_a_web_page_is_no_daemon_s(self):
        result = self.check(self.run_ctl('list', '--address', 'http://localhost:7070'), USAGE, '')
        self.assertIn('the address "http://localhost:7070" is no daemon\'s', result.err)

    def test_durations_have_units(self):
        for text in '5', '5s', '5000ms', '0.5m', '1h':
            self.check(self.run_ctl('health', '--timeout', text), OK)

    def test_options_of_all_commands_may_stand_before_and_after(self):
        for words in (('--output', 'json', 'health'), ('health', '--output', 'json')):
            self.assertTrue(self.check(self.run_ctl(*words), OK).out.startswith('{'))

    def test_nothing_is_read_from_a_closed_standard_input(self):
        process = subprocess.Popen(['sh', '-c', '"$@" <&-', 'sh', *self.command('--address', self.daemon.address),
                                    'wait', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        self.check(self.finish(process), USAGE, '')


if __name__ == '__main__':
    unittest.main()
