"""The worker for process executors: `python3 -m futured.worker`, and what its functions use.

    function    registers a named function
    current     the running task: ID, attempt, progress, cancellation
"""

from futured.worker.context import Context, current
from futured.worker.functions import function

__all__ = ["Context", "current", "function"]
