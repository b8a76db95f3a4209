#!/usr/bin/env python3
"""Counts the words of many files, as wc does. The results come in the order of the files."""

import os
from dataclasses import dataclass
from typing import List

import options

import futured


@dataclass
class Size:
    lines: int = 0
    words: int = 0
    bytes: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(self.lines + other.lines, self.words + other.words, self.bytes + other.bytes)


def count(path: str) -> Size:
    lines = words = size = 0
    with open(path, "rb") as file:
        for line in file:
            lines += 1
            words += len(line.split())
            size += len(line)
    return Size(lines, words, size)


def show(size: Size, name: str) -> None:
    print(f"{size.lines:8} {size.words:8} {size.bytes:10} {name}")


def main(address: str, paths: List[str]) -> None:
    # The daemon has a working directory of its own.
    absolute = [os.path.abspath(path) for path in paths]
    total = Size()
    with futured.Executor(address) as executor:
        for path, size in zip(paths, executor.map(count, absolute)):
            show(size, path)
            total += size
    show(total, "total")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("paths", nargs="+", metavar="FILE")
    given = parser.parse_args()
    main(given.address, given.paths)
