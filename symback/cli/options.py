"""Options that commands share, and what they mean: FILE and its options to a derivation."""

from __future__ import annotations

import ast
import json
import keyword
import math
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from symback.cli.console import asked_language, note
from symback.cli.executing import EXECUTING, OWN_FILE, Executing, executed, is_of_the_text, only_with_execute
from symback.core.errors import ReadError, ValueProblem, nearest
from symback.core.files import keep, unpacked_size
from symback.page.messages import translated
from symback.page.words import DEFAULT_LANGUAGE, languages

if TYPE_CHECKING:
    from symback.api import Derivation
    from symback.networks.network import Network
    from symback.page.notation import Notation

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What adds an option to a command."""
_LONGEST_LITERAL = 1_000_000
_LARGEST_ARCHIVE = 1024 * 2**20


class Finite(click.types.FloatParamType):
    """A number that is neither nan nor infinite."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class OneOf(click.Choice[str]):
    """One of some names; the message for another one names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            hint = nearest(str(value), self.choices)
            self.fail(f"{value!r} is not one of {', '.join(self.choices)}{hint}.", param, ctx)


def language_option(help_: str, name: str = "lang") -> Decorator:
    """Return --lang, which says in which language everything is said."""
    return click.option("--lang", name, type=click.Choice(languages()), default=DEFAULT_LANGUAGE, help=help_)


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add FILE and the options that say how it is read."""
    options: list[Decorator] = [
        click.argument("file", metavar="FILE"),
        click.option("--loss", metavar="NAME|EXPRESSION", help="The loss, by name or as an expression of names."),
        click.option("--wrt", metavar="NAMES", help="Derive with respect to these names (comma separated)."),
        click.option(
            "--set",
            "settings",
            metavar="NAME=LITERAL",
            multiple=True,
            help="Give or replace a value; NAME may be an attribute, as args.hidden.",
        ),
        click.option("--values", "values_file", metavar="FILE", help="Values from a .json or .npz file."),
        click.option("--shape", "shapes", metavar="NAME=n,2", multiple=True, help="The shape of an open name."),
        click.option(
            "--batch",
            metavar="n",
            help="Make the batch size a letter: a leading 1 of the data, or their number of rows; with --execute, by a second run.",
        ),
        click.option("--seed", type=int, help="Fill random arrays from this seed."),
        click.option("--cell", metavar="N", help="The code cell of a notebook, or several: 1,3-5."),
        click.option(
            "--assume",
            "assumptions",
            metavar="FACT:NAME[:AXIS]",
            multiple=True,
            help="Grant a fact: one-hot (rows, with :0 columns, sum to 1), symmetric, diagonal, positive-definite, "
            "orthogonal or positive.",
        ),
        click.option("--collapse/--no-collapse", default=True, help="Cancel σ with BCE, softmax with cross-entropy."),
        language_option("The language of what is said."),
    ]
    for option in reversed([*options, *EXECUTING]):
        command = option(command)
    return command


def formula_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how formulas look, on a page and in a handout."""
    options = [
        click.option(
            "--view",
            type=click.Choice(["auto", "chain", "matrix", "index", "entries"]),
            default="auto",
            help="index proves each matrix line; entries writes every entry out.",
        ),
        click.option(
            "--digits", type=click.IntRange(1, 17), default=4, help="Significant digits of numbers in formulas."
        ),
        click.option(
            "--numbering",
            type=click.Choice(["running", "layered"]),
            default="running",
            help="Of entries: W_1 … W_6 across layers, or w_{11}^{(1)}.",
        ),
        click.option("--activation", metavar="LETTER", default="", help="Name the activations of entries, as sigma."),
        click.option(
            "--shapes", "show_shapes", is_flag=True, help="Print the shape under each factor of a matrix product."
        ),
        click.option("--time", is_flag=True, help="Print updates as W(t+1) = W(t) - ..."),
        click.option("--notation", metavar="NAME", help="A notation preset: plain, bold, nielsen or ng."),
        click.option("--name", "names", metavar="NAME=LATEX", multiple=True, help="Print NAME as this LaTeX."),
        click.option("--rate-symbol", metavar="LETTER", default="", help="The letter of the learning rate, as alpha."),
        click.option("--title", metavar="TEXT", help="The title of the document."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a page of formulas."""
    options = [
        click.option(
            "--style", type=click.Choice(["both", "full", "staged"]), default="both", help="Of the chain view."
        ),
        click.option(
            "--only", metavar="NAME", help="Only the derivative with respect to NAME, or one entry 'W1[0,0]'."
        ),
        click.option("--numbers", is_flag=True, help="Put the values into the formulas."),
        click.option(
            "--update/--no-update",
            default=None,
            help="Print updates, of all names of --wrt; by default those of parameters.",
        ),
        click.option("--why", is_flag=True, help="Say why, in words, in the index view."),
        click.option("--table", is_flag=True, help="List names, what they are, and their shapes first."),
    ]
    for option in reversed(options):
        command = option(command)
    return formula_options(command)


# --- reading the command line -----------------------------------------------------------------------------------------


