"""A program of the Python SDK for the tests of rolling restarts; the same as rolling_client.cc."""
import concurrent.futures
import itertools
import os
import sys

import futured


class Program:
    def __init__(self, address, executions, ledger):
        self._executor = futured.Executor(address, executor='thread', reconnect_timeout=120, cancel_timeout=120)
        self._address = address
        self._executions = executions
        self._ledger = open(ledger, 'w', buffering=1)
        self._numbers = itertools.count()

    def make_each_call_until(self, stop):
        calls = (self._read_as_completed, self._read_of_another, self._cancel)
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as threads:
            for loop in [threads.submit(self._repeat, call, stop) for call in calls]:
                loop.result()

    @staticmethod
    def _repeat(call, stop):
        while not os.path.exists(stop):
            call()

    def close(self):
        self._executor.shutdown()
        self._ledger.close()

    def _submit(self, number, **options):
        return self._executor.options(**options).submit('abuse.record', self._executions, number)

    def _write_down(self, value):
        self._ledger.write(f'{value} {value}\n')

    def _read_as_completed(self):
        for future in concurrent.futures.as_completed([self._submit(next(self._numbers)) for _ in range(20)]):
            self._write_down(future.result())

    def _read_of_another(self):
        number = next(self._numbers)
        future = self._submit(number, retention=600)
        self._write_down(future.result())
        assert not list(future.logs()), 'it has logged nothing, and has lines'
        assert futured.attach(future.id, self._address).result() == number, 'a wrong value'

    def _cancel(self):
        later = self._executor.options(delay=3600)
        future = later.submit('abuse.record', self._executions, -1)
        assert future.cancel(), 'a future that waits could not be cancelled'


def main(address, executions, ledger, stop):
    program = Program(address, executions, ledger)
    program.make_each_call_until(stop)
    program.close()


main(*sys.argv[1:])
