#!/usr/bin/env python3
"""Goes on, and is called when something is done."""

import concurrent.futures
import hashlib
import os
from typing import List

import options

import futured


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main(address: str, paths: List[str]) -> None:
    with futured.Executor(address) as executor:
        for path in paths:

            def show(done: "concurrent.futures.Future[str]", path: str = path) -> None:
                # In a thread of the executor's, or in this one if it was done at once.
                error = done.exception()
                print(f"{path}: {error}" if error else f"{done.result()[:16]}…  {path}")

            executor.submit(digest, os.path.abspath(path)).add_done_callback(show)
        print(f"{len(paths)} files are being read")
    # The executor has waited for all of them, and for their callbacks.
    print("done")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("paths", nargs="+", metavar="FILE")
    given = parser.parse_args()
    main(given.address, given.paths)
