"""What a lesson says beside the gradients: where an error comes from, along how many paths, and why a formula looks so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from symback.core.display import Node, Symbol
from symback.core.forms import Adjoint, Apply, Form, Function, Matmul, Outer, walk
from symback.derivation.record import Contribution
from symback.page import matrix_view, reasons_view, symbols_view
from symback.page.collapse_words import collapse_words
from symback.page.reasons_view import Reason
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet, bare_name
from symback.page.typesetting import Typesetter


class Explanations:
    """The explanations of one lesson, each given once; ``letters`` are those of sizes that they use."""

    def __init__(self, page: Sheet, matrices: bool) -> None:
        self.page = page
        self.context = page.with_errors if matrices else page.base
        self.letters: tuple[Node, ...] = ()
        self._inside = matrix_view.written_inside(page) if matrices else {}
        self._given: set[str] = set()
        self._roles = symbols_view.attention_roles(page.network)

    def sources(self, display: Display) -> list[Sentence]:
        """Return where the errors of a display come from: sentences that name one error after the other."""
        found = [self._error_sentence(name) for name in display.of if name in self.page.errors]
        return [text for text in found if text is not None and self._is_new(str(text[0]))]

    def paths(self, display: Display) -> list[Sentence]:
        """Return why gradients are sums over several equations."""
        found: list[Sentence] = []
        shown = [self.page.steps[name] for name in display.of if name in self.page.steps]
        inside = [out for step in shown for out in step.through if out in self._inside]
        for step in (*shown, *(self.page.steps[out] for out in inside)):
            reason = reasons_view.paths(self.page, step)
            if reason is not None:
                found += self._once(reason)
        return found

    def reasons(self, of: Sequence[str]) -> list[Sentence]:
        """Return why gradients have their transposes and sums."""
        found: list[Sentence] = []
        for name in of:
            for contribution in self.page.steps[name].contributions if name in self.page.steps else ():
                if self._roles.get(contribution.through) == "attention output" and self._roles.get(name) == "values":
                    text = sentence(self.page.words["values collect"], index=Symbol("k", "k"))
                    found += self._once(Reason("values collect", text))
                if contribution.collapsed:
                    found += self.collapsed(contribution)
                else:
                    for reason in reasons_view.reasons(self.page, contribution, self.context):
                        found += self._once(reason)
        return found

    def collapsed(self, contribution: Contribution) -> list[Sentence]:
        """Return what the short form of a collapse says."""
        words = collapse_words(self.page, self.context, contribution)
        return words if words and self._is_new("collapse") else []

    def legend(self) -> Sentence | None:
        """Return what the letters stand for; None where they are the network's own."""
        return reasons_view.legend(self.page, self.letters)

    def _is_new(self, key: str) -> bool:
        new = key not in self._given
        self._given.add(key)
        return new

    def _once(self, reason: Reason) -> list[Sentence]:
        if not self._is_new(reason.key):
            return []
        self.letters += reason.letters
        return [reason.text]

    def _error_sentence(self, name: str) -> Sentence | None:
        """Return the sentence on the error of a pre-activation that only an activation function reads."""
        step = self.page.steps[name]
        if len(step.contributions) != 1 or step.contributions[0].collapsed:
            return None
        out = step.contributions[0].through
        form = self.page.network.equation(out).form
        entrywise = isinstance(form, Apply) and isinstance(form.op, Function) and form.op.entrywise
        if not entrywise or out == self.page.network.loss or out not in self.page.steps:
            return None
        readers = self.page.steps[out].through
        if readers == (self.page.network.loss,):
            self._given.add("why entrywise")
            return sentence(self.page.words["delta output"])
        if len(readers) != 1 or readers[0] not in self.page.errors:
            return None
        products = [n for n in walk(self.page.network.equation(readers[0]).form) if isinstance(n, (Matmul, Outer))]
        own = [n for n in products if out in map(bare_name, n.args)] or products
        factors = [a for n in own for a in n.args if bare_name(a) not in (None, out)]
        if len(factors) != 1:
            return None
        self._given.add("why entrywise")
        if self.page.time.between(out, readers[0]):
            weight = self.page.base.name(bare_name(factors[0]) or "")
            return sentence(self.page.words["delta step"], next=self.page.errors[readers[0]], weight=weight)
        return self._through_weight(out, readers[0], factors[0])

    def _through_weight(self, out: str, reader: str, factor: Form) -> Sentence:
        """Say how an error comes back through a weight: by shapes, where they have letters."""
        error = self.page.errors[reader]
        back = reasons_view.without_factors(self.page.steps[out].contributions[0].form)
        shapes = reasons_view.product_of_shapes(self.page, back)
        if shapes is None:
            weight = self.page.base.name(bare_name(factor) or "")
            return sentence(self.page.words["delta hidden"], next=error, weight=weight)
        backward = next(a for a in back.args if not any(isinstance(n, Adjoint) for n in walk(a)))
        setter = Typesetter(self.page.base)
        self.letters += shapes[1]
        self._given.add("shape back")
        return sentence(
            self.page.words["delta hidden shapes"],
            activation=self.page.base.name(out),
            next=error,
            forward=setter.form(factor).whole(),
            backward=setter.form(backward).whole(),
            shapes=shapes[0],
        )


def place_said(page: Sheet, display: Display) -> Sentence | None:
    """Return which layer or time step a display computes, and what of it."""
    name = display.of[0]
    place = place_of(page, name)
    kinds = {symbols_view.meaning(page, n) for n in display.of}
    key = {
        frozenset(("pre-activation",)): "weighted sum",
        frozenset(("activation",)): "activation of layer",
        frozenset(("pre-activation", "activation")): "whole layer",
    }.get(frozenset(kinds))
    if key is None or not place:
        return None
    # where several units or gates stand one after the other, sums and activations take turns
    own = [symbols_view.meaning(page, n) for n, p in page.time.places.items() if p == page.time.places[name]]
    turns = ("activation", "pre-activation") in itertools.pairwise(own)
    if turns and (page.base.scalar or page.time.places[name].step):
        key = "whole place"
    return sentence(page.words[key], place=place[:1].upper() + place[1:])


def legend_key(page: Sheet) -> str:
    """Return the key of the sentence on what errors are: of a layer or of a time step, or of each of its sums."""
    if not page.time.steps:
        return "legend intro"
    counts = Counter(page.time.places[name] for name in page.time.steps)
    return "legend intro sums" if max(counts.values()) > 1 else "legend intro steps"


def place_of(page: Sheet, name: str) -> str:
    """Return the layer or the time step that an equation belongs to; nothing where there is only one."""
    place, places = page.time.places[name], {p for p in page.time.places.values() if p.layer}
    if not place.layer or len(places) < 2:
        return ""
    stepped = {p.layer for p in places if p.step}
    last = max(p.layer for p in places)
    is_output = place.layer == last and last - 1 in stepped
    layer = page.words["place output"] if is_output else page.words["place layer"].format(layer=place.layer)
    if not place.step:
        return layer
    step = page.words["place step"].format(step=place.step)
    return step if len(stepped) < 2 else page.words["place step layer"].format(step=step, layer=layer)
