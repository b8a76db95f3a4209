"""A program of the Python SDK for tests of networks; the same as ledger_client.cc."""
import concurrent.futures
import sys
import time

import futured


def outcome(future):
    try:
        return future.result()
    except Exception as error:
        return f'error {error}'


def main(address, executions, path, count, pause):
    with open(path, 'w', buffering=1) as ledger, futured.Executor(address, executor='thread') as executor:
        numbers = {}
        for number in range(int(count)):
            numbers[executor.submit('abuse.record', executions, number)] = number
            time.sleep(int(pause) / 1000)
        for future in concurrent.futures.as_completed(numbers):
            print(numbers[future], outcome(future), file=ledger)


main(*sys.argv[1:])
