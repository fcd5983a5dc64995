"""Names become symbols, and no two names become the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symback as sb
from symback.core.display import Symbol, to_latex, to_text
from symback.core.errors import PrintError
from symback.page.notation import GREEK, PLAIN, PRESETS, Notation, choose_notation, name_symbols
from symback.page.records import sentence_text
from symback.page.symbols_view import attention_roles
from tests.support.small_networks import layers, scalar_chain


def shown(*names: str, **options: object) -> list[str]:
    found = name_symbols(names, **options)  # type: ignore[arg-type]
    return [to_latex(found[n]) for n in names]


@pytest.mark.parametrize(
    ("name", "latex", "text"),
    [
        ("w1", "w_1", "w₁"),
        ("W12", "W_{12}", "W₁₂"),
        ("x", "x", "x"),
        ("w_1", "w_1", "w₁"),
        ("y_hat", r"\hat{y}", "ŷ"),
        ("y_pred", r"\hat{y}", "ŷ"),
        ("yhat", r"\hat{y}", "ŷ"),
        ("y1_hat", r"\hat{y}_1", "ŷ₁"),
        ("alpha", r"\alpha", "α"),
        ("theta2", r"\theta_2", "θ₂"),
        ("α", r"\alpha", "α"),
        ("lambda_", r"\lambda", "λ"),
        ("y_true", "y", "y"),
        ("loss", "L", "L"),
        ("z1_2", "z_{1,2}", "z_{1,2}"),
        ("net1", r"\mathrm{net}_1", "net₁"),
        ("dW1", r"\mathrm{dW}_1", "dW₁"),
        ("Wq", "W_q", "W_q"),
        ("가중치1", r"\text{가중치}_1", "가중치₁"),
        ("a__b", r"\mathrm{a\_\_b}", "a__b"),
        ("_x", r"\mathrm{\_x}", "_x"),
        ("ŷ", r"\hat{y}", "ŷ"),
        ("ell", r"\ell", "ℓ"),
    ],
)
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
    st.sampled_from(
        [*"wxyzabWXL", "hat", "pred", "true", "bar", "alpha", "sigma", "loss", "net", "q", "xh", "ell", "σ", "ŷ"]
    ),
    st.sampled_from(list(GREEK)),
)
IDENTIFIERS = st.builds(
    lambda head, digits, tail: head + digits + "".join("_" + t for t in tail),
    PARTS,
    st.sampled_from(["", "1", "12", "2"]),
    st.lists(st.one_of(PARTS, st.sampled_from(["1", "2", "12"])), max_size=2),
) | st.from_regex(r"[^\W\d]\w{0,6}", fullmatch=True)


@pytest.mark.parametrize("preset", PRESETS)
@given(st.lists(IDENTIFIERS, min_size=1, max_size=12, unique=True))
def test_no_two_names_share_a_symbol(preset: str, names: list[str]) -> None:
    printed = shown(*names, choice=PRESETS[preset])
    assert len(set(printed)) == len(names)
    for latex in printed:
        assert latex.count("{") == latex.count("}")
        assert not set(latex) & set("$%&#~\n")


@pytest.mark.parametrize("names", [("a_", "a"), ("ª_", "ª"), ("w1_", "w1")])
def test_a_name_keeps_its_symbol_before_one_with_an_underscore(names: tuple[str, str]) -> None:
    behind, plain = shown(*names)
    assert shown(names[1]) == [plain] != [behind] and shown(names[0]) == [plain]


# --- presets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "nielsen", "ng"),
    [
        ("W1", "w^1", "W^{[1]}"),
        ("b12", "b^{12}", "b^{[12]}"),
        ("a2", "a^2", "A^{[2]}"),
        ("z", "z", "Z"),
        ("y_hat", r"\hat{y}", r"\hat{Y}"),
        ("y2_hat", r"\hat{y}^2", r"\hat{Y}^{[2]}"),
        ("theta1", r"\theta^1", r"\theta^{[1]}"),
        ("z1_2", "z_2^1", "Z_2^{[1]}"),
        ("net1", r"\mathrm{net}^1", r"\mathrm{net}^{[1]}"),
    ],
)
def test_names_in_the_presets(name: str, nielsen: str, ng: str) -> None:
    assert shown(name, choice=PRESETS["nielsen"]) == [nielsen]
    assert shown(name, choice=PRESETS["ng"]) == [ng]


def test_two_spellings_of_one_letter_stay_apart() -> None:
    assert len(set(shown("W1", "w1", choice=PRESETS["nielsen"]))) == 2
    assert len(set(shown("X", "x", "Y", "y", choice=PRESETS["ng"]))) == 4


def lines(d: sb.Derivation, notation: str | Notation, view: str = "matrix", **extras: object) -> list[str]:
    return d.latex(view=view, notation=notation, **extras).splitlines()[1:-1]  # type: ignore[arg-type]


def test_arrays_are_bold_and_their_entries_and_numbers_are_not() -> None:
    net = sb.Network()
    X, y = net.input("X", ("n", 3)), net.input("y_true", ("n",))
    w, b = net.parameter("w", (3,)), net.parameter("b", ())
    z = net.define("z1", X @ w + b)
    net.define("L", sb.sum(z * y) + b * sb.mean((X**2)[0]))
    d = sb.derive(net)
    page = str(d.page(notation="bold").text("tex"))
    assert r"\boldsymbol{z}_1 = \boldsymbol{X} \boldsymbol{w} + b" in page
    assert r"\frac{\partial L}{\partial \boldsymbol{w}} &= \boldsymbol{X}^\top \boldsymbol{\delta}_1" in page
    assert r"\sum_i \delta_{1,i}" in page and r"\boldsymbol{b}" not in page
    entries = d.latex("w", view="index", notation="bold")
    assert "z_{1,i}" in entries and "X_{ij}" in entries and r"\frac{\partial L}{\partial w_j}" in entries
    user = d.latex("w", notation=Notation(bold=True, symbols={"w": r"\omega"}))
    assert r"\frac{\partial L}{\partial \omega}" in user and r"\boldsymbol{X}" in user


def test_nielsens_equations() -> None:
    """BP1 to BP4 of the book's chapter 2, for rows instead of columns."""
    found = "\n".join(lines(sb.derive(layers([2, 3, 2])), "nielsen"))
    assert r"\delta^l &= \frac{\partial C}{\partial z^l}" in found
    assert r"\delta^1 &= \delta^2(w^2)^\top \odot \sigma'(z^1)" in found
    assert r"\frac{\partial C}{\partial w^2} &= (a^1)^\top \delta^2" in found
    assert r"\frac{\partial C}{\partial b^1} &= \mathbf{1}^\top \delta^1" in found
    assert r"w^1 &\leftarrow w^1 - \eta \frac{\partial C}{\partial w^1}" in found
    assert r"\sigma'(z^l) &= a^l \odot (1 - a^l)" in found