def derivation_of(
    file: str,
    *,
    loss: str | None,
    wrt: str | None,
    settings: Sequence[str],
    values_file: str | None,
    shapes: Sequence[str],
    batch: str | None,
    seed: int | None,
    cell: str | None,
    assumptions: Sequence[str],
    collapse: bool,
    notation: str | None = None,
    names: Sequence[str] = (),
    execute: bool = False,
    call: str | None = None,
    arguments: str | None = None,
    seconds: float | None = None,
    data: Sequence[str] = (),
    verify: bool = False,
    use_backward: Sequence[str] = (),
    **_: Any,
) -> tuple[Derivation, Any]:
    """Return the derivation of FILE with its options, and the notation of its pages."""
    from symback.api import derive as derive_network
    from symback.page.notation import choose_notation

    keep(file)
    if execute:
        net = executed(
            file,
            Executing(call, arguments, seconds, tuple(data), verify, tuple(use_backward)),
            loss,
            wrt,
            cell,
            {"--set": settings, "--values": values_file, "--shape": shapes, "--seed": seed, "--batch": batch},
        )
    else:
        said = {"--call": call, "--arguments": arguments, "--seconds": seconds, "--data": data}
        only_with_execute({**said, "--verify": verify, "--use-backward": use_backward})
        try:
            net = _read(file, loss, wrt, settings, values_file, shapes, batch, seed, cell)
        except ReadError as error:
            if file != "-" and is_of_the_text(error):
                note(OWN_FILE)
            raise
    for item in assumptions:
        net.assume(*_assumption(item))
    d = derive_network(net, collapse=collapse)
    for finding in d.findings:
        note(str(finding))
    return d, choose_notation(notation, _symbols_of(names, d))


def _read(
    file: str,
    loss: str | None,
    wrt: str | None,
    settings: Sequence[str],
    values_file: str | None,
    shapes: Sequence[str],
    batch: str | None,
    seed: int | None,
    cell: str | None,
) -> Network:
    """Return the network of FILE, which is read and not executed."""
    from symback.readers import parse
    from symback.readers.source import file_text

    text = standard_input() if file == "-" else file_text(file)
    values = file_values(values_file) if values_file else {}
    values.update(settings_of(settings))
    read = partial(parse, text, loss=loss, wrt=wrt, seed=seed, cell=cell)
    given = shapes_of(shapes)
    net = read(values=values, shapes=given)
    if batch is not None:
        net = _with_batch(net, size_of(batch, f"--batch {batch}"), read, values, given)
    return net


def shapes_of(items: Sequence[str]) -> dict[str, Any]:
    """Return the shapes of ``--shape NAME=n,2``."""
    found: dict[str, Any] = {}
    for item in items:
        label, spelled = assignment("--shape", item, "NAME=n,2")
        found[label] = tuple(size_of(s, f"--shape {item}") for s in spelled.strip("() ").split(",") if s.strip())
    return found


def _with_batch(
    net: Network, size: int | str, read: Callable[..., Network], values: Mapping[str, Any], shapes: Mapping[str, Any]
) -> Network:
    """Return the network with another number of rows where its data have one, or with a letter for the number they have."""
    from symback.networks.network import rows_said
    from symback.page.words import words

    wider = {
        v.name: (size, *v.shape[1:])
        for v in net.variables.values()
        if v.role == "input" and len(v.shape) > (0 if v.integer else 1) and v.shape[0] == 1
    }
    if not wider and isinstance(size, str) and (rows := _rows_of_data(net)) > 1:
        many = [v for v in net.variables.values() if v.role == "input" and v.shape[:1] == (rows,)]
        net = read(values=values, shapes={**{v.name: (size, *v.shape[1:]) for v in many}, **shapes})
        net.choices += (rows_said(net, size),)
        return net
    if not wider:
        raise ValueProblem("--batch: no data with a leading 1 was found")
    net = read(values={k: v for k, v in values.items() if k not in wider}, shapes={**shapes, **wider})
    if isinstance(size, str):
        net.choices += (words()["one row"].format(size=size),)
    return net


def _rows_of_data(net: Network) -> int:
    """Return the number of rows of the first matrix among the data; 1 where there is none of several rows."""
    data = [v.shape for v in net.variables.values() if v.role == "input" and len(v.shape) > 1]
    return next((s[0] for s in data if isinstance(s[0], int) and s[0] > 1), 1)


def _assumption(item: str) -> tuple[str, str, int]:
    """Return fact, name and axis of ``--assume FACT:NAME[:AXIS]``."""
    kind, _sign, label = item.partition(":")
    if not label:
        raise ValueProblem(f"--assume {item}: write one-hot:NAME, symmetric:NAME or another fact")
    label, _sign, along = label.partition(":")
    if along and along not in ("0", "1", "-1", "-2"):
        raise ValueProblem(f"--assume {item}: write one-hot:NAME, or one-hot:NAME:0 for columns")
    return kind, label, int(along) if along else -1


