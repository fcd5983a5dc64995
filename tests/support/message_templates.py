"""What the package can say when something goes wrong, read from its sources: every message as a sentence with places.

A message is what an error, a finding, a note or a complaint of the command line is made of. Texts are followed through
variables, conditions, sums, constants, and parameters of the functions that are given them; whatever else stands in a
message is a place. ``{hint:hint}`` is what ``nearest`` returns, ``{at:at}`` a line, ``{what:said}`` words that are
messages of their own here.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import symback

BASE = "SymbackError"
"""The class whose subclasses are errors that people meet."""
BEHIND = {"_Unfit": "shown"}
"""Errors whose message comes behind a place."""
FORMATTED = {"Fact": 1}
"""What takes a message that is a template already."""
SAYING = {
    **{"Finding": 2, "PythonError": 1, "LinAlgError": 0, "fix": 1, "UsageError": 0, "BadParameter": 0},
    **{"decided": 1, "_decided": 1, "leaked": 1},
}
"""What else takes a message, and at which place."""
SPOKEN = {"fail": 0, "complain": 0, "note": 0, "_said": 0, "_block": 0}
"""What takes one in the files of the command line."""
LISTS = {"choices", "notes", "read_as", "problems", "read_as_numbers"}
"""Names of lists of sentences about a text, also of attributes."""
PAIRS = {"given": "/tracer/", "because": "/tracer/"}
"""Names of what holds a reason, alone or beside what it is the reason of, and where."""
MAKING = {
    **dict.fromkeys(("_domain_problem", "_fact_problem", "_outside", "_sum_problem"), "run/numeric.py"),
    **dict.fromkeys(("_given_loss", "_found_loss", "_sink", "_by_names"), "tracer/choice.py"),
    "_fitted": "run/optimization.py",
    "domain": "functions/optimizers.py",
    "_help": "causes.py",
    "_why": "targets/python.py",
}
"""Functions that return a message, or the end of one, alone or beside other values, and where they stand."""
TABLES = {"_REFUSALS", "DOMAINS", "_TITLES", "_CONVERSIONS"}
"""Tables of words that stand in messages."""
KINDS = {"nearest": "hint", "list_names": "items"}
"""Functions that make a kind of place."""
SENTENCES = {"error", "because", "cause", "message", "reason", "problem", "why", "strerror", "said", "fixed"}
"""Names of what holds another sentence."""
OF_PYTHON = {"add", "append", "get", "pop", "update", "join"}
"""Methods of Python's own objects: a call of one says nothing of a function that is called like it."""
MANY = 24
"""A text with more alternatives than this is a place."""
WORDS = re.compile(r"[A-Za-z]{2,},? [a-z(]|[a-z)}], [a-z]{2,}|[})] [a-z]{2,}|[a-z] \{")


class Place(NamedTuple):
    """A part of a message that is not known before."""

    name: str
    kind: str = ""


