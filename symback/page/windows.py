"""Names whose entries are those of another array in other places, and the kernels that are multiplied with windows of it."""

from __future__ import annotations

from collections.abc import Mapping

from symback.core import forms
from symback.core.forms import Form, Name, names_in, walk
from symback.networks.network import NamedNetwork


def arrangements(network: NamedNetwork) -> dict[str, tuple[str, str]]:
    """Return the names whose entries are those of another array in other places: how they stand there, and of which array.

    Windows along two axes are taken one axis after the other; of both, the array under the windows is returned.
    """
    found: dict[str, tuple[str, str]] = {}
    for equation in network.equations:
        form = equation.form
        if isinstance(form, (forms.Windows, forms.Reshape)) and (read := names_in(form)):
            kind, source = "windows" if isinstance(form, forms.Windows) else "rearranged", read[0].name
            inner = found.get(source, ("", ""))
            found[equation.name] = (
                kind,
                inner[1] if inner[0] == kind and network.equation(source).invented else source,
            )
    return found


def kernels(network: NamedNetwork, arranged: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the variables that are multiplied with every window, each with the array that the windows slide over."""
    nodes = (n for e in network.equations for n in walk(e.form))
    return dict(pair for n in nodes if (pair := kernel_of(n, network, arranged)) is not None)


def kernel_of(node: Form, network: NamedNetwork, arranged: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return the variable that a product multiplies with windows, and the array under them; None for another form."""
    if not isinstance(node, forms.Einsum):
        return None
    windows = [a for a in node.args if is_windows(a, arranged)]
    others = [n.name for a in node.args if a not in windows for n in names_in(a)]
    if len(windows) != 1 or len(others) != 1 or others[0] not in network.variables:
        return None
    (under,) = (n.name for n in names_in(windows[0]))
    return others[0], under if isinstance(windows[0], forms.Windows) else arranged[under][1]


def is_windows(form: Form, arranged: Mapping[str, tuple[str, str]]) -> bool:
    """Say whether a form holds the entries of windows, by its name or as it stands."""
    if isinstance(form, forms.Windows):
        return len(names_in(form)) == 1
    return isinstance(form, Name) and arranged.get(form.name, ("", ""))[0] == "windows"
