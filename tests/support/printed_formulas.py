"""What is printed for the gradients that people asked for, beside the formulas that they accepted.

A gradient that stands in no table here is printed as it was accepted, up to order of summands and entrywise factors. Keys are the
number of a request, the how many-th of that number, and the variable.
"""

from __future__ import annotations

from collections.abc import Mapping

Key = tuple[int, int]

_SCORES = r"\bigl((G V^\top - (G V^\top \odot A) \mathbf{1} \mathbf{1}^\top) \odot A\bigr)"
_ERROR_3 = r"\bigl((a_3 - y) \odot a_3 \odot (1 - a_3)\bigr)"
_ERROR_2 = rf"\bigl(W_3^\top {_ERROR_3} \odot a_2 \odot (1 - a_2)\bigr)"
_ERROR_1 = rf"\bigl(W_2^\top {_ERROR_2} \odot a_1 \odot (1 - a_1)\bigr)"

NAMES: Mapping[Key, Mapping[str, str]] = {
    (1, 1): {
        r"\frac{\partial L}{\partial D}": r"\nabla f(W X)",
    },
    (1, 2): {
        r"\frac{\partial L}{\partial D}": "G",
    },
    (2, 1): {
        r"\sigma(X \omega)": "h",
    },
    (4, 1): {
        r"\frac{\partial R}{\partial b}": "G",
    },
    (10, 1): {
        r"z z^{\top}": r"(\mu - x)(\mu - x)^\top",
        r"M^{\top}": r"\Sigma^{-\top}",
        "M": r"\Sigma^{-1}",
    },
    (10, 2): {
        r"} f \bigl": r"} L \bigl",
    },
    (13, 1): {
        r"\sum_{k=1}^{K} \sigma(v_{w_k}^{\top} u_{w_I}) v_{w_k}": r"V_{\mathrm{neg}}^{\top} \sigma(V_{\mathrm{neg}} u_I)",
        r"\sigma(v_{w_k}^{\top} u_{w_I}) u_{w_I}": r"\sigma(V_{\mathrm{neg}} u_I) u_I",
        "v_{w_O}": "v_O",
        "u_{w_I}": "u_I",
    },
    (14, 1): {
        r"\left(\frac{\partial L}{\partial S}\right)": _SCORES,
        r"\frac{\partial L}{\partial S}": _SCORES,
        r"\frac{\partial L}{\partial O}": "G",
        "(W^Q)": "W_Q",
        "(W^K)": "W_K",
        "(W^V)": "W_V",
    },
    (14, 2): {
        r"\frac{\partial L}{\partial B}": "G",
    },
    (15, 1): {
        r"\epsilon \odot e^{\frac{1}{2} \log \sigma^2}": r"(z - \mu)",
        r"e^{\log \sigma^2}": r"\exp(\mathrm{logvar})",
        r"\mathbf{1}": "1",
    },
    (17, 1): {
        "Y_n": "Y",
        r"\max(m - D_n, 0)": r"\mathrm{ReLU}(m - D)",
        "D_n": "D",
        r"(1 - Y) \frac{\mathrm{ReLU}(m - D)}{D}": r"\frac{\mathrm{ReLU}(m - D) \odot (1 - Y)}{D}",
        r"\right) (X": r"\right) \mathbf{1}^\top \odot (X",
        "X_{1,n}": "X_1",
        "X_{2,n}": "X_2",
    },
    (17, 2): {
        "n ": "4 ",
    },
    (18, 1): {
        r"E_\delta": "(h - y)",
        r"(\mathbf{1} - \tanh^2(c_t))": r"\tanh'(c)",
        "c_{t-1}": r"c_{\mathrm{prev}}",
        "c_t": "c",
        "x_t": "x",
        r"\mathbf{1}": "1",
        "g^2": r"g^{\odot 2}",
    },
    (22, 1): {
        r"\left(\frac{\partial l}{\partial \hat{a}}\right)": "(o - x)",
        r"\frac{\partial l}{\partial a}": r"(W(o - x) \odot h \odot (1 - h))",
    },
    (24, 1): {
        r"\delta_3": _ERROR_3,
        r"\delta_2": _ERROR_2,
        r"\delta_1": _ERROR_1,
    },
    (25, 2): {
        r"\frac{1}{\sqrt{\operatorname{tr}(A^{\top} A)}} A": r"\frac{A}{\lVert A\rVert_F}",
    },
    (26, 1): {
        r"\sum_{k=0}^{n-1} \text{data}_k": r"\sum_i \mathrm{data}_i",
    },
    (26, 2): {
        "p_j": "p",
    },
}
"""What the symbols of an accepted formula stand for in the text of the loss."""

