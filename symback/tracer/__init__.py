"""One execution of one's own code, recorded, becomes a Network."""

from symback.tracer.live import trace, tracing

__all__ = ["trace", "tracing"]
