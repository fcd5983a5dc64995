"""Gradients that people asked for in public, with the formula of the answer they accepted.

Twenty-seven requests, numbered 1 to 27.  A request that asks about several losses has one row for each of
them, all with the same number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One loss of one request.

    number: the number of the request, 1 to 27.
    source: where it was asked or answered.
    asked: what was asked, in one sentence.
    sympy_or_numpy: the loss as Python text; the last name assigned is the loss.  Text that begins with
        "import sympy" builds an expression of symbolic sizes.  Text that begins with "import numpy" gives
        values to the inputs, then has one empty line, then computes the loss.
    variables: what the loss is differentiated by, in the order of the formulas; "w w" is the matrix of the
        second derivatives by w.
    formulas: LaTeX of each gradient, in the shape of its variable, in the symbols of the person who asked.
    checked: NumPy text of each formula; the lines before the last one are assignments, the last one is the
        value.  It reads the inputs by their names and, for a NumPy loss, every name the loss has computed.
        The columns of SymPy are arrays of shape (n, 1); the indexed symbols count from 0 here.
    note: what the symbols of the formulas stand for, and where a published formula had to be corrected.
    """

    number: int
    source: str
    asked: str
    sympy_or_numpy: str
    variables: tuple[str, ...]
    formulas: tuple[str, ...]
    checked: tuple[str, ...]
    note: str = ""


def _lines(*lines: str) -> str:
    """Join lines of program text."""
    return "\n".join(lines)


_SYMPY = "import sympy as sp"
_NUMPY = "import numpy as np"
_NMK = 'n, m, k = sp.symbols("n m k", integer=True, positive=True)'
_SQUARE_A = _lines(
    _SYMPY,
    'n = sp.Symbol("n", integer=True, positive=True)',
    'A = sp.MatrixSymbol("A", n, n)',
)
_LOW_RANK = _lines(
    _SYMPY,
    _NMK,
    'A = sp.MatrixSymbol("A", n, m)',
    'U, V = sp.MatrixSymbol("U", n, k), sp.MatrixSymbol("V", k, m)',
    "def nrm2(e):",
    "    return sp.Trace(e.T * e)",
)

_SOFTMAX_BACK = _lines(
    "dA = G @ V.T",
    "dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))",
)

_RESPONSIBILITIES = "r = pi * np.exp(q) / np.sum(pi * np.exp(q), axis=1, keepdims=True)"

_LSTM_STEP_BACK = _lines(
    "E_delta = h - y",
    "dc = E_delta * o * (1 - np.tanh(c)**2)",
)

_LSTM_BACK = _lines(
    "dh2 = h2 - y",
    "do2 = dh2 * np.tanh(c2) * o2 * (1 - o2)",
    "dc2 = dh2 * o2 * (1 - np.tanh(c2)**2)",
    "df2, di2, dg2 = dc2 * c1 * f2 * (1 - f2), dc2 * g2 * i2 * (1 - i2), dc2 * i2 * (1 - g2**2)",
    "dh1 = df2 @ W_f.T + di2 @ W_i.T + do2 @ W_o.T + dg2 @ W_g.T",
    "do1 = dh1 * np.tanh(c1) * o1 * (1 - o1)",
    "dc1 = dh1 * o1 * (1 - np.tanh(c1)**2) + dc2 * f2",
    "df1, di1, dg1 = dc1 * c0 * f1 * (1 - f1), dc1 * g1 * i1 * (1 - i1), dc1 * i1 * (1 - g1**2)",
)

_THREE_LAYERS_BACK = _lines(
    "d3 = (a3 - y) * a3 * (1 - a3)",
    "d2 = (W3.T @ d3) * a2 * (1 - a2)",
    "d1 = (W2.T @ d2) * a1 * (1 - a1)",
)


