"""A given upstream gradient: the loss of which only ∂L/∂Z is known, as a network that ends in L = Σ G ⊙ Z."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from symback.core.errors import NetworkError, nearest
from symback.core.forms import Form, reduce_over, shape_text
from symback.networks.network import LOSSES, Network, label_of
from symback.networks.symbol_names import label_in


def with_upstream(net: Network, upstream: Mapping[Any, Any]) -> Network:
    """Return the network that ends in L = Σ G ⊙ Z for each ``{Z: G}``, so that ∂L/∂Z = G; ``net`` stays as it is.

    Every loss with that derivative has the same gradients, by the chain rule: they are the vector–Jacobian product.
    Z is the name of an equation or a variable, G a name: new, for an input of the shape of Z, or of such an input.

    >>> net = Network()
    >>> Z = net.define("Z", net.input("X", ("n", "d")) @ net.parameter("W", ("d", "k")))
    >>> with_upstream(net, {"Z": "G"})
    Network(Z = X @ W; L = (G * Z).sum())

    Raises NetworkError for an unknown Z and for a G that is no name or has another shape.
    """
    if not isinstance(upstream, Mapping) or not upstream:
        raise NetworkError("upstream= takes the gradient of each output by its name, as {'Z': 'G'}")
    made = _copied(net)
    terms: list[Form] = []
    for output, given in upstream.items():
        label = label_of(output, net.aliases)
        if label not in net:
            known = [*net.variables, *(e.name for e in net.equations)]
            raise NetworkError(f"upstream: there is no {label}{nearest(label, known)}")
        if not isinstance(getattr(given, "name", given), str):
            raise NetworkError(
                f"upstream: the gradient of {label} is a name, as {{{label!r}: 'G'}}; its numbers are given where it runs"
            )
        gradient = label_in(made, given)
        form = made[label]
        if gradient not in made:
            made.input(gradient, form.shape)
            if hasattr(given, "free_symbols"):
                made.symbols.setdefault(gradient, given)
        elif gradient not in made.variables:
            raise NetworkError(f"upstream: {gradient} is computed by the network; a gradient that is given is an input")
        if made[gradient].shape != form.shape:
            raise NetworkError(
                f"upstream: {gradient} has shape {shape_text(made[gradient].shape)}, "
                f"{label} has shape {shape_text(form.shape)}; a gradient has the shape of its variable"
            )
        product = made[gradient] * form
        terms.append(reduce_over("sum", product) if form.shape else product)
        made.upstream[label] = gradient
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    loss = next(name for name in LOSSES if name not in made)
    made.define(loss, total)
    made.loss = loss
    return made


def _copied(net: Network) -> Network:
    made = copy.copy(net)
    for label, value in vars(net).items():
        if isinstance(value, (dict, list)):
            setattr(made, label, copy.copy(value))
    return made
