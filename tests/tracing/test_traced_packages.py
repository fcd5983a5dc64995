"""A file that is a module of a package imports from the package, as ``python -m`` runs it."""

from __future__ import annotations

from pathlib import Path

import symback as sb
from symback.tracer.files import Request, traced


def test_a_module_of_a_package_is_executed_with_what_it_imports_from_it(tmp_path: Path) -> None:
    inside = tmp_path / "nets" / "small"
    inside.mkdir(parents=True)
    (tmp_path / "nets" / "__init__.py").write_text("")
    (inside / "__init__.py").write_text("from .parts import squared\n")
    (inside / "parts.py").write_text("def squared(x):\n    return x * x\n")
    (inside / "model.py").write_text(
        "import numpy as np\nfrom .parts import squared\nfrom ..small import parts\n\n\n"
        "def loss(w):\n    return np.sum(parts.squared(w)) + np.sum(squared(w))\n"
    )
    net = traced(Request(str(inside / "model.py"), call="loss(np.array([1.0, 2.0]))"))
    found = sb.derive(net).evaluate()
    assert found.loss == 10.0
    assert [g.tolist() for g in found.gradients.values()] == [[4.0, 8.0]]
