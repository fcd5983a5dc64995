"""Second derivatives run: the gradient of each first derivative."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symback.derivation.jacobians import Hessian, hessian_values
from symback.run.numeric import Value, evaluate


@hessian_values.plug
def second_derivatives(hessian: Hessian, values: Mapping[str, Value] | None = None) -> np.ndarray:
    """Return the matrix of second derivatives at ``values`` (default: those found in the network)."""
    matrix = np.zeros((len(hessian.wrt), len(hessian.wrt)))
    for k, v in enumerate(hessian.wrt):
        if v in hessian.records:
            record = hessian.records[v]
            read = {name: value for name, value in (values or {}).items() if name in record.network.variables}
            gradients = evaluate(record, read).gradients
            for column, w in enumerate(hessian.wrt):
                matrix[k, column] = float(np.asarray(gradients.get(w, 0.0)).reshape(()))
    return matrix
