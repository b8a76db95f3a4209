"""primes, progress_bar, batches."""
import os
import pty
import unittest

from examples import PATIENCE, ExampleTest

PRIMES = [2, 142702110479723, 299593572317531, 3333333333333301, 4444444444444423, 5555555555555503, 6666666666666719,
          7777777777777753, 9999999999999917]


class Primes(ExampleTest):
    def test_the_table_is_in_order_and_right(self):
        result = self.check(self.run_example('primes'), 0)
        lines = result.out.splitlines()
        numbers = [int(line.split()[0]) for line in lines[:20]]
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual((numbers[0], numbers[-1], len(numbers)), (2, 9999999999999999, 20))
        self.assertEqual([int(line.split()[0]) for line in lines[:20] if 'prime' in line], PRIMES)
        self.assertRegex(lines[20], '^9 primes in ')


class ProgressBar(ExampleTest):
    def test_draws_nothing_into_a_pipe(self):
        result = self.check(self.run_example('progress_bar', '--first', 0, 100), 0)
        self.assertEqual((result.out, result.err), ('25 of 100 numbers from 0 are prime\n', ''))

    def test_draws_a_bar_on_a_terminal_and_takes_it_away(self):
        main, other = pty.openpty()
        self.addCleanup(os.close, main)
        process = self.begin('progress_bar', '--first', 0, 100, stderr=other)
        os.close(other)
        process.communicate(timeout=PATIENCE)
        text = self.read_terminal(main)
        self.assertIn('] 0/100', text)
        self.assertIn('[' + 40 * '#' + '] 100/100', text)
        self.assertTrue(text.endswith('\r\033[K'), text)


class Follow(ExampleTest):
    def test_shows_how_far_it_is_and_the_result(self):
        result = self.check(self.run_example('follow', 9999999999999937), 0)
        self.assertEqual(result.out, '9999999999999937 is prime: true\n')
        self.assertRegex(result.err, r'^( *\d+ %\n)*$')


class Batches(ExampleTest):
    def test_the_sum_is_right_for_every_size_of_batch(self):
        for size, batches in ((1, 100), (7, 15), (100, 1), (1000, 1)):
            result = self.check(self.run_example('batches', '--size', size, 100), 0)
            self.assertIn('the sum of the squares of 1 to 100 is 338350\n', result.out)
            self.assertIn(f'\n{batches} batches of {size} in ', result.out)

    def test_a_million_numbers(self):
        result = self.check(self.run_example('batches'), 0)
        self.assertIn(f' is {sum(n * n for n in range(1_000_001))}\n', result.out)


if __name__ == '__main__':
    unittest.main()
