"""The command line: ``symback derive FILE``, ``symback run FILE``, ``symback code FILE``. The only module that prints.

Heavy modules are imported inside the commands, so that ``symback --help`` loads neither SymPy nor NumPy.
"""

from __future__ import annotations

import ast
import codecs
import json
import keyword
import math
import os
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from symback import __version__
from symback.errors import ReadError, SymbackError, ValueProblem, nearest

if TYPE_CHECKING:
    from symback.api import Derivation

_LONG_RUN = 200
_SHOWN_LOSSES = 20
_LONGEST_LITERAL = 1_000_000
_DEEPEST = 3000
_FORMATS = ("text", "tex", "latex", "md", "py")
_ENDINGS = {".txt": "text", ".tex": "tex", ".md": "md", ".py": "py"}


_SPELLED = {
    "−": "-", "∂": "d", "⊙": "*", "·": "*", "×": "*", "←": "<-", "→": "->", "Σ": "Sum", "′": "'", "√": "sqrt", "≈": "~",
    "≠": "!=", "≤": "<=", "≥": ">=", "∞": "inf", "…": "...", "ℓ": "l", "⋯": "...", "≔": ":=", "η": "eta",
    "\u0302": "_hat", "\u0304": "_bar", "\u0303": "_tilde",
}


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Spell characters that a console's encoding lacks: ŷ as y_hat, z₁ as z_1, xᵀ as x^T, σ as sigma."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = []
    for position in range(error.start, error.end):
        before = unicodedata.decomposition(error.object[position - 1]) if position else ""
        found.append(_spelled(error.object[position], before))
    # what is still beyond the encoding becomes a question mark
    return "".join(found).encode(error.encoding, "replace").decode(error.encoding), error.end


def _spelled(char: str, before: str) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    kind, _sign, _point = unicodedata.decomposition(char).partition(" ")
    if kind in ("<sub>", "<super>"):
        # only the first of several scripts gets its sign: a₁₂ is a_12
        sign = "" if before.startswith(kind) else "_" if kind == "<sub>" else "^"
        return sign + "".join(_SPELLED.get(c, c) for c in unicodedata.normalize("NFKD", char))
    name = unicodedata.name(char, "")
    if name.startswith("GREEK") and " LETTER " in name and " WITH " not in name:
        word = name.rpartition(" LETTER ")[2].removesuffix(" SYMBOL").lower()
        return word.capitalize() if "CAPITAL" in name else word
    plain = unicodedata.normalize("NFKD", char)
    return "".join(_SPELLED.get(c, c) for c in plain) if plain != char else char


codecs.register_error("spell", _spell)


class _Finite(click.types.FloatParamType):
    """A number that is neither nan nor infinite."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class _Commands(click.Group):
    """Turns every error raised on purpose into one line on standard error and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        before = sys.getrecursionlimit()
        # a sum of as many terms as a loop is written out for takes several calls a term
        sys.setrecursionlimit(max(before, _DEEPEST))
        try:
            return super().invoke(ctx)
        except SymbackError as error:
            _fail(str(error))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            _fail(f"the output cannot be written ({error.strerror or error})")
        except RecursionError:
            _fail("the network is nested too deeply to be derived")
        finally:
            sys.setrecursionlimit(before)


def _fail(message: str) -> NoReturn:
    click.echo(f"symback: {message}", err=True)
    sys.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symback")
