"""symback derives backpropagation as a textbook does, prints it as LaTeX, and runs what it derived.

Public names are loaded when they are first used, so that ``import symback`` and ``symback --help`` stay fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "network": "symback.equations",
    "parse": "symback.readers", "read": "symback.readers",
    "Network": "symback.networks", "Finding": "symback.networks",
    "derive": "symback.api", "Derivation": "symback.api", "check_gradients": "symback.api",
    "derive_function": "symback.api", "table": "symback.api",
    "check_answer": "symback.marking", "check_backward": "symback.marking", "check_text": "symback.marking",
    "where": "symback.forms", "dot": "symback.forms", "outer": "symback.forms", "matmul": "symback.forms",
    "transpose": "symback.forms", "equal": "symback.forms", "one_hot": "symback.forms", "Form": "symback.forms",
    "sum": "symback.operators", "mean": "symback.operators", "max": "symback.operators", "min": "symback.operators",
    "train": "symback.api", "optimizer": "symback.optimization", "schedule": "symback.optimization",
    "Notation": "symback.notation", "mlp": "symback.layers",
    "SymbackError": "symback.errors", "ShapeError": "symback.errors", "ReadError": "symback.errors",
    "NetworkError": "symback.errors", "DerivationError": "symback.errors", "PrintError": "symback.errors",
    "ValueProblem": "symback.errors",
}

if TYPE_CHECKING:
    from symback.api import Derivation as Derivation
    from symback.api import check_gradients as check_gradients
    from symback.api import derive as derive
    from symback.api import derive_function as derive_function
    from symback.api import table as table
    from symback.api import train as train
    from symback.equations import network as network
    from symback.errors import DerivationError as DerivationError
    from symback.errors import NetworkError as NetworkError
    from symback.errors import PrintError as PrintError
    from symback.errors import ReadError as ReadError
    from symback.errors import ShapeError as ShapeError
    from symback.errors import SymbackError as SymbackError
    from symback.errors import ValueProblem as ValueProblem
    from symback.layers import mlp as mlp
    from symback.marking import check_answer as check_answer
    from symback.marking import check_backward as check_backward
    from symback.marking import check_text as check_text
    from symback.networks import Finding as Finding
    from symback.networks import Network as Network
    from symback.optimization import optimizer as optimizer
    from symback.optimization import schedule as schedule
    from symback.readers import parse as parse
    from symback.readers import read as read


def __getattr__(name: str) -> Any:
    from importlib import import_module
    from importlib.util import find_spec

    if name.startswith("_"):
        raise AttributeError(f"module 'symback' has no attribute {name!r}")
    if name in _HOME:
        found = getattr(import_module(_HOME[name]), name)
    elif find_spec(f"symback.{name}") is not None:
        return import_module(f"symback.{name}")
    else:
        from symback.errors import NetworkError
        from symback.operators import operator

        try:
            found = operator(name)
        except NetworkError as error:
            raise AttributeError(f"module 'symback' has no attribute {name!r}: {error}") from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    from symback.functions import ROWS

    return sorted({*globals(), *_HOME, *ROWS, "exp", "log", "sqrt", "sin", "cos", "abs"})
