"""A file of one's own becomes a Network: it is executed once, up to the end of its first step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symback.core.errors import NetworkError, ReadError, SymbackError
from symback.library.notebooks import code_cells, without_commands
from symback.networks.network import NamedNetwork, Network, rows_said
from symback.tracer import agreement, leaks
from symback.tracer.log import Log, Node
from symback.tracer.network_of import chosen_network, network_of
from symback.tracer.rows import Plan, with_rows
from symback.tracer.running import Run, run_file
from symback.tracer.verifying import moves_with_parameters, verify_file


@dataclass(frozen=True)
class Request:
    """What is asked of a run: the file, its arguments, and what of it is derived."""

    path: str
    arguments: tuple[str, ...] = ()
    loss: str | None = None
    wrt: tuple[str, ...] | None = None
    call: str | None = None
    cell: int | None = None
    data: tuple[str, ...] = ()
    """Names that are data, whatever was seen to leave the log before them."""
    verify: bool = False
    seconds: float = 60.0
    use_backward: tuple[str, ...] = ()
    """Functions of PyTorch whose stated backward takes the place of the derivative."""
    batch: str | None = None
    """The letter for the number of rows, which a second run with repeated rows tells from other sizes."""


class FileFailed(ReadError):
    """The file raised an exception of its own before its first step was over."""


def traced(request: Request) -> Network:
    """Return the Network of what a file computes in its first step, with its values.

    Raises FileFailed where the file ends by an exception of its own, ReadError where what it computed cannot be derived.
    """
    run = executed(request)
    what = Path(request.path).name + (f", then {request.call}" if request.call else "")
    built = _built(run, request)
    if built is not None:
        built.choices = (f"executed once: {what}, which builds the network itself", *built.choices)
        return built
    given = given_loss(run, request)
    called = [n for n in run.log.nodes if n.site.file == f"<{request.call}>" and n.run is None and n.kind == "f"]
    once = f"executed once: {what}"
    choice, net, lowering, names = chosen_network(run.log, once, request.loss, request.wrt, given, called, run.torch)
    if request.batch is not None:

        def again(plan: Plan) -> tuple[Log, SymbackError | None]:
            second = run_of(request, repeats=plan)
            return second.log, failure_of(second)

        data = [names[v.name] for v in net.variables.values() if v.role == "input" and v.name in names]
        rows = with_rows(request.batch, run.log, lowering, data, again)
        net, lowering, names = network_of(run.log, choice, f"executed twice, with its rows repeated: {what}", rows)
        net.choices += (rows_said(net, rows.size),)
    of_torch = choice.loss.path.startswith("torch")
    if of_torch and agreement.check(run.torch, net, choice.loss, names):
        net.choices += ("the gradients that backward() left agree with the formulas",)
    if request.verify and not moves_with_parameters(lowering):
        verify_file(net, lowering, choice.loss, names, lambda shifts: executed(request, shifts))
        net.choices += ("a second run with other parameters gave the loss that the formulas give",)
    elif not of_torch:
        leaks.check(run.log, lowering, choice, run.texts, request.data)
    return net


def given_loss(run: Run, request: Request) -> tuple[Node, str] | None:
    """Return the loss where it is the value of ``--call``, and why; judge functions that state their own backward before."""
    if run.torch is not None:
        with run.unrecorded():
            run.torch.judge(request.use_backward)
    if run.called is None or request.loss is not None:
        return None
    return run.called, f"the value of {request.call}"


def executed(request: Request, shifts: dict[int, Any] | None = None) -> Run:
    """Run the file, and return what was recorded; ``shifts`` are added to entries of the log by their numbers."""
    run = run_of(request, shifts=shifts)
    failed = failure_of(run)
    if failed is not None:
        raise failed from run.error
    return run


def run_of(request: Request, **more: Any) -> Run:
    """Run the file of a request, and return what was recorded, also where the file failed."""
    pieces = _cells(request.path, request.cell) if request.path.endswith(".ipynb") else None
    if pieces is None and request.cell is not None:
        raise ReadError(f"cell {request.cell}: only a notebook has cells")
    return run_file(
        request.path, request.arguments, request.loss, request.call, pieces, seconds=request.seconds, **more
    )


def failure_of(run: Run) -> FileFailed | None:
    """Return the exception of the file as an error of its execution."""
    if run.error is None:
        return None
    said = f"{type(run.error).__name__}: {run.error}" if str(run.error) else type(run.error).__name__
    return FileFailed(f"the file raised {said}", _line_of(run.error, run))


def _line_of(error: BaseException, run: Run) -> int | None:
    """Return the innermost line of one's own text at which an exception was raised."""
    found = None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename in run.log.files:
            found = step.tb_lineno
        step = step.tb_next
    return found


def _cells(path: str, until: int | None) -> list[tuple[str, str]]:
    """Return the code cells of a notebook in their order, up to one of them, each with what stands for its file."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ReadError(f"{path} is not a notebook") from None
    cells = code_cells(text)
    if until is not None and not 1 <= until <= len(cells):
        raise ReadError(f"there is no cell {until}; the notebook has {len(cells)} cells of code")
    return [(without_commands(c.text), f"{path}, cell {c.number}") for c in cells[:until]]


def _built(run: Run, request: Request) -> Network | None:
    """Return the Network that the file built with symback or SymPy itself, the last that it holds at its end."""
    if request.call is not None or request.loss is not None:
        return None
    for value in reversed(list(run.names.values())):
        if isinstance(value, Network) and value.equations:
            return value
        named = getattr(getattr(value, "record", None), "network", None) if _is_ours(value) else None
        if isinstance(named, NamedNetwork):
            return _unnamed(named)
    return _from_sympy(run, request)


def _is_ours(value: Any) -> bool:
    """Return whether a value is an object of this package: nobody else's attributes are looked at."""
    return (type(value).__module__ or "").partition(".")[0] == "symback"


def _unnamed(named: NamedNetwork) -> Network:
    """Return the Network of a derivation, as its equations were written."""
    net = Network()
    for variable in named.variables.values():
        declare = net.parameter if variable.name in named.parameters else net.input
        more = {"integer": True} if variable.integer and declare == net.input else {}
        declare(variable.name, variable.shape, named.values.get(variable.name), **more)
    for equation in named.equations:
        net.define(equation.name, equation.form, line=equation.line)
    net.loss = named.loss
    net.assumptions.extend(named.assumptions)
    net.latex.update(named.latex)
    return net


def _from_sympy(run: Run, request: Request) -> Network | None:
    """Return the Network of a list of SymPy's equations that the file holds at its end."""
    for value in reversed(list(run.names.values())):
        if isinstance(value, (list, tuple)) and value and all(type(v).__name__ == "Equality" for v in value):
            from symback.networks.equations import network

            try:
                return network(list(value))
            except NetworkError as error:
                raise ReadError(
                    f"the equations that {Path(request.path).name} builds are no network: {error}"
                ) from None
    return None
