#!/usr/bin/env python3
"""A data job over real files, map and reduce, without pandas: the most frequent words under a folder.

The files are read where the daemon runs. Each task counts a batch of them and sends back only what may matter.
"""

import collections
import itertools
import os
import re
import time
from typing import Counter, Iterator, List, Tuple

import options

import futured

WORD = re.compile(r"[a-zA-Z_]{4,}")
Report = Tuple[Counter[str], int, List[str]]


def count_words(paths: List[str]) -> Report:
    """The words of some files, their bytes, and the files that could not be read."""
    words: Counter[str] = collections.Counter()
    size, unreadable = 0, []
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            unreadable.append(path)
            continue
        size += len(text)
        words.update(WORD.findall(text.lower()))
    return words, size, unreadable


def files_under(folder: str, suffix: str) -> Iterator[str]:
    for parent, _, names in sorted(os.walk(folder)):
        yield from (os.path.join(parent, name) for name in sorted(names) if name.endswith(suffix))


def batches(paths: Iterator[str], size: int) -> Iterator[List[str]]:
    while batch := list(itertools.islice(paths, size)):
        yield batch


def main(address: str, folder: str, suffix: str) -> None:
    begin = time.monotonic()
    words: Counter[str] = collections.Counter()
    size = count = failed = 0
    with futured.Executor(address) as executor:
        # buffersize: however many files there are, only 16 batches are under way.
        work = batches(files_under(os.path.abspath(folder), suffix), 25)
        for found, read, unreadable in executor.map(count_words, work, buffersize=16):
            words += found
            size += read
            count += 1
            failed += len(unreadable)
    print(f"{size / 1e6:.1f} MB in {count} batches, {failed} unreadable files, {time.monotonic() - begin:.1f} s")
    for word, times in words.most_common(10):
        print(f"{times:8} {word}")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.__file__), help="default: %(default)s")
    parser.add_argument("--suffix", default=".py", help="of the files; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.folder, given.suffix)
