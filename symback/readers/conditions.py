"""Arrays of truth values, and what is one."""

from __future__ import annotations

import numpy as np

from symback.core import forms
from symback.core.forms import Form, Name, apply, number
from symback.core.operations import RELATIONS
from symback.readers.asking import Reader


def is_condition(reader: Reader, form: Form) -> bool:
    """Return whether an array holds truth values: a comparison, or data of that type."""
    if isinstance(form, Name):
        binding = reader.bindings[form.name]
        if binding.form is not None:
            return is_condition(reader, binding.form)
        return binding.value is not None and np.asarray(binding.value).dtype == bool
    if form.shares_memory:
        return is_condition(reader, form.args[0])
    if not isinstance(form, forms.Apply):
        return False
    if form.op == "multiply":  # both
        return all(is_condition(reader, a) for a in form.args)
    if form.op == "subtract":  # not
        return form.args[0] is number(1) and is_condition(reader, form.args[1])
    return form.op in RELATIONS


def as_condition(form: Form) -> Form:
    """Return a condition for ``where``: data says yes where it is not zero."""
    inner = form
    while inner.shares_memory:
        inner = inner.args[0]
    return apply("not_equal", form, number(0)) if isinstance(inner, Name) else form


def as_truth(reader: Reader, form: Form) -> Form:
    """Read ``mask.bool()``."""
    if reader.is_literal(form):
        return reader.literal(np.asarray(reader.known(form)).astype(bool), torch=reader.is_torch(form))
    return form if is_condition(reader, form) else apply("not_equal", form, number(0))
