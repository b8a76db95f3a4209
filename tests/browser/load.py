"""Submits tasks at a rate for some time. A program of its own, so that what it costs is not the test's.

Usage: load.py ADDRESS RATE SECONDS FOLDER, where FOLDER is for what protoc makes of PROTO_DIR.
"""
import itertools
import os
import pathlib
import subprocess
import sys
import time

import grpc

# Calls in a second, and how many are under way at once.
CALLS = 20
MOST_CALLS = 8
# How long the daemon keeps each outcome.
RETENTION = 1
METHOD = '/futured.v1.FutureService/Submit'


def request(count, folder):
    """A serialized request to submit so many tasks."""
    protos = pathlib.Path(os.environ['PROTO_DIR'])
    files = [str(path) for path in sorted((protos / 'futured' / 'v1').glob('*.proto'))]
    subprocess.run(['protoc', f'-I{protos}', f'--python_out={folder}', *files], check=True)
    sys.path.insert(0, folder)
    from futured.v1 import future_service_pb2
    message = future_service_pb2.SubmitRequest()
    functions = ('test.square', 'test.echo')
    for number, function in zip(range(count), itertools.cycle(functions)):
        task = message.tasks.add(function=function)
        task.arguments.positional.add(int_value=number)
        task.options.ephemeral = True
        task.options.retention.seconds = RETENTION
    return message.SerializeToString()


def main(address, rate, seconds, folder):
    body = request(int(rate) // CALLS, folder)
    with grpc.insecure_channel(address) as channel:
        submit = channel.unary_unary(METHOD)
        begun = time.monotonic()
        calls = []
        for number in itertools.count():
            due = begun + number / CALLS
            if due > begun + float(seconds):
                break
            time.sleep(max(0.0, due - time.monotonic()))
            if len(calls) >= MOST_CALLS:
                calls.pop(0).result()
            calls.append(submit.future(body, timeout=30))
        for call in calls:
            call.result()


if __name__ == '__main__':
    main(*sys.argv[1:])
