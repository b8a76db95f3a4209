"""docs/semantics.md tells the truth about the tests: what it names carries the number, and all that carries it is named."""

import pathlib
import re
import unittest
from typing import Dict, List, Set

from support import ROOT

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 200
# It stands for tests that are not ours, and carry no numbers.
SUITE = "cpython_suite"


def rows() -> Dict[int, List[str]]:
    """The cells of each behaviour: what it is, the verdict, a remark, the tests."""
    found = {}
    for line in (ROOT / "client" / "python" / "docs" / "semantics.md").read_text().splitlines():
        if re.match(r"\| \d+ \|", line):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found[int(cells[0])] = cells[1:]
    return found


def numbered_tests() -> Dict[int, Set[str]]:
    """The test files that carry each number, in comments like those of this package: `# 5, 124`."""
    found: Dict[int, Set[str]] = {}
    for path in HERE.glob("test_*.py"):
        for numbers in re.findall(r"(?m)\S  # (\d+(?:, \d+)*)$", path.read_text()):
            for number in numbers.split(", "):
                found.setdefault(int(number), set()).add(path.stem.replace("test_", "", 1))
    return found


class SemanticsTest(unittest.TestCase):
    def test_each_behaviour_has_a_verdict(self) -> None:
        table = rows()
        self.assertEqual(sorted(table), list(range(1, COUNT + 1)))
        for number, cells in table.items():
            self.assertEqual(len(cells), 4, f"cells of {number}")
            self.assertIn(cells[1], ("same", "adapted", "not applicable"), f"verdict of {number}")

    def test_what_is_not_the_same_says_how(self) -> None:
        self.assertEqual([number for number, cells in rows().items() if cells[1] != "same" and not cells[2]], [])

    def test_the_tests_named_are_those_that_carry_the_number(self) -> None:
        carried = numbered_tests()
        self.assertLessEqual(set(carried), set(range(1, COUNT + 1)))
        for number, cells in rows().items():
            named = {name for name in cells[3].split(", ") if name not in ("", SUITE)}
            self.assertEqual(sorted(named), sorted(carried.get(number, set())), f"tests of {number}")


if __name__ == "__main__":
    unittest.main()
