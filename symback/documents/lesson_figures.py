"""The pictures of a lesson: the network, its graph with numbers, maps of attention, and training, each where it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from symback.derivation.record import Record
from symback.documents.document import Figure
from symback.documents.plan import Plan
from symback.documents.training_figures import training_figures
from symback.networks.network import NamedNetwork
from symback.page import symbols_view
from symback.page.diagram import layers_of, network_picture
from symback.page.gates import gates_picture
from symback.page.graph import fits_edge, graph_picture
from symback.page.heat_map import heat_map
from symback.page.picture import Picture
from symback.page.records import sentence, sentence_text
from symback.page.sheet import Sheet
from symback.run.numeric import evaluate

_WIDEST, _TALLEST = 1000.0, 1200.0
"""The largest picture, in points, that can be read once it is scaled to a page."""
_SMALL_GRAPH = 14
"""Up to this many names, the computational graph with its values is drawn."""


def is_known(network: NamedNetwork, values: Mapping[str, Any] | None) -> bool:
    """Return whether every variable has a value."""
    return all(v in network.values or v in (values or {}) for v in network.variables)


class Figures:
    """The figures of one lesson; those with numbers are there where the page prints numbers."""

    def __init__(self, record: Record, page: Sheet, plan: Plan) -> None:
        self.record, self.page, self.plan, self.words = record, page, plan, page.words
        self.shows_numbers = plan.level != "brief" and page.numerals is not None

    def network(self, numbering: str) -> list[Figure]:
        """Return the picture of the network."""
        picture = network_picture(self.record, self.plan.notation, self.plan.language, numbering=numbering)
        if not _is_readable(picture):
            return []
        key = "network caption" if layers_of(self.record.network) is not None else "graph caption"
        return [Figure(picture, (self.words[key],), picture.description)]

    def attention(self) -> list[Figure]:
        """Return a map of each array of weights by which others are averaged."""
        if not self.shows_numbers or self.page.entries is not None or self.page.numerals is None:
            return []
        found = []
        roles = symbols_view.attention_roles(self.page.network)
        for name in (n for n, role in roles.items() if role == "attention weights"):
            values = self.page.numerals.values[name]
            picture = heat_map(values, self.words["query row"], self.words["key column"], self.plan.digits)
            if _is_readable(picture):
                caption = sentence(self.words["attention caption"], name=self.page.base.name(name))
                found.append(Figure(picture, caption, f"{sentence_text(caption)} {picture.description}"))
        return found

    def graph(self) -> list[Figure]:
        """Return the computational graph with the values and derivatives on its edges, where it is small enough to read."""
        if not self.shows_numbers or self.plan.graph == "none":
            return []
        network = self.page.network
        small = len(network.variables) + len(network.equations) <= _SMALL_GRAPH
        # of more single numbers than a graph of names holds, the operations still are
        gates = not small and self.page.base.scalar and self.page.entries is None and self.plan.level != "full"
        by_operations = self.plan.graph == "operations" or (self.plan.graph == "auto" and gates)
        if not by_operations and (self.page.entries is not None or not (small or self.plan.level == "full")):
            return []
        run = evaluate(self.record, self.plan.values)
        if not any(fits_edge(run.values[e.name]) and e.name != network.loss for e in network.equations):
            return []
        look = self.plan.notation, self.plan.language, self.plan.digits
        if by_operations:
            picture = gates_picture(self.record, self.plan.values, *look)
        else:
            known = {} if self.page.numerals is None or self.page.entries is not None else self.page.numerals.values
            settled = {n: known.get("∂" + n, v) for n, v in run.adjoints.items()}
            picture = graph_picture(self.record, replace(run, adjoints=settled), *look)
        if not _is_readable(picture):
            return []
        left_out = not all(fits_edge(v) for n, v in run.values.items() if n != network.loss)
        caption = [self.words["graph caption"], ". ", self.words["graph gates" if by_operations else "graph values"]]
        caption += [" ", self.words["graph left out"]] if left_out else []
        return [Figure(picture, tuple(caption), picture.description)]

    def training(self) -> list[Figure]:
        """Return pictures of the updates that the code makes: the loss, predictions, classes, the way over the loss."""
        if not is_known(self.record.network, self.plan.values) or self.record.network.upstream:
            return []
        return training_figures(self.record, self.page, self.plan.values)


def _is_readable(picture: Picture | None) -> TypeGuard[Picture]:
    return picture is not None and picture.width <= _WIDEST and picture.height <= _TALLEST
