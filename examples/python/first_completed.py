#!/usr/bin/env python3
"""Asks several mirrors for the same page, takes the first answer, and stops the rest."""

import concurrent.futures
import time
import urllib.request
from typing import Dict, List

import options

import futured


def fetch(url: str) -> int:
    """Reads in small pieces, to hear of a stop between them."""
    task = futured.current()
    size = 0
    with urllib.request.urlopen(url, timeout=60) as connection:
        while True:
            task.raise_if_cancelled()
            piece = connection.read(1024)
            if not piece:
                return size
            size += len(piece)


def take_first(executor: futured.Executor, urls: List[str]) -> None:
    url_of: Dict[concurrent.futures.Future[int], str] = {executor.submit(fetch, url): url for url in urls}
    waiting = set(url_of)
    while waiting:
        done, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            error = future.exception()
            if error is None:
                print(f"{url_of[future]}: {future.result()} bytes, the first to answer")
                stop(waiting, url_of)
                return
            print(f"{url_of[future]}: failed, the others go on: {error}")
    raise SystemExit("no mirror has the page")


def stop(futures: "set[concurrent.futures.Future[int]]", url_of: Dict[concurrent.futures.Future[int], str]) -> None:
    for future in futures:
        # Kills what does not honour a request to stop: urlopen waits for its server and hears of nothing.
        if isinstance(future, futured.Future):
            future.kill(grace=0.1)
    concurrent.futures.wait(futures)
    for future in futures:
        print(f"{url_of[future]}: {'cancelled' if future.cancelled() else 'was done just then'}")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    given = parser.parse_args()
    begin = time.monotonic()
    with futured.Executor(given.address) as shared:
        take_first(shared, given.urls)
    print(f"all done after {time.monotonic() - begin:.1f} s")
