"""Mark a hand-written backward pass: which gradients are right, where an error enters, and which slip it is."""

from __future__ import annotations

from symback.marking.apart import check_file
from symback.marking.functions import check_backward
from symback.marking.texts import check_answer, check_text

__all__ = ["check_answer", "check_backward", "check_file", "check_text"]
