"""Arguments and results of futuredctl: JSON, texts, bytes."""
import json
import unittest

from harness import OK, TASK_FAILED, USAGE, CliTest


class ValuesTest(CliTest):
    def echo(self, *arguments):
        return self.check(self.run_ctl('submit', 'test.echo', '--wait', *arguments), OK).out

    def test_json_of_every_type_comes_back_as_it_went(self):
        for text in ('null', 'true', 'false', '0', '97', '9223372036854775807', '18446744073709551615', '0.5', '1e+300',
                     '""', '"97"', '"a \\"quoted\\" text"', '"\\n"', '"\u00e4\u20ac"', '[]', '[1,2]',
                     '[null,[true,"x"]]', '{}', '{"a":1,"b":[{"c":null}]}', '{"base64":"aGk="}', '{"base64":""}',
                     '{"base64":5}'):
            with self.subTest(text):
                self.assertEqual(self.echo(text), text + '\n')

    def test_negative_numbers_are_no_options(self):
        self.assertEqual(self.echo('-5'), '-5\n')
        self.assertEqual(self.echo('-0.5'), '-0.5\n')
        self.assertEqual(self.echo('-9223372036854775808'), '-9223372036854775808\n')

    def test_json_may_have_blanks(self):
        self.assertEqual(self.echo('[1, 2]'), '[1,2]\n')
        self.assertEqual(self.echo(' {"a" : [ 1 ]} '), '{"a":[1]}\n')

    def test_whole_numbers_beyond_64_bits_are_doubles(self):
        self.assertEqual(json.loads(self.echo('99999999999999999999999')), 1e23)

    def test_what_is_no_json_is_a_text(self):
        for text in 'hello', '1 2', '[1', 'NaN', 'a\nb', "'x'", '-', '=', 'a=b', '':
            with self.subTest(text):
                self.assertEqual(json.loads(self.echo(text)), text)

    def test_after_two_dashes_everything_is_an_argument(self):
        for text in '-x', '--wait', '--':
            with self.subTest(text):
                self.assertEqual(json.loads(self.echo('--', text)), text)

    def test_string_takes_everything_as_text(self):
        for text in '97', 'null', '[1, 2]', '{"base64":"aGk="}':
            with self.subTest(text):
                self.assertEqual(json.loads(self.echo('--string', text)), text)

    def test_brackets_and_commas_stay_together(self):
        self.assertEqual(json.loads(self.echo('--string', '[a,b]')), '[a,b]')
        self.assertEqual(json.loads(self.echo('[a,b]')), '[a,b]')

    def test_raw_prints_texts_and_bytes_as_they_are(self):
        self.assertEqual(self.echo('--raw', 'a\nb'), 'a\nb')
        process = self.start('submit', 'test.echo', '--wait', '--raw', '{"base64":"AP8K"}')
        self.assertEqual(process.communicate(timeout=30)[0], b'\x00\xff\n')
        self.assertEqual(self.echo('--raw', '[1, 2]'), '[1,2]\n')

    def test_result_has_raw_too(self):
        future = self.submit('test.echo', 'text')
        self.check(self.run_ctl('result', future), OK, '"text"\n')
        self.check(self.run_ctl('result', '--raw', future), OK, 'text')

    def test_texts_are_printed_harmless_for_a_terminal(self):
        self.assertEqual(self.echo('"\\u001b[31m\\u007f\\u202e"'), '"\\u001b[31m\\u007f\\u202e"\n')

    def test_the_deepest_json_comes_back(self):
        text = '[' * 30 + ']' * 30
        self.assertEqual(self.echo(text), text + '\n')

    def test_what_is_no_value_is_usage(self):
        for text, word in (('{"base64":"*"}', 'base64'), ('[' * 1000 + ']' * 1000, 'deeper'), (b'\xff', 'UTF-8')):
            with self.subTest(word):
                result = self.check(self.run_ctl('submit', 'test.echo', text), USAGE, '')
                self.assertIn(word, result.err)
        self.assertEqual(self.listed(), [])

    def test_many_arguments_keep_their_order(self):
        result = self.check(self.run_ctl('submit', 'test.echo', *range(200), '--wait'), TASK_FAILED)
        self.assertIn('got 200', result.err)


if __name__ == '__main__':
    unittest.main()
