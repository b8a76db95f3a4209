"""What the examples have in common: --address."""

import argparse
import os


def parser(description: str) -> argparse.ArgumentParser:
    """A command line with --address, the daemon's."""
    result = argparse.ArgumentParser(description=description.partition("\n")[0])
    result.add_argument(
        "--address", default=os.environ.get("FUTURED_ADDRESS", "localhost:7070"), help="default: %(default)s"
    )
    return result
