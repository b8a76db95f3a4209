#!/usr/bin/env python3
"""Hundreds of tasks from one asyncio program: the event loop goes on while they run elsewhere.

`loop.run_in_executor` takes a futured.Executor as any other; futured.aio has the same without threads in its words.
"""

import asyncio
import hashlib
import time

import options

import futured


def derive(password: str) -> str:
    """Work for a processor: some 10 ms of it."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 20_000).hex()


async def tick() -> int:
    """What else the program does: counts how often it gets its turn."""
    turns = 0
    try:
        while True:
            await asyncio.sleep(0.01)
            turns += 1
    except asyncio.CancelledError:
        return turns


async def main(address: str, count: int) -> None:
    loop = asyncio.get_running_loop()
    begin = time.monotonic()
    ticking = asyncio.create_task(tick())
    with futured.Executor(address) as executor:
        calls = [loop.run_in_executor(executor, derive, f"password {number}") for number in range(count)]
        first = await next(asyncio.as_completed(calls))
        print(f"the first is {first[:16]}…")
        await asyncio.gather(*calls)
    ticking.cancel()
    print(f"all {count} in {time.monotonic() - begin:.2f} s; {await ticking} turns for the rest of the program")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200)
    given = parser.parse_args()
    asyncio.run(main(given.address, given.count))
