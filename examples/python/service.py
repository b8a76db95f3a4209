#!/usr/bin/env python3
"""A web service that offloads its work: it answers at once, and the work survives it.

    curl -X POST localhost:8000/primes/50000000    202, {"id": "…", "state": "pending"}
    curl localhost:8000/futures/ID                 what has become of it: 200 with the result, 202 while it runs
    curl localhost:8000/primes/1000                waits, at most 5 s

It keeps nothing: any process of the service, also one that was started later, can answer for every ID. With FastAPI or
the like the handlers would be the same.
"""

import concurrent.futures
import http.server
import json
from typing import Any, Dict, Tuple

import options

import futured

Answer = Tuple[int, Dict[str, Any]]


def count_primes(limit: int) -> int:
    """Runs in a worker."""
    sieve = bytearray([1]) * (limit + 1)
    sieve[0:2] = b"\0\0"
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit + 1, number)))
    return sum(sieve)


class Service:
    """What the handlers do. For many threads."""

    def __init__(self, executor: futured.Executor, address: str) -> None:
        # An hour, also after its end: nobody may have asked by then.
        self._submitter = executor.options(timeout=60, retention=3600, labels={"service": "primes"})
        self._address = address

    def start(self, limit: int) -> Answer:
        return self.submit(limit, 0.05)

    def compute(self, limit: int) -> Answer:
        return self.submit(limit, 5)

    def submit(self, limit: int, patience: float) -> Answer:
        future = self._submitter.submit(count_primes, limit)
        try:
            return 200, {"id": future.id, "primes": future.result(timeout=patience)}
        except concurrent.futures.TimeoutError:
            return 202, {"id": future.id, "state": "pending"}

    def look(self, id: str) -> Answer:
        future = futured.attach(id, address=self._address)
        try:
            return 200, {"id": id, "primes": future.result(timeout=0.2)}
        except futured.UnknownFuture:
            return 404, {"error": f"no future {id}"}
        except concurrent.futures.CancelledError:
            return 200, {"id": id, "state": "cancelled"}
        except concurrent.futures.TimeoutError:
            return 202, {"id": id, "state": "running"}
        except (ValueError, futured.TaskError) as error:
            return 500, {"id": id, "error": str(error)}


class Handler(http.server.BaseHTTPRequestHandler):
    service: Service

    def do_GET(self) -> None:
        parts = self.path.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "futures":
            self.reply(self.service.look(parts[1]))
        elif len(parts) == 2 and parts[0] == "primes" and parts[1].isdigit():
            self.reply(self.service.compute(int(parts[1])))
        else:
            self.reply((404, {"error": "there is /primes/LIMIT and /futures/ID"}))

    def do_POST(self) -> None:
        parts = self.path.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "primes" and parts[1].isdigit():
            self.reply(self.service.start(int(parts[1])))
        else:
            self.reply((404, {"error": "there is /primes/LIMIT"}))

    def reply(self, answer: Answer) -> None:
        status, content = answer
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main(address: str, port: int) -> None:
    # detach: what was begun goes on when the service ends.
    with futured.Executor(address, detach=True) as executor:
        Handler.service = Service(executor, address)
        with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
            print(f"http://127.0.0.1:{server.server_port}", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                pass


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0: any free one; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.port)
