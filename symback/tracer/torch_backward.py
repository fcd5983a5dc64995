"""A backward pass that is itself part of the loss, as ``torch.autograd.grad(…, create_graph=True)``: its basic operations join the log."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from symback.tracer.tensors import Tensors
from symback.tracer.torch_values import tensors_in


class _Basic(TorchDispatchMode):
    """Records the basic operations that PyTorch carries out."""

    tensors: Tensors

    def __torch_dispatch__(self, function: Any, kinds: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a basic operation, and record it."""
        options = kwargs or {}
        return self.tensors.basic(function, args, options)


def recorded_backward(tensors: Tensors, function: Any, args: Any, options: Any) -> Any:
    """Return what a backward pass gives whose result is differentiated further, with its operations recorded."""
    for tensor in (*tensors_in(args), *tensors_in(options)):
        tensors.node_of(tensor)
    made: Any = _Basic
    mode = made()
    mode.tensors = tensors
    with torch._C.DisableTorchFunction(), mode:
        return function(*args, **options)