def test_ngs_equations() -> None:
    d = sb.derive(layers([2, 3, 2], loss="bce"))
    found = "\n".join(lines(d, "ng"))
    assert r"Z^{[1]} &= X W^{[1]} + b^{[1]}, & A^{[1]} &= \sigma(Z^{[1]})" in found
    assert r"dW^{[2]} &= A^{[1]\top} dZ^{[2]}" in found
    assert r"dZ^{[1]} &= dZ^{[2]} W^{[2]\top} \odot \sigma'(Z^{[1]})" in found
    assert r"W^{[1]} &\leftarrow W^{[1]} - \alpha\, dW^{[1]}" in found
    assert r"\delta" not in found and "J &=" in found
    (forward, *_) = d.sections("matrix", "ng")
    assert "dW^[1] is short for ∂J/∂W^[1], for every name." in {sentence_text(w) for w in forward.displays[0].words}


def test_scalar_networks_keep_their_small_letters() -> None:
    found = sb.derive(scalar_chain()).latex("w1", notation="ng")
    assert found.startswith("\\begin{aligned}\ndw^{[1]} &= ") and "W" not in found


def test_columns_in_the_presets() -> None:
    net = sb.Network()
    X, Y = net.input("X", (2, "m")), net.input("Y", (1, "m"))
    W1, b1 = net.parameter("W1", (1, 2)), net.parameter("b1", (1, 1))
    A1 = net.define("A1", sb.sigmoid(net.define("Z1", W1 @ X + b1)))
    net.define("cost", sb.mean((A1 - Y) ** 2))
    d = sb.derive(net)
    assert r"dW^{[1]} &= dZ^{[1]} X^\top" in d.latex(view="matrix", notation="ng")
    assert r"\frac{\partial C}{\partial w^1} &= \delta^1 X^\top" in d.latex(view="matrix", notation="nielsen")


def test_the_users_own_symbols_win_over_a_preset() -> None:
    own = choose_notation("ng", {"W1": r"\Theta", "L": r"\mathcal{L}"})
    found = sb.derive(layers([2, 3, 2])).latex("W1", notation=own)
    assert found.startswith(r"d \Theta = X^\top dZ^{[1]}")
    assert r"\mathcal{L}" in sb.derive(layers([2, 3, 2])).latex(notation=own)


def test_a_taken_letter_is_not_taken_again() -> None:
    net = sb.Network()
    C, w = net.input("C", ("n", 2)), net.parameter("w", (2, 1))
    net.define("L", sb.mean((C @ w) ** 2))
    assert r"\frac{\partial L}{\partial w}" in sb.derive(net).latex("w", notation="nielsen")


def test_time_in_updates() -> None:
    found = sb.derive(layers([2, 3, 2])).latex(notation=Notation(time=True, learning_rate="alpha"))
    assert r"W_1(t + 1) &= W_1(t) - \alpha \frac{\partial L}{\partial W_1(t)}" in found


def test_wrong_choices_are_refused() -> None:
    for wrong in ({"layers": "sub"}, {"adjoint": "long"}, {"activation": "xx"}):
        with pytest.raises(PrintError):
            Notation(**wrong)  # type: ignore[arg-type]


