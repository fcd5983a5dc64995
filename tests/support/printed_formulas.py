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
    (26, 2): {
        "p_j": "p",
    },
}
"""What the symbols of an accepted formula stand for in the text of the loss."""

INSTEAD: Mapping[tuple[int, int, str], tuple[str, str]] = {
    (4, 1, "X"): (
        (
            r"\frac{\gamma_j\left(G_{ij} - \frac{1}{N}\left(\sum_k G_{kj} \hat{X}_{kj}\right)\, "
            r"\hat{X}_{ij} - \frac{1}{N} \sum_k G_{kj}\right)}{s_j}"
        ),
        "in index notation, with the number of rows as a number inside",
    ),
    (4, 2, "x"): (
        (
            r"\frac{\gamma_j\left(z_{ij} - t_{ij} - \frac{1}{m}\left(\sum_k (z_{kj} - t_{kj})\, "
            r"\hat{x}_{kj}\right)\, \hat{x}_{ij} - \frac{1}{m} \sum_k (z_{kj} - "
            r"t_{kj})\right)}{\sqrt{\mathrm{var}_j + \epsilon}}"
        ),
        "in index notation, with the number of rows as a number inside",
    ),
    (5, 1, "x"): (
        (
            r"\frac{1}{\sqrt{\mathrm{var} + \epsilon}}\left(\mathrm{dy} \odot \gamma - "
            r"\left(\frac{1}{D} \sum_i \mathrm{dy}_i\, \gamma_i \hat{x}_i\right)\, \hat{x} - "
            r"\frac{1}{D} \sum_i \mathrm{dy}_i\, \gamma_i\right)"
        ),
        "sums where the answer has products with ones",
    ),
    (5, 2, "X"): (
        (
            r"\mathrm{rstd}_i\, \left(\mathrm{dY}_{ij}\, \gamma_j - \frac{1}{N}\left(\sum_k \mathrm{dY}_{ik}\, "
            r"\gamma_k \hat{X}_{ik}\right)\, \hat{X}_{ij} - \frac{1}{N} \sum_k \mathrm{dY}_{ik}\, \gamma_k\right)"
        ),
        "by entries, where no column is repeated by ones",
    ),
    (5, 3, "x"): (
        (
            r"\frac{1}{s + \epsilon} \mathrm{dz} - \frac{\sum_i \mathrm{dz}_i\, z_i}{n s} z - "
            r"\frac{1}{n(s + \epsilon)} \sum_i \mathrm{dz}_i"
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
        (
            r"\frac{1}{2} \Sigma^{-\top}(\mu - x)(\mu - x)^\top \Sigma^{-\top} - \frac{1}{2} "
            r"\Sigma^{-\top}"
        ),
        "the number in each term",
    ),
    (10, 2, "Sigma"): (
        r"\frac{1}{2} L(\Sigma^{-\top}(x - \mu)(x - \mu)^\top \Sigma^{-\top} - \Sigma^{-\top})",
        "without the assumption that the matrix is symmetric",
    ),
    (10, 3, "S"): (
        r"Y^\top (a \mathbf{1}^\top \odot Y) - S^{-\top}",
        "a product of matrices where the answer has a sum of outer products",
    ),
    (10, 5, "Sigma"): (
        (
            r"\frac{1}{2} \sum_k \left(\sum_l (\Sigma^{-1})_{li} \sum_{m,p} \frac{\pi_p e^{q_{mp}} "
            r"y_{mpk}}{\sum_r e^{q_{mr}} \pi_r} y_{mpl}\right)(\Sigma^{-1})_{jk} - "
            r"\frac{1}{2}\left(\sum_{k,l} \frac{\pi_l e^{q_{kl}}}{\sum_m e^{q_{km}} "
            r"\pi_m}\right)(\Sigma^{-1})_{ji}"
        ),
        "in index notation; the shares are not a name, and the matrix is not taken to be symmetric",
    ),
    (11, 1, "mu"): (
        (
            r"\frac{1}{2} \pi_i \sum_k \frac{e^{q_{ki}} \sum_l y_{kil}(P_{lj} + P_{jl})}{\sum_l e^{q_{kl}} "
            r"\pi_l}"
        ),
        "the shares are not a name, and the matrix is not taken to be symmetric",
    ),
    (11, 1, "pi"): (
        r"\sum_i \frac{e^{q_{ij}}}{\sum_k e^{q_{ik}} \pi_k}",
        "the shares are not a name, and the matrix is not taken to be symmetric",
    ),
    (15, 1, "logvar"): (
        r"\frac{1}{2}(\exp(\mathrm{logvar}) - 1) + \frac{1}{2} W^\top(\hat{x} - x) \odot (z - \mu)",
        "the difference of two given names for the noise",
    ),
    (16, 1, "a"): (
        r"2 \mathrm{ReLU}'\left(\sum_i (a_i - p_i)^2 - \sum_i (a_i - n_i)^2 + \alpha\right)(n - p)",
        "the derivative of ReLU where the answer has cases",
    ),
    (16, 1, "p"): (
        r"-2 \mathrm{ReLU}'\left(\sum_i (a_i - p_i)^2 - \sum_i (a_i - n_i)^2 + \alpha\right)(a - p)",
        "the derivative of ReLU where the answer has cases",
    ),
    (16, 1, "n"): (
        r"2 \mathrm{ReLU}'\left(\sum_i (a_i - p_i)^2 - \sum_i (a_i - n_i)^2 + \alpha\right)(a - n)",
        "the derivative of ReLU where the answer has cases",
    ),
    (16, 2, "W"): (
        (
            r"2 \mathrm{ReLU}'\left(\sum_i (f_{A,i} - f_{P,i})^2 - \sum_i (f_{A,i} - f_{N,i})^2 + "
            r"\alpha\right)(A^\top(f_N - f_P) - P^\top(f_A - f_P) + N^\top(f_A - f_N))"
        ),
        "one factor for all three shares",
    ),
    (17, 1, "X1"): (
        (
            r"\frac{1}{N} \frac{(Y_i D_i - \mathrm{ReLU}(m - D_i)(1 - Y_i)\, \mathrm{ReLU}'(m - "
            r"D_i))(X_{1,ij} - X_{2,ij})}{D_i}"
        ),
        "one fraction, with ReLU and its derivative for the maximum",
    ),
    (17, 1, "X2"): (
        (
            r"\frac{1}{N} \frac{(Y_i D_i - \mathrm{ReLU}(m - D_i)(1 - Y_i)\, \mathrm{ReLU}'(m - "
            r"D_i))(X_{2,ij} - X_{1,ij})}{D_i}"
        ),
        "one fraction, with ReLU and its derivative for the maximum",
    ),
    (20, 1, "K"): (
        r"-(I - K C)(P + P^\top)\, C^\top",
        "without the assumption that P is symmetric",
    ),
    (20, 2, "K"): (
        r"K R + K R^\top - (I - K H)(P + P^\top)\, H^\top",
        "without the assumption that P and R are symmetric",
    ),
    (21, 1, "W"): (
        r"W((W^\top W x - x)\, x^\top + x(W^\top W x - x)^\top)",
        "the line of the answer before its last one",
    ),
    (23, 1, "W"): (
        (
            r"2\left(\sum_k W_{ik}^2\right)\, h_i^2(1 - 2 h_i)(1 - h_i)^2\, x_j"
            r" + 2 h_i^2(1 - h_i)^2\, W_{ij}"
        ),
        "factors in another order",
    ),
    (23, 1, "b"): (
        r"2\left(\sum_j W_{ij}^2\right)\, h_i^2(1 - 2 h_i)(1 - h_i)^2",
        "factors in another order",
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

COMPUTED: Mapping[Key, tuple[str, ...]] = {
    (10, 3): ("A",),
    (10, 5): ("A",),
}
"""Requests for the gradient of what the code computes, with the parameters that it is computed from."""

STAGED: Mapping[Key, str] = {
    (18, 2): "two steps of an LSTM: no closed form fits a line",
}
"""Requests of which every gradient stays in stages."""

UNREAD: Mapping[Key, str] = {
    (10, 4): "an inverse of a stack of matrices",
    (19, 1): "windows of an array by np.lib.stride_tricks",
    (26, 1): "an index that stands in a sum as a number",
}
"""Requests whose loss holds what is not read as an array operation."""

SECOND: Mapping[Key, str] = {
    (2, 1): "omega omega",
    (3, 1): "w w",
}
"""Second derivatives, which are not gradients."""
