"""What is wrong with a page is found, and told by file and line."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import textwrap
import unittest

import console
import cpp_blocks
import elsewhere
import links
import markdown
import names
import page_run
import update


class StubPlace:
    """A place without a daemon."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = self.prefix = self.protos = folder
        self.python = sys.executable
        self.variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def variables_for(self, folder: pathlib.Path, ports: object) -> "dict[str, str]":
        return {**self.variables, "HOME": str(folder)}

    def clone(self, folder: pathlib.Path) -> None:
        (folder / "cloned").touch()


class PageTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="futured-docs-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def page(self, text: str, name: str = "page.md") -> markdown.Page:
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return markdown.read_page(path)

    def run_page(self, text: str) -> page_run.PageRun:
        self.place = StubPlace(pathlib.Path(tempfile.mkdtemp(dir=self.folder)))
        return page_run.PageRun(self.page(text), "page.md", self.place, {"test"}).run()

    def fault(self, text: str) -> "tuple[int, str]":
        """The only one of a page."""
        faults = self.run_page(text).faults
        self.assertEqual(len(faults), 1, faults)
        return faults[0]


class CommandsTest(PageTest):
    def test_blocks_of_a_page_share_a_shell_and_a_folder(self) -> None:
        run = self.run_page("""\
            ```console
            $ word=hello && mkdir inside && cd inside
            $ ls ../cloned
            ../cloned
            ```

            ```sh
            test "$word" = hello
            test "$(basename "$PWD")" = inside
            ```
            """)
        self.assertEqual(run.faults, [])
        self.assertEqual(run.commands, 4)

    def test_a_command_that_fails_is_told_by_its_line_and_ends_the_page(self) -> None:
        line, text = self.fault("""\
            # Title

            ```console
            $ true
            $ echo why >&2; false
            ```

            ```sh
            exit 3
            ```
            """)
        self.assertEqual(line, 5)
        self.assertIn("exit code 1\nwhy", text)

    def test_what_is_printed_must_be_what_the_page_shows(self) -> None:
        line, text = self.fault("""\
            ```console
            $ echo one; echo two
            one
            three
            ```
            """)
        self.assertEqual(line, 2)
        self.assertIn("it printed\none\ntwo\nnot\none\nthree", text)

    def test_a_command_may_fail_where_its_output_is_shown(self) -> None:
        self.assertEqual(self.run_page("```console\n$ echo no; false\nno\n```\n").faults, [])

    def test_commands_may_go_over_several_lines(self) -> None:
        block = markdown.Block("console", "$ echo 'a\n  b' \\\n  c\nx\n$ cat <<E\nd\nE\n$ true\n", 10)
        commands = console.commands_of(block)
        self.assertEqual([command.line for command in commands], [10, 14, 17])
        self.assertEqual([command.expected for command in commands], ["x\n", None, None])
        self.assertEqual(commands[1].text, "cat <<E\nd\nE")

    def test_a_command_does_not_read_what_follows_it(self) -> None:
        self.assertEqual(self.run_page("```console\n$ cat\n$ echo next\nnext\n```\n").faults, [])

    def test_what_runs_in_the_background_is_not_heard_and_ends_with_the_page(self) -> None:
        run = self.run_page("""\
            ```console
            $ (echo noise; exec sleep 600) &
            $ echo $! > pid
            $ sleep 0.05; echo quiet
            quiet
            ```
            """)
        self.assertEqual(run.faults, [])
        process = int((self.place.folder / "pages" / "page-md" / "pid").read_text())
        self.assertFalse(os.path.exists(f"/proc/{process}"))

    def test_targets_of_make_are_looked_up(self) -> None:
        self.assertEqual(self.run_page("```console\n$ sudo make test SIZE=1   # all\n```\n").faults, [])
        self.assertEqual(self.fault("```console\n$ make no-such\n```\n"), (2, "there is no make no-such"))

    def test_what_another_machine_runs_names_its_target(self) -> None:
        self.assertEqual(self.run_page("<!-- run by make test -->\n\n```console\n$ no-such-command\n```\n").faults, [])
        line, text = self.fault("<!-- run by make no-such -->\n\n```console\n$ no-such-command\n```\n")
        self.assertEqual((line, text), (3, "there is no make no-such"))

    def test_commands_are_not_to_be_hidden_as_text(self) -> None:
        self.assertEqual(self.fault("`make test` does it.\n\n```text\n$ ls\n```\n")[0], 4)

    def test_a_page_with_text_names_who_runs_it(self) -> None:
        self.assertEqual(self.run_page("`make test` does it.\n\n```text\napt install it\n```\n").faults, [])
        self.assertEqual(self.run_page("`tests/run-all` does it.\n\n```text\napt install it\n```\n").faults, [])
        self.assertIn("names the `make` target", self.fault("```text\napt install it\n```\n")[1])

    def test_what_runs_in_the_background_may_write_to_a_file(self) -> None:
        self.assertEqual(self.run_page("```sh\necho yes > answer &\nwait $!\ngrep yes answer\n```\n").faults, [])

    def test_times_are_taken(self) -> None:
        run = self.run_page("<!-- time from here to there -->\n\n```sh\ntrue\n```\n\n<!-- time -->\n")
        self.assertEqual([text for text, _ in run.times], ["from here to there"])


