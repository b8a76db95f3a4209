"""A program of the Python SDK for the tests of rolling restarts; the same as rolling_client.cc."""
import concurrent.futures
import os
import sys

import futured


class Program:
    def __init__(self, address, executions, ledger):
        self._executor = futured.Executor(address, executor='thread', reconnect_timeout=120, cancel_timeout=120)
        self._address = address
        self._executions = executions
        self._ledger = open(ledger, 'w', buffering=1)
        self._number = 0

    def make_each_call(self):
        self._read_as_completed()
        self._read_of_another()
        self._cancel()

    def close(self):
        self._executor.shutdown()
        self._ledger.close()

    def _submit(self, **options):
        future = self._executor.options(**options).submit('abuse.record', self._executions, self._number)
        self._number += 1
        return future

    def _write_down(self, value):
        print(value, value, file=self._ledger)

    def _read_as_completed(self):
        for future in concurrent.futures.as_completed([self._submit() for _ in range(20)]):
            self._write_down(future.result())

    def _read_of_another(self):
        future = self._submit(retention=600)
        self._write_down(future.result())
        assert not list(future.logs()), 'it has logged nothing, and has lines'
        assert futured.attach(future.id, self._address).result() == self._number - 1, 'a wrong value'

    def _cancel(self):
        later = self._executor.options(delay=3600)
        assert later.submit('abuse.record', self._executions, -1).cancel(), 'it was not cancelled'


def main(address, executions, ledger, stop):
    program = Program(address, executions, ledger)
    while not os.path.exists(stop):
        program.make_each_call()
    program.close()


main(*sys.argv[1:])