REQUESTS: tuple[Request, ...] = (
    Request(
        number=1,
        source="https://edwardshu.com/posts/matrix-matrix-gradient",
        asked="The gradient of L = f(D), D = WX, by W for any scalar f, and why X comes transposed.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'H, m, n = sp.symbols("H m n", integer=True, positive=True)',
            'W, X = sp.MatrixSymbol("W", H, m), sp.MatrixSymbol("X", m, n)',
            'f = sp.Function("f")',
            "L = f(W * X)",
        ),
        variables=("W",),
        formulas=(r"\frac{\partial L}{\partial D} X^{\top}",),
        checked=(_lines("D = W @ X", "dD = np.cos(D)", "dD @ X.T"),),
        note="D = WX.  f is any scalar function of a matrix; the check takes the sum of sin D_ij.",
    ),
    Request(
        number=1,
        source="https://edwardshu.com/posts/matrix-matrix-gradient",
        asked="The same with the layer's gradient given: G is the gradient of L by D.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "H, m, n = 4, 3, 5",
            "W = np.random.randn(H, m)",
            "X = np.random.randn(m, n)",
            "G = np.random.randn(H, n)",
            "",
            "D = W @ X",
            "L = np.sum(G * D)",
        ),
        variables=("W",),
        formulas=(r"\frac{\partial L}{\partial D} X^{\top}",),
        checked=("G @ X.T",),
        note="G in the text is the gradient of L by D.",
    ),
    Request(
        number=2,
        source="https://stats.stackexchange.com/questions/68391/hessian-of-logistic-function",
        asked="A clean derivation of the Hessian of the logistic log likelihood in matrix form.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "m, d = 6, 3",
            "X = np.random.randn(m, d)",
            "y = np.random.randint(0, 2, m).astype(float)",
            "omega = np.random.randn(d)",
            "",
            "z = X @ omega",
            "h = 1 / (1 + np.exp(-z))",
            "l = np.sum(-(y * np.log(h) + (1 - y) * np.log(1 - h)))",
        ),
        variables=("omega", "omega omega"),
        formulas=(
            r"X^{\top} \bigl(\sigma(X \omega) - y\bigr)",
            r"X^{\top} \operatorname{diag}\bigl(\sigma(X \omega) \odot (\mathbf{1} - \sigma(X \omega))\bigr) X",
        ),
        checked=("X.T @ (h - y)", "X.T @ np.diag(h * (1 - h)) @ X"),
        note="Rows of X are the samples; D of the question is the diagonal matrix.  Corrected sign: the question "
        "writes the log likelihood, whose Hessian is the negative of X'DX; the answer puts the minus into the loss.",
    ),
    Request(
        number=3,
        source="https://math.techqa.club/hessian-of-the-following-function-2637252",
        asked="Gradient and Hessian of logistic regression with labels -1 and 1 and a ridge, as matrices.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n, d = 6, 3",
            "X = np.random.randn(n, d)",
            "y = np.sign(np.random.randn(n))",
            "w = np.random.randn(d)",
            "C = 0.7",
            "",
            "f = 0.5 * w @ w + C * np.sum(np.log(1 + np.exp(-y * (X @ w))))",
        ),
        variables=("w", "w w"),
        formulas=(
            r"w - C X^{\top} \bigl(y \odot \sigma(-y \odot X w)\bigr)",
            (
                r"I + C X^{\top} \operatorname{diag}\bigl(y \odot y \odot \sigma(y \odot X w) \odot"
                r" \sigma(-y \odot X w)\bigr) X"
            ),
        ),
        checked=(
            "w - C * X.T @ (y / (1 + np.exp(y * (X @ w))))",
            _lines(
                "M = np.exp(-y * (X @ w))",
                "np.eye(len(w)) + C * X.T @ np.diag(y**2 * M / (1 + M)**2) @ X",
            ),
        ),
        note="The partial derivatives in the question are right; their matrix form is derived here.  "
        "M_i/(1 + M_i)^2 of the question is sigma(t) sigma(-t) with t = y_i w'x_i, and y_i^2 = 1 for labels -1, 1; "
        "the guess (X'X + I) y^2 M is not right, the weights stand between X' and X.",
    ),
    Request(
        number=4,
        source="https://stats.stackexchange.com/questions/328242/matrix-form-of-backpropagation-with-batch-normalization",
        asked="Backpropagation through batch normalization with matrices instead of loops.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "N, p = 6, 3",
            "X = np.random.randn(N, p)",
            "gamma = np.random.randn(p)",
            "beta = np.random.randn(p)",
            "G = np.random.randn(N, p)",
            "",
            "mu = X.mean(axis=0)",
            "s = np.sqrt(((X - mu)**2).mean(axis=0))",
            "X_hat = (X - mu) / s",
            "b = gamma * X_hat + beta",
            "R = np.sum(G * b)",
        ),
        variables=("gamma", "beta", "X"),
        formulas=(
            r"\mathbf{1}^{\top} \left(\frac{\partial R}{\partial b} \odot \hat{X}\right)",
            r"\mathbf{1}^{\top} \frac{\partial R}{\partial b}",
            (
                r"\frac{1}{N} \frac{\gamma}{s} \odot \left(N \frac{\partial R}{\partial b}"
                r" - \mathbf{1} \mathbf{1}^{\top} \frac{\partial R}{\partial b}"
                r" - \hat{X} \odot \mathbf{1} \mathbf{1}^{\top}"
                r" \left(\frac{\partial R}{\partial b} \odot \hat{X}\right)\right)"
            ),
        ),
        checked=(
            "np.sum(G * X_hat, axis=0)",
            "np.sum(G, axis=0)",
            "gamma / s / N * (N * G - np.sum(G, axis=0) - X_hat * np.sum(G * X_hat, axis=0))",
        ),
        note="gamma / s is one factor a column, and s is the standard deviation of the columns (sigma of the question, "
        "which has no epsilon).  G in the text is the gradient of R by b.  Derived here.",
    ),
    Request(
        number=4,
        source="https://community.deeplearning.ai/t/batch-normalization-propagation/36190",
        asked="The gradients of gamma and beta of a batch normalized layer, and the one to hand on to its input.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "m, d = 6, 3",
            "x = np.random.randn(m, d)",
            "gamma = np.random.randn(d)",
            "beta = np.random.randn(d)",
            "t = np.random.randn(m, d)",
            "epsilon = 1e-3",
            "",
            "mu = x.mean(axis=0)",
            "var = ((x - mu)**2).mean(axis=0)",
            "x_hat = (x - mu) / np.sqrt(var + epsilon)",
            "z = gamma * x_hat + beta",
            "loss = 0.5 * np.sum((z - t)**2)",
        ),
        variables=("gamma", "beta", "x"),
        formulas=(
            r"\mathbf{1}^{\top} \bigl((z - t) \odot \hat{x}\bigr)",
            r"\mathbf{1}^{\top} (z - t)",
            (
                r"\frac{1}{m} \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} \odot \Bigl(m (z - t)"
                r" - \mathbf{1} \mathbf{1}^{\top} (z - t)"
                r" - \hat{x} \odot \mathbf{1} \mathbf{1}^{\top} \bigl((z - t) \odot \hat{x}\bigr)\Bigr)"
            ),
        ),
        checked=(
            "np.sum((z - t) * x_hat, axis=0)",
            "np.sum(z - t, axis=0)",
            (
                "gamma / np.sqrt(var + epsilon) / m"
                " * (m * (z - t) - np.sum(z - t, axis=0) - x_hat * np.sum((z - t) * x_hat, axis=0))"
            ),
        ),
        note="sigma^2 is the variance of the columns.  The thread answers with the batch normalization paper, "
        "arXiv 1502.03167, whose derivative by the mean has a term through the variance; that term is always 0.  "
        "The closed form is derived here.",
    ),
    Request(
        number=5,
        source="https://yueyiming2009.github.io/ai-learning/layernorm-gradient.html",
        asked="The backward pass of layer normalization for one token.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "D = 5",
            "x = np.random.randn(D)",
            "gamma = np.random.randn(D)",
            "beta = np.random.randn(D)",
            "dy = np.random.randn(D)",
            "epsilon = 1e-3",
            "",
            "mu = np.mean(x)",
            "var = np.mean((x - mu)**2)",
            "x_hat = (x - mu) / np.sqrt(var + epsilon)",
            "y = gamma * x_hat + beta",
            "L = np.sum(dy * y)",
        ),
        variables=("beta", "gamma", "x"),
        formulas=(
            r"dy",
            r"dy \odot \hat{x}",
            (
                r"\frac{1}{\sqrt{\sigma^2 + \varepsilon}} \left(d\hat{x} - \frac{1}{D} \mathbf{1} \mathbf{1}^{\top} d\hat{x}"
                r" - \frac{1}{D} \hat{x} \hat{x}^{\top} d\hat{x}\right)"
            ),
        ),
        checked=(
            "dy",
            "dy * x_hat",
            _lines(
                "dx_hat = dy * gamma",
                "(dx_hat - np.mean(dx_hat) - x_hat * np.mean(dx_hat * x_hat)) / np.sqrt(var + epsilon)",
            ),
        ),
        note="d x_hat = dy * gamma entrywise, sigma^2 is the variance of x.  The page shows that the share of the mean "
        "that comes through the variance is 0.  Its steps are right; the closed form is derived here.",
    ),
    Request(
        number=5,
        source="https://shreyansh26.github.io/post/2025-06-04_layernorm-gradients",
        asked="The backward pass of layer normalization for a matrix whose rows are normalized.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "M, N = 4, 5",
            "X = np.random.randn(M, N)",
            "gamma = np.random.randn(N)",
            "beta = np.random.randn(N)",
            "dY = np.random.randn(M, N)",
            "epsilon = 1e-3",
            "",
            "mu = X.mean(axis=-1, keepdims=True)",
            "rstd = 1 / np.sqrt(((X - mu)**2).mean(axis=-1, keepdims=True) + epsilon)",
            "X_hat = (X - mu) * rstd",
            "Y = X_hat * gamma + beta",
            "L = np.sum(dY * Y)",
        ),
        variables=("gamma", "beta", "X"),
        formulas=(
            r"\mathbf{1}^{\top} (dY \odot \hat{X})",
            r"\mathbf{1}^{\top} dY",
            (
                r"\text{rstd} \odot \left(dY \odot \gamma"
                r" - \frac{1}{N} (dY \odot \gamma) \mathbf{1} \mathbf{1}^{\top}"
                r" - \frac{1}{N} \hat{X}"
                r" \odot \bigl((dY \odot \gamma \odot \hat{X}) \mathbf{1} \mathbf{1}^{\top}\bigr)\right)"
            ),
        ),
        checked=(
            "np.sum(dY * X_hat, axis=0)",
            "np.sum(dY, axis=0)",
            _lines(
                "W = dY * gamma",
                "rstd * (W - W.mean(axis=1, keepdims=True) - X_hat * (W * X_hat).mean(axis=1, keepdims=True))",
            ),
        ),
        note="rstd has one entry a row, gamma one a column.  dY is the gradient of L by Y.  The gradients by gamma and "
        "beta are those of the page; the one by X is derived here.",
    ),
    Request(
        number=5,
        source="https://liorsinai.github.io/mathematics/2022/05/18/layernorm.html",
        asked="The backward pass of layer normalization with epsilon beside the root instead of under it.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n = 5",
            "x = np.random.randn(n)",
            "dz = np.random.randn(n)",
            "epsilon = 1e-2",
            "",
            "mu = np.mean(x)",
            "s = np.sqrt(np.mean((x - mu)**2))",
            "z = (x - mu) / (s + epsilon)",
            "L = np.sum(dz * z)",
        ),
        variables=("x",),
        formulas=(
            (
                r"\frac{1}{s + \epsilon} \left(\frac{\partial L}{\partial z}"
                r" - \frac{1}{n} \mathbf{1} \mathbf{1}^{\top} \frac{\partial L}{\partial z}"
                r" - \frac{s + \epsilon}{n s} z z^{\top} \frac{\partial L}{\partial z}\right)"
            ),
        ),
        checked=("(dz - np.mean(dz) - (s + epsilon) / (n * s) * z * (z @ dz)) / (s + epsilon)",),
        note="s is the standard deviation (sigma of the page).  dz is the gradient of L by z.  Derived here.",
    ),
    Request(
        number=6,
        source="https://math.techqa.club/"
        "deriving-the-gradient-of-a-multivariable-function-taking-matrices-as-input-3933010",
        asked="The gradient of regularized matrix factorization over the known entries.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n, m, r = 4, 5, 2",
            "M = np.random.randn(n, m)",
            "Omega = np.random.randint(0, 2, (n, m)).astype(float)",
            "U = np.random.randn(n, r)",
            "V = np.random.randn(m, r)",
            "lam = 0.3",
            "",
            "F = 0.5 * np.sum(Omega * (M - U @ V.T)**2) + lam / 2 * (np.sum(U**2) + np.sum(V**2))",
        ),
        variables=("U", "V"),
        formulas=(
            r"-\bigl(\Omega \odot (M - U V^{\top})\bigr) V + \lambda U",
            r"-\bigl(\Omega \odot (M - U V^{\top})\bigr)^{\top} U + \lambda V",
        ),
        checked=(
            "-(Omega * (M - U @ V.T)) @ V + lam * U",
            "-(Omega * (M - U @ V.T)).T @ U + lam * V",
        ),
        note="Omega is 1 at the known entries and 0 elsewhere.  The answer has the entries, "
        "-2 sum over j in S_p of (M_pj - u_p v_j') V_jq for the sum of squares without the factor 1/2; the matrix form "
        "and the one by V are derived here.  The question's attempt is wrong: it keeps the square and the norm.",
    ),
    Request(
        number=7,
        source="https://math.techqa.club/gradient-of-the-matrix-function-trace-big-w-odot-a-uv-w-odot-a-uv-big-2705924",
        asked="The gradient by U of the weighted squared error trace((W.(A - UV'))'(W.(A - UV'))).",
        sympy_or_numpy=_lines(
            _SYMPY,
            _NMK,
            'A, W = sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("W", n, m)',
            'U, V = sp.MatrixSymbol("U", n, k), sp.MatrixSymbol("V", m, k)',
            "X = sp.HadamardProduct(W, A - U * V.T)",
            "phi = sp.Trace(X.T * X)",
        ),
        variables=("U", "V"),
        formulas=(
            r"2 \bigl(W \odot W \odot (U V^{\top} - A)\bigr) V",
            r"2 \bigl(W \odot W \odot (U V^{\top} - A)\bigr)^{\top} U",
        ),
        checked=(
            "2 * (W * W * (U @ V.T - A)) @ V",
            "2 * (W * W * (U @ V.T - A)).T @ U",
        ),
        note="The guess in the question, 2(W.(UV' - A))V, has W once; it is right only where every W_ij is 0 or 1.  "
        "The gradient by V is derived here.",
    ),
    Request(
        number=8,
        source="https://math.techqa.club/derivative-of-function-with-respect-to-matrix-4276459",
        asked="The derivatives by U and V of ||Y - XUV'||^2 + lambda ||UV'||^2 in the Frobenius norm.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'n, p, q, d = sp.symbols("n p q d", integer=True, positive=True)',
            'Y, X = sp.MatrixSymbol("Y", n, q), sp.MatrixSymbol("X", n, p)',
            'U, V = sp.MatrixSymbol("U", p, d), sp.MatrixSymbol("V", q, d)',
            'lam = sp.Symbol("lambda")',
            "R = Y - X * U * V.T",
            "f = sp.Trace(R.T * R) + lam * sp.Trace((U * V.T).T * (U * V.T))",
        ),
        variables=("U", "V"),
        formulas=(
            r"2 \lambda U V^{\top} V - 2 X^{\top} (Y - X U V^{\top}) V",
            r"2 \lambda V U^{\top} U - 2 (Y^{\top} - V U^{\top} X^{\top}) X U",
        ),
        checked=(
            "2 * lam * U @ V.T @ V - 2 * X.T @ (Y - X @ U @ V.T) @ V",
            "2 * lam * V @ U.T @ U - 2 * (Y.T - V @ U.T @ X.T) @ X @ U",
        ),
        note="The answer writes c for lambda.  Its norm2 is the Frobenius norm here.  The question's own gradient by U "
        "is right, though a sign is slipped in the middle of its derivation.",
    ),
    Request(
        number=9,
        source="https://math.techqa.club/sum-of-square-derivative-2583093",
        asked="The derivatives of the sum of (P_ij - g(U_i' M V_j))^2 by U, V and M.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, m, n = 3, 4, 5",
            "P = np.random.rand(m, n)",
            "U = np.random.randn(d, m)",
            "V = np.random.randn(d, n)",
            "M = np.random.randn(d, d)",
            "",
            "G = 1 / (1 + np.exp(-(U.T @ M @ V)))",
            "L = np.sum((P - G)**2)",
        ),
        variables=("U", "V", "M"),
        formulas=(
            r"2 M V \bigl(G \odot H - P \odot H\bigr)^{\top}",
            r"2 M^{\top} U \bigl(G \odot H - P \odot H\bigr)",
            r"2 U \bigl(G \odot H - P \odot H\bigr) V^{\top}",
        ),
        checked=(
            _lines("H = G * (1 - G)", "2 * M @ V @ (G * H - P * H).T"),
            _lines("H = G * (1 - G)", "2 * M.T @ U @ (G * H - P * H)"),
            _lines("H = G * (1 - G)", "2 * U @ (G * H - P * H) @ V.T"),
        ),
        note="G = g(U'MV) and H = g'(U'MV), entrywise; the text takes the logistic function for g.  The answer has the "
        "gradient by V; those by U and M are derived here.",
    ),
    Request(
        number=10,
        source="https://newbetuts.com/1599966-derivative-of-multivariate-normal-distribution-wrt-mean-and-covariance",
        asked="The derivatives of the log of the multivariate normal density by mean and covariance.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'k = sp.Symbol("k", integer=True, positive=True)',
            'x, mu = sp.MatrixSymbol("x", k, 1), sp.MatrixSymbol("mu", k, 1)',
            'Sigma = sp.MatrixSymbol("Sigma", k, k)',
            "L = -sp.log(sp.Determinant(Sigma)) / 2 - sp.Trace((mu - x).T * Sigma.I * (mu - x)) / 2",
        ),
        variables=("mu", "Sigma"),
        formulas=(
            r"\frac{1}{2} (M + M^{\top}) (x - \mu)",
            r"\frac{1}{2} (M^{\top} z z^{\top} M^{\top} - M^{\top})",
        ),
        checked=(
            _lines("M = np.linalg.inv(Sigma)", "(M + M.T) @ (x - mu) / 2"),
            _lines("M = np.linalg.inv(Sigma)", "z = mu - x", "(M.T @ z @ z.T @ M.T - M.T) / 2"),
        ),
        note="M is the inverse of Sigma and z = mu - x.  Right for any invertible Sigma; with a symmetric one "
        "M(x - mu) and (M z z' M - M)/2.",
    ),
    Request(
        number=10,
        source="https://stats.stackexchange.com/questions/243128/"
        "derivation-of-m-step-in-em-algorithm-for-mixture-of-gaussians",
        asked="The derivative of the multivariate normal density itself by its covariance matrix.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'd = sp.Symbol("d", integer=True, positive=True)',
            'x, mu = sp.MatrixSymbol("x", d, 1), sp.MatrixSymbol("mu", d, 1)',
            'Sigma = sp.MatrixSymbol("Sigma", d, d)',
            "quad = sp.Trace((x - mu).T * Sigma.I * (x - mu))",
            "f = (2 * sp.pi)**(-d / 2) * sp.Determinant(Sigma)**sp.Rational(-1, 2) * sp.exp(-quad / 2)",
        ),
        variables=("Sigma",),
        formulas=(r"\frac{1}{2} f \bigl(\Sigma^{-1} (x - \mu) (x - \mu)^{\top} \Sigma^{-1} - \Sigma^{-1}\bigr)",),
        checked=(
            _lines(
                "S, z = np.linalg.inv(Sigma), x - mu",
                "q = float((z.T @ S @ z)[0, 0])",
                "f = (2 * np.pi)**(-len(x) / 2) * np.linalg.det(Sigma)**-0.5 * np.exp(-q / 2)",
                "f * (S @ z @ z.T @ S - S) / 2",
            ),
        ),
        note="For a symmetric Sigma, the derivative by its d^2 entries taken one at a time.  The answer gives "
        "the rule (derivative of f) = f (derivative of ln f); the inner factor is derived here.",
    ),
    Request(
        number=10,
        source="https://math.stackexchange.com/questions/2367597/"
        "derivative-of-gaussian-mixture-model-with-respect-to-covariance-matrix-sigma-k",
        asked="The minimum over S of -log det S + sum a_n y_n' S y_n, which is the M step for the covariance.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "N, m = 5, 3",
            "A = np.random.randn(m, m)",
            "S = A @ A.T + np.eye(m)",
            "Y = np.random.randn(N, m)",
            "a = np.random.rand(N)",
            "",
            "J = -np.log(np.linalg.det(S)) + np.sum(a * np.sum((Y @ S) * Y, axis=1))",
        ),
        variables=("S",),
        formulas=(r"-S^{-\top} + \sum_{n} a_n y_n y_n^{\top}",),
        checked=("-np.linalg.inv(S).T + Y.T @ np.diag(a) @ Y",),
        note="y_n is row n of Y.  The answer writes Adj(S)_ij / det S for the derivative of log det S by S_ij; that is "
        "the entry ji of the inverse, so the index order holds for a symmetric S only.",
    ),
    Request(
        number=10,
        source="https://math.stackexchange.com/questions/2367597/"
        "derivative-of-gaussian-mixture-model-with-respect-to-covariance-matrix-sigma-k",
        asked="The derivative of the log likelihood of a Gaussian mixture by the covariance of each component.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n, t, K = 5, 2, 3",
            "x = np.random.randn(n, t)",
            "mu = np.random.randn(K, t)",
            "A = np.random.randn(K, t, t)",
            "Sigma = A @ A.transpose(0, 2, 1) + np.eye(t)",
            "pi = np.array([0.2, 0.3, 0.5])",
            "",
            "y = x[:, None, :] - mu",
            "quad = np.einsum('nki,kij,nkj->nk', y, np.linalg.inv(Sigma), y)",
            "q = -0.5 * quad - 0.5 * np.log(np.linalg.det(Sigma)) - 0.5 * t * np.log(2 * np.pi)",
            "L = np.sum(np.log(np.sum(pi * np.exp(q), axis=1)))",
        ),
        variables=("Sigma",),
        formulas=(
            (
                r"\frac{1}{2} \sum_{i} r_{ik} \bigl(\Sigma_k^{-1} (x_i - \mu_k) (x_i - \mu_k)^{\top} \Sigma_k^{-1}"
                r" - \Sigma_k^{-1}\bigr)"
            ),
        ),
        checked=(
            _lines(
                _RESPONSIBILITIES,
                "S = np.linalg.inv(Sigma)",
                "v = np.einsum('kij,nkj->nki', S, y)",
                "0.5 * (np.einsum('nk,nki,nkj->kij', r, v, v) - r.sum(axis=0)[:, None, None] * S)",
            ),
        ),
        note="Slice k of the gradient; r_ik = pi_k N(x_i | mu_k, Sigma_k) / sum_j pi_j N(x_i | mu_j, Sigma_j).  Derived "
        "here; setting it to 0 gives the Sigma_k of the question.",
    ),
    Request(
        number=10,
        source="https://stats.stackexchange.com/questions/243128/"
        "derivation-of-m-step-in-em-algorithm-for-mixture-of-gaussians",
        asked="The same when all components share one covariance matrix.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "N, d, K = 5, 2, 3",
            "x = np.random.randn(N, d)",
            "mu = np.random.randn(K, d)",
            "A = np.random.randn(d, d)",
            "Sigma = A @ A.T + np.eye(d)",
            "pi = np.array([0.2, 0.3, 0.5])",
            "",
            "y = x[:, None, :] - mu",
            "quad = np.sum((y @ np.linalg.inv(Sigma)) * y, axis=2)",
            "q = -0.5 * quad - 0.5 * np.log(np.linalg.det(Sigma)) - 0.5 * d * np.log(2 * np.pi)",
            "L = np.sum(np.log(np.sum(pi * np.exp(q), axis=1)))",
        ),
        variables=("Sigma",),
        formulas=(
            (
                r"\frac{1}{2} \sum_{n} \sum_{k} r_{nk} \Sigma^{-1} (x_n - \mu_k) (x_n - \mu_k)^{\top} \Sigma^{-1}"
                r" - \frac{N}{2} \Sigma^{-1}"
            ),
        ),
        checked=(
            _lines(
                _RESPONSIBILITIES,
                "S = np.linalg.inv(Sigma)",
                "0.5 * S @ np.einsum('nk,nki,nkj->ij', r, y, y) @ S - 0.5 * N * S",
            ),
        ),
        note="r_nk as above; its rows add up to 1, which gives the factor N.  Derived here.",
    ),
    Request(
        number=11,
        source="https://mml-book.com",
        asked="The gradient of the log likelihood of a Gaussian mixture by the means and the weights.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "N, d, K = 5, 2, 3",
            "x = np.random.randn(N, d)",
            "mu = np.random.randn(K, d)",
            "pi = np.array([0.2, 0.3, 0.5])",
            "A = np.random.randn(d, d)",
            "P = A @ A.T + np.eye(d)",
            "",
            "y = x[:, None, :] - mu",
            "q = -0.5 * np.sum((y @ P) * y, axis=2)",
            "L = np.sum(np.log(np.sum(pi * np.exp(q), axis=1)))",
        ),
        variables=("mu", "pi"),
        formulas=(
            r"\sum_{n} r_{nk} (x_n - \mu_k)^{\top} \Sigma^{-1}",
            r"\frac{1}{\pi_k} \sum_{n} r_{nk}",
        ),
        checked=(
            _lines(_RESPONSIBILITIES, "np.einsum('nk,nki->ki', r, y @ P)"),
            _lines(_RESPONSIBILITIES, "r.sum(axis=0) / pi"),
        ),
        note="Row k of the first, entry k of the second; r_nk as in request 10.  The book has Sigma_k (its equations "
        "11.17 and 11.22); here all components share Sigma, and P is its inverse.  By pi without the side condition "
        "that the weights add up to 1, derived here.",
    ),
    Request(
        number=12,
        source="https://stats.stackexchange.com/questions/253244/gradients-for-skipgram-word2vec",
        asked="Why the skip-gram softmax has the gradient U'(y_hat - y) by the vector of the center word.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "W, D = 5, 3",
            "U = np.random.randn(W, D)",
            "v_c = np.random.randn(D)",
            "y = np.eye(W)[2]",
            "",
            "e = np.exp(U @ v_c)",
            "y_hat = e / np.sum(e)",
            "J = -np.sum(y * np.log(y_hat))",
        ),
        variables=("v_c", "U"),
        formulas=(r"U^{\top} (\hat{y} - y)", r"(\hat{y} - y) v_c^{\top}"),
        checked=("U.T @ (y_hat - y)", "np.outer(y_hat - y, v_c)"),
        note="The rows of U are the output vectors here.  With them as columns, U = [u_1, ..., u_W] as the question "
        "also writes, the transpose must go: U(y_hat - y).  y is one-hot; otherwise y_hat has the factor sum(y).  "
        "The gradient by U is derived here.",
    ),
    Request(
        number=13,
        source="https://datascience.stackexchange.com/questions/5615/"
        "gradient-descent-step-for-word2vec-negative-sampling",
        asked="The gradient of the negative sampling loss of word2vec by the output and the input vectors.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "K, d = 4, 3",
            "v_O = np.random.randn(d)",
            "u_I = np.random.randn(d)",
            "V_neg = np.random.randn(K, d)",
            "",
            "E = -np.log(1 / (1 + np.exp(-(v_O @ u_I)))) - np.sum(np.log(1 / (1 + np.exp(V_neg @ u_I))))",
        ),
        variables=("v_O", "V_neg", "u_I"),
        formulas=(
            r"\bigl(\sigma(v_{w_O}^{\top} u_{w_I}) - 1\bigr) u_{w_I}",
            r"\sigma(v_{w_k}^{\top} u_{w_I}) u_{w_I}^{\top}",
            (
                r"\bigl(\sigma(v_{w_O}^{\top} u_{w_I}) - 1\bigr) v_{w_O}"
                r" + \sum_{k=1}^{K} \sigma(v_{w_k}^{\top} u_{w_I}) v_{w_k}"
            ),
        ),
        checked=(
            "(1 / (1 + np.exp(-(v_O @ u_I))) - 1) * u_I",
            "np.outer(1 / (1 + np.exp(-(V_neg @ u_I))), u_I)",
            "(1 / (1 + np.exp(-(v_O @ u_I))) - 1) * v_O + (1 / (1 + np.exp(-(V_neg @ u_I)))) @ V_neg",
        ),
        note="Row k of the second.  Corrected: the question has sigma (sigma - 1) and sigma(t) sigma(-t) for the "
        "derivatives by the inner products, and the answer agrees; right are sigma - 1 and sigma, without the extra "
        "factor, as in equations 56 to 58 of arXiv 1411.2738.",
    ),
    Request(
        number=14,
        source="https://ai.stackexchange.com/questions/25055/what-is-the-gradient-of-an-attention-unit",
        asked="The gradient of an attention unit by x and its three weight matrices.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n, d, d_k, d_v = 4, 3, 2, 5",
            "x = np.random.randn(n, d)",
            "W_Q = np.random.randn(d, d_k)",
            "W_K = np.random.randn(d, d_k)",
            "W_V = np.random.randn(d, d_v)",
            "G = np.random.randn(n, d_v)",
            "",
            "Q = x @ W_Q",
            "K = x @ W_K",
            "V = x @ W_V",
            "S = Q @ K.T / np.sqrt(d_k)",
            "E = np.exp(S)",
            "A = E / E.sum(axis=1, keepdims=True)",
            "O = A @ V",
            "L = np.sum(G * O)",
        ),
        variables=("W_Q", "W_K", "W_V", "x"),
        formulas=(
            r"\frac{1}{\sqrt{d_k}} x^{\top} \frac{\partial L}{\partial S} K",
            r"\frac{1}{\sqrt{d_k}} x^{\top} \left(\frac{\partial L}{\partial S}\right)^{\top} Q",
            r"x^{\top} A^{\top} \frac{\partial L}{\partial O}",
            (
                r"\frac{1}{\sqrt{d_k}} \frac{\partial L}{\partial S} K (W^Q)^{\top}"
                r" + \frac{1}{\sqrt{d_k}} \left(\frac{\partial L}{\partial S}\right)^{\top} Q (W^K)^{\top}"
                r" + A^{\top} \frac{\partial L}{\partial O} (W^V)^{\top}"
            ),
        ),
        checked=(
            _lines(_SOFTMAX_BACK, "x.T @ dS @ K / np.sqrt(d_k)"),
            _lines(_SOFTMAX_BACK, "x.T @ dS.T @ Q / np.sqrt(d_k)"),
            "x.T @ A.T @ G",
            _lines(
                _SOFTMAX_BACK,
                "dS @ K @ W_Q.T / np.sqrt(d_k) + dS.T @ Q @ W_K.T / np.sqrt(d_k) + A.T @ G @ W_V.T",
            ),
        ),
        note="O is the output, S = QK'/sqrt(d_k), A the softmax of its rows, and the gradient by S is "
        "A . (B - (A . B) 1 1') with B = (gradient by O) V' and . entrywise.  The second line of the question lacks a "
        "transpose: softmax(x W^Q (W^K)' x').  The same steps in index form: "
        "https://matthewwilletts.github.io/notes/attention-backward/.  Derived here.",
    ),
    Request(
        number=14,
        source="https://math.stackexchange.com/questions/4602822/"
        "how-can-the-jacobian-of-the-softmax-function-be-used-for-calculating-the-gradien",
        asked="The gradient by Q and K of a loss of softmax(QK) times a constant.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "Q = np.random.randn(3, 2)",
            "K = np.random.randn(2, 3)",
            "G = np.random.randn(3, 3)",
            "C = 0.7",
            "",
            "A = Q @ K",
            "E = np.exp(A)",
            "S = E / E.sum(axis=1, keepdims=True)",
            "B = S * C",
            "L = np.sum(G * B)",
        ),
        variables=("Q", "K"),
        formulas=(
            (
                r"C \left(S \odot \left(\frac{\partial L}{\partial B}"
                r" - \left(\frac{\partial L}{\partial B} \odot S\right) \mathbf{1} \mathbf{1}^{\top}\right)\right) K^{\top}"
            ),
            (
                r"C Q^{\top} \left(S \odot \left(\frac{\partial L}{\partial B}"
                r" - \left(\frac{\partial L}{\partial B} \odot S\right) \mathbf{1} \mathbf{1}^{\top}\right)\right)"
            ),
        ),
        checked=(
            "C * (S * (G - np.sum(G * S, axis=1, keepdims=True))) @ K.T",
            "C * Q.T @ (S * (G - np.sum(G * S, axis=1, keepdims=True)))",
        ),
        note="S is the softmax of each row of A = QK, B = C S, and G in the text is the gradient of L by B.  Corrected: "
        "the question takes the Jacobian of the softmax for the gradient; it has to be multiplied by the gradient "
        "by B, and is diag(s) - s s' for each row with s the softmax itself, not B.  Derived here.",
    ),
    Request(
        number=15,
        source="https://learning-notes-dz2.pages.dev/posts/2026-01-10/",
        asked="How the loss of a variational autoencoder is differentiated through the sample z.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, p = 3, 5",
            "x = np.random.randn(p)",
            "W = np.random.randn(p, d)",
            "mu = np.random.randn(d)",
            "logvar = np.random.randn(d)",
            "epsilon = np.random.randn(d)",
            "",
            "z = mu + np.exp(logvar / 2) * epsilon",
            "x_hat = W @ z",
            "L = 0.5 * np.sum((x - x_hat)**2) + 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)",
        ),
        variables=("mu", "logvar"),
        formulas=(
            r"W^{\top} (\hat{x} - x) + \mu",
            (
                r"\frac{1}{2} \bigl(W^{\top} (\hat{x} - x)\bigr) \odot \epsilon \odot e^{\frac{1}{2} \log \sigma^2}"
                r" + \frac{1}{2} \bigl(e^{\log \sigma^2} - \mathbf{1}\bigr)"
            ),
        ),
        checked=(
            "W.T @ (x_hat - x) + mu",
            "0.5 * (W.T @ (x_hat - x)) * epsilon * np.exp(logvar / 2) + 0.5 * (np.exp(logvar) - 1)",
        ),
        note="log sigma^2 is logvar in the text, sigma the standard deviation.  The page has the divergence and "
        "z = mu + sigma . epsilon; the gradients are derived here, with a linear decoder and the squared error.",
    ),
    Request(
        number=16,
        source="https://stackoverflow.com/questions/33330779/whats-the-triplet-loss-back-propagation-gradient-formula",
        asked="The gradients of the triplet loss by the anchor, the positive and the negative.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d = 4",
            "a = np.random.randn(d)",
            "p = np.random.randn(d)",
            "n = np.random.randn(d)",
            "alpha = 5.0",
            "",
            "L = np.maximum(0, np.sum((a - p)**2) - np.sum((a - n)**2) + alpha)",
        ),
        variables=("a", "p", "n"),
        formulas=(
            r"\begin{cases} 2 (n - p) & L > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\begin{cases} -2 (a - p) & L > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\begin{cases} 2 (a - n) & L > 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
        checked=("2 * (n - p) * (L > 0)", "-2 * (a - p) * (L > 0)", "2 * (a - n) * (L > 0)"),
        note="The first version of the answer had the last one wrong; its comments correct it to 2(a - n), and the "
        "first one to 2(n - p).",
    ),
    Request(
        number=16,
        source="https://community.deeplearning.ai/t/triplet-loss-backpropagation/22269",
        asked="How the three gradients of the triplet loss go back to the one layer all three come from.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, k = 3, 4",
            "W = 0.3 * np.random.randn(d, k)",
            "A = np.random.randn(d)",
            "P = np.random.randn(d)",
            "N = np.random.randn(d)",
            "alpha = 20.0",
            "",
            "f_A = A @ W",
            "f_P = P @ W",
            "f_N = N @ W",
            "L = np.maximum(0, np.sum((f_A - f_P)**2) - np.sum((f_A - f_N)**2) + alpha)",
        ),
        variables=("W",),
        formulas=(
            (
                r"A \left(\frac{\partial L}{\partial f_A}\right)^{\top}"
                r" + P \left(\frac{\partial L}{\partial f_P}\right)^{\top}"
                r" + N \left(\frac{\partial L}{\partial f_N}\right)^{\top}"
            ),
        ),
        checked=("(L > 0) * 2 * (np.outer(A, f_N - f_P) - np.outer(P, f_A - f_P) + np.outer(N, f_A - f_N))",),
        note="Each gradient goes into the branch that made its prediction, and the shares add up, since W is shared.  "
        "A linear layer stands for the network; derived here.",
    ),
    Request(
        number=17,
        source="https://smilelingyong.github.io/2019/05/23/"
        "Contrastive-Loss-contrast-loss-function-and-gradient-calculation/",
        asked="The gradient of the contrastive loss of a siamese network by the two features.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "N, P = 5, 3",
            "X1 = np.random.randn(N, P)",
            "X2 = np.random.randn(N, P)",
            "Y = np.array([0.0, 1.0, 0.0, 1.0, 0.0])",
            "m = 2.5",
            "",
            "D = np.sqrt(np.sum((X1 - X2)**2, axis=1))",
            "L = np.sum(Y * D**2 + (1 - Y) * np.maximum(m - D, 0)**2) / (2 * N)",
        ),
        variables=("X1", "X2"),
        formulas=(
            r"\frac{1}{N} \left(Y_n - (1 - Y_n) \frac{\max(m - D_n, 0)}{D_n}\right) (X_{1,n} - X_{2,n})",
            r"-\frac{1}{N} \left(Y_n - (1 - Y_n) \frac{\max(m - D_n, 0)}{D_n}\right) (X_{1,n} - X_{2,n})",
        ),
        checked=(
            "((Y - (1 - Y) * np.maximum(m - D, 0) / D) / N)[:, None] * (X1 - X2)",
            "-((Y - (1 - Y) * np.maximum(m - D, 0) / D) / N)[:, None] * (X1 - X2)",
        ),
        note="Row n of each; D_n is the distance of pair n.  The gradients are derived here.",
    ),
    Request(
        number=17,
        source="https://danielchyeh.github.io/DCL/",
        asked="The gradient of the InfoNCE loss of a batch of pairs.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "n, d = 4, 3",
            "Z1 = np.random.randn(n, d)",
            "Z2 = np.random.randn(n, d)",
            "tau = 0.6",
            "",
            "S = Z1 @ Z2.T / tau",
            "P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)",
            "L = -np.mean(np.log(np.diag(P)))",
        ),
        variables=("Z1", "Z2"),
        formulas=(
            r"\frac{1}{n \tau} (P - I) Z_2",
            r"\frac{1}{n \tau} (P - I)^{\top} Z_1",
        ),
        checked=(
            "(P - np.eye(n)) @ Z2 / (n * tau)",
            "(P - np.eye(n)).T @ Z1 / (n * tau)",
        ),
        note="P is the softmax of the rows of Z1 Z2'/tau.  The page has the gradient of one term by one vector, with "
        "1 - P_ii pulled out in front (its equation 3), which is the same; the matrix form is derived here, for "
        "negatives from the other view only.",
    ),
    Request(
        number=18,
        source="https://www.geeksforgeeks.org/lstm-derivation-of-back-propagation-through-time/",
        asked="The gradients of all weights of an LSTM cell at one time step.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, k = 3, 4",
            "x = np.random.randn(d)",
            "h_prev = np.random.randn(k)",
            "c_prev = np.random.randn(k)",
            "y = np.random.randn(k)",
            "w_xo = np.random.randn(k, d)",
            "w_xf = np.random.randn(k, d)",
            "w_xi = np.random.randn(k, d)",
            "w_xg = np.random.randn(k, d)",
            "w_ho = np.random.randn(k, k)",
            "w_hf = np.random.randn(k, k)",
            "w_hi = np.random.randn(k, k)",
            "w_hg = np.random.randn(k, k)",
            "",
            "g = np.tanh(w_xg @ x + w_hg @ h_prev)",
            "i = 1 / (1 + np.exp(-(w_xi @ x + w_hi @ h_prev)))",
            "f = 1 / (1 + np.exp(-(w_xf @ x + w_hf @ h_prev)))",
            "o = 1 / (1 + np.exp(-(w_xo @ x + w_ho @ h_prev)))",
            "c = c_prev * f + g * i",
            "h = o * np.tanh(c)",
            "E = 0.5 * np.sum((y - h)**2)",
        ),
        variables=("w_xo", "w_xf", "w_xi", "w_xg"),
        formulas=(
            r"\bigl(E_\delta \odot \tanh(c_t) \odot o \odot (\mathbf{1} - o)\bigr) x_t^{\top}",
            (
                r"\bigl(E_\delta \odot o \odot (\mathbf{1} - \tanh^2(c_t)) \odot c_{t-1}"
                r" \odot f \odot (\mathbf{1} - f)\bigr) x_t^{\top}"
            ),
            (
                r"\bigl(E_\delta \odot o \odot (\mathbf{1} - \tanh^2(c_t)) \odot g"
                r" \odot i \odot (\mathbf{1} - i)\bigr) x_t^{\top}"
            ),
            (
                r"\bigl(E_\delta \odot o \odot (\mathbf{1} - \tanh^2(c_t)) \odot i"
                r" \odot (\mathbf{1} - g^2)\bigr) x_t^{\top}"
            ),
        ),
        checked=(
            _lines(_LSTM_STEP_BACK, "np.outer(E_delta * np.tanh(c) * o * (1 - o), x)"),
            _lines(_LSTM_STEP_BACK, "np.outer(dc * c_prev * f * (1 - f), x)"),
            _lines(_LSTM_STEP_BACK, "np.outer(dc * g * i * (1 - i), x)"),
            _lines(_LSTM_STEP_BACK, "np.outer(dc * i * (1 - g**2), x)"),
        ),
        note="E_delta is the gradient of E by h_t.  Corrected sign: the page says E_delta = y - h(x); with "
        "E = (y - h)^2 / 2 it is h - y.  For the weights of h_{t-1} put h_{t-1} in the place of x_t.  The page writes "
        "scalars; the matrix form is derived here.",
    ),
    Request(
        number=18,
        source="https://www.stats.bris.ac.uk/R/web/packages/rnn/vignettes/LSTM_units.html",
        asked="The gradients of an LSTM over two time steps, with rows as data.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, k = 3, 4",
            "x1, x2 = np.random.randn(1, d), np.random.randn(1, d)",
            "h0, c0 = np.random.randn(1, k), np.random.randn(1, k)",
            "y = np.random.randn(1, k)",
            "U_f, W_f = np.random.randn(d, k), np.random.randn(k, k)",
            "U_i, W_i = np.random.randn(d, k), np.random.randn(k, k)",
            "U_o, W_o = np.random.randn(d, k), np.random.randn(k, k)",
            "U_g, W_g = np.random.randn(d, k), np.random.randn(k, k)",
            "",
            "f1 = 1 / (1 + np.exp(-(h0 @ W_f + x1 @ U_f)))",
            "i1 = 1 / (1 + np.exp(-(h0 @ W_i + x1 @ U_i)))",
            "o1 = 1 / (1 + np.exp(-(h0 @ W_o + x1 @ U_o)))",
            "g1 = np.tanh(h0 @ W_g + x1 @ U_g)",
            "c1 = c0 * f1 + i1 * g1",
            "h1 = np.tanh(c1) * o1",
            "f2 = 1 / (1 + np.exp(-(h1 @ W_f + x2 @ U_f)))",
            "i2 = 1 / (1 + np.exp(-(h1 @ W_i + x2 @ U_i)))",
            "o2 = 1 / (1 + np.exp(-(h1 @ W_o + x2 @ U_o)))",
            "g2 = np.tanh(h1 @ W_g + x2 @ U_g)",
            "c2 = c1 * f2 + i2 * g2",
            "h2 = np.tanh(c2) * o2",
            "E = 0.5 * np.sum((h2 - y)**2)",
        ),
        variables=("W_f", "U_f", "W_i", "U_i", "W_g", "U_g", "W_o", "U_o"),
        formulas=(
            r"\sum_{t=1}^{2} h_{t-1}^{\top} \delta_{f,t}",
            r"\sum_{t=1}^{2} x_t^{\top} \delta_{f,t}",
            r"\sum_{t=1}^{2} h_{t-1}^{\top} \delta_{i,t}",
            r"\sum_{t=1}^{2} x_t^{\top} \delta_{i,t}",
            r"\sum_{t=1}^{2} h_{t-1}^{\top} \delta_{g,t}",
            r"\sum_{t=1}^{2} x_t^{\top} \delta_{g,t}",
            r"\sum_{t=1}^{2} h_{t-1}^{\top} \delta_{o,t}",
            r"\sum_{t=1}^{2} x_t^{\top} \delta_{o,t}",
        ),
        checked=(
            _lines(_LSTM_BACK, "h0.T @ df1 + h1.T @ df2"),
            _lines(_LSTM_BACK, "x1.T @ df1 + x2.T @ df2"),
            _lines(_LSTM_BACK, "h0.T @ di1 + h1.T @ di2"),
            _lines(_LSTM_BACK, "x1.T @ di1 + x2.T @ di2"),
            _lines(_LSTM_BACK, "h0.T @ dg1 + h1.T @ dg2"),
            _lines(_LSTM_BACK, "x1.T @ dg1 + x2.T @ dg2"),
            _lines(_LSTM_BACK, "h0.T @ do1 + h1.T @ do2"),
            _lines(_LSTM_BACK, "x1.T @ do1 + x2.T @ do2"),
        ),
        note="delta of gate a at step t is the gradient by what goes into the gate: delta_o = dh.tanh(c).o.(1 - o), "
        "delta_f = dc.c_{t-1}.f.(1 - f), delta_i = dc.g.i.(1 - i), delta_g = dc.i.(1 - g^2), with "
        "dc_t = dh_t.o_t.(1 - tanh(c_t)^2) + dc_{t+1}.f_{t+1} and dh_t the error of step t plus the four "
        "delta_{a,t+1} W_a'.  Corrected in the page: delta 8 is the sum, not the product, of delta 7 and delta 4; "
        "delta 22 needs delta 15, and delta 23 needs U_f.",
    ),
    Request(
        number=19,
        source="https://www.michaelpiseno.com/blog/2020/conv-backprop/",
        asked="The gradient of a convolution layer by its kernel, and by its input.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "X = np.random.randn(5, 6)",
            "w = np.random.randn(3, 2)",
            "G = np.random.randn(3, 5)",
            "",
            "windows = np.lib.stride_tricks.sliding_window_view(X, (3, 2))",
            "y = np.sum(windows * w, axis=(2, 3))",
            "L = np.sum(G * y)",
        ),
        variables=("w", "X"),
        formulas=(
            r"\sum_{r} \sum_{c} \frac{\partial L}{\partial y_{rc}} X_{r+a,\,c+b}",
            r"\sum_{a} \sum_{b} \frac{\partial L}{\partial y_{r-a,\,c-b}} w_{ab}",
        ),
        checked=(
            "np.einsum('rc,rcab->ab', G, windows)",
            _lines(
                "dX = np.zeros(X.shape)",
                "for a in range(3):",
                "    for b in range(2):",
                "        dX[a:a + 3, b:b + 5] += G * w[a, b]",
                "dX",
            ),
        ),
        note="Entry ab of the first, entry rc of the second; terms outside of y are 0.  y_rc is the sum over a and b "
        "of X_{r+a, c+b} w_ab, stride 1, without padding.  G in the text is the gradient of L by y.",
    ),
    Request(
        number=20,
        source="https://math.techqa.club/derivation-of-frac-partial-j-partial-k-with-j-text-tr-i-kc-p-i-kc-t-2668867",
        asked="The derivative by K of tr((I - KC) P (I - KC)'), from the derivation of the Kalman filter.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'n, q = sp.symbols("n q", integer=True, positive=True)',
            'K, C, P = sp.MatrixSymbol("K", n, q), sp.MatrixSymbol("C", q, n), sp.MatrixSymbol("P", n, n)',
            "A = sp.Identity(n) - K * C",
            "J = sp.Trace(A * P * A.T)",
        ),
        variables=("K",),
        formulas=(r"-2 (I - K C) P C^{\top}",),
        checked=("-2 * (np.eye(len(K)) - K @ C) @ P @ C.T",),
        note="P is symmetric; otherwise -(I - KC)(P + P')C'.  The first attempt in the question, -2C(I - KC)P, is wrong, "
        "as it says itself.",
    ),
    Request(
        number=20,
        source="https://math.techqa.club/chain-rule-on-matrix-differentiation-of-trace-in-kalman-gain-proof-526917",
        asked="The same with the measurement noise: tr((I - KH) P (I - KH)' + K R K').",
        sympy_or_numpy=_lines(
            _SYMPY,
            'n, q = sp.symbols("n q", integer=True, positive=True)',
            'K, H = sp.MatrixSymbol("K", n, q), sp.MatrixSymbol("H", q, n)',
            'P, R = sp.MatrixSymbol("P", n, n), sp.MatrixSymbol("R", q, q)',
            "A = sp.Identity(n) - K * H",
            "L = sp.Trace(A * P * A.T + K * R * K.T)",
        ),
        variables=("K",),
        formulas=(r"-2 (I - K H) P H^{\top} + 2 K R",),
        checked=("-2 * (np.eye(len(K)) - K @ H) @ P @ H.T + 2 * K @ R",),
        note="P and R are symmetric.  The question has all matrices n by n and K_{k+1}, H_{k+1}, P_{k+1|k}, R_{k+1}.",
    ),
    Request(
        number=21,
        source="https://math.techqa.club/derivative-of-autoencoder-3102599",
        asked="The gradient of half the squared error of W'Wx by W, where W occurs twice.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'm, n = sp.symbols("m n", integer=True, positive=True)',
            'W, x = sp.MatrixSymbol("W", m, n), sp.MatrixSymbol("x", n, 1)',
            "z = W.T * W * x - x",
            "L = sp.Trace(z.T * z) / 2",
        ),
        variables=("W",),
        formulas=(r"W (W^{\top} W - I) x x^{\top} + W x x^{\top} (W^{\top} W - I)",),
        checked=(
            _lines(
                "Y = W.T @ W - np.eye(len(x))",
                "W @ Y @ x @ x.T + W @ x @ x.T @ Y",
            ),
        ),
        note="Before the last step the answer has W(zx' + xz') with z = (W'W - I)x.",
    ),
    Request(
        number=22,
        source="https://stats.stackexchange.com/questions/239943/autoencoders-gradient-when-using-tied-weights",
        asked="Why the gradient of an autoencoder with tied weights is the sum of two terms.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d, k = 5, 3",
            "x = np.random.rand(d)",
            "W = np.random.randn(k, d)",
            "b = np.random.randn(k)",
            "c = np.random.randn(d)",
            "",
            "a = b + W @ x",
            "h = 1 / (1 + np.exp(-a))",
            "a_hat = c + W.T @ h",
            "o = 1 / (1 + np.exp(-a_hat))",
            "l = -np.sum(x * np.log(o) + (1 - x) * np.log(1 - o))",
        ),
        variables=("W",),
        formulas=(
            r"h \left(\frac{\partial l}{\partial \hat{a}}\right)^{\top} + \frac{\partial l}{\partial a} x^{\top}",
        ),
        checked=(
            _lines(
                "da_hat = o - x",
                "da = (W @ da_hat) * h * (1 - h)",
                "np.outer(h, da_hat) + np.outer(da, x)",
            ),
        ),
        note="The answer has the entries, (dl/da_hat_j) h_i + (dl/da_i) x_j, which are right.  The term in the middle of "
        "its chain, with W_ij dh_i/dW_ij, leaves out the other outputs that h_i goes to.  Here with logistic output and "
        "cross-entropy, where the gradient by a_hat is o - x.",
    ),
    Request(
        number=23,
        source="https://stats.stackexchange.com/questions/14827/"
        "how-to-calculate-derivative-of-the-contractive-auto-encoder-regularization-ter",
        asked="The derivative by W of the penalty of a contractive autoencoder with logistic units.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "d_x, d_h = 5, 3",
            "x = np.random.randn(d_x)",
            "W = np.random.randn(d_h, d_x)",
            "b = np.random.randn(d_h)",
            "",
            "h = 1 / (1 + np.exp(-(W @ x + b)))",
            "J = np.sum((h * (1 - h))**2 * np.sum(W**2, axis=1))",
        ),
        variables=("W", "b"),
        formulas=(
            r"2 W_{ij} h_i^2 (1 - h_i)^2 + 2 x_j h_i^2 (1 - h_i)^2 (1 - 2 h_i) \sum_{k} W_{ik}^2",
            r"2 h_i^2 (1 - h_i)^2 (1 - 2 h_i) \sum_{k} W_{ik}^2",
        ),
        checked=(
            _lines(
                "e = 2 * (h * (1 - h))**2",
                "W * e[:, None] + np.outer(e * (1 - 2 * h) * np.sum(W**2, axis=1), x)",
            ),
            "2 * (h * (1 - h))**2 * (1 - 2 * h) * np.sum(W**2, axis=1)",
        ),
        note="Entry ij of the first, entry i of the second.  W has a row for each hidden unit, as in the penalty; the "
        "question's a = W'x + b has a column for each.  Its guess 2(h(1 - h))^2 W lacks the second term, since h also "
        "depends on W.  Derived here.",
    ),
    Request(
        number=24,
        source="https://bnaskrecki.faculty.wmi.amu.edu.pl/nnets/backprop_handout.html",
        asked="Backpropagation through three logistic layers with the squared error.",
        sympy_or_numpy=_lines(
            _NUMPY,
            "x = np.random.randn(3)",
            "y = np.random.rand(2)",
            "W1, b1 = np.random.randn(4, 3), np.random.randn(4)",
            "W2, b2 = np.random.randn(5, 4), np.random.randn(5)",
            "W3, b3 = np.random.randn(2, 5), np.random.randn(2)",
            "",
            "a1 = 1 / (1 + np.exp(-(W1 @ x + b1)))",
            "a2 = 1 / (1 + np.exp(-(W2 @ a1 + b2)))",
            "a3 = 1 / (1 + np.exp(-(W3 @ a2 + b3)))",
            "L = 0.5 * np.sum((a3 - y)**2)",
        ),
        variables=("W3", "b3", "W2", "b2", "W1", "b1"),
        formulas=(
            r"\delta_3 a_2^{\top}",
            r"\delta_3",
            r"\delta_2 a_1^{\top}",
            r"\delta_2",
            r"\delta_1 x^{\top}",
            r"\delta_1",
        ),
        checked=(
            _lines(_THREE_LAYERS_BACK, "np.outer(d3, a2)"),
            _lines(_THREE_LAYERS_BACK, "d3"),
            _lines(_THREE_LAYERS_BACK, "np.outer(d2, a1)"),
            _lines(_THREE_LAYERS_BACK, "d2"),
            _lines(_THREE_LAYERS_BACK, "np.outer(d1, x)"),
            _lines(_THREE_LAYERS_BACK, "d1"),
        ),
        note=r"\delta_3 = (a_3 - y) \odot \sigma'(z_3), \delta_2 = W_3^{\top} \delta_3 \odot \sigma'(z_2), "
        r"\delta_1 = W_2^{\top} \delta_2 \odot \sigma'(z_1), with \sigma'(z_l) = a_l \odot (\mathbf{1} - a_l).  "
        "The handout writes the layer as an upper index.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/28618",
        asked="The gradient of log(det(A)) by A.",
        sympy_or_numpy=_lines(_SQUARE_A, "L = sp.log(sp.Determinant(A))"),
        variables=("A",),
        formulas=(r"A^{-\top}",),
        checked=("np.linalg.inv(A).T",),
        note="The issue gives no result; derived here.  Right wherever det(A) is positive.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/28615",
        asked="The gradient of the Frobenius norm, sqrt(tr(A'A)).",
        sympy_or_numpy=_lines(_SQUARE_A, "L = sp.sqrt(sp.Trace(A.T * A))"),
        variables=("A",),
        formulas=(r"\frac{1}{\sqrt{\operatorname{tr}(A^{\top} A)}} A",),
        checked=("A / np.sqrt(np.trace(A.T @ A))",),
        note="The issue gives no result; derived here.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/26585",
        asked="The gradient by U of a squared norm plus a second squared norm that does not depend on U.",
        sympy_or_numpy=_lines(_LOW_RANK, "L = nrm2(A - U * V) / 2 + nrm2(A) / 2"),
        variables=("U",),
        formulas=(r"-(A - U V) V^{\top}",),
        checked=("-(A - U @ V) @ V.T",),
        note="The issue reports 0 for it and gives no result; derived here.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/26585",
        asked="The gradient by U of a squared norm plus a squared norm of U.",
        sympy_or_numpy=_lines(_LOW_RANK, "L = nrm2(A - U * V) / 2 + nrm2(U) / 2"),
        variables=("U",),
        formulas=(r"-(A - U V) V^{\top} + U",),
        checked=("-(A - U @ V) @ V.T + U",),
        note="The issue reports 0 for it and gives no result; derived here.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/23492",
        asked="The gradient of tr(A) + tr(A^2).",
        sympy_or_numpy=_lines(_SQUARE_A, "L = sp.Trace(A) + sp.Trace(A**2)"),
        variables=("A",),
        formulas=(r"I + 2 A^{\top}",),
        checked=("np.eye(len(A)) + 2 * A.T",),
        note="The issue reports 0 for it and asks for the sum of the two derivatives.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/15614",
        asked="The gradient of tr(XA) by X.",
        sympy_or_numpy=_lines(_SQUARE_A, 'X = sp.MatrixSymbol("X", n, n)', "L = sp.Trace(X * A)"),
        variables=("X",),
        formulas=(r"A^{\top}",),
        checked=("A.T",),
        note="The issue types the derivative by A; its author corrects it to X.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/15614",
        asked="The gradient of tr(X'AX) by X.",
        sympy_or_numpy=_lines(_SQUARE_A, 'X = sp.MatrixSymbol("X", n, n)', "L = sp.Trace(X.T * A * X)"),
        variables=("X",),
        formulas=(r"(A + A^{\top}) X",),
        checked=("(A + A.T) @ X",),
        note="The issue also has the form AX + A'X.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/15136",
        asked="The gradient of tr(X^2 B) by X.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'k = sp.Symbol("k", integer=True, positive=True)',
            'X, B = sp.MatrixSymbol("X", k, k), sp.MatrixSymbol("B", k, k)',
            "L = sp.Trace(X**2 * B)",
        ),
        variables=("X",),
        formulas=(r"(X B + B X)^{\top}",),
        checked=("(X @ B + B @ X).T",),
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/24725",
        asked="The derivative by the scalar m of tr((x - m 1)'(x - m 1)).",
        sympy_or_numpy=_lines(
            _SYMPY,
            'N = sp.Symbol("N", integer=True, positive=True)',
            'x, m = sp.MatrixSymbol("x", N, 1), sp.Symbol("m")',
            "d = x - m * sp.OneMatrix(N, 1)",
            "L = sp.Trace(d.T * d)",
        ),
        variables=("m",),
        formulas=(r"-2 \mathbf{1}^{\top} (x - m \mathbf{1})",),
        checked=("-2 * np.sum(x - m)",),
        note="The issue gives no result; derived here.",
    ),
    Request(
        number=25,
        source="https://github.com/sympy/sympy/issues/24725",
        asked="The gradient by w of tr(x'w) + b.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'D = sp.Symbol("D", integer=True, positive=True)',
            'x, w, b = sp.MatrixSymbol("x", D, 1), sp.MatrixSymbol("w", D, 1), sp.Symbol("b")',
            "L = sp.Trace(x.T * w) + b",
        ),
        variables=("w", "b"),
        formulas=(r"x", r"1"),
        checked=("x", "1.0"),
        note="The issue reports 0 for the first and gives no result; derived here.",
    ),
    Request(
        number=26,
        source="https://exchangetuts.com/symbolic-array-of-symbolic-size-in-sympy-1764794702246382",
        asked="The derivative by a of the sum of a data_k + k over data of symbolic size.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'a = sp.Symbol("a")',
            'n, k = sp.symbols("n k", integer=True, positive=True)',
            'data = sp.IndexedBase("data")',
            "cost = sp.Sum(a * data[k] + k, (k, 0, n - 1))",
        ),
        variables=("a",),
        formulas=(r"\sum_{k=0}^{n-1} \text{data}_k",),
        checked=("np.sum(data)",),
    ),
    Request(
        number=26,
        source="https://mathematica.stackexchange.com/questions/41907",
        asked="The derivative of the entropy by one entry of a distribution of any size.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'n, i = sp.symbols("n i", integer=True, positive=True)',
            'p = sp.IndexedBase("p")',
            "H = -sp.Sum(p[i] * sp.log(p[i]), (i, 1, n))",
        ),
        variables=("p",),
        formulas=(r"-(\log p_j + 1)",),
        checked=("-(np.log(p) + 1)",),
        note="Entry j, the entries taken as independent.",
    ),
    Request(
        number=27,
        source="https://ask.sagemath.org",
        asked="The derivatives of the sum over i, j > i and f of v_if v_jf x_i x_j by v.",
        sympy_or_numpy=_lines(
            _SYMPY,
            'p, k, i, j, f = sp.symbols("p k i j f", integer=True, positive=True)',
            'x, v = sp.IndexedBase("x"), sp.IndexedBase("v")',
            "y = sp.Sum(v[i, f] * v[j, f] * x[i] * x[j], (f, 1, k), (j, i + 1, p), (i, 1, p))",
        ),
        variables=("v", "x"),
        formulas=(
            r"x_l \sum_{j \neq l} v_{j,f} x_j",
            r"\sum_{j \neq l} \sum_{f=1}^{k} v_{l,f} v_{j,f} x_j",
        ),
        checked=(
            "x[:, None] * (x @ v - x[:, None] * v)",
            "v @ (v.T @ x) - np.sum(v**2, axis=1) * x",
        ),
        note='Entry lf of the first, entry l of the second.  The question is "Derivative of multivariate equation with '
        "nested sum\"; the formula by v is in its comments.  The answer's program sums v_ij x_i x_j over all i and j, "
        "another function.  The inner products of the question are of rows of v, not of columns.  The derivative by x "
        "is derived here.",
    ),
)