class OutputTest(unittest.TestCase):
    def test_an_ellipsis_stands_for_any_text_and_alone_for_any_lines(self) -> None:
        self.assertTrue(console.is_as_expected("id … done\n", "id 123 done\n"))
        self.assertTrue(console.is_as_expected("…\nlast\n", "a\nb\nlast\n"))
        self.assertTrue(console.is_as_expected("…\nlast\n", "last\n"))
        self.assertFalse(console.is_as_expected("id … done\n", "id 1\n2 done\n"))
        self.assertFalse(console.is_as_expected("a\n", "a\nb\n"))

    def test_of_white_space_only_counts_that_there_is_some(self) -> None:
        self.assertTrue(console.is_as_expected("a b\n", "a\t  b  \n\n"))
        self.assertFalse(console.is_as_expected("ab\n", "a b\n"))


class OtherBlocksTest(PageTest):
    def test_python_blocks_share_names_and_may_await(self) -> None:
        run = self.run_page("""\
            <!-- python
            import asyncio
            word = "hidden"
            -->

            ```python
            await asyncio.sleep(0)
            assert word == "hidden"
            ```
            """)
        self.assertEqual(run.faults, [])

    def test_an_error_of_python_is_told_by_its_line(self) -> None:
        line, text = self.fault("""\
            ```python
            def broken():
                return 1 / 0
            ```

            ```python
            good = 1
            broken()
            ```
            """)
        self.assertEqual(line, 3)
        self.assertIn("ZeroDivisionError", text)

    def test_a_syntax_error_of_python_is_told_by_its_line(self) -> None:
        self.assertEqual(self.fault("```python\ngood = 1\nfor\n```\n")[0], 3)

    def test_blocks_with_a_file_name_are_files(self) -> None:
        run = self.run_page("```python\n# hello.py\nprint('hello')\n```\n\n```console\n$ python3 hello.py\nhello\n```\n")
        self.assertEqual(run.faults, [])

    def test_a_file_that_nothing_uses_is_a_fault(self) -> None:
        self.assertEqual(self.fault("```python\n# hello.py\n```\n"), (2, "nothing on this page uses hello.py"))

    def test_data_is_read(self) -> None:
        good = '```json\n{"a": 1}\n```\n\n```yaml\na: [1]\n```\n\n```ini\n[a]\nb=1\n```\n\n```nginx\na {\n  b;\n}\n```\n'
        self.assertEqual(self.run_page(good).faults, [])
        for bad in ("json\n{", "yaml\na: [", "ini\nb", "dockerfile\na b", "nginx\na {", "cmake\nproject(", "toml\na ="):
            line, text = self.fault(f"# Title\n\n```{bad}\n```\n")
            self.assertEqual(line, 4)
            self.assertIn(bad.split("\n")[0] + ":", text)

    def test_a_language_that_nobody_checks_is_a_fault(self) -> None:
        self.assertEqual(self.fault("```cobol\n```\n"), (1, "nobody checks a block 'cobol'"))

    def test_blocks_of_cpp_are_compiled_and_errors_told_by_page_and_line(self) -> None:
        context = self.folder / "context.h"
        context.write_text("namespace futured {\nclass Registry;\nclass Context;\n}\nextern int known;\n")
        page = self.page("```cpp\nint good = known;\n(void)good;\n```\n\n```cpp\nstruct Type { int member; };\n```\n\n"
                         "```cpp\n\nint bad = unknown;\n```\n")
        blocks = [("docs/page.md", block) for block in page.blocks]
        faults = cpp_blocks.faults_of(blocks, StubPlace(self.folder), context)
        self.assertTrue(faults[0].startswith("docs/page.md:12: "), faults)
        self.assertEqual(cpp_blocks.faults_of(blocks[:2], StubPlace(self.folder), context), [])


