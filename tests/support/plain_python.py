"""A small interpreter over the functions for plain values, and random expressions for it; CPython is the oracle."""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Callable, Iterator
from typing import Any

from symback.core.errors import ReadError
from symback.library.paths import CONSTANTS
from symback.library.values import Exact, Library
from symback.readers import library_calls, standard_library
from symback.readers.builtin_functions import BUILTINS, call_unbound, plain_attribute, plain_method
from symback.readers.iterators import Iterated
from symback.readers.plain_operations import (
    made_dict,
    made_set,
    plain_binary,
    plain_compare,
    plain_item,
    plain_unary,
)
from symback.readers.plain_values import is_plain, iterate, truth
from symback.readers.strings import formatted
from symback.readers.values import Helper, Method, Scope


class PlainReader:
    """What the functions for plain values ask of a reader, without arrays."""

    line = 1
    bindings: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.values: dict[str, Any] = {}
        self.overridden: set[str] = set()
        self.instances: list[Any] = []
        self.rows_alone = self.rows_born = 0
        self.lost: dict[int, Any] = {}

    def is_array(self, value: Any) -> bool:
        return False

    def held(self, value: Any) -> Any:
        return value

    def whole_number(self, value: Any) -> int | None:
        return None

    def value(self, node: ast.expr, names: dict[str, Any]) -> Any:
        found = getattr(self, f"_{type(node).__name__.lower()}")(node, names)
        assert found is not NotImplemented, ast.unparse(node)
        return found

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        if isinstance(function, Helper):
            assert isinstance(function.body, ast.expr)
            given = dict(zip([a.arg for a in function.arguments.args], args, strict=False))
            return self.value(function.body, {**function.scope.names, **given})
        if isinstance(function, Library):
            path = function.path
            if path.startswith("builtins."):
                found = BUILTINS.get(path.removeprefix("builtins."))
                if found is not None:
                    return found(self, *args, **keywords)
                return call_unbound(self, path.removeprefix("builtins."), args, keywords)  # type: ignore[arg-type]
            given = standard_library.call(self, path, args, keywords)  # type: ignore[arg-type]
            return library_calls.call(self, path, args, keywords) if given is NotImplemented else given  # type: ignore[arg-type]
        if isinstance(function, Method) and is_plain(function.value):
            return plain_method(self, function.value, function.name, args, keywords)  # type: ignore[arg-type]
        if isinstance(function, Method):
            return library_calls.call_method(self, function.value, function.name, args, keywords)  # type: ignore[arg-type]
        raise ReadError("it cannot be called", 1)

    def items_of(self, value: Any) -> Any:
        raise ReadError("it cannot be walked along", 1)

    def walk(self, value: Any) -> Any:
        raise ReadError("it cannot be walked along", 1)

    def remember(self, cell: Any) -> None:
        pass

    def tick(self) -> None:
        pass

    def constant(self, value: Any, data: bool = True) -> Any:
        return value

    def _constant(self, node: ast.Constant, names: dict[str, Any]) -> Any:
        return node.value

    def _name(self, node: ast.Name, names: dict[str, Any]) -> Any:
        if node.id in names:
            return names[node.id]
        return Library(f"builtins.{node.id}" if hasattr(builtins, node.id) else node.id)

    def _list(self, node: ast.List, names: dict[str, Any]) -> Any:
        return self._elements(node.elts, names)

    def _tuple(self, node: ast.Tuple, names: dict[str, Any]) -> Any:
        return tuple(self._elements(node.elts, names))

    def _set(self, node: ast.Set, names: dict[str, Any]) -> Any:
        return made_set(self._elements(node.elts, names), 1)

    def _elements(self, nodes: list[ast.expr], names: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found.extend(iterate(self, self.value(node.value, names)))  # type: ignore[arg-type]
            else:
                found.append(self.value(node, names))
        return found

    def _dict(self, node: ast.Dict, names: dict[str, Any]) -> Any:
        pairs = [(self.value(k, names), self.value(v, names)) for k, v in zip(node.keys, node.values, strict=True) if k]
        return made_dict(pairs, 1)

    def _binop(self, node: ast.BinOp, names: dict[str, Any]) -> Any:
        return plain_binary(node.op, self.value(node.left, names), self.value(node.right, names), 1)

    def _unaryop(self, node: ast.UnaryOp, names: dict[str, Any]) -> Any:
        value = self.value(node.operand, names)
        return not self.true(value) if isinstance(node.op, ast.Not) else plain_unary(node.op, value, 1)

    def true(self, value: Any) -> bool:
        return truth(self, value)  # type: ignore[arg-type]

    def _boolop(self, node: ast.BoolOp, names: dict[str, Any]) -> Any:
        found: Any = None
        for part in node.values:
            found = self.value(part, names)
            if self.true(found) is isinstance(node.op, ast.Or):
                break
        return found

    def _compare(self, node: ast.Compare, names: dict[str, Any]) -> Any:
        left = self.value(node.left, names)
        for op, other in zip(node.ops, node.comparators, strict=True):
            right = self.value(other, names)
            found = plain_compare(op, left, right, 1)
            if not found:
                return found
            left = right
        return found

    def _ifexp(self, node: ast.IfExp, names: dict[str, Any]) -> Any:
        return self.value(node.body if self.true(self.value(node.test, names)) else node.orelse, names)

    def _attribute(self, node: ast.Attribute, names: dict[str, Any]) -> Any:
        value = self.value(node.value, names)
        if isinstance(value, Library):
            path = f"{value.path}.{node.attr}"
            return CONSTANTS[path] if path in CONSTANTS else Library(path)
        return plain_attribute(value, node.attr, 1)

    def _subscript(self, node: ast.Subscript, names: dict[str, Any]) -> Any:
        return plain_item(self.value(node.value, names), self.value(node.slice, names), 1)

    def _slice(self, node: ast.Slice, names: dict[str, Any]) -> Any:
        return slice(*(None if e is None else self.value(e, names) for e in (node.lower, node.upper, node.step)))

    def _joinedstr(self, node: ast.JoinedStr, names: dict[str, Any]) -> str:
        return "".join(str(self.value(v, names)) for v in node.values)

    def _formattedvalue(self, node: ast.FormattedValue, names: dict[str, Any]) -> str:
        conversion = "" if node.conversion < 0 else chr(node.conversion)
        spec = "" if node.format_spec is None else self.value(node.format_spec, names)
        return formatted(self.value(node.value, names), conversion, spec, 1)

    def _lambda(self, node: ast.Lambda, names: dict[str, Any]) -> Helper:
        return Helper("lambda", node.args, node.body, Scope(names), {}, 1)

    def _call(self, node: ast.Call, names: dict[str, Any]) -> Any:
        function = self.value(node.func, names)
        args = self._elements(node.args, names)
        return self.call(function, args, {k.arg: self.value(k.value, names) for k in node.keywords if k.arg})

    def _bound(self, target: ast.expr, item: Any, names: dict[str, Any]) -> dict[str, Any]:
        if isinstance(target, ast.Name):
            return {**names, target.id: item}
        assert isinstance(target, ast.Tuple)
        for part, value in zip(target.elts, iterate(self, item), strict=True):  # type: ignore[arg-type]
            names = self._bound(part, value, names)
        return names

    def _rounds(self, generators: list[ast.comprehension], names: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not generators:
            yield names
            return
        first, *rest = generators
        for item in iterate(self, self.value(first.iter, names)):  # type: ignore[arg-type]
            inner = self._bound(first.target, item, names)
            if all(self.true(self.value(t, inner)) for t in first.ifs):
                yield from self._rounds(rest, inner)

    def _listcomp(self, node: ast.ListComp, names: dict[str, Any]) -> Any:
        return [self.value(node.elt, n) for n in self._rounds(node.generators, names)]

    def _generatorexp(self, node: ast.GeneratorExp, names: dict[str, Any]) -> Any:
        return Iterated((self.value(node.elt, n) for n in self._rounds(node.generators, names)), "generator")

    def _setcomp(self, node: ast.SetComp, names: dict[str, Any]) -> Any:
        return made_set([self.value(node.elt, n) for n in self._rounds(node.generators, names)], 1)

    def _dictcomp(self, node: ast.DictComp, names: dict[str, Any]) -> Any:
        rounds = self._rounds(node.generators, names)
        return made_dict([(self.value(node.key, n), self.value(node.value, n)) for n in rounds], 1)


def evaluated(text: str, **names: Any) -> Any:
    """Return what the functions for plain values make of an expression."""
    return PlainReader().value(ast.parse(text.strip(), mode="eval").body, names)


def pictured(value: Any) -> Any:
    """Return a value with the types of all that it holds, so that 1, 1.0 and True differ."""
    if isinstance(value, Library) and value.path.startswith("builtins."):
        value = getattr(builtins, value.path.removeprefix("builtins."))
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, sorted(map(repr, map(pictured, value)))
    if isinstance(value, dict):
        return type(value).__name__, [(pictured(k), pictured(v)) for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [pictured(v) for v in value]
    if isinstance(value, Exact):
        return "float", repr(float(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return "int", repr(int(value))
    if hasattr(value, "__next__") or type(value).__name__.startswith("dict_"):
        return "walk", [pictured(v) for v in value]
    return type(value).__name__, repr(value)


# --- random expressions -----------------------------------------------------------------------------------------------

WORDS = ["''", "'a'", "'relu'", "'Ab c'", "'W1,b1, W2'", "' x\\n'", "'12'", "'-3.5'", "'ß'", "'aXbXc'"]
SPECS = ["", ">5", "<4", "^6", "03", ".2f", "+.1e", ",", "d", "x", "8.3f", "%", "s", ".3", "g", "b", "#x", "*^9"]
PERCENTS = [
    "'%s-%s' % ({a}, {b})",
    "'%d' % {n}",
    "'%.2f|%5s' % ({x}, {s})",
    "'%r' % ({a},)",
    "'%%' % ()",
    "'%05d' % {n}",
]


class Expressions:
    """Makes random expressions over plain values: each method gives the text of one of its kind."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *ways: Callable[[], str]) -> str:
        return self.random.choice(ways)()

    def one(self, depth: int = 3) -> str:
        kinds = (self.whole, self.real, self.text, self.truth, self.list, self.tuple, self.dict, self.set)
        return self.random.choice(kinds)(depth)

    def number(self, depth: int) -> str:
        return self.pick(lambda: self.whole(depth), lambda: self.real(depth), lambda: self.truth(depth))

    def whole(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(["0", "1", "2", "3", "-1", "7", "10", "True", "-5"])
        d, r = depth - 1, self.random
        return self.pick(
            lambda: self.whole(0),
            lambda: f"({self.whole(d)} {r.choice(['+', '-', '*', '//', '%', '&', '|', '^'])} {self.whole(d)})",
            lambda: f"({self.whole(d)} ** {r.choice('0123')})",
            lambda: f"({self.whole(d)} {r.choice(['<<', '>>'])} {r.choice('0123')})",
            lambda: (
                f"len({self.pick(lambda: self.list(d), lambda: self.text(d), lambda: self.dict(d), lambda: self.set(d))})"
            ),
            lambda: f"int({self.pick(lambda: self.real(d), lambda: self.text(d), lambda: self.whole(d))})",
            lambda: f"round({self.real(d)})",
            lambda: f"{r.choice(['-', '+', '~'])}{self.whole(d)}",
            lambda: f"abs({self.whole(d)})",
            lambda: f"sum({self.list(d)})",
            lambda: f"{self.text(d)}.{r.choice(['find', 'count', 'index'])}({self.text(0)})",
            lambda: f"{self.list(d)}.{r.choice(['count', 'index'])}({self.whole(d)})",
            lambda: f"divmod({self.number(d)}, {self.number(d)})[{r.choice('01')}]",
            lambda: f"{r.choice(['max', 'min'])}({self.number(d)}, {self.number(d)})",
            lambda: (
                f"{r.choice(['max', 'min'])}({self.list(d)}, key=lambda v: -v if isinstance(v, int) else 0, default=3)"
            ),
            lambda: f"ord({self.text(d)}[{r.choice(['0', '-1'])}])",
            lambda: f"pow({self.whole(d)}, {r.choice('0123')}, {self.whole(d)})",
            lambda: f"({self.whole(d)} {r.choice(['and', 'or'])} {self.one(d)})",
            lambda: f"({self.one(d)} if {self.one(d)} else {self.whole(d)})",
            lambda: f"{self.whole(d)}.bit_length()" if depth < 0 else f"({self.whole(d)}).bit_length()",
        )

    def real(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(["0.5", "2.5", "-1.5", "1e3", "3.0", "-0.0", "0.1", "1e-7", "2.675", "1e16"])
        d, r = depth - 1, self.random
        return self.pick(
            lambda: self.real(0),
            lambda: f"({self.number(d)} / {self.number(d)})",
            lambda: f"({self.real(d)} {r.choice(['+', '-', '*', '//', '%', '/'])} {self.number(d)})",
            lambda: f"({self.number(d)} {r.choice(['+', '-', '*', '/'])} {self.real(d)})",
            lambda: f"({self.number(d)} ** {r.choice(['0.5', '-1', '2', '1.5', '-0.5'])})",
            lambda: f"round({self.number(d)}, {r.choice(['0', '1', '2', '-1', 'None'])})",
            lambda: f"float({self.pick(lambda: self.number(d), lambda: self.text(d))})",
            lambda: f"sum([{self.real(d)}, {self.number(d)}, {self.number(d)}], {self.number(0)})",
            lambda: f"abs({self.real(d)})",
            lambda: f"-{self.real(d)}",
        )

    def truth(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(["True", "False"])
        d, r = depth - 1, self.random
        order = ["<", "<=", ">", ">=", "==", "!="]
        return self.pick(
            lambda: f"({self.number(d)} {r.choice(order)} {self.number(d)} {r.choice(order)} {self.number(d)})",
            lambda: f"({self.text(d)} {r.choice([*order, 'in', 'not in'])} {self.text(d)})",
            lambda: f"({self.list(d)} {r.choice(order)} {self.list(d)})",
            lambda: f"({self.set(d)} {r.choice(order)} {self.set(d)})",
            lambda: f"({self.one(d)} {r.choice(['==', '!='])} {self.one(d)})",
            lambda: (
                f"({self.number(d)} {r.choice(['in', 'not in'])} {self.pick(lambda: self.list(d), lambda: self.set(d), lambda: self.dict(d))})"
            ),
            lambda: f"(not {self.one(d)})",
            lambda: f"bool({self.one(d)})",
            lambda: f"{r.choice(['any', 'all'])}({self.list(d)})",
            lambda: (
                f"isinstance({self.one(d)}, {r.choice(['int', 'float', 'str', '(list, tuple)', 'bool', 'dict', 'set'])})"
            ),
            lambda: (
                f"(type({self.one(d)}) {r.choice(['==', 'is', 'is not'])} {r.choice(['int', 'float', 'str', 'bool', 'list'])})"
            ),
            lambda: f"({self.one(d)} {r.choice(['is', 'is not'])} None)",
            lambda: f"{self.text(d)}.{r.choice(['isdigit', 'isalpha', 'isupper', 'isspace', 'istitle'])}()",
            lambda: f"{self.text(d)}.{r.choice(['startswith', 'endswith'])}({self.text(0)})",
        )

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(WORDS)
        d, r = depth - 1, self.random
        cases = ["upper", "lower", "title", "strip", "capitalize", "swapcase", "lstrip", "rstrip", "casefold"]
        return self.pick(
            lambda: self.text(0),
            lambda: f"({self.text(d)} + {self.text(d)})",
            lambda: f"({self.text(d)} * {self.whole(0)})",
            lambda: f"str({self.one(d)})",
            lambda: f"repr({self.one(d)})",
            lambda: f"{self.text(d)}.{r.choice(cases)}()",
            lambda: f"{self.text(d)}[{self.slice(d)}]",
            lambda: f"{self.text(d)}[{self.whole(0)}]",
            lambda: f"{self.text(0)}.join([{self.text(d)}, {self.text(d)}])",
            lambda: f"{self.text(d)}.replace({self.text(0)}, {self.text(0)})",
            lambda: f"{self.text(d)}.{r.choice(['center', 'ljust', 'rjust', 'zfill'])}({r.choice(['3', '7', '0'])})",
            lambda: "f'{" + f"({self.any(d)})".replace("'", '"') + ":" + r.choice(SPECS) + "}'",
            lambda: "f'{" + f"({self.any(d)})".replace("'", '"') + "!r}|{1+1}'",
            lambda: f"format({self.number(d)}, {r.choice(SPECS)!r})",
            lambda: f"'{{}}|{{0}}|{{:{r.choice(SPECS)}}}'.format({self.number(d)}, {self.one(d)})",
            lambda: f"'{{}}-{{:{r.choice(SPECS)}}}'.format({self.one(d)}, {self.number(d)})",
            lambda: r.choice(PERCENTS).format(
                a=self.one(d), b=self.one(d), n=self.number(d), x=self.number(d), s=self.text(d)
            ),
        )

    def any(self, depth: int) -> str:
        return self.pick(lambda: self.number(depth), lambda: self.number(depth), lambda: self.list(depth))

    def slice(self, depth: int) -> str:
        ends = [self.random.choice(["", "", self.whole(0)]) for _ in range(3)]
        return ":".join(ends)

    def items(self, depth: int) -> str:
        return ", ".join(self.number(depth) for _ in range(self.random.randrange(4)))

    def list(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(["[]", "[1]", "[3, 1, 2]", "[0.5, 2, True]", "[1, 1, 0]", "[-1.0, 0]"])
        d, r = depth - 1, self.random
        comprehension = f"[{r.choice(['v', 'v * 2', '(k, v)', 'str(v)'])} for k, v in enumerate({self.list(d)})"
        return self.pick(
            lambda: f"[{self.items(d)}]",
            lambda: f"({self.list(d)} + {self.list(d)})",
            lambda: f"({self.list(d)} * {self.whole(0)})",
            lambda: f"{self.list(d)}[{self.slice(d)}]",
            lambda: f"sorted({self.list(d)}, reverse={self.truth(0)})",
            lambda: f"sorted({self.list(d)}, key=lambda v: (v % 2, -v))",
            lambda: (
                f"list({self.pick(lambda: self.text(d), lambda: self.tuple(d), lambda: self.dict(d), lambda: f'range({self.whole(0)})')})"
            ),
            lambda: f"list(range({self.whole(0)}, {self.whole(0)}, {r.choice(['1', '2', '-1', '0'])}))",
            lambda: f"list(map(lambda v: v * 2, {self.list(d)}))",
            lambda: f"list(filter({r.choice(['None', 'lambda v: v > 0'])}, {self.list(d)}))",
            lambda: f"list(zip({self.list(d)}, {self.text(d)}))",
            lambda: f"list(zip({self.list(d)}, {self.list(d)}, strict=True))",
            lambda: f"list(reversed({self.list(d)}))",
            lambda: f"{self.text(d)}.{r.choice(['split', 'rsplit'])}({r.choice(['', ',', self.text(0)])})".replace(
                "(,)", "(',')"
            ),
            lambda: f"{self.text(d)}.splitlines({r.choice(['', 'True'])})",
            lambda: f"list({self.dict(d)}.{r.choice(['keys', 'values', 'items'])}())",
            lambda: comprehension + (f" if {r.choice(['v', 'k % 2', 'v > 0'])}]"),
            lambda: comprehension + "]",
            lambda: f"[*{self.list(d)}, {self.one(d)}]",
        )

    def tuple(self, depth: int) -> str:
        d = depth - 1
        if depth <= 0:
            return self.random.choice(["()", "(1,)", "(2, 'a')", "(0.5, 1)"])
        return self.pick(
            lambda: f"({self.one(d)}, {self.one(d)})",
            lambda: f"tuple({self.list(d)})",
            lambda: f"({self.tuple(d)} + {self.tuple(d)})",
            lambda: f"({self.tuple(d)} * {self.whole(0)})",
            lambda: f"{self.tuple(d)}[{self.slice(d)}]",
            lambda: f"{self.text(d)}.partition({self.text(0)})",
            lambda: f"max([{self.tuple(d)}, {self.tuple(d)}])",
        )

    def key(self, depth: int) -> str:
        return self.pick(lambda: self.number(depth), lambda: self.text(depth), lambda: self.tuple(0))

    def dict(self, depth: int) -> str:
        d, r = depth - 1, self.random
        if depth <= 0:
            return r.choice(["{}", "{'a': 1}", "{1: 'x', 2.0: 'y', True: 'z'}", "{(1, 2): 0.5}"])
        return self.pick(
            lambda: f"{{{self.key(d)}: {self.one(d)}, {self.key(d)}: {self.one(d)}}}",
            lambda: f"({self.dict(d)} | {self.dict(d)})",
            lambda: f"dict(zip({self.text(d)}, {self.list(d)}))",
            lambda: f"dict({self.dict(d)}, a={self.one(d)})",
            lambda: f"dict.fromkeys({self.list(d)}, {self.number(0)})",
            lambda: f"{{k: len(str(v)) for k, v in {self.dict(d)}.items()}}",
            lambda: f"dict(sorted({self.dict(d)}.items()))",
        )

    def set(self, depth: int) -> str:
        d, r = depth - 1, self.random
        if depth <= 0:
            return r.choice(["set()", "{1, 2}", "{0.5}", "{3, 1, 2}", "frozenset([1, 5])"])
        return self.pick(
            lambda: f"{{{self.number(d)}, {self.number(d)}}}",
            lambda: f"({self.set(d)} {r.choice('|&-^')} {self.set(d)})",
            lambda: f"set({self.list(d)})",
            lambda: f"{{v % 3 for v in {self.list(d)}}}",
            lambda: (
                f"{self.set(d)}.{r.choice(['union', 'intersection', 'difference', 'symmetric_difference'])}({self.list(d)})"
            ),
        )
