"""Names become symbols, and no two names become the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symback.display import Symbol, to_latex, to_text
from symback.errors import PrintError
from symback.notation import GREEK, PLAIN, Notation, choose_notation, name_symbols


def shown(*names: str, **options: object) -> list[str]:
    found = name_symbols(names, **options)  # type: ignore[arg-type]
    return [to_latex(found[n]) for n in names]


@pytest.mark.parametrize(("name", "latex", "text"), [
    ("w1", "w_1", "w₁"), ("W12", "W_{12}", "W₁₂"), ("x", "x", "x"), ("w_1", "w_1", "w₁"),
    ("y_hat", r"\hat{y}", "ŷ"), ("y_pred", r"\hat{y}", "ŷ"), ("yhat", r"\hat{y}", "ŷ"), ("y1_hat", r"\hat{y}_1", "ŷ₁"),
    ("alpha", r"\alpha", "α"), ("theta2", r"\theta_2", "θ₂"), ("α", r"\alpha", "α"), ("lambda_", r"\lambda", "λ"),
    ("y_true", "y", "y"), ("loss", "L", "L"), ("z1_2", "z_{1,2}", "z_{1,2}"), ("net1", r"\mathrm{net}_1", "net₁"),
    ("dW1", r"\mathrm{dW}_1", "dW₁"), ("Wq", "W_q", "W_q"), ("가중치1", r"\text{가중치}_1", "가중치₁"),
    ("a__b", r"\mathrm{a\_\_b}", "a__b"), ("_x", r"\mathrm{\_x}", "_x"), ("ŷ", r"\hat{y}", "ŷ"), ("ell", r"\ell", "ℓ"),
])
def test_single_names(name: str, latex: str, text: str) -> None:
    found = name_symbols([name])
    assert (to_latex(found[name]), to_text(found[name])) == (latex, text)
    assert found.notes == ()


def test_a_name_spelled_like_its_symbol_comes_first() -> None:
    assert shown("y_true", "y") == [r"y_{\mathrm{true}}", "y"]
    assert shown("y_pred", "y_hat") == [r"y_{\mathrm{pred}}", r"\hat{y}"]
    assert shown("loss", "L") == [r"\mathrm{loss}", "L"]
    assert shown("y_true", "y_hat") == ["y", r"\hat{y}"]


def test_a_clash_is_printed_as_spelled_and_reported() -> None:
    found = name_symbols(["w1", "w_1"])
    assert [to_latex(found[n]) for n in ("w1", "w_1")] == ["w_1", r"\mathrm{w\_1}"]
    ((name, symbol, owner),) = found.notes
    assert (name, to_latex(symbol), owner) == ("w_1", "w_1", "w1")


def test_functions_keep_their_symbols() -> None:
    found = name_symbols(["sigma", "f"], PLAIN, [Symbol(r"\sigma", "σ"), Symbol("f", "f")])
    assert to_latex(found["sigma"]) == r"\mathrm{sigma}"
    assert to_latex(found["f"]) == r"\mathrm{f}"
    assert {n[0] for n in found.notes} == {"sigma", "f"}


def test_the_users_own_symbol_is_used_and_kept_free() -> None:
    own = choose_notation("plain", {"W1": "W^{[1]}", "q": r"w_1"})
    assert shown("W1", "q", "w1", choice=own) == ["W^{[1]}", "w_1", r"\mathrm{w1}"]
    with pytest.raises(PrintError, match="already"):
        name_symbols(["a", "b"], Notation(symbols={"a": "c", "b": "c"}))


@pytest.mark.parametrize("latex", ["", "{", "}{", "a$b", "a&b", "a^", "x_", "%", "a\\", "#1", "a\nb"])
def test_latex_that_breaks_a_formula_is_refused(latex: str) -> None:
    with pytest.raises(PrintError):
        Notation(symbols={"w": latex})


def test_unknown_choices_are_refused_with_the_nearest() -> None:
    with pytest.raises(PrintError, match="'plain'"):
        choose_notation("plian")
    with pytest.raises(PrintError, match="derivative"):
        Notation(derivative="total")


PARTS = st.one_of(
    st.sampled_from([*"wxyzabWXL", "hat", "pred", "true", "bar", "alpha", "sigma", "loss", "net", "q", "xh", "ell", "σ", "ŷ"]),
    st.sampled_from(list(GREEK)),
)
IDENTIFIERS = st.builds(
    lambda head, digits, tail: head + digits + "".join("_" + t for t in tail),
    PARTS, st.sampled_from(["", "1", "12", "2"]), st.lists(st.one_of(PARTS, st.sampled_from(["1", "2", "12"])), max_size=2),
) | st.from_regex(r"[^\W\d]\w{0,6}", fullmatch=True)


@given(st.lists(IDENTIFIERS, min_size=1, max_size=12, unique=True))
def test_no_two_names_share_a_symbol(names: list[str]) -> None:
    printed = shown(*names)
    assert len(set(printed)) == len(names)
    for latex in printed:
        assert latex.count("{") == latex.count("}")
        assert not set(latex) & set("$%&#~\n")
