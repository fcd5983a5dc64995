"""The table of ``docs/torch_modules.md``: by which way each module of ``torch.nn`` becomes formulas."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from symback.core.errors import ReadError
from symback.tracer import live
from symback.tracer.lowering import Lowering
from tests.tracing.torch_modules import INSTANCES, WITHOUT, Instance

HEAD = """# Modules of PyTorch, traced

Each module of `torch.nn` was traced in instances of its own, and every gradient compared with autograd's (10⁻⁹ of the largest entry):
none is wrong. A *row* is a definition of the tables; *positions* are entries that are only moved, *selection* entries that are
picked by their order; a *decomposition* is PyTorch's own, each part of which is again one of these; a *linear map* is a matrix that was found by trying.
Of several ways in one module the rarest is named.

| module | instances | by | refused |
|---|---|---|---|
"""
RARE = ("linear map", "decomposition", "selection", "positions", "row")
"""The ways, the rarest first."""


@contextmanager
def lowerings() -> Iterator[list[Lowering]]:
    """Keep how the runs inside become formulas."""
    kept: list[Lowering] = []
    own = live.chosen_network

    def kept_network(*args: Any, **options: Any) -> Any:
        found = own(*args, **options)
        kept.append(found[2])
        return found

    live.chosen_network = kept_network  # type: ignore[assignment]
    try:
        yield kept
    finally:
        live.chosen_network = own


def way_of(instance: Instance) -> str:
    """Return by which way an instance became formulas; the message where it is refused."""
    module, inputs = instance.build(), instance.inputs()
    with lowerings() as kept, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            live.trace(lambda: instance.scalar(module, inputs))
        except ReadError as error:
            return f"refused: {error}"
    site = [n for n in kept[-1].ways if n.path.startswith("torch")]
    found = {kept[-1].ways[n] for n in site}
    return next(way for way in RARE if way in found or way == "row")


def table(instances: Iterable[Instance] = INSTANCES) -> str:
    """Return the document."""
    found: dict[str, list[str]] = {}
    for instance in instances:
        found.setdefault(instance.kind, []).append(way_of(instance))
    lines = []
    for kind, ways in sorted(found.items(), key=lambda item: item[0].lower()):
        derived = [w for w in ways if not w.startswith("refused")]
        by = ", ".join(w for w in reversed(RARE) if w in derived)
        refused = len(ways) - len(derived)
        lines.append(f"| {kind} | {len(ways)} | {by or '–'} | {refused or ''} |\n")
    rest = ", ".join(f"{name} ({why})" for name, why in sorted(WITHOUT.items()))
    return HEAD + "".join(lines) + f"\nWithout an instance: {rest}.\n"


if __name__ == "__main__":
    from pathlib import Path

    (Path(__file__).parents[2] / "docs" / "torch_modules.md").write_text(table(), encoding="utf-8")
