"""What the functions of a network mean, and their derivatives, each stated once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from symback.core import forms
from symback.core.display import COMMA, EMPTY, EQUALS, NEGATIVE, SPACE, Fraction, Node, Script, Symbol, row
from symback.core.forms import Apply, Form, Function, Name, Number, Prime, names_in, substitute, walk
from symback.derivation.jacobians import jacobian_of_row
from symback.engine.textbook import prime_form
from symback.page.context import context_of
from symback.page.notation import letter, with_layer
from symback.page.pieces import NoMatrixNotation
from symback.page.places import subscripted
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.substitution import is_smooth
from symback.page.typesetting import Typesetter
from symback.page.words import DEFAULT_LANGUAGE, words

_KINK_SIGNS: Mapping[str, Node] = {"±": Symbol(r"\pm ", "±"), "−": NEGATIVE, "=": EQUALS, ",": row(COMMA, SPACE)}

_MOST_OUTPUTS = 3
"""How many activations may have a line of their own for the derivative of one function."""


def definitions(sheet: Sheet, kind: str) -> list[Display]:
    """Return what the functions of this network mean, and their derivatives, each stated once."""
    used: dict[Function, None] = {}
    for equation in sheet.network.equations:
        for node in walk(equation.form):
            if isinstance(node, Apply) and isinstance(node.op, Function) and _needs_words(node.op):
                used[node.op] = None
    for step in sheet.record.steps:
        for contribution in (*step.contributions, *step.literal):
            for node in walk(contribution.form):
                if isinstance(node, Apply) and isinstance(node.op, Prime):
                    used[node.op.function] = None
                elif isinstance(node, Apply) and isinstance(node.op, Function) and _needs_words(node.op):
                    used[node.op] = None
    for function in _speaking_of(used):
        used[function] = None
    known = [f for f in used if f.definition is not None and not (sheet.spelled and is_smooth(f))]
    return [d for f in known for d in [_definition(sheet, f, kind)] if d is not None]


def _needs_words(function: Function) -> bool:
    """Say whether a reader has to be told what a function is: all but |x|, max, min, sign and the like."""
    return not (function.elementary and function.kinks)


def _definition(sheet: Sheet, function: Function, kind: str) -> Display | None:
    assert function.definition is not None
    if not function.entrywise:
        return _row_definition(sheet, function)
    arguments = [forms.name(n) for n in (("x",) if function.arguments == 1 else function.argument_names)]
    given = [
        *arguments[: function.arguments - len(function.defaults)],
        *(_trailing(sheet, function) or arguments[function.arguments - len(function.defaults) :]),
    ]
    call = forms.apply(function, *given)
    context = context_of(call, names=[a.name for a in arguments])
    context = replace(context, otherwise=sheet.base.otherwise)
    setter = Typesetter(context, indicators=False)

    def cells(left: Form, right: Form) -> tuple[Node, Node]:
        return setter.form(left).whole(), row(EQUALS, setter.form(right).whole())

    if function.stated[0]:
        rows: list[tuple[Node, ...]] = [(setter.form(call).whole(), row(EQUALS, Symbol(*function.stated)))]
    else:
        rows = [cells(call, function.definition(*given))]
    prime = Prime(function, function.variable)
    if _is_read(sheet, prime) or (function.elementary and _is_passed(sheet, function)):
        stated = _prime_in_outputs(sheet, prime) if kind == "matrix" else []
        rows += stated or [cells(forms.apply(prime, *given), prime_form(prime, tuple(given), call))]
    said = kink_sentence(function, sheet.language) if len(rows) > 1 else ()
    sentences = (said,) if said else ()
    return Display(tuple(rows), (function.name,), sentences)


def _trailing(sheet: Sheet, function: Function) -> list[Form]:
    """Return the numbers that calls give for the trailing arguments, if all calls give the same ones."""
    fixed = len(function.defaults)
    calls = [n for e in sheet.network.equations for n in walk(e.form) if isinstance(n, Apply) and n.op is function]
    found = {c.args[len(c.args) - fixed :] for c in calls} if fixed else set()
    if len(found) == 1:
        (only,) = found
        return list(only) if all(isinstance(a, Number) for a in only) else []
    return []


def _row_definition(sheet: Sheet, function: Function) -> Display | None:
    """Return the definition of a function that works along an axis, for the entry i of a vector."""
    vector, body = function.on_vector()
    context = replace(context_of(vector), scalar=False)
    setter = Typesetter(context)
    call = forms.apply(function, vector)
    rows: list[tuple[Node, ...]] = []
    with setter.indices(body.shape) as places:
        left, right = setter.entry(call, places), setter.entry(body, places)
        rows.append((left.whole(), row(EQUALS, right.whole())))
        if not isinstance(vector.shape[0], int) and _is_passed(sheet, function):
            short, result = forms.name("s", body.shape), function(vector, axis=-1)
            found = substitute(jacobian_of_row(function), lambda node: result if node == short else None)
            with setter.indices(vector.shape) as by:
                mark = Symbol(r"\partial ", "∂")
                below = row(mark, subscripted(context.name("x"), by))
                slope = row(Fraction(mark, below), SPACE, left.whole())
                for form in (*_written_out(found, vector), found):
                    rows.append((slope, row(EQUALS, setter.entry(form, (*places, *by)).whole())))
                    slope = EMPTY
    return Display(tuple(rows), (function.name,))


def _written_out(form: Form, vector: Form) -> tuple[Form, ...]:
    """Return what a derivative is before it is told to be another function of rows: e^{x_i}/Σ e^{x_j}, which is softmax."""
    if not (isinstance(form, Apply) and isinstance(form.op, Function) and form.args == (vector,)) or form.op.entrywise:
        return ()
    own, body = form.op.on_vector()
    return (substitute(body, lambda node: vector if node is own else None),)


def _is_passed(sheet: Sheet, function: Function) -> bool:
    """Say whether a gradient flows through a function."""
    through = {c.through for step in sheet.record.steps for c in (*step.contributions, *step.literal)}
    return any(
        isinstance(node, Apply) and node.op is function
        for equation in sheet.network.equations
        if equation.name in through
        for node in walk(equation.form)
    )


def _is_read(sheet: Sheet, prime: Prime) -> bool:
    return any(
        isinstance(node, Apply) and node.op == prime
        for step in sheet.record.steps
        for c in (*step.contributions, *step.literal)
        for f in (c.form, c.local)
        if f is not None
        for node in walk(f)
    )


def _prime_in_outputs(sheet: Sheet, prime: Prime) -> list[tuple[Node, ...]]:
    """Return σ'(z_l) = a_l ⊙ (1 − a_l), one line for all layers where their names agree but for the number.

    Nothing for more lines than a reader compares, as the gates of a recurrent network have: one speaks for all then.
    """
    found: list[tuple[str, str, Form]] = []
    for equation in sheet.network.equations:
        form = equation.form
        if isinstance(form, Apply) and form.op is prime.function and isinstance(form.args[0], Name):
            out = forms.name(equation.name, equation.shape)
            body = prime_form(prime, form.args, out)
            if out not in names_in(body):
                return []
            found.append((form.args[0].name, equation.name, body))
    calls = sum(isinstance(n, Apply) and n.op is prime.function for e in sheet.network.equations for n in walk(e.form))
    if not found or len(found) != calls:
        return []
    stems = {(re.sub(r"\d+$", "", z), re.sub(r"\d+$", "", a)) for z, a, _ in found}
    numbered = all(
        re.search(r"\d+$", z) and z[len(z.rstrip("0123456789")) :] == a[len(a.rstrip("0123456789")) :]
        for z, a, _ in found
    )
    layer = sheet.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
    context = replace(sheet.base, shapes=False)
    alike = len({bool(body.shape) for _, _, body in found}) == 1  # a number is multiplied without a sign
    if len(stems) == 1 and numbered and alike and len(found) > 1:
        z, a, _ = found[0]
        symbols = dict(context.names.symbols)
        for name in (z, a):
            node = symbols[name]
            layers = context.notation.layers
            if not isinstance(node, Script) or (node.above if layers == "subscript" else node.below) is not None:
                break
            symbols[name] = with_layer(node.base, layer, layers)
        else:
            context = replace(context, names=replace(context.names, symbols=symbols))
            found = found[:1]
    if len(found) > _MOST_OUTPUTS:
        return []
    rows: list[tuple[Node, ...]] = []
    for z, _, body in found:
        setter = Typesetter(context)
        call = forms.apply(prime, forms.name(z, body.shape))
        try:
            rows.append((setter.form(call).whole(), row(EQUALS, setter.form(body).whole())))
        except NoMatrixNotation:
            return []
    return rows


def _speaking_of(used: Iterable[Function]) -> list[Function]:
    """Return the functions that definitions and derivatives speak of, as GELU of Φ and φ, where they need a definition."""
    found: dict[Function, None] = {}
    stack = [f for f in used if f.entrywise]
    while stack:
        function = stack.pop()
        if function.definition is None:
            continue
        arguments = tuple(forms.name(n) for n in function.argument_names[: function.arguments])
        for body in (
            function.definition(*arguments),
            prime_form(Prime(function, function.variable), arguments, forms.apply(function, *arguments)),
        ):
            for node in walk(body):
                op = node.op if isinstance(node, Apply) else ""
                if (
                    isinstance(op, Function)
                    and op.entrywise
                    and (not op.elementary or op.stated[0])
                    and op not in found
                ):
                    found[op] = None
                    stack.append(op)
    return [f for f in found if f not in used]


def kink_sentence(function: Function, language: str = DEFAULT_LANGUAGE) -> Sentence:
    """Return the value chosen at a kink as a sentence; what a row says in words stands in the default language only.

    >>> from symback.functions import ROWS
    >>> from symback.page.records import sentence_text
    >>> sentence_text(kink_sentence(ROWS["relu"]))
    'At the kink: ReLU′(0) = 0.'
    """
    if not ("'" in function.kinks and "=" in function.kinks and " " not in function.kinks.partition("'")[0]):
        said = function.kinks if language == DEFAULT_LANGUAGE else ""
        return (words(language)["kinks"].format(kinks=said),) if said else ()
    symbol = Symbol(function.latex, function.text)
    nodes: list[Node] = []
    for token in re.findall(r"\w+'|[\w.]+|[^\w\s]", function.kinks):
        if token.endswith("'"):
            nodes.append(Script(symbol, primes=1))
        else:
            nodes.append(_KINK_SIGNS.get(token) or letter(token) or Symbol(token, token))
    return sentence(words(language)["kinks"], kinks=row(*nodes))
