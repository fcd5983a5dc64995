"""symback derives backpropagation as a textbook does, prints it as LaTeX, and runs what it derived.

Public names are loaded when they are first used, so that ``import symback`` and ``symback --help`` stay fast. Type
checkers read ``__init__.pyi``, which is written from the list below and from the tables.
"""

from symback.core.hooks import provide as _provide

__version__ = "0.1.0"

_HOME = {
    "network": "symback.networks.equations",
    "parse": "symback.readers",
    "read": "symback.readers",
    "Network": "symback.networks.network",
    "Finding": "symback.networks.network",
    "derive": "symback.api",
    "Derivation": "symback.api",
    "check_gradients": "symback.api",
    "derive_function": "symback.api",
    "differentiate": "symback.api",
    "table": "symback.api",
    "check_answer": "symback.marking",
    "check_backward": "symback.marking",
    "check_file": "symback.marking",
    "check_text": "symback.marking",
    "where": "symback.core.forms",
    "dot": "symback.core.forms",
    "outer": "symback.core.forms",
    "matmul": "symback.core.forms",
    "transpose": "symback.core.forms",
    "equal": "symback.core.forms",
    "one_hot": "symback.core.forms",
    "Form": "symback.core.forms",
    "sum": "symback.networks.operators",
    "mean": "symback.networks.operators",
    "max": "symback.networks.operators",
    "min": "symback.networks.operators",
    "cholesky": "symback.networks.linear_algebra",
    "det": "symback.networks.linear_algebra",
    "diag": "symback.networks.linear_algebra",
    "eigh": "symback.networks.linear_algebra",
    "eigvalsh": "symback.networks.linear_algebra",
    "inv": "symback.networks.linear_algebra",
    "kron": "symback.networks.linear_algebra",
    "logdet": "symback.networks.linear_algebra",
    "lstsq": "symback.networks.linear_algebra",
    "matrix_exp": "symback.networks.linear_algebra",
    "matrix_power": "symback.networks.linear_algebra",
    "norm": "symback.networks.linear_algebra",
    "pinv": "symback.networks.linear_algebra",
    "qr": "symback.networks.linear_algebra",
    "slogdet": "symback.networks.linear_algebra",
    "solve": "symback.networks.linear_algebra",
    "svd": "symback.networks.linear_algebra",
    "svdvals": "symback.networks.linear_algebra",
    "trace": "symback.tracer",
    "tracing": "symback.tracer",
    "train": "symback.api",
    "optimizer": "symback.run.optimization",
    "schedule": "symback.run.optimization",
    "Notation": "symback.page.notation",
    "mlp": "symback.networks.layers",
    "SymbackError": "symback.core.errors",
    "ShapeError": "symback.core.errors",
    "ReadError": "symback.core.errors",
    "NetworkError": "symback.core.errors",
    "DerivationError": "symback.core.errors",
    "PrintError": "symback.core.errors",
    "ValueProblem": "symback.core.errors",
}

_MODULES = ("errors", "forms", "functions", "layers")

_provide(
    {
        "row_named": "symback.functions",
        "implicit_function_named": "symback.functions.matrices",
        "sympy_element": "symback.derivation.sympy_forms",
        "sympy_form": "symback.derivation.sympy_forms",
        "prime_value": "symback.engine.textbook",
        "proved_differential": "symback.engine.implicit",
        "form_latex": "symback.page.form_view",
        "network_latex": "symback.page.form_view",
        "optimizer_lines": "symback.page.optimizer_view",
        "hessian_latex": "symback.page.jacobian_view",
        "hessian_values": "symback.run.second_derivatives",
        "report_written": "symback.marking.pages",
    }
)


def __getattr__(name: str) -> object:
    from importlib import import_module
    from importlib.util import find_spec

    if name.startswith("_"):
        raise AttributeError(f"module 'symback' has no attribute {name!r}")
    if name in _HOME:
        found = globals()[name] = getattr(import_module(_HOME[name]), name)
        return found
    from symback.core.errors import NetworkError
    from symback.networks.operators import operator

    try:
        return operator(name)  # not kept here: a row may be taken out of the tables again
    except NetworkError as error:
        if find_spec(f"symback.{name}") is not None:
            return import_module(f"symback.{name}")
        raise AttributeError(f"module 'symback' has no attribute {name!r}: {error}") from None


def __dir__() -> list[str]:
    from symback.networks.operators import public_names

    return sorted({*globals(), *_HOME, *_MODULES, *public_names()})
