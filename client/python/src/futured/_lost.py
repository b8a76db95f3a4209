"""What goes wrong between a program and the daemon, beside `ConnectionLost` and `UnknownFuture`."""

from concurrent.futures.process import BrokenProcessPool

from futured._errors import TaskError
from futured._reasons import Explained


class SessionBroken(Explained, BrokenProcessPool):
    """The daemon ended the session: it has no executor of that name, for example. The Executor is of no use any more."""


class Refused(Explained, TaskError):
    """The daemon can never accept this call. The message says why."""


class ForkedProcess(BrokenProcessPool):
    """The future belongs to the process that this one was forked from. `futured.attach` to its ID works here too."""
