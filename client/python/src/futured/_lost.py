"""What goes wrong between a program and the daemon, beside `ConnectionLost` and `UnknownFuture`."""

from concurrent.futures.process import BrokenProcessPool

from futured._errors import TaskError
from futured._reasons import Explained


class SessionBroken(Explained, BrokenProcessPool):
    """The daemon ended the session: it has no executor of that name, for example. The Executor is of no use any more."""


class Refused(Explained, TaskError):
    """The daemon can never accept this call. The message says why."""


class PermissionDenied(Refused, PermissionError):
    """The daemon knows the caller, who may not do that: by the function, the executor, the verb. The message says which."""


class Unauthenticated(Explained, BrokenProcessPool):
    """The daemon did not take the credentials: none, unknown, expired. The Executor is of no use any more."""


class ForkedProcess(BrokenProcessPool):
    """The future belongs to the process that this one was forked from. `futured.attach` to its ID works here too."""
