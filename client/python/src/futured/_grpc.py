"""gRPC, with the handlers switched off that it would run whenever this process forks.

Current releases have them by default. They cannot save a connection, and now and then abort the child: a process that
was forked is told so by ForkedProcess instead, see `_connector`. GRPC_ENABLE_FORK_SUPPORT is read by the import alone. A
program that has set it, or that has imported gRPC before, has decided for itself.
"""

import os

_SWITCH = "GRPC_ENABLE_FORK_SUPPORT"

if _SWITCH in os.environ:
    import grpc
else:
    os.environ[_SWITCH] = "0"
    try:
        import grpc
    finally:
        del os.environ[_SWITCH]

__all__ = ["grpc"]
