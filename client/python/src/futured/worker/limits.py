"""Limits that the worker sees to by itself."""

from __future__ import annotations

import resource


def allow_cpu_time(seconds: int) -> None:
    """The process may take `seconds` of processor time more; then SIGXCPU ends it. 0: no limit."""
    if seconds == 0:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    # What it has used is counted in whole seconds.
    limit = int(used.ru_utime) + int(used.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