Text = tuple["str | Place", ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Said:
    """A message with its places, and where it is said."""

    template: str
    file: str
    line: int


@dataclass(eq=False)
class Scope:
    """A function, or a file, with what its names are bound to."""

    file: str
    node: ast.AST
    outer: Scope | None = None
    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    added: dict[str, list[ast.expr]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    kind: str = ""
    """The class that a method belongs to."""

    @property
    def parameters(self) -> list[ast.arg]:
        """The parameters of a function in their order."""
        if not isinstance(self.node, Function):
            return []
        a = self.node.args
        return [*a.posonlyargs, *a.args, *a.kwonlyargs]

    def bind(self, target: ast.expr, value: ast.expr) -> None:
        """Bind what an assignment binds; the names of a tuple one by one, where its parts are known."""
        if isinstance(target, ast.Name):
            self.values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
            self.bind(target, value.body)
            self.bind(target, value.orelse)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, own in zip(target.elts, value.elts, strict=True):
                self.bind(one, own)
        else:
            if isinstance(target, ast.Attribute) and target.attr in LISTS:
                self.values.setdefault(target.attr, []).append(value)
            self.unknown |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}

    def read(self, node: ast.AST) -> None:
        """Take in one node of the function."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self.bind(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self.bind(node.target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.added.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute) and node.target.attr in LISTS:
            self.added.setdefault(node.target.attr, []).append(node.value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            self.unknown |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.unknown.add(node.name)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes of a function or a file without those of functions inside."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Function):
            yield from own_nodes(child)


def last_name(node: ast.expr) -> str:
    """Return the last name of what is called: ``f`` of ``m.f``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class Sources:
    """The files of a package, and what they say."""

    def __init__(self, root: Path, leave_out: Iterable[str] = ()) -> None:
        self.scopes: dict[ast.AST, Scope] = {}
        self.calls: dict[str, list[tuple[ast.Call, Scope]]] = {}
        self.functions: dict[str, list[Scope]] = {}
        self.constants: dict[str, list[tuple[ast.expr, Scope]]] = {}
        self.errors = {BASE}
        self.bases: dict[str, set[str]] = {}
        self.found: dict[str, Said] = {}
        self.traced: set[tuple[Scope, str]] = set()
        self.inside: list[object] = []
        self.worded: set[tuple[Scope, str]] = set()
        self.memory: dict[ast.expr, list[Text]] = {}
        left = set(leave_out)
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root.parent).as_posix()
            if name not in left:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                self.enter(tree, Scope(name, tree))
        while True:
            more = {name for name, bases in self.bases.items() if bases & self.errors} - self.errors
            if not more:
                break
            self.errors |= more

    def enter(self, node: ast.AST, scope: Scope) -> None:
        """Take in a function or a file with all that is inside."""
        self.scopes[node] = scope
        for child in own_nodes(node):
            scope.read(child)
            if isinstance(child, ast.ClassDef):
                self.bases[child.name] = {last_name(b) for b in child.bases}
                for one in child.body:
                    if isinstance(one, Function):
                        self.scopes[one] = Scope(scope.file, one, scope, kind=child.name)
            elif isinstance(child, ast.Call) and last_name(child.func):
                self.calls.setdefault(last_name(child.func), []).append((child, scope))
        for child in own_nodes(node):
            if isinstance(child, Function):
                inner = self.scopes.get(child) or Scope(scope.file, child, scope)
                inner.unknown |= {a.arg for a in inner.parameters}
                name = inner.kind if inner.kind and child.name == "__init__" else child.name
                self.functions.setdefault(name, []).append(inner)
                self.enter(child, inner)
        if isinstance(node, ast.Module):
            for name, values in scope.values.items():
                self.constants.setdefault(name, []).extend((v, scope) for v in values)

    # --- texts --------------------------------------------------------------------------------------------------------

    def texts(self, node: ast.expr, scope: Scope) -> list[Text]:
        """Return the texts that an expression can be; a single place where it is none that is known."""
        if node not in self.memory:
            found = self.alternatives(node, scope)
            self.memory[node] = found if 0 < len(found) <= MANY else [(self.place(node, scope),)]
        return self.memory[node]

    def alternatives(self, node: ast.expr, scope: Scope) -> list[Text]:
        """Return the texts that an expression can be; none where nothing is known of it."""
        if isinstance(node, ast.Constant):
            return [(node.value,)] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            return self.joined(node.values, scope)
        if isinstance(node, ast.FormattedValue):
            plain = node.format_spec is None and node.conversion == -1
            if plain and isinstance(node.value, ast.Call) and self.are_sentences(node.value, scope):
                return [(Place(place_name(node.value), "said"),)]
            return self.texts(node.value, scope) if plain else [(self.place(node.value, scope),)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            if not _is_text(node):
                return []
            return self.joined([node.left, node.right], scope)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
            return [("",), *self.texts(node.left, scope)] if isinstance(node.left.value, str) else []
        if isinstance(node, ast.IfExp):
            return list(dict.fromkeys([*self.texts(node.body, scope), *self.texts(node.orelse, scope)]))
        if isinstance(node, ast.BoolOp):
            return alike(t for value in node.values for t in self.texts(value, scope))
        if isinstance(node, ast.NamedExpr):
            return self.texts(node.value, scope)
        if isinstance(node, ast.Name):
            return self.named(node.id, scope)
        if isinstance(node, ast.Attribute) and node.attr.isupper():
            return self.constant(node.attr)
        if isinstance(node, ast.Call):
            return self.called(node, scope)
        return []

    def joined(self, nodes: Iterable[ast.expr], scope: Scope) -> list[Text]:
        parts = [self.texts(node, scope) for node in nodes]
        count = 1
        for alternatives in parts:
            count *= len(alternatives)
        return [tuple(itertools.chain(*chosen)) for chosen in itertools.product(*parts)] if count <= 4 * MANY else []

    def named(self, name: str, scope: Scope) -> list[Text]:
        """Return the texts of a variable, or of a constant of the package."""
        here: Scope | None = scope
        while here is not None and name not in here.values and name not in here.unknown:
            here = here.outer
        if here is None:
            return self.constant(name) if name.strip("_").isupper() else []
        if name in here.unknown or (here, name) in self.inside:
            return []
        self.inside.append((here, name))
        found = [
            t for value in here.values[name] for t in self.alternatives(value, here) or [(self.place(value, here),)]
        ]
        for more in here.added.get(name, ()):
            found += [(*t, *m) for t in found for m in self.texts(more, here)]
        self.inside.pop()
        known = [t for t in dict.fromkeys(found) if any(isinstance(p, str) for p in t) or not t]
        others = len(known) < len(set(found))
        if not known or (others and known == [("",)]):
            return []
        return [*known, *([(Place(name),)] if others else [])]

    def constant(self, name: str) -> list[Text]:
        """Return the text that a constant of the package is, where there is one of the name."""
        known = self.constants.get(name, [])
        if len(known) != 1:
            return []
        value, scope = known[0]
        written_out = isinstance(value, (ast.Constant, ast.JoinedStr, ast.BinOp)) and _is_text(value)
        return self.alternatives(value, scope)[:1] if written_out else []

    def called(self, node: ast.Call, scope: Scope) -> list[Text]:
        name = last_name(node.func)
        if name in KINDS:
            return [(Place("hint" if KINDS[name] == "hint" else "names", KINDS[name]),)]
        if name == "join" and node.args and isinstance(node.args[0], ast.List) and isinstance(node.func, ast.Attribute):
            between = self.texts(node.func.value, scope)[0]
            return self.joined(
                [x for item in node.args[0].elts for x in (ast.Constant("".join(map(str, between))), item)][1:], scope
            )
        found = []
        for function in self.ones(name, scope):
            if function in self.inside or function.kind:
                continue
            self.inside.append(function)
            for child in own_nodes(function.node):
                if isinstance(child, ast.Return) and child.value is not None:
                    found += [t for t in self.texts(child.value, function) if says(t)]
            self.inside.pop()
        return list(dict.fromkeys(found))

    def are_sentences(self, node: ast.Call, scope: Scope) -> bool:
        """Return whether a call gives words, which are messages of their own; not where they only go on with one."""
        found = self.called(node, scope) if last_name(node.func) not in {*KINDS, "join"} else []
        if any(isinstance(text[0], str) and text[0][:1] in ("", ";", ",", " ") for text in found if text):
            return False
        for text in found:
            self.keep(text, scope.file, node.lineno)
        return bool(found)

    def ones(self, name: str, scope: Scope) -> list[Scope]:
        """Return the functions that a name may mean in a file."""
        found = self.functions.get(name, [])
        own = [f for f in found if f.file == scope.file]
        return own or ([] if name.startswith("_") else found)

    def place(self, node: ast.expr, scope: Scope) -> Place:
        """Return an expression as a place; what is handed to a parameter is a message too, where it is words."""
        name = place_name(node)
        if name == "hint":
            return Place(name, "hint")
        if (isinstance(node, ast.Name) and self.handed(node.id, scope)) or name in SENTENCES:
            return Place(name, "said")
        return Place(name)

    def handed(self, name: str, scope: Scope) -> bool:
        """Return whether words are handed to a parameter; they are messages."""
        here: Scope | None = scope
        while here is not None and name not in {a.arg for a in here.parameters}:
            here = here.outer
        if here is None or name in here.values:
            return False
        if (here, name) not in self.traced:
            self.traced.add((here, name))
            for call, caller in self.calls_of(here):
                given = argument(call, here, name)
                if given is not None:
                    for text in self.texts(given, caller):
                        if says(text):
                            self.worded.add((here, name))
                            self.keep(text, caller.file, call.lineno)
                        elif len(text) == 1 and isinstance(text[0], Place) and text[0].kind == "said":
                            self.worded.add((here, name))
        return (here, name) in self.worded

    def calls_of(self, function: Scope) -> Iterator[tuple[ast.Call, Scope]]:
        assert isinstance(function.node, Function)
        name = function.kind if function.node.name == "__init__" else function.node.name
        for call, caller in self.calls.get(name, []) if name not in OF_PYTHON else []:
            if function in self.ones(name, caller):
                yield call, caller

    # --- messages -----------------------------------------------------------------------------------------------------

    def keep(self, text: Text, file: str, line: int) -> None:
        template = written(text)
        if template not in self.found and template.strip() == template:
            self.found[template] = Said(template, file, line)

    def messages(self) -> list[Said]:
        """Return every message of the package, once each."""
        for name, calls in self.calls.items():
            for call, scope in calls:
                given = self.message_of(name, call, scope)
                for text in self.texts(given, scope) if given is not None else ():
                    if name in BEHIND:
                        text = (Place(BEHIND[name]), " ", *text)
                    if any(isinstance(piece, str) and re.search("[A-Za-z]{2}", piece) for piece in text):
                        self.keep(text, scope.file, call.lineno)
        for name, place in FORMATTED.items():
            for call, scope in self.calls.get(name, []):
                given = call.args[place] if len(call.args) > place else None
                if isinstance(given, ast.Constant):
                    self.found[given.value] = Said(given.value, scope.file, call.lineno)
        for given, scope in self.others():
            for text in self.texts(given, scope):
                if says(text):
                    self.keep(
                        (text[0].removeprefix("; "), *text[1:]) if isinstance(text[0], str) else text,
                        scope.file,
                        given.lineno,
                    )
        return sorted(self.found.values(), key=lambda said: (said.file, said.line))

    def others(self) -> Iterator[tuple[ast.expr, Scope]]:
        """Return messages that no call is given: those that functions return, lists are extended by, tables hold."""
        for name, place in MAKING.items():
            for scope in (f for f in self.functions.get(name, []) if f.file.endswith(place)):
                for node in own_nodes(scope.node):
                    if isinstance(node, ast.Return) and node.value is not None:
                        yield from ((v, scope) for v in [node.value, *parts_of(node.value)])
        for scope in self.scopes.values():
            for name in LISTS:
                for value in [*scope.values.get(name, []), *scope.added.get(name, [])]:
                    yield from ((v, scope) for v in parts_of(value))
            for name, place in PAIRS.items():
                if place in scope.file:
                    yield from ((v, scope) for value in scope.values.get(name, []) for v in [value, *parts_of(value)])
        for name in TABLES:
            for value, scope in self.constants.get(name, []):
                yield from ((v, scope) for v in parts_of(value))

    def message_of(self, name: str, call: ast.Call, scope: Scope) -> ast.expr | None:
        """Return the message that a call is given, if it is given one."""
        place = SAYING.get(name)
        if (
            name in BEHIND
            or (name in self.errors and name not in SAYING)
            or (name == "__init__" and scope.kind in self.errors)
        ):
            place = 0
        elif "/cli/" in scope.file and name in SPOKEN:
            place = SPOKEN[name]
        elif (
            name in ("insert", "setdefault")
            and isinstance(call.func, ast.Attribute)
            and last_name(call.func.value) in LISTS
        ):
            place = 1
        elif name in ("append", "add") and isinstance(call.func, ast.Attribute) and last_name(call.func.value) in LISTS:
            place = 0
        return call.args[place] if place is not None and len(call.args) > place else None


def parts_of(node: ast.expr) -> list[ast.expr]:
    """Return what a list or a table holds, written out or made from one."""
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return [node.elt]
    if isinstance(node, ast.IfExp):
        return [*parts_of(node.body), *parts_of(node.orelse)]
    if isinstance(node, ast.Dict):
        return node.values
    return list(node.elts) if isinstance(node, (ast.List, ast.Tuple)) else []


def alike(texts: Iterable[Text]) -> list[Text]:
    """Return different texts; of those that are only a place, the first."""
    found = list(dict.fromkeys(texts))
    places = [t for t in found if len(t) == 1 and isinstance(t[0], Place)]
    return [t for t in found if t not in places[1:]]


def _is_text(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node))