def main() -> None:
    """Derive backpropagation from forward code: textbook formulas, and the gradients they give.

    FILE is a Python file or a notebook with a NumPy or PyTorch forward pass, or - for standard input. It is read,
    never executed.
    """
    for stream in (sys.stdout, sys.stderr):
        # a console in any encoding (cp949, cp1252) must show what it can instead of failing
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="spell")


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.argument("file", metavar="FILE"),
        click.option("--loss", metavar="NAME|EXPRESSION", help="The loss, by name or as an expression of names."),
        click.option("--wrt", metavar="NAMES", help="Derive with respect to these names (comma separated)."),
        click.option("--set", "settings", metavar="NAME=LITERAL", multiple=True, help="Give or replace a value."),
        click.option("--values", "values_file", metavar="FILE", help="Values from a .json or .npz file."),
        click.option("--shape", "shapes", metavar="NAME=n,2", multiple=True, help="The shape of an open name."),
        click.option("--batch", metavar="n", help="Make a leading 1 of the data a symbolic batch size."),
        click.option("--seed", type=int, help="Fill random arrays from this seed."),
        click.option("--cell", metavar="N", help="The code cell of a notebook, or several: 1,3-5."),
        click.option("--assume", "assumptions", metavar="one-hot:NAME[:AXIS]", multiple=True, help="Grant a fact: rows (or, with :0, columns) sum to 1."),
        click.option("--collapse/--no-collapse", default=True, help="Cancel σ with BCE, softmax with cross-entropy."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _page(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--view", type=click.Choice(["auto", "chain", "matrix", "index", "entries"]), default="auto",
                     help="index proves each matrix line; entries writes every entry out."),
        click.option("--style", type=click.Choice(["both", "full", "staged"]), default="both", help="Of the chain view."),
        click.option("--only", metavar="NAME", help="Only the derivative with respect to NAME, or one entry 'W1[0,0]'."),
        click.option("--numbers", is_flag=True, help="Put the values into the formulas."),
        click.option("--digits", type=click.IntRange(1, 17), default=4, help="Significant digits of these numbers."),
        click.option("--why", is_flag=True, help="Say why, in words, in the index view."),
        click.option("--numbering", type=click.Choice(["running", "layered"]), default="running",
                     help="Of entries: W_1 … W_6 across layers, or w_{11}^{(1)}."),
        click.option("--activation", metavar="LETTER", default="", help="Name the activations of entries, as sigma."),
        click.option("--shapes", "show_shapes", is_flag=True, help="Print the shape under each factor of a matrix product."),
        click.option("--table", is_flag=True, help="List names, what they are, and their shapes first."),
        click.option("--time", is_flag=True, help="Print updates as W(t+1) = W(t) - ..."),
        click.option("--notation", metavar="NAME", help="A notation preset: plain, nielsen or ng."),
        click.option("--name", "names", metavar="NAME=LATEX", multiple=True, help="Print NAME as this LaTeX."),
        click.option("--title", metavar="TEXT", help="Title of a LaTeX document."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _output(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--to", "form", type=click.Choice(_FORMATS), help="Output format; default by -o, else text.")(
        command
    )
    return click.option("-o", "output", metavar="OUT", help="Write to OUT (- is standard output).")(command)


# --- commands ---------------------------------------------------------------------------------------------------------


@main.command()
@_shared
@_page
@_output
def derive(file: str, output: str | None, form: str | None, only: str | None, style: str, **options: Any) -> None:
    """Print the derivation: forward pass, loss, chain rule, gradients, updates.

    The default is Unicode text; -o page.tex writes a LaTeX document, --to latex the bare formula.
    """
    d, notation = _derivation(file, **options)
    notation = replace(notation, time=notation.time or options["time"], activation=options["activation"])
    extras = {key: options[key] for key in ("numbers", "digits", "why", "numbering", "table")}
    extras["shapes"] = options["show_shapes"]
    kind = _format(form, output, "text")
    view = options["view"]
    head = _said(d, comment={"tex": "% ", "latex": "% ", "md": "", "text": "", "py": "# "}[kind])
    if kind == "tex":
        body = d.tex(view, notation, options["title"], style, **extras) if only is None else None
        if body is None:
            raise SymbackError("--only gives one formula, not a document; use --to latex")
    elif kind == "latex":
        body = d.latex(only, view, notation, style="full" if style == "both" else style, **extras) + "\n"
    elif kind == "md":
        body = _markdown(d, view, notation, style, only, extras)
    elif kind == "py":
        body = d.code()
    else:
        body = _text(d, view, notation, style, only, extras)
    _write(output, f"{head}\n{body}" if head else body)


@main.command()
@_shared
@_output
def code(file: str, output: str | None, form: str | None, **options: Any) -> None:
    """Print the NumPy code that computes the loss and the gradients: exactly what runs."""
    d, _ = _derivation(file, **options)
    if _format(form, output, "py") != "py":
        raise SymbackError("code is Python source; use -o FILE.py, or derive for pages")
    head = _said(d, comment="# ")
    _write(output, f"{head}\n{d.code()}" if head else d.code())


@main.command()
@_shared
@click.option("--steps", type=click.IntRange(0, 10_000_000), help="Updates to make (default: the code's own loop, else 1).")
@click.option("--learning-rate", "--lr", "rate", type=_Finite(), help="Default: the code's own, else 0.1.")
@click.option("--digits", type=click.IntRange(1, 17), default=10, help="Significant digits to print.")
def run(file: str, steps: int | None, rate: float | None, digits: int, **options: Any) -> None:
    """Run the derivation: forward values, loss, gradients, a check by differences, and gradient descent."""
    from symback.forms import shape_text

    d, _ = _derivation(file, **options)
    found = d.network.learning_rate
    chosen = rate if rate is not None else found if found is not None else 0.1
    extra = [] if rate is not None or found is not None else ["learning rate: 0.1 (the code has none)"]
    missing = [v for v in d.network.variables.values() if v.name not in d.network.values]
    if missing:
        listed = ", ".join(f"{v.name} {shape_text(v.shape)}" for v in missing)
        raise ValueProblem(f"values are missing for {listed}; give them by --set NAME=LITERAL or --values FILE, or "
                           "fill random arrays by --seed 0")
    values = d.evaluate()
    _echo(_said(d, extra=extra))
    forward = [e.name for e in d.network.equations if e.name != d.loss]
    _block("Forward pass", ((n, values.values[n]) for n in forward if n in values.values), digits)
    _block("Loss", [(d.loss, values.loss)], digits)
    _block("Gradients", ((f"∂{d.loss}/∂{n}", g) for n, g in values.gradients.items()), digits)
    from symback.api import check_gradients

    report = check_gradients(d)
    _echo("\n".join([str(report).splitlines()[0], *(f"  {note}" for note in report.notes)]) if report.ok else str(report))
    _echo("")
    count = steps if steps is not None else d.network.steps if d.network.steps is not None else 1
    if any(n not in d.network.variables for n in d.wrt):
        sys.exit(0 if report.ok else 1)
    history = _descend(d, count, chosen)
    noun = "step" if history.steps == 1 else "steps"
    _block(f"After {history.steps} {noun} with learning rate {chosen:g}", history.parameters.items(), digits)
    _losses(history.losses, digits)
    if history.stopped:
        click.echo(f"symback: stopped: {history.stopped}", err=True)
    sys.exit(0 if report.ok and not history.stopped else 1)


def _descend(d: Derivation, steps: int, rate: float) -> Any:
    if steps < _LONG_RUN or not sys.stderr.isatty():
        return d.run(steps, rate)
    with click.progressbar(length=steps, label="gradient descent", file=sys.stderr) as bar:
        last = 0

        def progress(done: int, of: int, loss: float) -> None:
            nonlocal last
            if done - last >= max(1, of // 200):
                bar.update(done - last)
                last = done

        history = d.run(steps, rate, progress=progress)
        bar.update(steps - last)
    return history


def _losses(losses: Sequence[float], digits: int) -> None:
    count = len(losses)
    every = max(1, -(-(count - 1) // _SHOWN_LOSSES))
    shown = sorted({*range(0, count, every), count - 1})
    _echo("Loss after each step" if every == 1 else f"Loss after every {every} steps")
    for k in shown:
        _echo(f"  {k:>{len(str(count - 1))}}  {losses[k]:.{digits}g}")


# --- reading the command line -----------------------------------------------------------------------------------------


def _derivation(
    file: str, *, loss: str | None, wrt: str | None, settings: Sequence[str], values_file: str | None,
    shapes: Sequence[str], batch: str | None, seed: int | None, cell: str | None, assumptions: Sequence[str], collapse: bool,
    notation: str | None = None, names: Sequence[str] = (), **_: Any,
) -> tuple[Derivation, Any]:
    from symback.api import derive as derive_network
    from symback.notation import choose_notation
    from symback.readers import parse
    from symback.readers.source import file_text
    from symback.words import words

    text = _standard_input() if file == "-" else file_text(file)
    values = _file_values(values_file) if values_file else {}
    values.update(_settings(settings))
    given: dict[str, Any] = {}
    for item in shapes:
        label, spelled = _assignment("--shape", item, "NAME=n,2")
        given[label] = tuple(_size(s, f"--shape {item}") for s in spelled.strip("() ").split(",") if s.strip())
    net = parse(text, values=values, shapes=given, loss=loss, wrt=wrt, seed=seed, cell=cell)
    if batch is not None:
        size = _size(batch, f"--batch {batch}")
        wider = {
            v.name: (size, *v.shape[1:]) for v in net.variables.values()
            if v.role == "input" and len(v.shape) > (0 if v.integer else 1) and v.shape[0] == 1
        }
        if not wider:
            raise ValueProblem("--batch: no data with a leading 1 was found")
        net = parse(text, values={k: v for k, v in values.items() if k not in wider}, shapes={**given, **wider},
                    loss=loss, wrt=wrt, seed=seed, cell=cell)
        if isinstance(size, str):
            net.choices += (words("en")["one row"].format(size=size),)
    for item in assumptions:
        kind, _sign, label = item.partition(":")
        if not label:
            raise ValueProblem(f"--assume {item}: write one-hot:NAME")
        label, _sign, along = label.partition(":")
        if along and along not in ("0", "1", "-1", "-2"):
            raise ValueProblem(f"--assume {item}: write one-hot:NAME, or one-hot:NAME:0 for columns")
        net.assume(kind, label, int(along) if along else -1)
    d = derive_network(net, collapse=collapse)
    for finding in d.findings:
        click.echo(f"note: {finding}", err=True)
    symbols = {}
    known = d.network.variables.keys() | {e.name for e in d.network.equations}
    for item in names:
        label, latex = _assignment("--name", item, "NAME=LATEX")
        if label not in known:
            raise ValueProblem(f"--name {item}: there is no {label} in this network{nearest(label, known)}")
        symbols[label] = latex
    return d, choose_notation(notation, symbols)


def _assignment(option: str, item: str, example: str) -> tuple[str, str]:
    """Return both sides of ``NAME=…``."""
    label, _sign, right = (part.strip() for part in item.partition("="))
    if not right or not label.isidentifier():
        raise ValueProblem(f"{option} {item}: write {example}")
    return label, right


def _size(spelled: str, doing: str) -> int | str:
    text = spelled.strip()
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    if text.isidentifier() and not keyword.iskeyword(text):
        return text
    raise ValueProblem(f"{doing}: {text!r} is neither a size nor the name of one")


def _standard_input() -> str:
    from symback.readers.source import LONGEST

    data = sys.stdin.buffer.read(4 * LONGEST + 1)
    if len(data) > 4 * LONGEST:
        raise ReadError("standard input is too long")
    try:
        return bytes(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError("standard input is not text in UTF-8") from None


def _settings(items: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        label, literal = _assignment("--set", item, "NAME=LITERAL")
        found[label] = _numbers(_literal(literal, f"--set {label}"), f"--set {label}")
    return found


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


def _file_values(path: str) -> dict[str, Any]:
    import numpy as np

    try:
        loaded: Any
        if path.endswith(".npz"):
            with zipfile.ZipFile(path):
                pass  # what is no archive is refused here; NumPy would speak of pickles
            with np.load(path, allow_pickle=False) as archive:
                loaded = {k: archive[k] for k in archive.files}
        else:
            with open(path, encoding="utf-8") as stream:
                loaded = json.load(stream)
    except zipfile.BadZipFile:
        raise ValueProblem(f"--values {path}: not readable (it is not an .npz archive, or damaged)") from None
    except OSError as error:
        raise ValueProblem(f"--values {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError, KeyError) as error:
        raise ValueProblem(f"--values {path}: not readable ({str(error)[:120]})") from None
    except Exception as error:  # zipfile has errors of its own for damaged archives
        raise ValueProblem(f"--values {path}: not readable ({type(error).__name__})") from None
    if not isinstance(loaded, Mapping):
        raise ValueProblem(f"--values {path}: a JSON object of names and arrays is expected")
    return {k: _numbers(v, f"--values {path}: {k}") for k, v in loaded.items()}


# --- writing ------------------------------------------------------------------------------------------------------------


def _said(d: Derivation, comment: str = "", extra: Iterable[str] = ()) -> str:
    """Return the first line: what was inferred."""
    choices = [*d.choices, *extra]
    return f"{comment}{'; '.join(choices)}" if choices else ""


def _text(
    d: Derivation, view: str, notation: Any, style: str, only: str | None, extras: Mapping[str, Any],
) -> str:
    from symback.formats.text import page
    from symback.views import Section, step_display

    if only is not None:
        display = step_display(d.record, only, view, notation, "full" if style == "both" else style, **extras)
        return page([Section("only", "", (display,))])
    return page(d.sections(view, notation, style, **extras))


def _markdown(
    d: Derivation, view: str, notation: Any, style: str, only: str | None, extras: Mapping[str, Any],
) -> str:
    from symback.formats.latex import body, sentence

    if only is not None:
        return f"$$\n{d.latex(only, view, notation, style='full' if style == 'both' else style, **extras)}\n$$\n"
    blocks = []
    for section in d.sections(view, notation, style, **extras):
        blocks.append(f"## {section.title}")
        for display in section.displays:
            blocks.extend(sentence(words) for words in display.words)
            blocks.append(f"$$\n{body(display)}\n$$")
    return "\n\n".join(blocks) + "\n"


def _block(title: str, pairs: Iterable[tuple[str, Any]], digits: int) -> None:
    rows = list(pairs)
    if not rows:
        return
    _echo(title)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        text = _value(value, digits)
        indent = " " * (width + 5)
        _echo(f"  {name:<{width}} = " + text.replace("\n", "\n" + indent))
    _echo("")


def _value(value: Any, digits: int) -> str:
    import numpy as np

    if isinstance(value, float) or np.ndim(value) == 0:
        return f"{float(value):.{digits}g}"
    return np.array2string(np.asarray(value), formatter={"float_kind": lambda v: f"{v:.{digits}g}"}, max_line_width=100)


def _echo(text: str) -> None:
    click.echo(text)


def _format(form: str | None, output: str | None, default: str) -> str:
    if form is not None:
        return form
    if output in (None, "-"):
        return default
    assert output is not None
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        raise SymbackError(f"-o {output}: the format of {ending or 'no ending'} is unknown; use --to or one of {', '.join(_ENDINGS)}")
    return _ENDINGS[ending]


def _write(output: str | None, text: str) -> None:
    """Write text to standard output, or to a file: whole or not at all."""
    if output in (None, "-"):
        click.echo(text, nl=not text.endswith("\n"))
        return
    assert output is not None
    temporary = ""
    try:
        if os.path.exists(output) and not os.path.isfile(output) and not os.path.isdir(output):
            with open(output, "w", encoding="utf-8", newline="\n") as stream:  # a pipe or a device
                stream.write(text)
            return
        target = Path(os.path.realpath(output))  # a link stays a link
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError as error:
        raise SymbackError(f"-o {output}: cannot be written ({error.strerror or error})") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    main()
