#!/usr/bin/env python3
"""Fetches pages, and shows each as it comes: the URL example of Python's documentation, with one line changed."""

import concurrent.futures
import urllib.request
from typing import Dict, List

import options

import futured


def load_url(url: str, timeout: float) -> bytes:
    with urllib.request.urlopen(url, timeout=timeout) as connection:
        return bytes(connection.read())


def main(address: str, urls: List[str]) -> None:
    # Was: with concurrent.futures.ThreadPoolExecutor(max_workers=5) as executor:
    with futured.Executor(address, max_workers=5) as executor:
        future_to_url: Dict[concurrent.futures.Future[bytes], str]  # For mypy: as_completed() promises no more than that.
        future_to_url = {executor.submit(load_url, url, 60): url for url in urls}
        for future in concurrent.futures.as_completed(future_to_url):
            url = future_to_url[future]
            try:
                data = future.result()
            except Exception as exc:
                print(f"{url} generated an exception: {exc}")
            else:
                print(f"{url} page is {len(data)} bytes")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    given = parser.parse_args()
    main(given.address, given.urls)
