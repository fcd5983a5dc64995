"""Wrong backward passes: a right one of ``tests/corpus/right`` with one line changed, and the slip that it is."""

from __future__ import annotations

from typing import NamedTuple

from tests.support.places import CORPUS

RIGHT = CORPUS / "right"


class Wrong(NamedTuple):
    """In ``base``, the line ``old`` becomes ``new``; the gradient ``name`` is to blame, for ``slip``."""

    base: str
    old: str
    new: str
    name: str
    slip: str | tuple[str, ...]

    def text(self) -> str:
        """Return the wrong code."""
        text = (RIGHT / f"{self.base}.py").read_text(encoding="utf-8")
        assert text.count(self.old) == 1, (self.base, self.old, text.count(self.old))
        return text.replace(self.old, self.new)

    @property
    def line(self) -> int:
        """The line of the change."""
        text = (RIGHT / f"{self.base}.py").read_text(encoding="utf-8")
        return text[: text.index(self.old)].count("\n") + 1 + (len(self.old) - len(self.old.lstrip("\n")))


def _in(base: str, *edits: tuple[str, str, str, str | tuple[str, ...]]) -> list[Wrong]:
    return [Wrong(base, old, new, name, slip) for old, new, name, slip in edits]


WRONG: list[Wrong] = [
    *_in(
        "mlp_rows",
        ("da2 = 2 * (a2 - Y) / n", "da2 = 2 * (Y - a2) / n", "da2", "sign"),
        ("da2 = 2 * (a2 - Y) / n", "da2 = (a2 - Y) / n", "da2", "missing_two"),
        ("da2 = 2 * (a2 - Y) / n", "da2 = 2 * (a2 - Y)", "da2", "missing_mean"),
        ("da2 = 2 * (a2 - Y) / n", "da2 = 2 * (a2 - Y) / n / n", "da2", "extra_mean"),
        ("da2 = 2 * (a2 - Y) / n", "da2 = 4 * (a2 - Y) / n", "da2", ("missing_half", "missing_mean")),
        ("da2 = 2 * (a2 - Y) / n", "da2 = 2.00002 * (a2 - Y) / n", "da2", "constant_factor"),
        ("da2 = 2 * (a2 - Y) / n", "da2 = 2 * (a2 + Y) / n", "da2", "sign"),
        ("dz2 = da2 * sigmoid_prime(z2)", "dz2 = da2 * sigmoid_prime(a2)", "dz2", "wrong_variable"),
        ("dz2 = da2 * sigmoid_prime(z2)", "dz2 = da2", "dz2", "missing_activation"),
        ("dz2 = da2 * sigmoid_prime(z2)", "dz2 = da2 * sigmoid(z2)", "dz2", ("missing_activation", "missing_factor")),
        ("dz2 = da2 * sigmoid_prime(z2)", "dz2 = da2 @ sigmoid_prime(z2)", "dz2", "matmul_for_product"),
        ("dW2 = a1.T @ dz2", "dW2 = dz2.T @ a1", "dW2", "swapped"),
        ("dW2 = a1.T @ dz2", "dW2 = a1 @ dz2", "dW2", "missing_transpose"),
        ("dW2 = a1.T @ dz2", "dW2 = z1.T @ dz2", "dW2", "wrong_variable"),
        ("db2 = dz2.sum(axis=0)", "db2 = dz2.sum(axis=1)", "db2", "wrong_axis"),
        ("db2 = dz2.sum(axis=0)", "db2 = dz2", "db2", "missing_batch_sum"),
        ("db2 = dz2.sum(axis=0)", "db2 = dz2.sum(axis=0, keepdims=True)", "db2", "bias_shape"),
        ("db2 = dz2.sum(axis=0)", "db2 = dz2.mean(axis=0)", "db2", "extra_mean"),
        ("db2 = dz2.sum(axis=0)", "db2 = dz2.sum()", "db2", "wrong_axis"),
        ("da1 = dz2 @ W2.T", "da1 = dz2 @ W2", "da1", "missing_transpose"),
        ("da1 = dz2 @ W2.T", "da1 = W2 @ dz2.T", "da1", ("swapped", "extra_transpose")),
        ("dz1 = da1 * sigmoid_prime(z1)", "dz1 = da1 * sigmoid_prime(a1)", "dz1", "wrong_variable"),
        ("dz1 = da1 * sigmoid_prime(z1)", "dz1 = -da1 * sigmoid_prime(z1)", "dz1", "sign"),
        ("dz1 = da1 * sigmoid_prime(z1)", "dz1 = da1 * a1", "dz1", ("missing_activation", "missing_factor")),
        ("dW1 = X.T @ dz1", "dW1 = X.T @ da1", "dW1", ("wrong_variable", "missing_activation")),
        ("dW1 = X.T @ dz1", "dW1 = X.T @ dz1 / n", "dW1", "extra_mean"),
        ("dW1 = X.T @ dz1", "dW1 = -X.T @ dz1", "dW1", "sign"),
        (
            "dW1 = X.T @ dz1",
            "W2 -= 0.1 * dW2\nda1 = dz2 @ W2.T\ndz1 = da1 * sigmoid_prime(z1)\ndW1 = X.T @ dz1",
            "dW1",
            "updated",
        ),
    ),
    *_in(
        "mlp_columns",
        ("dZ2 = A2 - Y", "dZ2 = Y - A2", "dZ2", "sign"),
        ("dW2 = np.dot(dZ2, A1.T) / m", "dW2 = np.dot(dZ2, A1.T)", "dW2", "missing_mean"),
        ("db2 = np.sum(dZ2, axis=1, keepdims=True) / m", "db2 = np.sum(dZ2, axis=1) / m", "db2", "bias_shape"),
        ("db2 = np.sum(dZ2, axis=1, keepdims=True) / m", "db2 = dZ2 / m", "db2", "missing_batch_sum"),
        (
            "dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))",
            "dZ1 = np.dot(W2.T, dZ2) * (1 - A1)",
            "dZ1",
            "constant_factor",
        ),
        ("dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))", "dZ1 = np.dot(W2.T, dZ2)", "dZ1", "missing_activation"),
        (
            "dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))",
            "dZ1 = np.dot(W2, dZ2) * (1 - np.power(A1, 2))",
            "dZ1",
            "missing_transpose",
        ),
        (
            "dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))",
            "dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(Z1, 2))",
            "dZ1",
            "wrong_variable",
        ),
        ("dW1 = np.dot(dZ1, X.T) / m", "dW1 = np.dot(dZ1, X) / m", "dW1", "missing_transpose"),
        (
            "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
            "db1 = np.sum(dZ1, axis=0, keepdims=True) / m",
            "db1",
            "wrong_axis",
        ),
    ),
    *_in(
        "mlp_torch_layout",
        ("grad_out = 2 * (out - y) / y.numel()", "grad_out = 2 * (out - y) / len(y)", "grad_out", "missing_mean"),
        ("grad_W2 = grad_out.T @ h1", "grad_W2 = h1.T @ grad_out", "grad_W2", "swapped"),
        ("grad_h1 = grad_out @ W2", "grad_h1 = grad_out @ W2.T", "grad_h1", "extra_transpose"),
        ("grad_z1 = grad_h1 * (z1 > 0).float()", "grad_z1 = grad_h1 * (z1 < 0).float()", "grad_z1", "wrong_side"),
        ("grad_z1 = grad_h1 * (z1 > 0).float()", "grad_z1 = grad_h1", "grad_z1", "missing_activation"),
        (
            "grad_z1 = grad_h1 * (z1 > 0).float()",
            "grad_z1 = grad_h1 * z1",
            "grad_z1",
            ("missing_activation", "missing_factor"),
        ),
        ("grad_b1 = grad_z1.sum(dim=0)", "grad_b1 = grad_z1.sum(dim=1)", "grad_b1", "wrong_axis"),
    ),
    *_in(
        "softmax_ce_rows",
        ("dscores /= N\n", "", "dscores", "missing_mean"),
        ("dscores[np.arange(N), y] -= 1", "dscores[np.arange(N), y] += 1", "dscores", "sign"),
        ("dW = X.T @ dscores + 0.1 * W", "dW = X.T @ dscores", "dW", "forgotten_path"),
        ("dW = X.T @ dscores + 0.1 * W", "dW = X.T @ dscores + 0.2 * W", "dW", "constant_factor"),
        ("dW = X.T @ dscores + 0.1 * W", "dW = X.T @ dscores - 0.1 * W", "dW", "sign"),
        (
            "dW = X.T @ dscores + 0.1 * W",
            "dW = dscores.T @ X + 0.1 * W.T",
            "dW",
            ("swapped", "extra_transpose", "missing_transpose"),
        ),
        (
            "dscores = probs.copy()",
            "dscores = np.exp(probs) / np.exp(probs).sum(axis=1, keepdims=True)",
            "dscores",
            "double_softmax",
        ),
    ),
    *_in(
        "softmax_jacobian",
        ("dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))", "dz = ds * s * (1 - s)", "dz", "softmax_diagonal"),
        ("dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))", "dz = ds", "dz", "missing_activation"),
        (
            "dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))",
            "dz = s * (ds - np.sum(ds * s, axis=0, keepdims=True))",
            "dz",
            "wrong_axis",
        ),
        (
            "dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))",
            "dz = s * (ds - np.sum(ds, axis=1, keepdims=True))",
            "dz",
            ("missing_factor", "softmax_diagonal"),
        ),
        (
            "dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))",
            "dz = s * (ds + np.sum(ds * s, axis=1, keepdims=True))",
            "dz",
            "sign",
        ),
    ),
    *_in(
        "batch_norm",
        ("dgamma = np.sum(dout * xhat, axis=0)", "dgamma = np.sum(dout, axis=0)", "dgamma", "missing_factor"),
        ("dgamma = np.sum(dout * xhat, axis=0)", "dgamma = np.sum(dout * xhat, axis=1)", "dgamma", "wrong_axis"),
        ("dgamma = np.sum(dout * xhat, axis=0)", "dgamma = np.sum(dout * x, axis=0)", "dgamma", "wrong_variable"),
        ("dxhat = dout * gamma", "dxhat = dout", "dxhat", "missing_factor"),
        ("dxhat = dout * gamma", "dxhat = dout * beta", "dxhat", "wrong_variable"),
        (
            "dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)",
            "dx = (N * dxhat - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)",
            "dx",
            "forgotten_path",
        ),
        (
            "dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)",
            "dx = dxhat / std",
            "dx",
            "forgotten_path",
        ),
        (
            "dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)",
            "dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / std",
            "dx",
            "missing_mean",
        ),
    ),
    *_in(
        "batch_norm_steps",
        ("dstd = -dinv / std**2", "dstd = dinv / std**2", "dstd", "sign"),
        ("dstd = -dinv / std**2", "dstd = -dinv / std", "dstd", "constant_factor"),
        ("dvar = 0.5 * dstd / std", "dvar = dstd / std", "dvar", "missing_half"),
        ("dsq = np.ones((N, 3)) * dvar / N", "dsq = np.ones((N, 3)) * dvar", "dsq", "missing_mean"),
        ("dxmu = dxhat * inv + 2 * xmu * dsq", "dxmu = dxhat * inv", "dxmu", "forgotten_path"),
        ("dxmu = dxhat * inv + 2 * xmu * dsq", "dxmu = dxhat * inv + xmu * dsq", "dxmu", "constant_factor"),
        ("dmu = -np.sum(dxmu, axis=0)", "dmu = np.sum(dxmu, axis=0)", "dmu", "sign"),
        ("dx = dxmu + np.ones((N, 3)) * dmu / N", "dx = dxmu", "dx", "forgotten_path"),
    ),
    *_in(
        "layer_norm",
        ("dnorm = dout * gamma", "dnorm = dout", "dnorm", "missing_factor"),
        (
            "dx = inv_std * (dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True))",
            "dx = inv_std * dnorm",
            "dx",
            "forgotten_path",
        ),
        (
            "dx = inv_std * (dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True))",
            "dx = inv_std * (dnorm - dnorm.mean(axis=-1, keepdims=True))",
            "dx",
            "forgotten_path",
        ),
        (
            "dx = inv_std * (dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True))",
            "dx = dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True)",
            "dx",
            "missing_factor",
        ),
        ("dgamma = (dout * norm).sum(axis=0)", "dgamma = (dout * norm).sum(axis=-1)", "dgamma", "wrong_axis"),
    ),
    *_in(
        "convolution",
        ("dout = out - t", "dout = t - out", "dout", "sign"),
        ("dk += dout[i, j] * x[i:i + 3, j:j + 3]", "dk = dout[i, j] * x[i:i + 3, j:j + 3]", "dk", "forgotten_path"),
        (
            "dk += dout[i, j] * x[i:i + 3, j:j + 3]",
            "dk += dout[i, j] * x[j:j + 3, i:i + 3]",
            "dk",
            ("wrong_axis", "extra_transpose"),
        ),
        ("dx[i:i + 3, j:j + 3] += dout[i, j] * k", "dx[i:i + 3, j:j + 3] = dout[i, j] * k", "dx", "forgotten_path"),
        ("dx[i:i + 3, j:j + 3] += dout[i, j] * k", "dx[i:i + 3, j:j + 3] += dout[i, j] * k.T", "dx", "extra_transpose"),
        (
            "dx[i:i + 3, j:j + 3] += dout[i, j] * k",
            "dx[i:i + 3, j:j + 3] += dout[i, j] * k[::-1, ::-1]",
            "dx",
            ("wrong_axis", "flipped"),
        ),
    ),
    *_in(
        "rnn",
        ("dh = Wh @ da", "dh = Wh.T @ da", "dWh", ("extra_transpose", "missing_transpose", "swapped")),
        ("dWx += np.outer(x[step], da)", "dWx = np.outer(x[step], da)", "dWx", "forgotten_path"),
        ("dWh += np.outer(hs[step], da)", "dWh += np.outer(hs[step + 1], da)", "dWh", ("stale", "wrong_variable")),
        ("da = dh * (1 - hs[step + 1]**2)", "da = dh * (1 - hs[step]**2)", "dWh", ("stale", "wrong_variable")),
        ("da = dh * (1 - hs[step + 1]**2)", "da = dh", "dWh", "missing_activation"),
        ("db += da", "db = da", "db", "forgotten_path"),
        ("dh = hs[T] - y", "dh = y - hs[T]", "dWh", "sign"),
    ),
    *_in(
        "attention",
        ("dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))", "dS = dA * A * (1 - A)", "dS", "softmax_diagonal"),
        ("dQ = dS @ K / np.sqrt(3)", "dQ = dS @ K", "dQ", "constant_factor"),
        ("dK = dS.T @ Q / np.sqrt(3)", "dK = dS @ Q / np.sqrt(3)", "dK", "missing_transpose"),
        ("dV = A.T @ dH", "dV = A @ dH", "dV", "missing_transpose"),
        ("dA = dH @ V.T", "dA = V @ dH.T", "dA", "swapped"),
        ("dWk = x.T @ dK", "dWk = x.T @ dQ", "dWk", "wrong_variable"),
        ("dx = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T", "dx = dQ @ Wq.T + dK @ Wk.T", "dx", "forgotten_path"),
        ("dx = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T", "dx = dV @ Wv.T", "dx", "forgotten_path"),
    ),
    *_in(
        "residual",
        ("dx = dr + dz1 @ W1.T", "dx = dz1 @ W1.T", "dx", "forgotten_path"),
        ("dx = dr + dz1 @ W1.T", "dx = dr + dz1 @ W1", "dx", "missing_transpose"),
        ("dW2 = a1.T @ dz2", "dW2 = a1 @ dz2.T", "dW2", ("extra_transpose", "missing_transpose")),
        ("dr = 2 * (r - y) / r.size", "dr = 2 * (r - y) / len(r)", "dr", "missing_mean"),
    ),
    *_in(
        "tied",
        ("dW += x.T @ dpre", "dW = x.T @ dpre", "dW", "forgotten_path"),
        ("dh = dr @ W", "dh = dr @ W.T", "dh", "extra_transpose"),
        ("dr = (r - x) / n", "dr = r - x", "dr", "missing_mean"),
        ("dpre = dh * (1 - h * h)", "dpre = dh * (1 - h)", "dW", "constant_factor"),
    ),
    *_in(
        "classes",
        ("self.dW = self.x.T @ dout", "self.dW = dout.T @ self.x", "second.dW", "swapped"),
        ("self.db = np.sum(dout, axis=0)", "self.db = dout", "second.db", "missing_batch_sum"),
        ("return dout * self.mask", "return dout", "first.dW", ("missing_activation", "missing_factor")),
        ("return dout @ self.W.T", "return dout @ self.W", "dX", "missing_transpose"),
        ("dout = 2 * (out - T) / T.size", "dout = 2 * (out - T)", "dout", "missing_mean"),
    ),
    *_in(
        "layers",
        ("self.dW = np.dot(self.x.T, dout)", "self.dW = np.dot(self.x.T, dout) / len(dout)", "second.dW", "extra_mean"),
        ("        dout[self.mask] = 0\n", "", "first.dW", "missing_activation"),
        ("return (self.y - self.t) / self.t.shape[0]", "return self.y - self.t", "second.dW", "missing_mean"),
    ),
    *_in(
        "embedding",
        ("dE_table[idx[i]] += de[i]", "dE_table[idx[i]] = de[i]", "dE_table", "forgotten_path"),
        ("de = dout @ W.T", "de = dout @ W", "de", "missing_transpose"),
    ),
]