INSTEAD: Mapping[tuple[int, int, str], tuple[str, str]] = {
    (4, 1, "X"): (
        (
            r"\frac{\gamma_j\left(G_{ij} - \frac{1}{N} \hat{X}_{ij} \sum_k G_{kj} \hat{X}_{kj} - \frac{1}{N} "
            r"\sum_k G_{kj}\right)}{s_j}"
        ),
        "in index notation, with the number of rows as a number inside",
    ),
    (4, 2, "x"): (
        (
            r"\frac{\gamma_j\left(z_{ij} - t_{ij} - \frac{1}{m} \hat{x}_{ij} \sum_k (z_{kj} - t_{kj})\, "
            r"\hat{x}_{kj} - \frac{1}{m} \sum_k (z_{kj} - t_{kj})\right)}{\sqrt{\mathrm{var}_j + \epsilon}}"
        ),
        "in index notation, with the number of rows as a number inside",
    ),
    (5, 1, "x"): (
        (
            r"\frac{1}{\sqrt{\mathrm{var} + \epsilon}}\left(\mathrm{dy} \odot \gamma - \left(\frac{1}{D} "
            r"\sum_i \mathrm{dy}_i\, \gamma_i \hat{x}_i\right)\, \hat{x} - \frac{1}{D} \sum_i \mathrm{dy}_i\, "
            r"\gamma_i\right)"
        ),
        "sums where the answer has products with ones",
    ),
    (5, 2, "X"): (
        (
            r"\mathrm{rstd}_i\, \left(\mathrm{dY}_{ij}\, \gamma_j - \frac{1}{N} \hat{X}_{ij} \sum_k "
            r"\mathrm{dY}_{ik}\, \gamma_k \hat{X}_{ik} - \frac{1}{N} \sum_k \mathrm{dY}_{ik}\, \gamma_k\right)"
        ),
        "by entries, where no column is repeated by ones",
    ),
    (5, 3, "x"): (
        (
            r"\frac{1}{s + \epsilon} \mathrm{dz} - \frac{\sum_i \mathrm{dz}_i\, z_i}{n s} z - \frac{1}{n(s + "
            r"\epsilon)} \sum_i \mathrm{dz}_i"
        ),
        "multiplied out, since the factor is not in every term",
    ),
    (8, 1, "V"): (
        r"2 \lambda V U^\top U + 2(X U V^\top - Y)^\top X U",
        "the sum as it stands in the other gradient, transposed",
    ),
    (9, 1, "U"): (
        r"2 M V((G - P) \odot G \odot (1 - G))^\top",
        "the derivative of the given G in G itself, taken out of the sum",
    ),
    (9, 1, "V"): (
        r"2 M^\top U((G - P) \odot G \odot (1 - G))",
        "the derivative of the given G in G itself, taken out of the sum",
    ),
    (9, 1, "M"): (
        r"2 U((G - P) \odot G \odot (1 - G))\, V^\top",
        "the derivative of the given G in G itself, taken out of the sum",
    ),
    (10, 1, "Sigma"): (
        r"\frac{1}{2} \Sigma^{-\top}(\mu - x)(\mu - x)^\top \Sigma^{-\top} - \frac{1}{2} \Sigma^{-\top}",
        "the number in each term",
    ),
    (10, 3, "S"): (
        r"Y^\top (a \mathbf{1}^\top \odot Y) - S^{-1}",
        "a product of matrices where the answer has a sum of outer products, for a matrix that is symmetric by its definition",
    ),
    (10, 4, "Sigma"): (
        (
            r"\frac{1}{2} \sum_l (\Sigma_i^{-1})_{kl} \sum_m (\Sigma_i^{-1})_{mj} \sum_p \frac{\pi_i "
            r"e^{q_{pi}} y_{pim}}{\sum_r e^{q_{pr}} \pi_r} y_{pil} - \frac{1}{2}\left(\pi_i \sum_l "
            r"\frac{e^{q_{li}}}{\sum_m e^{q_{lm}} \pi_m}\right)(\Sigma_i^{-1})_{kj}"
        ),
        "by entries, with the shares written out",
    ),
    (10, 5, "Sigma"): (
        (
            r"\frac{1}{2} \sum_k (\Sigma^{-1})_{kj} \sum_l (\Sigma^{-1})_{il} \sum_{m,p} \frac{\pi_p "
            r"e^{q_{mp}} y_{mpk}}{\sum_r e^{q_{mr}} \pi_r} y_{mpl} - \frac{5}{2}(\Sigma^{-1})_{ij}"
        ),
        "by entries, with the shares written out",
    ),
    (11, 1, "mu"): (
        r"\pi_i \sum_k \frac{e^{q_{ki}} \sum_l y_{kil} P_{lj}}{\sum_l e^{q_{kl}} \pi_l}",
        "by entries, with the shares written out",
    ),
    (11, 1, "pi"): (
        r"\sum_i \frac{e^{q_{ij}}}{\sum_k e^{q_{ik}} \pi_k}",
        "the shares written out, in which one factor cancels",
    ),
    (16, 2, "W"): (
        (
            r"\begin{cases} 2(A^\top(f_N - f_P) - P^\top(f_A - f_P) + N^\top(f_A - f_N)) & L > 0 \\ 0 & "
            r"\text{otherwise} \end{cases}"
        ),
        "by cases, with the gradients of the three arrays put in",
    ),
    (19, 1, "w"): (
        r"\sum_{k,l} G_{kl}\, \mathrm{windows}_{klij}",
        "the windows by the name that the code gives them",
    ),
    (19, 1, "X"): (
        (
            r"\sum_{k,l} \left(\sum_{m,p} G_{km} w_{lp} \mathbf{1}[m + p - 1 = j]\right)\, \mathbf{1}[k + l - "
            r"1 = i]"
        ),
        "conditions on the indices where the answer subtracts them",
    ),
    (21, 1, "W"): (
        r"W((W^\top W x - x)\, x^\top + x(W^\top W x - x)^\top)",
        "the line of the answer before its last one",
    ),
    (25, 9, "m"): (
        r"2 \sum_i (m - x_i)",
        "a sum where the answer has a product with ones",
    ),
    (27, 1, "v"): (
        r"(x^\top x \odot \mathbf{1}_{i > j} + x^\top x \odot \mathbf{1}_{i > j}^\top)\, v",
        "conditions on the indices where the answer leaves an index out",
    ),
    (27, 1, "x"): (
        r"x(v v^\top \odot \mathbf{1}_{i > j} + v v^\top \odot \mathbf{1}_{i > j}^\top)",
        "conditions on the indices where the answer leaves an index out",
    ),
}
"""What is printed where it is another formula, and in what it differs; both are equal, which their own tests say."""

ASSUMED: Mapping[Key, Mapping[str, str]] = {
    (10, 2): {"Sigma": "symmetric"},
    (20, 1): {"P": "symmetric"},
    (20, 2): {"P": "symmetric", "R": "symmetric"},
}
"""What an answer assumes, by the words of its request: covariances are symmetric."""

COMPUTED: Mapping[Key, tuple[str, ...]] = {
    (10, 3): ("A",),
    (10, 4): ("A",),
    (10, 5): ("A",),
}
"""Requests for the gradient of what the code computes, with the parameters that it is computed from."""

STAGED: Mapping[Key, str] = {
    (18, 2): "two steps of an LSTM: no closed form fits a line",
}
"""Requests of which every gradient stays in stages."""

SECOND: Mapping[Key, str] = {
    (2, 1): "omega omega",
    (3, 1): "w w",
}
"""Second derivatives, which are not gradients."""
