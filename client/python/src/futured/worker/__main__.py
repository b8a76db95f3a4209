"""python3 -m futured.worker: runs Python functions for the daemon, in a process of its own. Started by the daemon only.

In its configuration:

    [executors.python]
    kind = "process"
    worker = ["python3", "-m", "futured.worker", "--accept-pickle", "my_functions"]
"""

from __future__ import annotations

import sys

from futured.worker.start import main

# Processes that multiprocessing spawns load this module under another name.
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