class PageFormTest(PageTest):
    def test_a_block_without_an_end_is_told_by_its_line(self) -> None:
        with self.assertRaisesRegex(markdown.MarkdownError, r"page.md:3: the block has no end"):
            self.page("# Title\n\n```sh\nls\n")

    def test_headings_have_anchors_as_on_github(self) -> None:
        page = self.page("# A `word`, and (more)\n## Again\n### Again\n")
        self.assertEqual(list(page.anchors()), ["a-word-and-more", "again", "again-1"])

    def test_links_that_lead_nowhere_are_found(self) -> None:
        self.page("# There\n", "other.md")
        page = self.page("[a](other.md#there) [b](https://example.org/x) [c](#here)\n\n[d](none.md)\n`[e](code.md)`\n"
                         "[f](other.md#away)\n\n## Here\n")
        self.assertEqual(list(links.faults_of_links(page, self.folder)),
                         [(3, "the link none.md leads nowhere"), (5, "other.md has no heading #away")])

    def test_pictures_that_are_not_there_are_found(self) -> None:
        (self.folder / "there.png").touch()
        page = self.page('![a](there.png)\n![b](none.png)\n<picture>\n  <source media="(x: y)" srcset="dark.png">\n'
                         '  <img alt="c" src="there.png">\n</picture>\n')
        self.assertEqual(list(links.faults_of_links(page, self.folder)),
                         [(2, "the link none.png leads nowhere"), (4, "the link dark.png leads nowhere")])

    def test_files_that_are_not_there_are_found(self) -> None:
        (self.folder / "there").mkdir()
        (self.folder / "there/file.txt").touch()
        page = self.page("`there/file.txt` and `there/none.txt`\n")
        self.assertEqual(list(links.faults_of_files(page, self.folder)), [(1, "there is no file there/none.txt")])


class ElsewhereTest(PageTest):
    def unrun(self, commands: str, script: str) -> "list[int]":
        """The lines of a block of these commands that the script does not run."""
        (self.folder / "deploy").mkdir(exist_ok=True)
        (self.folder / "deploy" / "docker-test").write_text(script)
        page = self.page(f"```text\n{commands}\n```\n")
        return [line for line, _ in elsewhere.faults_of_commands(page, self.folder)]

    def test_a_command_that_no_script_has_is_told_by_its_line(self) -> None:
        self.assertEqual(self.unrun("what it prints\napt install it", "apt install another\n"), [3])
        self.assertEqual(self.unrun("docker build --tag=one .", "docker build .\ndocker tag one\n"), [2])
        self.assertEqual(self.unrun("docker build here there", "docker build there here\n"), [2])

    def test_a_script_may_say_more(self) -> None:
        self.assertEqual(self.unrun("futuredctl drain --wait", "x=$(futuredctl drain --wait --timeout=1s) || fail\n"), [])
        self.assertEqual(self.unrun("docker-compose -f deploy/compose.yaml up", "compose up -d > out\n"), [])
        self.assertEqual(self.unrun("docker build --target=one .", "docker build \\\n  --network=host --target=one .\n"), [])

    def test_a_script_may_have_a_variable_or_a_pattern_in_the_place_of_a_name(self) -> None:
        self.assertEqual(self.unrun("apt install ./it_1.deb", "apt install /packages/it_*.deb\n"), [])
        self.assertEqual(self.unrun("docker build --tag=one .", 'docker build --tag="${target#* }" .\n'), [])
        self.assertEqual(self.unrun("docker rm ID", 'docker rm "$id"\n'), [])
        self.assertEqual(self.unrun("docker rm one", 'docker rm "$id"\n'), [2])

    def test_comments_run_nothing(self) -> None:
        self.assertEqual(self.unrun("apt install it", "true  # apt install it\n"), [2])


class UpdateTest(PageTest):
    def test_what_help_prints_is_written_into_the_page(self) -> None:
        program = self.folder / "futuredctl"
        program.write_text('#!/bin/sh\necho "help of $*"\n')
        program.chmod(0o755)
        place = StubPlace(self.folder)
        place.variables["PATH"] = f"{self.folder}:{place.variables['PATH']}"
        other = "```console\n$ futuredctl list\nas it was\n```\n"
        page = self.page(f"```console\n$ futuredctl submit --help\nold\nlines\n```\n\n{other}")
        with contextlib.redirect_stdout(io.StringIO()):
            update.update(page.path, place)
        self.assertEqual(page.path.read_text(),
                         f"```console\n$ futuredctl submit --help\nhelp of submit --help\n```\n\n{other}")


class NamesTest(PageTest):
    def test_names_that_nothing_has_are_found(self) -> None:
        class Sources:
            words = {"max_pending", "FUTURED_TOKEN"}
            flags = {"--max-pending"}
            metrics = {"futured_tasks_pending"}
            reasons = {"DISK_FULL"}

        page = self.page("`--max-pending=1` `max_pending` `futured_tasks_pending` `disk_full`\n`--max-pendings`\n"
                         "`max_pendings` FUTURED_TOKEN, FUTURED_MAX_PENDING\n\nFUTURED_TOKENS\n")
        self.assertEqual(list(names.faults_of_names(page, Sources)),
                         [(2, "nothing has the option --max-pendings"), (3, "the sources have no max_pendings"),
                          (5, "nothing reads the variable FUTURED_TOKENS")])


if __name__ == "__main__":
    unittest.main()
