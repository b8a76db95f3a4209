"""What came back for a future, opened."""

from typing import Any, Optional, Tuple

from futured._errors import NotUnpicklable, exception_of
from futured._generated import future_pb2
from futured._pickles import decode_value


def open_outcome(payload: bytes, failed: bool, pickled: bool) -> Tuple[Any, Optional[BaseException]]:
    """The value and the exception of a serialized Value or Error. Raises KeyboardInterrupt only: ask again.

    A pickle is opened only with `pickled`: where this program submitted a callable, or said that it trusts the other.
    """
    try:
        if failed:
            return None, exception_of(future_pb2.Error.FromString(payload), pickled=pickled)
        return decode_value(payload, pickled=pickled), None
    except NotUnpicklable as error:
        return None, error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, NotUnpicklable.of("the outcome", error)
