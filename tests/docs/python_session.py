"""The Python of one page: its blocks share names, as in a notebook.

As a program, it is that Python: it reads {"code", "file", "line"} as JSON, a line each, and answers {"output", "error"}.
"""
import ast
import asyncio
import contextlib
import inspect
import io
import json
import os
import select
import subprocess
import sys
import traceback

PATIENCE = 120.0


class Session:
    """Runs blocks in a process of its own, with `python`. A block has failed when `run` gives an error."""

    def __init__(self, python, folder, environment):
        self._process = subprocess.Popen([python, '-u', __file__], cwd=folder, env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, start_new_session=True)

    def run(self, code, file, line):
        """(output, error) of a block; no error is an empty text."""
        self._process.stdin.write(json.dumps({'code': code, 'file': file, 'line': line}).encode() + b'\n')
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            return '', f'it has not ended after {PATIENCE:g} s'
        answer = self._process.stdout.readline()
        if not answer:
            return '', f'Python has ended with exit code {self._process.wait(PATIENCE)}'
        heard = json.loads(answer)
        return heard['output'], heard['error']

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def execute(request, names):
    """Runs a block in `names`; what it awaits at its top level is awaited."""
    heard, error = io.StringIO(), ''
    with contextlib.redirect_stdout(heard):
        try:
            # Behind as many lines as on its page, so that errors tell those of the page.
            text = '\n' * (request['line'] - 1) + request['code']
            code = compile(text, request['file'], 'exec', ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, names))
            else:
                exec(code, names)
        except BaseException:  # SystemExit too: nothing of a block ends the session.
            error = traceback.format_exc()
    return {'output': heard.getvalue(), 'error': error}


def serve():
    # Only answers go to the real standard output.
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    sys.path[0] = os.getcwd()
    names = sys.modules['__main__'].__dict__
    # Lest tracebacks show lines of this file for those of a page.
    names.pop('__loader__', None)
    names.pop('__spec__', None)
    for line in sys.stdin:
        answers.write(json.dumps(execute(json.loads(line), names)) + '\n')
        answers.flush()


if __name__ == '__main__':
    serve()