def argument(call: ast.Call, function: Scope, name: str) -> ast.expr | None:
    """Return what a call gives to a parameter of a function."""
    names = [a.arg for a in function.parameters]
    if function.kind and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    place = names.index(name) if name in names else len(call.args)
    if any(isinstance(a, ast.Starred) for a in call.args[: place + 1]) or place >= len(call.args):
        return None
    return call.args[place]


def says(text: Text) -> bool:
    """Return whether a text is words, not a name."""
    return bool(WORDS.search("".join(piece if isinstance(piece, str) else "{}" for piece in text)))


def place_name(node: ast.expr) -> str:
    """Return a name for a place, after what stands there."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower() or "value"
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").lower()
    if isinstance(node, ast.Subscript):
        return place_name(node.value)
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        if name == "len":
            return "count"
        if name in ("join", "list_names"):
            return "names"
        if node.args and not isinstance(node.args[0], ast.Starred):
            return place_name(node.args[0])
        return place_name(node.func) if name else "value"
    return "value"


def written(text: Text) -> str:
    """Return a text as a template."""
    found, used = "", set()
    for piece in text:
        if isinstance(piece, str):
            found += piece.replace("{", "{{").replace("}", "}}")
            continue
        name, number = piece.name, 2
        if re.search(r"(^|[^A-Za-z])line $", found) and not piece.kind:  # "on line 3"
            found, name, kind = found[: -len("line ")], "at", ":at"
        else:
            kind = f":{piece.kind}" if piece.kind else ""
        base = name
        while name in used:
            name, number = f"{base}{number}", number + 1
        used.add(name)
        found += f"{{{name}{kind}}}"
    return found


@cache
def said() -> list[Said]:
    """Return what the package says."""
    return Sources(Path(symback.__file__).parent).messages()


def filled(template: str, hint: str = "") -> tuple[str, list[str]]:
    """Return a sentence with numbers in its places, and what stands there."""
    found, places = "", []
    for words, name, kind, _ in Formatter().parse(template):
        found += words
        if name is not None:
            number = str(1001 + len(places))
            places.append(hint and "1999" if kind == "hint" else number)
            found += hint if kind == "hint" else f"line {number}" if kind == "at" else number
    return found, [place for place in places if place]
