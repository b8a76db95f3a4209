"""The trace that calls are part of: that of OpenTelemetry's current span, in programs that use OpenTelemetry."""

from __future__ import annotations

import sys
from typing import Any, Optional, Tuple

from futured._generated import future_pb2

# What the last call was given: its options, the trace, the options with the trace. Calls in a row share the object.
_Last = Tuple[Optional[future_pb2.TaskOptions], Tuple[str, str], future_pb2.TaskOptions]
_last: Optional[_Last] = None


def traced(options: Optional[future_pb2.TaskOptions]) -> Optional[future_pb2.TaskOptions]:
    """The options with the trace of the current span, unless they name one."""
    # Another thread may be importing it at this moment.
    current_span = getattr(sys.modules.get("opentelemetry.trace"), "get_current_span", None)
    if current_span is None or (options is not None and options.traceparent):
        return options
    trace = _trace_of(current_span())
    if trace is None:
        return options
    global _last
    last = _last
    if last is not None and last[0] is options and last[1] == trace:
        return last[2]
    message = future_pb2.TaskOptions()
    if options is not None:
        message.CopyFrom(options)
    message.traceparent, message.tracestate = trace
    _last = options, trace, message
    return message


def _trace_of(span: Any) -> Optional[Tuple[str, str]]:
    """`traceparent` and `tracestate`. None: there is no span."""
    context = span.get_span_context()
    if not context.is_valid:
        return None
    parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags) & 1:02x}"
    return parent, context.trace_state.to_header()
