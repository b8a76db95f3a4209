#!/usr/bin/env python3
"""Shows how far it is: tqdm around as_completed, and what a running function says of itself.

Without tqdm (pip install tqdm) there are lines instead of a bar.
"""

import concurrent.futures
import random
import sys
from typing import Any, Iterable, List

import options

import futured

try:
    from tqdm import tqdm
except ImportError:

    def tqdm(items: Iterable[Any], total: int = 0) -> Iterable[Any]:  # type: ignore[no-redef,unused-ignore]
        for number, item in enumerate(items, 1):
            yield item
            if number % max(total // 10, 1) == 0:
                print(f"{100 * number // total} %", file=sys.stderr)


def estimate_pi(points: int) -> float:
    """`futuredctl top` shows the progress of each."""
    task = futured.current()
    inside = 0
    for number in range(points):
        if number % 10_000 == 0:
            task.progress(number / points, f"{number} points")
        inside += random.random() ** 2 + random.random() ** 2 < 1
    return 4 * inside / points


def main(address: str, count: int, points: int) -> None:
    with futured.Executor(address) as executor:
        futures = [executor.submit(estimate_pi, points) for _ in range(count)]
        estimates: List[float] = []
        for future in tqdm(concurrent.futures.as_completed(futures), total=count):
            estimates.append(future.result())
    print(f"pi is about {sum(estimates) / count:.3f}, by {count} estimates")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("count", nargs="?", type=int, default=100)
    parser.add_argument("--points", type=int, default=20_000, help="of each; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.count, given.points)