# --- shapes and the table of names ------------------------------------------------------------------------------------


def test_shapes_under_factors() -> None:
    d = sb.derive(layers([2, 3, 2]))
    assert d.latex("W1", shapes=True) == (
        r"\underset{(2 \times 3)}{\frac{\partial L}{\partial W_1}} = "
        r"\underset{(2 \times n)}{x^\top} \underset{(n \times 3)}{\delta_1}"
    )
    assert r"\underset{(1 \times 3)}{b_1}" in d.latex(shapes=True)
    assert "underset" not in d.latex() and "underset" not in sb.derive(scalar_chain()).latex(shapes=True)
    assert "∂L/∂W₁[2 × 3] = xᵀ[2 × n] δ₁[n × 3]" in d.text(shapes=True)


def test_shapes_of_vectors_say_how_they_stand() -> None:
    net = sb.Network()
    W, x = net.parameter("W", (4, 3)), net.input("x", (3,))
    net.define("L", sb.sum(sb.tanh(net.define("z", W @ x))))
    assert (
        sb.derive(net)
        .latex("W", shapes=True)
        .endswith(r"= \underset{(4 \times 1)}{\delta} \underset{(1 \times 3)}{x^\top}")
    )


def test_the_table_of_names() -> None:
    text = sb.derive(layers([2, 3, 2])).text(table=True)
    table = text[: text.index("Forward pass")]
    for name, meaning, shape in (
        ("x", "data", "n × 2"),
        ("y", "target", "n × 2"),
        ("W₁", "weight", "2 × 3"),
        ("b₂", "bias", "2"),
        ("z₁", "pre-activation", "n × 3"),
        ("a₁", "activation", "n × 3"),
        ("L", "loss", "number"),
        ("δ₂", "derivative of the loss", "n × 2"),
    ):
        assert any(line.split() == [name, *meaning.split(), *shape.split()] for line in table.splitlines()), name
    assert not sb.derive(layers([2, 3, 2])).text().startswith("Names")


def test_attention_is_printed_as_papers_write_it() -> None:
    text = (
        "Q = X @ WQ\nK = X @ WK\nV = X @ WV\nS = Q @ K.T / np.sqrt(dk)\n"
        "A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)\nL = np.sum((A @ V - T)**2)"
    )
    shapes = {"X": ("n", 4), "T": ("n", 3), "WQ": (4, 2), "WK": (4, 2), "WV": (4, 3), "dk": ()}
    page = sb.derive(sb.parse(text, shapes=shapes, wrt=["WQ", "WK", "WV"])).text()
    assert "Q = X W_Q" in page and "√(dₖ)" in page
    assert "δ" not in page  # queries, keys and values are on no way to an activation function
    assert "∂L/∂Sᵢⱼ = Σₖ ∂L/∂Aᵢₖ · ∂Aᵢₖ/∂Sᵢⱼ   chain rule" in page
    assert "= Aᵢⱼ(∂L/∂Aᵢⱼ − Σₖ ∂L/∂Aᵢₖ Aᵢₖ)   only k = j keeps the 1" in page


@pytest.mark.parametrize(
    "scores",
    ["Q @ K.T / np.sqrt(dk)", "(Q @ K.T) * 0.5 + M", "np.where(M > 0, Q @ K.T, -1e9)", "0.5 * Q @ K.T"],
)
def test_the_arrays_of_attention_are_called_what_they_are(scores: str) -> None:
    text = f"Q = X @ WQ\nK = X @ WK\nV = X @ WV\nS = {scores}\nE = np.exp(S)\nA = E / E.sum(axis=1, keepdims=True)\n"
    text += "O = A @ V\nL = np.sum((O - T)**2)"
    shapes = {"X": ("n", 4), "T": ("n", 3), "WQ": (4, 2), "WK": (4, 2), "WV": (4, 3), "dk": (), "M": ("n", "n")}
    used = {k: v for k, v in shapes.items() if k in text}
    d = sb.derive(sb.parse(text, shapes=used, wrt=["WQ", "WK", "WV"]))
    found = attention_roles(d.record.network)
    wanted = {"Q": "queries", "K": "keys", "V": "values", "A": "attention weights", "O": "attention output"}
    assert wanted.items() <= found.items() and "scores" in found.values()
    assert "어텐션 가중치" in d.text(table=True, language="ko")


def test_a_softmax_classifier_is_no_attention() -> None:
    text = "Z = X @ W\nP = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)\nL = -np.sum(Y * np.log(P))"
    d = sb.derive(sb.parse(text, shapes={"X": ("n", 4), "W": (4, 3), "Y": ("n", 3)}, wrt=["W"]))
    assert attention_roles(d.record.network) == {}


def test_a_name_prints_as_another_one() -> None:
    found = name_symbols(["h", "h_1"], printed={"h": "h_0"})
    assert [to_latex(found[name]) for name in ("h", "h_1")] == ["h_0", "h_1"]
