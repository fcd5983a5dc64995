"""The errors raised on purpose, at their public path."""

from symback.core.errors import *  # noqa: F403
