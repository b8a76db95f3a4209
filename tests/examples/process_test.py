"""primes on either executor, run_program, crash: examples/programs.toml; and deploy/futured.toml."""
import pathlib
import re
import unittest

from examples import ExampleTest

ROOT = pathlib.Path(__file__).parents[2]
CRASHED = r'^the crash: WorkerLost: .*SIGSEGV'


class ProcessExample(ExampleTest):
    daemon_flags = (f"--config={ROOT / 'examples/programs.toml'}",)

    def worker_pids(self):
        told, = self.json_lines(self.check(self.run_ctl('executors', 'show', 'cpu', '--output=json'), 0).out)
        return [worker['pid'] for worker in told.get('workers', ())]


class Primes(ProcessExample):
    def table(self, *options):
        """The numbers and verdicts, without what each took."""
        result = self.check(self.run_example('primes', *options), 0)
        self.assertRegex(result.out, r'\n9 primes in [0-9.]+ s\n$')
        return re.sub(r' +[0-9.]+ s$', '', result.out, flags=re.MULTILINE)

    def test_one_option_moves_it_from_threads_to_processes(self):
        on_threads = self.table()
        self.assertEqual(self.worker_pids(), [])
        self.assertEqual(self.table('--executor', 'cpu'), on_threads)
        self.assertNotEqual(self.worker_pids(), [])


class RunProgram(ProcessExample):
    def test_takes_numbers_apart_and_sorts_them(self):
        result = self.check(self.run_example('run_program', 1001, 12, 97), 0)
        self.assertEqual(result.out, '12: 2 2 3\n97: 97\n1001: 7 11 13\n')

    def test_what_the_program_says_of_a_bad_number_is_its_error(self):
        result = self.check(self.run_example('run_program', 4, 'x; echo y', '--', '--help'), 0)
        lines = result.out.splitlines()
        failed = 'failed: ProgramFailed: math.factor exited with code 1:'
        self.assertEqual([lines[0], lines[2], lines[4]], [f'x; echo y: {failed}', f'--help: {failed}', '4: 2 2'])
        self.assertIn('x; echo y', lines[1])
        self.assertIn('--help', lines[3])

    def test_an_executor_without_the_function_is_named(self):
        result = self.check(self.run_example('run_program', 4, '--executor', 'thread'), 1)
        self.assertIn('failed: futured::UnknownFunction: executor "thread" has no function "math.factor"', result.out)
        self.assertIn('text.sort_lines', result.err)


class Crash(ProcessExample):
    def test_harms_nobody(self):
        result = self.check(self.run_example('crash'), 0)
        others, crash = result.out.splitlines()
        self.assertEqual(others, '1 of 20 numbers from 9999999999999900 are prime')
        self.assertRegex(crash, CRASHED)

    def test_again_and_again(self):
        for _ in range(5):
            self.check(self.run_example('crash'), 0)
        self.check(self.run_ctl('health'), 0)

    def test_does_not_crash_a_daemon(self):
        result = self.check(self.run_example('crash', '--executor', 'thread'), 0)
        self.assertIn('the crash: std::runtime_error: this is no worker process', result.out)
        self.check(self.run_ctl('health'), 0)


class DeployedConfiguration(ExampleTest):
    daemon_flags = (f"--config={ROOT / 'deploy/futured.toml'}",)

    def submit_to_processes(self, *arguments):
        return self.run_ctl('submit', '--executor=cpu', '--wait', *arguments)

    def test_its_programs_run(self):
        self.check(self.submit_to_processes('math.factor', 12), 0, '"12: 2 2 3\\n"\n')
        self.check(self.submit_to_processes('text.count_bytes', 'h\u00e9llo'), 0, '6\n')
        self.assertIn('is not a valid positive integer', self.submit_to_processes('math.factor', 'x').err)

    def test_its_sandbox_is_shown(self):
        told, = self.json_lines(self.check(self.run_ctl('executors', 'show', 'cpu', '--output=json'), 0).out)
        self.assertRegex(told['sandbox'], '^basic: .*memory')


if __name__ == '__main__':
    unittest.main()
