#!/usr/bin/env python3
"""A bar for each running function, moved by what it says of itself; and what it printed, below the bars.

Without tqdm (pip install tqdm) there are lines instead of bars.
"""

import random
import sys
from typing import List, Optional

import options

import futured

try:
    from tqdm import tqdm
except ImportError:

    class tqdm:  # type: ignore[no-redef,unused-ignore]
        """As much of it as is used here."""

        def __init__(self, total: float, desc: str, position: int, bar_format: str) -> None:
            self.n = 0.0
            self._name = desc

        def refresh(self) -> None:
            print(f"{self._name} {100 * self.n:.0f} %", file=sys.stderr)

        def close(self) -> None:
            pass


def estimate_pi(points: int) -> float:
    task = futured.current()
    inside = 0
    for number in range(points):
        if number % 10_000 == 0:
            task.progress(number / points, f"{number} points")
        inside += random.random() ** 2 + random.random() ** 2 < 1
    print(f"{inside} of {points} points are inside")
    return 4 * inside / points


class Bar:
    """A bar that follows a future."""

    def __init__(self, name: str, place: int, future: "futured.Future[float]") -> None:
        self._bar = tqdm(total=1, desc=name, position=place, bar_format="{desc} {percentage:3.0f}% |{bar:40}|")
        future.add_progress_callback(self._move)
        future.add_done_callback(lambda _: self._move(None))

    def _move(self, progress: Optional[futured.Progress]) -> None:
        # tqdm counts; this is told where it is. A function that is done tells no more.
        self._bar.n = 1 if progress is None else progress.fraction
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


def main(address: str, count: int, points: int) -> None:
    with futured.Executor(address) as executor:
        # What it logs is kept as long as the future: a minute after its end.
        kept = executor.options(retention=60)
        futures = [kept.submit(estimate_pi, points) for _ in range(count)]
        bars: List[Bar] = [Bar(f"estimate {place + 1}", place, future) for place, future in enumerate(futures)]
        estimates = [future.result() for future in futures]
    # From here on no callback runs.
    for bar in bars:
        bar.close()
    for future in futures:
        for line in future.logs():
            print(f"{line.time:%H:%M:%S} {line.kind} {line.text}")
    print(f"pi is about {sum(estimates) / count:.3f}, by {count} estimates")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("count", nargs="?", type=int, default=4)
    parser.add_argument("--points", type=int, default=2_000_000, help="of each; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.count, given.points)
