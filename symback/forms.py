"""Forms and what makes them, at their public path."""

from symback.core.forms import *  # noqa: F403
