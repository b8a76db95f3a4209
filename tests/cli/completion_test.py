"""Completion of command lines: what futuredctl says may follow, and what the shells make of it."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

from harness import OK, PATIENCE, CliTest, environment

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / 'client/cli/completion'


class CompletionTest(CliTest):
    daemon_flags = ('--executor=first.kind=thread', '--executor=second.kind=thread')

    def candidates(self, *words):
        """Without their help."""
        out = self.check(self.run_ctl('complete', '--', *words), OK).out
        return [line.partition('\t')[0] for line in out.splitlines()]

    def help(self, *command):
        return self.check(self.run_ctl(*command, '--help'), OK).out

    def commands_in_help(self, *command):
        listed = re.search(r'\nSubcommands:\n((?:  .*\n)*)', self.help(*command))
        return [line.split()[0] for line in listed.group(1).splitlines()] if listed else []

    def options_in_help(self, *command):
        return set(re.findall(r'^  (?:-\w,)?(--[a-z-]+)', self.help(*command), re.MULTILINE))

    def all_commands(self, *command):
        for name in self.commands_in_help(*command):
            yield (*command, name)
            yield from self.all_commands(*command, name)


class CandidatesTest(CompletionTest):
    def test_are_the_commands_of_the_help(self):
        self.assertEqual(self.candidates(''), self.commands_in_help())
        self.assertEqual(self.candidates('token', ''), self.commands_in_help('token'))

    def test_are_the_options_of_the_help_and_those_of_what_is_above(self):
        self.assertEqual(set(self.candidates('--')), self.options_in_help())
        for command in self.all_commands():
            with self.subTest(command):
                above = (command[:length] for length in range(len(command) + 1))
                expected = set().union(*(self.options_in_help(*words) for words in above))
                self.assertEqual(set(self.candidates(*command, '--')), expected)

    def test_have_their_help(self):
        self.assertIn('submit\tCall a function\n', self.run_ctl('complete', '--', '').out)

    def test_of_a_choice_are_its_words(self):
        self.assertEqual(self.candidates('--output', ''), ['text', 'json'])
        self.assertEqual(self.candidates('list', '--output=j'), ['--output=text', '--output=json'])
        self.assertEqual(self.candidates('--address', ''), [])

    def test_are_functions_of_the_daemon(self):
        functions = self.candidates('submit', '')
        self.assertIn('test.echo', functions)
        self.assertEqual(self.candidates('map', ''), functions)
        self.assertEqual(self.candidates('list', '--function', ''), functions)
        self.assertEqual(self.candidates('submit', 'test.echo', ''), [])

    def test_are_executors_of_the_daemon(self):
        self.assertEqual(self.candidates('submit', '--executor', ''), ['first', 'second'])
        self.assertEqual(self.candidates('executors', 'pause', ''), ['first', 'second'])

    def test_come_from_the_daemon_that_the_line_names(self):
        self.assertEqual(self.candidates('--address=127.0.0.1:1', 'submit', '--executor', ''), [])
        self.assertEqual(self.candidates('--address', '127.0.0.1:1', '--help', 'submit', '--executor', ''), [])

    def test_are_files_where_a_file_is_meant(self):
        self.assertEqual(self.candidates('map', 'test.echo', '--items', ''), [':files'])
        self.assertEqual(self.candidates('backup', ''), [':files'])

    def test_are_none_where_nothing_is_known(self):
        self.assertEqual(self.candidates('no-such-command', '--no-such-option=x'), [])
        self.assertEqual(self.candidates('submit', '--', 'test.echo', '--'), [])


class ShellTest(CompletionTest):
    def run_shell(self, *command):
        path = os.pathsep.join([str(self.directory), os.environ['PATH']])
        (self.directory / 'futuredctl').symlink_to(os.environ['FUTUREDCTL'])
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=self.directory,
                              env=environment(FUTURED_ADDRESS=self.daemon.address, PATH=path, HOME=str(self.directory)))
        (self.directory / 'futuredctl').unlink()
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return done.stdout.split()

    def bash(self, line):
        """What bash would put in the place of the last word, or of its part behind the last '='."""
        return self.run_shell('bash', '--norc', '-c',
                              f'. {SCRIPTS}/futuredctl.bash; COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}; '
                              '_futuredctl; printf "%s\\n" "${COMPREPLY[@]}"')

    def fish(self, line):
        lines = self.run_shell('fish', '--no-config', '-c',
                               f'source {SCRIPTS}/futuredctl.fish; complete -C {shlex.quote(line)} | string split -f1 \\t')
        return lines

    def zsh(self, *words):
        """All that the function gives to zsh, which chooses."""
        return self.run_shell('zsh', '-f', '-c',
                              'compadd() { print -rl -- $candidates }; _files() { print files }; compset() { : }; '
                              f'words=(futuredctl {" ".join(map(shlex.quote, words))}); CURRENT=$#words; '
                              f'. {SCRIPTS}/futuredctl.zsh')

    def test_bash_completes_commands(self):
        self.assertEqual(self.bash('futuredctl '), self.commands_in_help())
        self.assertEqual(self.bash('futuredctl as-'), ['as-completed'])
        self.assertEqual(self.bash('futuredctl --output json executors p'), ['pause'])

    def test_bash_completes_options(self):
        self.assertEqual(set(self.bash('futuredctl --')), self.options_in_help())
        self.assertEqual(self.bash('futuredctl cancel --gr'), ['--grace'])

    def test_bash_completes_values(self):
        self.assertEqual(self.bash('futuredctl list --output=j'), ['json'])
        self.assertEqual(self.bash('futuredctl list --output j'), ['json'])
        self.assertEqual(self.bash('futuredctl submit test.ec'), ['test.echo'])

    def test_bash_completes_files(self):
        (self.directory / 'numbers.txt').touch()
        self.assertEqual(self.bash('futuredctl map test.echo --items num'), ['numbers.txt'])
        self.assertEqual(self.bash('futuredctl map test.echo --items=num'), ['numbers.txt'])

    @unittest.skipUnless(shutil.which('fish'), 'there is no fish')
    def test_fish_completes(self):
        self.assertEqual(self.fish('futuredctl as-'), ['as-completed'])
        self.assertEqual(self.fish('futuredctl cancel --gr'), ['--grace'])
        self.assertEqual(self.fish('futuredctl submit test.ec'), ['test.echo'])

    @unittest.skipUnless(shutil.which('zsh'), 'there is no zsh')
    def test_zsh_completes(self):
        self.assertEqual(self.zsh(''), self.commands_in_help())
        self.assertEqual(self.zsh('submit', '--executor', ''), ['first', 'second'])
        self.assertEqual(self.zsh('backup', ''), ['files'])


if __name__ == '__main__':
    unittest.main()
