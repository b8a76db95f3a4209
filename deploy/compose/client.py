"""Has the daemon of compose.yaml do some work: a callable, which travels there, and a function of the daemon's by its name."""

import os

import futured

with futured.Executor(os.environ["FUTURED_ADDRESS"], executor="python") as executor:
    print(sum(executor.map(lambda number: number * number, range(10))))
    print(executor.submit("text.shout", "hello").result())
