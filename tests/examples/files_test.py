"""map_files, done_callbacks; file.read."""
import unittest

from examples import ExampleTest


class FileExample(ExampleTest):
    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path


class MapFiles(FileExample):
    def test_counts_in_the_order_of_the_files(self):
        files = [self.file(f'{i}.txt', 'word\n' * i) for i in (3, 1, 2, 0)]
        result = self.check(self.run_example('map_files', *files), 0)
        rows = [line.split() for line in result.out.splitlines()]
        self.assertEqual(rows, [[str(i), str(i), str(5 * i), str(file)] for i, file in zip((3, 1, 2, 0), files)]
                         + [['6', '6', '30', 'total']])

    def test_a_missing_file_ends_it_when_its_turn_comes(self):
        missing = self.directory / 'missing'
        result = self.check(self.run_example('map_files', self.file('a', 'one two'), missing, self.file('b', '')), 1)
        self.assertEqual(result.out.split(), ['0', '2', '7', str(self.directory / 'a')])
        self.assertIn(f'cannot read {missing}: No such file or directory', result.err)

    def test_finds_files_of_its_own_directory(self):
        self.file('here', 'a b c')
        result = self.check(self.run_example('map_files', 'here', cwd=self.directory), 0)
        self.assertIn(f'{self.directory / "here"}\n', result.out)


class DoneCallbacks(FileExample):
    def test_tells_of_each_file_and_of_a_callback_that_fails(self):
        missing = self.directory / 'missing'
        one, two = self.file('one', 'a'), self.file('two', 'a b')
        result = self.check(self.run_example('done_callbacks', one, missing, two), 0)
        lines = result.out.splitlines()
        self.assertEqual(sorted(lines[:3]), sorted([
            f'{one}: 1 words', f'{two}: 2 words',
            f'a callback threw: cannot read {missing}: No such file or directory']))
        self.assertEqual(lines[3:], ['together: 3 words'])


class Read(FileExample):
    def test_reads_a_file(self):
        result = self.check(self.run_ctl('submit', 'file.read', self.file('a', 'hello'), '--wait'), 0)
        self.assertEqual(self.json_lines(result.out), [{'base64': 'aGVsbG8='}])


if __name__ == '__main__':
    unittest.main()
