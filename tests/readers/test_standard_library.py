"""argparse, data classes and objects of the standard library in texts, and values given from outside by dotted names."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from symback.cli.options import settings_of
from symback.core.errors import ReadError, ValueProblem
from symback.readers import data_classes, parse
from symback.readers.command_line import override_attributes
from symback.readers.evaluator import Evaluator
from symback.readers.plain_values import PythonError
from symback.readers.values import Definition, Instance, Outside, Scope

PARSER = """import argparse
import numpy as np
parser = argparse.ArgumentParser(description="a network")
group = parser.add_argument_group("sizes")
group.add_argument("--hidden", type=int, default=3, metavar="N", help="width")
parser.add_argument("--batch-size", "-b", type=int, default="2")
parser.add_argument("--no-cuda", action="store_true", default=False)
parser.add_argument("--tanh", action="store_false")
parser.add_argument("--scale", dest="factor", type=float, default=0.5, choices=[0.5, 1.0])
parser.add_argument("--sizes", nargs="+", type=int, default=[4, 5])
parser.add_argument("--name")
{more}
args = parser.parse_args()
W = np.ones((args.hidden, args.batch_size))
loss = np.sum(W**2) * {use}
"""


def reading(text: str, **options: Any) -> Evaluator:
    evaluator = Evaluator(**options)
    evaluator.run_text(ast.parse(text))
    return evaluator


def held(evaluator: Evaluator, name: str) -> Instance:
    value = evaluator.globals.names[name]
    assert isinstance(value, Instance)
    return value


def test_the_defaults_of_a_parser_are_those_of_the_code() -> None:
    args = held(reading(PARSER.format(more="", use="1")), "args")
    assert args.attributes == {
        "hidden": 3,
        "batch_size": 2,
        "no_cuda": False,
        "tanh": True,
        "factor": 0.5,
        "sizes": [4, 5],
        "name": None,
    }
    assert parse(PARSER.format(more="", use="args.factor")).variables["W"].shape == (3, 2)


@pytest.mark.parametrize(
    ("more", "use", "message"),
    [
        ("parser.add_argument('data')", "args.data", r"line 13: data has to be given on the command line: --set"),
        ("parser.add_argument('--k', required=True)", "args.k", r"--k has to be given on the command line: --set"),
        ("parser.add_argument('--k', default='x', type=int)", "1", "ValueError"),
        ("parser.add_argument('--k', kind=int)", "1", "add_argument has no kind"),
        ("parser.add_subparsers()", "args.k", "add_subparsers"),
        ("", "args.hiden", r"has no hiden \(did you mean 'hidden'\?\)"),
    ],
)
def test_what_a_parser_cannot_know_is_refused(more: str, use: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        parse(PARSER.format(more=more, use=use))


def test_a_dotted_name_replaces_an_attribute() -> None:
    values = settings_of(["args.hidden=7", "args.name='relu'", "cfg.net.width=5", "args.tanh=False"])
    assert values == {"args.hidden": 7, "args.name": "relu", "cfg.net.width": 5, "args.tanh": False}
    evaluator = reading(PARSER.format(more="", use="1"), values=values)
    args = held(evaluator, "args")
    override_attributes(evaluator, "args", args)
    cfg = Instance("SimpleNamespace", attributes={"net": Instance("SimpleNamespace", attributes={"width": 1})})
    override_attributes(evaluator, "cfg", cfg)
    assert (args.attributes["hidden"], args.attributes["name"], args.attributes["tanh"]) == (7, "relu", False)
    assert cfg.attributes["net"].attributes["width"] == 5
    assert evaluator.overridden >= set(values)


@pytest.mark.parametrize("item", ["args.=1", ".a=1", "args.1=2", "args.hidden=", "a b=1"])
def test_a_broken_dotted_name_is_refused(item: str) -> None:
    with pytest.raises(ValueProblem, match="write NAME=LITERAL"):
        settings_of([item])


def test_an_attribute_that_is_not_there_is_not_given_a_value() -> None:
    evaluator = Evaluator(values={"args.hiden": 7})
    with pytest.raises(ReadError, match="there is no hiden in args"):
        override_attributes(evaluator, "args", Instance("Namespace", attributes={"hidden": 3}))


def fields(text: str, evaluator: Evaluator, *bases: Any) -> Definition:
    """Return a data class as the class statement of a text describes it."""
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.ClassDef)
    made = Definition(node.name, bases, node.lineno)
    inside = Scope({}, evaluator.globals, class_body=True)
    evaluator.run(node.body, inside)
    made.attributes[data_classes.FIELDS] = data_classes.fields_of(evaluator, node, bases, inside)
    return made


def test_a_data_class_takes_its_fields_in_order_with_their_defaults() -> None:
    evaluator = reading("import dataclasses\nfrom dataclasses import field\nimport typing")
    base = fields("class A:\n    n: int\n    k: float = 0.5\n    tag: 'ClassVar[str]' = 'x'", evaluator)
    text = "class B:\n    k: float = 2.0\n    sizes: list = field(default_factory=list)\n    made: int = field(init=False)\n    seed: 'dataclasses.InitVar[int]' = 3"
    derived = fields(text, evaluator, base)
    assert data_classes.arguments_of(evaluator, base, [4], {}) == ({"n": 4, "k": 0.5}, [])
    attributes, passed = data_classes.arguments_of(evaluator, derived, [1], {"seed": 9})
    assert (attributes, passed) == ({"n": 1, "k": 2.0, "sizes": []}, [9])
    again, _ = data_classes.arguments_of(evaluator, derived, [1], {})
    assert again["sizes"] is not attributes["sizes"]
    made = Instance("A", base, {"n": 4, "k": 0.5})
    assert data_classes.as_dict(evaluator, made) == {"n": 4, "k": 0.5}
    assert data_classes.as_tuple(evaluator, made) == (4, 0.5)
    assert data_classes.is_data_object(made) and not data_classes.is_data_object(Instance("Linear"))


@pytest.mark.parametrize(
    ("args", "keywords", "message"),
    [
        ([], {}, "missing required argument: 'n'"),
        ([1, 2, 3], {}, "takes 2 positional arguments but 3 were given"),
        ([1], {"n": 2}, "multiple values"),
        ([1], {"m": 2}, "unexpected keyword argument 'm'"),
    ],
)
def test_a_data_class_refuses_what_python_refuses(args: list[Any], keywords: dict[str, Any], message: str) -> None:
    evaluator = Evaluator()
    made = fields("class A:\n    n: int\n    k: float = 0.5", evaluator)
    with pytest.raises(PythonError, match=message):
        data_classes.arguments_of(evaluator, made, args, keywords)


@pytest.mark.parametrize("text", ["class A:\n    k: int = 1\n    n: int", "class A:\n    k: list = []"])
def test_a_class_statement_that_python_refuses_is_refused(text: str) -> None:
    with pytest.raises(PythonError):
        fields(text, Evaluator())


FACTORS = {
    "partial(lambda a, b: a - b, 3)(1)": 2,
    "reduce(operator.mul, [1, 2, 3])": 6,
    "Counter(['a', 'b', 'a'])['a']": 2,
    "len(sorted(set(['b', 'a', 'b'])))": 2,
    "list(zip([1, 2], 'ab'))[1][0]": 2,
    "int(math.sqrt(16)) + math.floor(2.7)": 6,
    "int(-2.7)": -2,
    "dict(zip('ab', range(2)))['b'] + 1": 2,
    "next(iter([5, 6]))": 5,
    "max([3, -4], key=abs)": -4,
    "sum(map(int, ['1', '2']))": 3,
    "round(2.5)": 2,
    "(1 if isinstance(3, int) and not isinstance(3.0, int) else 9)": 1,
    "float('2.5')": 2.5,
    "SimpleNamespace(k=4).k": 4,
    "sorted([(1, 'b'), (0, 'a')], key=operator.itemgetter(1))[0][0] + 1": 1,
}


@pytest.mark.parametrize("factor", FACTORS)
def test_plain_python_in_a_text_is_computed(factor: str) -> None:
    imports = "import math, operator\nfrom functools import partial, reduce\nfrom collections import Counter\nfrom types import SimpleNamespace\n"
    text = f"{imports}import numpy as np\nw = np.array([1.0, 2.0])\nk = {factor}\nloss = np.sum(w**2) * k\n"
    evaluator = reading(text)
    found = evaluator.constant(evaluator.globals.names["k"])
    assert found == FACTORS[factor]
    assert parse(text).variables["w"].shape == (2,)


def test_a_clock_is_refused_only_where_it_is_used() -> None:
    text = (
        "import numpy as np, time\nt = time.time()\nw = np.ones(2)\nloss = np.sum(w**2){use}\nprint(time.time() - t)\n"
    )
    assert parse(text.format(use="")).variables["w"].shape == (2,)
    assert isinstance(reading(text.format(use="")).globals.names["t"], Outside)
    with pytest.raises(ReadError, match=r"time.time on line 2 is not executed"):
        parse(text.format(use=" * t"))


def test_the_order_of_a_set_of_texts_is_said() -> None:
    text = "import numpy as np\nw = np.ones(2)\nk = {order}\nloss = np.sum(w**2) * len(k)\n"
    said = parse(text.format(order="list(set(['b', 'a']))")).choices
    assert any("alphabetical order" in c for c in said)
    assert not any("alphabetical" in c for c in parse(text.format(order="sorted(set(['b', 'a']))")).choices)