def _symbols_of(items: Sequence[str], d: Derivation) -> dict[str, str]:
    """Return the LaTeX of names, as ``--name NAME=LATEX`` gives it."""
    symbols = {}
    known = d.network.variables.keys() | {e.name for e in d.network.equations}
    for item in items:
        label, latex = assignment("--name", item, "NAME=LATEX")
        if label not in known:
            raise ValueProblem(f"--name {item}: there is no {label} in this network{nearest(label, known)}")
        symbols[label] = latex
    return symbols


def page_notation(given: Notation, *, time: bool, activation: str, rate_symbol: str, **_: Any) -> Notation:
    """Return a notation with what the options of a page say about it."""
    rate = rate_symbol or given.learning_rate
    return replace(given, time=given.time or time, activation=activation, learning_rate=rate)


def assignment(option: str, item: str, example: str, dotted: bool = False) -> tuple[str, str]:
    """Return both sides of ``NAME=…``; a ``dotted`` name may be an attribute, as ``args.hidden``."""
    label, _sign, right = (part.strip() for part in item.partition("="))
    if not right or not all(part.isidentifier() for part in (label.split(".") if dotted else [label])):
        raise ValueProblem(f"{option} {item}: write {example}")
    return label, right


def size_of(spelled: str, doing: str) -> int | str:
    """Return a size as it is spelled: a number, or the name of a symbol."""
    text = spelled.strip()
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    if text.isidentifier() and not keyword.iskeyword(text):
        return text
    raise ValueProblem(f"{doing}: {text!r} is neither a size nor the name of one")


def standard_input() -> str:
    """Return what standard input holds; raises ReadError for what is too long or no text."""
    from symback.readers.source import LONGEST

    if sys.stdin is None or sys.stdin.closed:
        raise ReadError("standard input is closed; name a FILE, or send a text to standard input")
    try:
        data = sys.stdin.buffer.read(4 * LONGEST + 1)
    except OSError as error:
        raise ReadError(f"standard input cannot be read ({error.strerror or error})") from None
    if len(data) > 4 * LONGEST:
        raise ReadError("standard input is too long")
    try:
        return bytes(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError("standard input is not text in UTF-8") from None


def settings_of(items: Sequence[str]) -> dict[str, Any]:
    """Return the values of ``--set NAME=LITERAL``."""
    found: dict[str, Any] = {}
    for item in items:
        label, literal = assignment("--set", item, "NAME=LITERAL", dotted=True)
        value = _literal(literal, f"--set {label}")
        found[label] = value if _is_option(label, value) else _numbers(value, f"--set {label}")
    return found


def _is_option(label: str, value: Any) -> bool:
    """Return whether a value is a setting of the text, as ``args.activation='relu'``, and no array."""
    return "." in label and (value is None or isinstance(value, (bool, str)))


def _numbers(value: Any, doing: str) -> Any:
    """Return a value if it is a finite number or a full array of them."""
    import numpy as np

    try:
        array = np.array(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ValueProblem(f"{doing}: the rows of an array must have the same length") from None
    if array.dtype.kind not in "iufb":
        raise ValueProblem(f"{doing}: the value is not a number or an array of numbers")
    if not np.all(np.isfinite(array)):
        raise ValueProblem(f"{doing}: the value is not finite (nan or infinity)")
    return value


def _literal(text: str, doing: str) -> Any:
    if len(text) > _LONGEST_LITERAL:
        raise ValueProblem(f"{doing}: the literal is too long; use --values")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueProblem(f"{doing}: {text[:60]!r} is not a number or a list of numbers") from None


def file_values(path: str) -> dict[str, Any]:
    """Return the values of a .json or .npz file; raises ValueProblem for one that is damaged, too large or holds no numbers."""
    import numpy as np

    keep(path)
    try:
        loaded: Any
        if path.endswith(".npz"):
            # what is no archive is refused here; NumPy would speak of pickles
            if unpacked_size(path) > _LARGEST_ARCHIVE:
                raise ValueProblem(f"--values {path}: its arrays have more than {_LARGEST_ARCHIVE // 2**20} MB")
            with np.load(path, allow_pickle=False) as archive:
                loaded = {k: archive[k] for k in archive.files}
        else:
            with open(path, encoding="utf-8") as stream:
                loaded = json.load(stream)
    except zipfile.BadZipFile:
        raise ValueProblem(f"--values {path}: not readable (it is not an .npz archive, or damaged)") from None
    except OSError as error:
        raise ValueProblem(f"--values {path}: {error.strerror or error}") from None
    except ValueProblem:
        raise
    except (ValueError, RecursionError, KeyError) as error:
        raise ValueProblem(f"--values {path}: not readable ({str(error)[:120]})") from None
    except Exception as error:  # zipfile has errors of its own for damaged archives
        raise ValueProblem(f"--values {path}: not readable ({type(error).__name__})") from None
    if not isinstance(loaded, Mapping):
        raise ValueProblem(f"--values {path}: a JSON object of names and arrays is expected")
    return {k: _numbers(v, f"--values {path}: {k}") for k, v in loaded.items()}


def said(d: Derivation, extra: Iterable[str] = ()) -> str:
    """Return the first line: what was inferred."""
    language = asked_language()
    return "; ".join(translated(choice, language) for choice in (*d.choices, *extra))
