"""Plain values are computed as CPython does, in value and type, or refused."""

from __future__ import annotations

import ast
import collections
import importlib
import os
import pickle
import random
import string
import tracemalloc
import warnings
from typing import Any

import pytest

from symback.core.errors import ReadError
from symback.core.forms import name as make_name
from symback.library.limits import allowance
from symback.library.values import formula_of
from symback.readers.plain_values import PythonError
from tests.support.plain_python import Expressions, evaluated, pictured
from tests.support.work import QUICK, within


def answer_of_python(text: str) -> Any:
    """Return what CPython makes of an expression, or the exception it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pictured(eval(compile(text, "text", "eval"), {}))
        except Exception as error:
            return type(error)


def answer(text: str) -> Any:
    """Return the value of an expression as the reader computes it; the exception Python raises, or None where it is refused."""
    try:
        return pictured(evaluated(text))
    except PythonError as error:
        return error.kind
    except ReadError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        return None


def compared(texts: list[str]) -> tuple[list[str], int]:
    """Return the expressions that come out wrong, and how many were refused though Python has a value."""
    wrong, refused = [], 0
    for text in texts:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ast.parse(text, mode="eval")
            except SyntaxError:
                continue
            right, found = answer_of_python(text), answer(text)
        if found is None:
            refused += not isinstance(right, type)
        elif found != right:
            wrong.append(f"{text} -> {found}, not {right}")
    return wrong, refused


@pytest.mark.parametrize("seed", range(8))
def test_random_expressions_have_python_s_value_and_type(seed: int) -> None:
    maker = Expressions(seed)
    texts = [maker.one(maker.random.choice([1, 2, 2, 3])) for _ in range(500)]
    wrong, refused = compared(texts)
    assert wrong == []
    assert refused < 25


@pytest.mark.campaign
def test_many_random_expressions_have_python_s_value_and_type() -> None:
    maker = Expressions(random.randrange(10**9))
    wrong, refused = compared([maker.one(maker.random.choice([1, 2, 3])) for _ in range(50_000)])
    assert wrong == []
    assert refused < 2_500


TYPES: tuple[type, ...] = (str, list, dict, set, frozenset, tuple, int, float, range)
VALUES = {
    str: "'a b,Ab'",
    list: "[3, 1, 2]",
    dict: "{'a': 1, 'b': 2}",
    set: "{1, 2, 3}",
    frozenset: "frozenset([1, 2])",
    tuple: "(1, 2, 1)",
    int: "(5)",
    float: "(2.5)",
    range: "range(5)",
}
ARGUMENTS = [
    "",
    "1",
    "'a'",
    "[1, 2]",
    "0, 1",
    "'a', 'b'",
    "{1, 7}",
    "'a', 1",
    "[('c', 3)]",
    "['x', 'y']",
    "{97: 'z'}",
    "2, 'x'",
]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_method_is_followed_or_refused_by_a_message(kind: type) -> None:
    for name in dir(kind):
        if name.startswith("_"):
            continue
        for arguments in ARGUMENTS:
            text = f"(lambda v: (v.{name}({arguments}) if callable(v.{name}) else v.{name}, v))({VALUES[kind]})"
            if kind is not float and kind is not int and name not in ("start", "stop", "step"):
                text = f"(lambda v: (v.{name}({arguments}), v))({VALUES[kind]})"
            wrong, _ = compared([text])
            assert wrong == [], text


def test_methods_that_are_not_followed_are_few_and_say_why() -> None:
    refused = set()
    for kind in TYPES:
        for name in dir(kind):
            if (
                not name.startswith("_")
                and callable(getattr(kind, name))
                and all(answer(f"({VALUES[kind]}).{name}({a})") is None for a in ARGUMENTS)
            ):
                refused.add(f"{kind.__name__}.{name}")
    assert refused == {"str.encode", "str.maketrans", "int.to_bytes", "int.from_bytes", "float.fromhex"}


LIBRARY_TEXTS = """
math.sqrt(2); math.sqrt(16); math.sqrt(-1); math.floor(-2.5); math.ceil(2.1); math.trunc(-2.7); math.factorial(10)
math.comb(10, 3); math.perm(5, 2); math.gcd(12, 18, 4); math.lcm(4, 6); math.isclose(0.1 + 0.2, 0.3); math.hypot(3, 4)
math.isclose(1, 1.1, rel_tol=0.2); math.fsum([0.1] * 10); math.prod([1, 2, 3], start=2); math.dist([0, 0], [3, 4])
math.exp(1); math.log(8, 2); math.log(0); math.log2(8); math.log10(1000); math.pow(2, 3); math.atan2(1, 2); math.modf(2.5)
math.copysign(1, -0.0); math.degrees(1.0); math.fmod(-7, 3); math.isnan(1.0); math.isqrt(17); math.exp(1000)
math.sin(True); math.sqrt('2'); math.floor(True); math.erf(0.5); math.gamma(5); math.frexp(8.0); math.ldexp(1.0, 3)
list(itertools.product([1, 2], 'ab')); list(itertools.product([0, 1], repeat=3)); list(itertools.chain([1], (2, 3), 'a'))
list(itertools.islice(itertools.count(3, 2), 4)); list(zip(itertools.count(), 'abc')); list(itertools.combinations('abc', 2))
list(itertools.permutations([1, 2, 3], 2)); list(itertools.accumulate([1, 2, 3])); list(itertools.repeat('x', 3))
list(itertools.accumulate([1, 2, 3], lambda a, b: a * b, initial=2)); list(itertools.zip_longest([1], 'ab', fillvalue=0))
list(itertools.islice(itertools.cycle('ab'), 5)); list(itertools.takewhile(lambda v: v < 3, [1, 2, 3, 1]))
list(itertools.dropwhile(lambda v: v < 3, [1, 2, 3, 1])); list(itertools.starmap(pow, [(2, 3), (3, 2)]))
list(itertools.pairwise('abc')); list(itertools.chain.from_iterable(['ab', [1]])); list(itertools.filterfalse(None, [0, 1]))
list(itertools.compress('abc', [1, 0, 1])); next(itertools.count()); list(itertools.combinations_with_replacement('ab', 2))
functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]); functools.reduce(operator.add, [], 5); functools.reduce(operator.add, [])
functools.partial(int, base=2)('101'); functools.partial(pow, 2)(5); operator.add(1, 2.5); operator.itemgetter(1)([1, 2])
operator.itemgetter('a', 'b')({'a': 1, 'b': 2}); operator.mul('a', 3); operator.truediv(1, 4); operator.not_([])
sorted([(1, 'b'), (0, 'a')], key=operator.itemgetter(1)); operator.methodcaller('upper')('a'); operator.contains([1], 1)
operator.eq([1], [1.0]); operator.is_(None, None); operator.getitem([1, 2], -1); max({'a': 2, 'b': 5}.items(), key=operator.itemgetter(1))
collections.Counter('abca').most_common(2); collections.Counter('abca')['z']; collections.Counter(a=2) + collections.Counter('ab')
dict(collections.Counter([1, 1, 2])); list(collections.deque([1, 2, 3], maxlen=2)); collections.Counter('aab').total()
dict(collections.OrderedDict([('b', 1), ('a', 2)])); collections.OrderedDict(a=1) == {'a': 1}; collections.deque([1]) == [1]
collections.namedtuple('P', 'x y')(1, y=2)._asdict(); collections.namedtuple('P', ['x', 'y'])(1, 2).y; str(collections.Counter('aab'))
str(collections.namedtuple('P', 'x, y', defaults=[0])(1)); collections.namedtuple('P', 'x')(1, 2); repr(collections.deque([1], 3))
collections.defaultdict(list)['a']; collections.defaultdict(lambda: 7)[0]; collections.defaultdict(int, a=1)['a']
copy.deepcopy([1, [2, {'a': (3,)}]]); copy.copy({'a': [1]}); (lambda v: copy.deepcopy([v, v])[0] is v)([1])
(lambda v: [w is u for w, u in [copy.deepcopy((v, v))]])([1]); os.path.join('a', 'b', 'c.txt'); string.ascii_lowercase[:3]
"""


@pytest.mark.parametrize("text", [t.strip() for line in LIBRARY_TEXTS.strip().split("\n") for t in line.split("; ")])
def test_the_standard_library_gives_python_s_values(text: str) -> None:
    modules = {
        m: importlib.import_module(m) for m in ("math", "itertools", "functools", "operator", "collections", "copy")
    }
    modules |= {"os": os, "string": string}
    try:
        right = pictured(eval(text, dict(modules)))
    except Exception as error:
        right = type(error)
    assert answer(text) == right


SESSIONS = {
    "deque": [
        "q.append(3)",
        "q.appendleft(0)",
        "q.rotate(1)",
        "q.pop()",
        "q.popleft()",
        "q.extendleft([7, 8])",
        "q.rotate(-2)",
    ],
    "list": [
        "q.append([1])",
        "q.sort(key=str, reverse=True)",
        "q.insert(-1, 5)",
        "q.extend('ab')",
        "q.pop(0)",
        "q.remove(5)",
    ],
    "dict": [
        "q.update(a=1)",
        "q.setdefault('b', [])",
        "q.pop('a')",
        "q.update([('z', 1)])",
        "q.popitem()",
        "q.get('c', 5)",
    ],
    "set": [
        "q.add(9)",
        "q.discard(1)",
        "q.update([4, 5], (6,))",
        "q.difference_update([4])",
        "q.remove(77)",
        "q.pop()",
    ],
    "Counter": ["q.update('ab')", "q.subtract('a')", "q.update({'a': 5})", "q.most_common(1)", "list(q.elements())"],
}
STARTS = {
    "deque": "collections.deque([1, 2], maxlen=4)",
    "list": "[2, 'a', 1.0]",
    "dict": "{'x': 0}",
    "set": "{1, 2, 3}",
    "Counter": "collections.Counter('abc')",
}


@pytest.mark.parametrize("kind", SESSIONS)
def test_containers_change_as_python_s_do(kind: str) -> None:
    ours: Any = evaluated(STARTS[kind])
    theirs = eval(STARTS[kind], {"collections": collections})
    for step in SESSIONS[kind]:
        try:
            right = pictured(eval(step, {"q": theirs}))
        except Exception as error:
            right = type(error)
        try:
            found = pictured(evaluated(step, q=ours))
        except PythonError as error:
            found = error.kind
        assert found == right, step
        assert list(map(pictured, ours)) == list(map(pictured, theirs)), step


BOMBS = [
    "'a' * 10**9",
    "[0] * 10**9",
    "(0,) * 10**12",
    "[[0] * 100000] * 1000000",
    "9 ** 9 ** 9 ** 9",
    "1 << 10**12",
    "10 ** 5000",
    "str(10 ** 5000)",
    "int('9' * 5000)",
    "list(range(10**12))",
    "sum(range(10**12))",
    "max(range(10**30))",
    "sorted(range(10**12))",
    "tuple(map(lambda v: v, range(10**9)))",
    "f'{1:>100000000}'",
    "f'{1.5:.100000000f}'",
    "'%100000000d' % 1",
    "'%.100000000f' % 1.5",
    "'%*d' % (10**9, 1)",
    "'{:{w}}'.format(1, w=10**9)",
    "'a'.zfill(10**9)",
    "'a'.ljust(10**12)",
    "('a' * 1000).replace('a', 'b' * 10000)",
    "('b' * 100000).join(['a'] * 1000)",
    "('\\t' * 1000).expandtabs(10**9)",
    "('a' * 100000).translate({97: 'b' * 10000})",
    "round(12345, -10**9)",
    "math.factorial(10**6)",
    "math.comb(10**7, 5 * 10**6)",
    "math.perm(10**6)",
    "math.prod(range(1, 10**5))",
    "list(itertools.product(range(1000), repeat=4))",
    "list(itertools.permutations(range(20)))",
    "list(itertools.count())",
    "all(itertools.count(1))",
    "list(itertools.cycle('ab'))",
    "functools.reduce(lambda a, b: a, itertools.count())",
    "next(filter(lambda v: False, itertools.count()))",
    "list(itertools.islice(itertools.count(), 10**12, None))",
    "sorted([list(range(10000))] * 100000)",
    "(lambda f: f(f(f(f(f(f('ab')))))))(lambda v: v * 100)",
    "pow(10, 10**9)",
    "2.0 ** 10**9",
    "'a' in ('b' * 10**9)",
    "set(range(10**9))",
    "dict.fromkeys(range(10**9))",
    "collections.Counter(range(10**9))",
    "collections.deque(range(10**9))",
]


@pytest.mark.parametrize("text", BOMBS)
def test_limits_are_one_message(text: str) -> None:
    def read() -> str:
        with pytest.raises(ReadError) as caught:
            evaluated(text)
        return str(caught.value)

    tracemalloc.start()
    try:
        message = read()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "\n" not in message and len(message) < 250
    assert most < 200_000_000


def doubled(rounds: int) -> Any:
    value: Any = (1,)
    for _ in range(rounds):
        value = (value, value)
    return value


@pytest.mark.parametrize(
    "text", ["str(k)", "k == j", "{k: 1}", "k in [j]", "sorted([k, j])", "copy.deepcopy(k)", "f'{k}'", "'%s' % (k,)"]
)
@pytest.mark.parametrize("rounds", [40, 3000])
def test_nests_that_share_their_parts_are_not_written_out(text: str, rounds: int) -> None:
    def read() -> str:
        with pytest.raises(ReadError) as caught:
            evaluated(text, k=doubled(rounds), j=doubled(rounds))
        return str(caught.value)

    assert "\n" not in within(QUICK, read)


def test_a_container_in_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    for text in ("str(v)", "v == [v]", "copy.deepcopy(v)"):
        with pytest.raises(ReadError, match="holds itself"):
            evaluated(text, v=value)


def test_what_a_text_uses_is_counted_together() -> None:
    def read() -> int:
        with allowance() as left, pytest.raises(ReadError, match="too large together"):
            kept = [evaluated("list(range(100000))") for _ in range(1000)]
            assert not kept
        return left.memory

    assert within(QUICK, read) < 0


def test_arrays_in_containers_are_moved_and_never_compared() -> None:
    array = make_name("x", (3,))
    for text in (
        "[a, 1][::-1]",
        "[a] + [a]",
        "[a] * 2",
        "list(zip([a], [1]))",
        "dict(k=a)",
        "(lambda v: (v.append(a), v))([])",
    ):
        evaluated(text, a=array)
    for text in (
        "[a] == [a]",
        "a in [a]",
        "[a].index(a)",
        "sorted([a, a])",
        "str([a])",
        "{a: 1}",
        "{a}",
        "[a].count(1)",
        "f'{[a]}'",
    ):
        with pytest.raises(ReadError) as caught:
            evaluated(text, a=array)
        assert not isinstance(caught.value, PythonError), text


def test_a_quotient_is_a_float_that_remembers_its_spelling() -> None:
    for text, written in {
        "1/3": "1 / 3",
        "2 * (1/3)": "2 / 3",
        "2 ** 0.5": "np.sqrt(2)",
        "1/3 + 0.1": "0.43333333333333335",
    }.items():
        found = evaluated(text)
        assert (type(found).__mro__[-2], float(found)) == (float, eval(text))
        assert str(formula_of(found)) == written
    assert evaluated("str(1/3)") == str(1 / 3)
    assert pickle.loads(pickle.dumps(evaluated("1/3"))) == 1 / 3


@pytest.mark.parametrize(
    "text", ["hash('a')", "id(1)", "input()", "open('x')", "vars()", "eval('1')", "1j * 2 if False else complex(1)"]
)
def test_what_cannot_be_known_is_refused_by_name(text: str) -> None:
    with pytest.raises(ReadError, match="the function"):
        evaluated(text)


@pytest.mark.parametrize(
    "call", ["json.load(f)", "pickle.load(f)", "urllib.request.urlopen('x')", "open('x')", "pandas.read_csv('x')"]
)
def test_reading_data_names_the_options_that_give_it(call: str) -> None:
    with pytest.raises(ReadError, match=r"--set NAME=.*--shape NAME="):
        evaluated(call, f=1)
