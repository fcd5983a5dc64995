"""What a text leaves unsaid: which name is the loss, which are parameters, and what a reader should be told.

Every choice made here is recorded as a sentence in ``Network.choices``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from symback.core.errors import ReadError, nearest
from symback.library.name_words import is_parameter_name, normalized
from symback.library.parameter_names import live_leaves, refuse_cut, weight_like
from symback.library.values import Binding
from symback.networks.network import Network, list_names
from symback.readers.building import build, data_sentence, names_in_held
from symback.readers.losses import LossFinder, NoForwardPass
from symback.readers.named_sizes import named_sizes
from symback.readers.recording import refuse_unwanted
from symback.readers.slots import give_state
from symback.readers.values import Returned


class Inference(LossFinder):
    """Chooses loss and parameters of a followed text and makes its Network."""

    named: Mapping[str, int] = MappingProxyType({})
    """Keys of names that stand for sizes, and their lengths."""

    def network(self, loss: str | None, wrt: Sequence[str] | None, returned: Returned | None = None) -> Network:
        """Return the Network of the slice that the loss needs."""
        with self._explained():
            give_state(self.evaluator)
            root = self._given_loss(loss) if loss is not None else self._found_loss(returned)
            sliced = self.sliced(root)
            self.named = named_sizes(self.evaluator, sliced, set(wrt or ()))
            parameters = self._parameters(sliced, wrt, root)
            self.named = {k: v for k, v in self.named.items() if k not in {b.key for b in parameters}}
        net = self._built(root, sliced, parameters)
        if wrt is not None:
            readable = self._readable(sliced, root)
            net.untrained = {readable[b.key] for b in parameters if not self._is_trained(b)}
        return net

    def _built(self, root: Binding, sliced: list[Binding], parameters: Iterable[Binding]) -> Network:
        wanted = {b.key for b in parameters}
        return build(self.evaluator, root, sliced, wanted, self.stored, self.choices, self.named)

    def network_of(self, root: Binding, parameters: Sequence[str]) -> tuple[Network, Mapping[str, str]]:
        """Return the Network of a loss and parameters given by their keys, and the readable names of its versions."""
        give_state(self.evaluator)
        sliced = self.sliced(root)
        net = self._built(root, sliced, [b for b in sliced if b.key in set(parameters)])
        return net, self._readable(sliced, root)

    def _parameters(self, sliced: list[Binding], wrt: Sequence[str] | None, root: Binding) -> list[Binding]:
        leaves = [b for b in sliced if b.form is None]
        final, live = self._readable(sliced, root), live_leaves(sliced)
        if wrt is not None:
            found, why = [self._wanted(name, leaves, root) for name in wrt], "given"
        else:
            indices = self.indices()
            found, why = self._candidates(sliced, [b for b in leaves if b.key not in indices])
        if not found:
            named = [b.base for b in leaves if not b.anonymous]
            raise ReadError(
                f"nothing says which names are parameters; give wrt= (--wrt), one or more of {list_names(named)}"
                if named
                else f"the loss {root.base} depends on no name"
            )
        cut = [] if wrt is not None else [b for b in found if b.key not in live[root.key]]
        found = [b for b in found if b not in cut] or found
        refuse_cut(sliced, found, live, final)
        refuse_unwanted(self.evaluator, sliced, found, live)
        self.choices.append(f"parameters: {', '.join(final[b.key] for b in found)} ({why})")
        wanted = {b.key for b in found}
        data = data_sentence(
            [b for b in sliced if b.key not in self.named], wanted, final, weight_like(sliced, self.drawn, wanted)
        )
        if data is not None:
            self.choices.append(data)
        if cut and found != cut:
            self.choices.append(f"no gradient reaches {list_names(final[b.key] for b in cut)}: data here")
        return found

    def _is_trained(self, leaf: Binding) -> bool:
        """Return whether the code trains a leaf, or it is spelled as what is trained."""
        steered = {
            n.name for o in self.evaluator.optimizers for p in o.parameters for n in names_in_held(self.evaluator, p)
        }
        updated = {u.key for u in self.evaluator.updates}
        named = is_parameter_name(leaf.base, array=bool(leaf.shape))
        return leaf.trainable or named or leaf.key in updated | steered

    def _wanted(self, name: str, leaves: list[Binding], root: Binding) -> Binding:
        found = next((b for b in leaves if b.base == name), None)
        if found is not None:
            return found
        version = self._forward(name)
        if version is None:
            raise ReadError(f"there is no {name} in the code{nearest(name, self._names())}")
        if version.form is not None:
            raise ReadError(
                f"{name} is computed by the code (line {version.line}); parameters are inputs: "
                f"{list_names([b.base for b in leaves if not b.anonymous])}"
            )
        fixed = self.evaluator.read_as_numbers.get(version.key)
        raise ReadError(f"the loss {root.base} does not depend on {name}{f'; {fixed}' if fixed else ''}")


def split_names(names: str | Iterable[str] | None) -> list[str] | None:
    """Return names from a list, or from text with commas."""
    if names is None:
        return None
    given = names.split(",") if isinstance(names, str) else [str(n) for n in names]
    return [normalized(n.strip()) for n in given if n.strip()]


__all__ = ["Inference", "NoForwardPass", "split_names"]
