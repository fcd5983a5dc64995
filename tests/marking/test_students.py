"""Backward passes in the styles of courses and books: right ones pass, and a change that spoils one is found and named."""

from __future__ import annotations

import pytest

from symback.core.errors import ReadError
from symback.marking import check_text
from tests.corpus.students import STUDENTS

WRONG: list[tuple[str, str, str, str, str]] = [
    # the text, a line of it, what is written instead, the gradient to blame, the slip
    ("pytorch tutorial in numpy", "grad_h[h < 0] = 0", "grad_h[h > 0] = 0", "grad_h", "wrong_side"),
    ("pytorch tutorial in numpy", "    grad_h[h < 0] = 0\n", "", "grad_h", "missing_activation"),
    (
        "pytorch tutorial in numpy",
        "grad_y_pred = 2.0 * (y_pred - y)",
        "grad_y_pred = y_pred - y",
        "grad_y_pred",
        "missing_two",
    ),
    ("polynomial by hand", "grad_c = (grad_y_pred * x ** 2).sum()", "grad_c = (grad_y_pred * x).sum()", "grad_c", ""),
    ("polynomial by hand", "grad_a = grad_y_pred.sum()", "grad_a = grad_y_pred", "grad_a", "missing_batch_sum"),
    ("softmax with loops over classes", "    dW[:, y[i]] -= X[i]\n", "", "dW", ""),
    ("softmax with loops over classes", "dW /= num_train\n", "", "dW", ""),
    ("softmax with loops over classes", "dW += 2 * reg * W", "dW += reg * W", "dW", ""),
    ("hinge loss without loops", "binary[np.arange(num_train), y] = -row_sum\n", "", "dW", ""),
    ("hinge loss without loops", " / num_train + 2 * reg * W", " + 2 * reg * W", "dW", ""),
    ("affine layers with caches", "dx = dout * (x > 0)", "dx = dout", "da", "missing_activation"),
    (
        "affine layers with caches",
        "db = np.sum(dout, axis=0)",
        "db = np.sum(dout, axis=1)",
        'grads["b2"]',
        "wrong_axis",
    ),
    (
        "affine layers with caches",
        "grads['W1'] += reg * params['W1']",
        "grads['W1'] += 2 * reg * params['W1']",
        'grads["W1"]',
        "",
    ),
    ("affine layers with caches", "    dx /= N\n", "", "dscores", "missing_mean"),
    ("batch norm in twelve steps", "dvar = 0.5 * 1. / np", "dvar = 1. / np", "dx", ""),
    ("batch norm in twelve steps", "dx = dx1 + dx2", "dx = dx1", "dx", "forgotten_path"),
    (
        "batch norm in twelve steps",
        "dgamma = np.sum(dgammax * xhat, axis=0)",
        "dgamma = np.sum(dgammax, axis=0)",
        "dgamma",
        "missing_factor",
    ),
    ("dropout with a mask", "da1 = dd1 * mask / p", "da1 = dd1 / p", "da1", "missing_factor"),
    ("dropout with a mask", "da1 = dd1 * mask / p", "da1 = dd1 * mask", "da1", ""),
    ("two layers with dictionaries in columns", "dW2 = 1 / m * np", "dW2 = np", "dW2", "missing_mean"),
    ("two layers with dictionaries in columns", "1 - np.power(A1, 2))", "1 - np.power(A1, 1))", "dZ1", ""),
    (
        "two layers with dictionaries in columns",
        "db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)",
        "db1 = 1 / m * np.sum(dZ1)",
        "db1",
        "",
    ),
    (
        "logistic regression in columns",
        "dw = 1 / m * np.dot(X, (A - Y).T)",
        "dw = 1 / m * np.dot(X, (Y - A).T)",
        "dw",
        "sign",
    ),
    ("logistic regression in columns", "db = 1 / m * np.sum(A - Y)", "db = np.sum(A - Y)", "db", "missing_mean"),
    (
        "network with lists of weights",
        "np.dot(delta, activations[-l - 1].transpose())",
        "np.dot(delta, activations[-l].transpose().copy()[:, :3])",
        "nabla_w[0]",
        "",
    ),
    (
        "network with lists of weights",
        "delta = np.dot(weights[-l + 1].transpose(), delta) * sp",
        "delta = np.dot(weights[-l + 1].transpose(), delta)",
        "nabla_b[0]",
        "missing_activation",
    ),
    (
        "network with lists of weights",
        "delta = (activations[-1] - y) * sigmoid_prime(zs[-1])",
        "delta = activations[-1] - y",
        "nabla_b[1]",
        "missing_activation",
    ),
    ("character model", "dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh, dhraw)", "dWhh", ""),
    ("character model", "dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)", "dWhh", "forgotten_path"),
    ("character model", "dby += dy", "dby = dy", "dby", "forgotten_path"),
    ("character model", "dy[targets[t]] -= 1", "dy[targets[t]] -= 2", "dWhy", ""),
    ("layers in a list", "self.db = grad.sum(axis=0)", "self.db = grad.mean(axis=0)", "layers[2].db", "extra_mean"),
    ("layers in a list", "return grad * (1 - self.out ** 2)", "return grad * (1 - self.out)", "layers[0].dW", ""),
    ("layers in a list", "2 * (y - T) / T.size", "2 * (y - T) / len(T)", "layers[2].dW", "missing_mean"),
    ("layers from scratch", "dout[self.mask] = 0\n        dx = dout", "dx = dout", "Affine1.dW", "missing_activation"),
    (
        "layers from scratch",
        "dx = (self.y - self.t) / batch_size",
        "dx = self.y - self.t",
        "Affine2.dW",
        "missing_mean",
    ),
    (
        "layers from scratch",
        "grads['W2'] = self.layers['Affine2'].dW",
        "grads['W2'] = self.layers['Affine2'].dW.T",
        'grads["W2"]',
        "",
    ),
    (
        "eleven lines",
        "l2_delta.dot(syn1.T) * (l1 * (1 - l1))",
        "l2_delta.dot(syn1.T)",
        "syn0 += …",
        "missing_activation",
    ),
    ("eleven lines", "syn0 += X.T.dot(l1_delta)", "syn0 -= X.T.dot(l1_delta)", "syn0 -= …", "sign"),
    (
        "every step by hand in torch",
        "dcounts += torch.ones_like(counts) * dcounts_sum\n",
        "",
        "dcounts",
        "forgotten_path",
    ),
    (
        "every step by hand in torch",
        "dcounts_sum = (-counts_sum ** -2) * dcounts_sum_inv",
        "dcounts_sum = (counts_sum ** -2) * dcounts_sum_inv",
        "dcounts_sum",
        "sign",
    ),
    (
        "every step by hand in torch",
        "dhpreact = (1.0 - h ** 2) * dh",
        "dhpreact = (1.0 - hpreact ** 2) * dh",
        "dhpreact",
        "wrong_variable",
    ),
    ("embedding with add.at", "np.add.at(dE, idx, de)", "dE[idx] += de", "dE", ""),
    ("embedding with add.at", "de = dout @ W.T", "de = dout @ W", "de", "missing_transpose"),
    ("linear regression", "grad = X.T.dot(error) / m", "grad = X.T.dot(error)", "grad", "missing_mean"),
    ("recurrent loop with reassigned names", "da = dh * (1 - hs[t + 1] ** 2)", "da = dh * (1 - hs[t] ** 2)", "dWx", ""),
    (
        "recurrent loop with reassigned names",
        "dWh += np.outer(hs[t], da)",
        "dWh = np.outer(hs[t], da)",
        "dWh",
        "forgotten_path",
    ),
    ("one step of an LSTM", "df = ds * c_prev", "df = ds * c_next", "dA", ""),
    (
        "one step of an LSTM",
        "ds = dh_next * o * (1 - tanh_c ** 2)",
        "ds = dh_next * o",
        "dc_prev",
        "missing_activation",
    ),
    ("one step of an LSTM", "dA = np.hstack((df, dg, di, do))", "dA = np.hstack((df, di, dg, do))", "dA", ""),
    (
        "attention of two heads",
        "dK[:, s] = dS.T @ Q[:, s] / np.sqrt(d_k)",
        "dK[:, s] = dS @ Q[:, s] / np.sqrt(d_k)",
        "dK",
        "",
    ),
    ("attention of two heads", "dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))", "dS = P * dP", "dQ", ""),
    ("tuples from a backward function", "dZ = dA * (1 - A ** 2)", "dZ = dA * (1 - Z ** 2)", "dZ", "wrong_variable"),
    ("tuples from a backward function", "return dW1, dW2", "return dW1, 2 * dW2", "grad_W2", ""),
    ("gradients by comprehension", "db = sum(r)", "db = sum(r) / 6", "db", "extra_mean"),
    ("autoencoder with tied weights", "dW = X.T @ dzh + dzr.T @ h", "dW = X.T @ dzh", "dW", "forgotten_path"),
    ("autoencoder with tied weights", "dW = X.T @ dzh + dzr.T @ h", "dW = X.T @ dzh + dzr.T @ h / 5", "dW", ""),
    ("max pooling by windows", "+= mask * dout[i, j]", "+= dout[i, j]", "dx", ""),
    ("grad attributes", "b.grad = d_out.sum(0)", "b.grad = d_out.mean(0)", "b.grad", "extra_mean"),
    ("focal weights", "dp = -(pos * y / p", "dp = -(y / p", "dp", ""),
    ("convolution with four loops", "dw[f] += x", "dw[f] = x", "dw", "forgotten_path"),
]


@pytest.mark.parametrize("name", STUDENTS)
def test_a_right_backward_pass_is_not_marked(name: str) -> None:
    report = check_text(STUDENTS[name].lstrip("\n"))
    assert report.ok and report.verdicts, str(report)
    assert {v.status for v in report.verdicts.values()} == {"agrees"}


@pytest.mark.parametrize("case", WRONG, ids=[f"{w[0]}: {w[2].strip() or 'without ' + w[1].strip()}" for w in WRONG])
def test_a_wrong_backward_pass_is_found(case: tuple[str, str, str, str, str]) -> None:
    base, old, new, blamed, slip = case
    text = STUDENTS[base].lstrip("\n")
    assert text.count(old) >= 1
    report = check_text(text.replace(old, new, 1))
    found = [v for v in report.verdicts.values() if v.status in ("wrong", "shape", "crash")]
    assert blamed in [v.name for v in found], str(report)
    assert any(v.cause is None for v in found)
    if slip:
        assert slip in [v.slip for v in found if v.cause is None], str(report)


FUNCTION = """import torch

class MySigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = 1 / (1 + torch.exp(-x))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        y, = ctx.saved_tensors
        return grad_output * y * (1 - y)
"""

LAYER = """import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
"""


def test_a_layer_that_is_never_called_is_marked_on_data_of_given_shapes() -> None:
    assert check_text(FUNCTION, shapes={"x": (4, 3)}).verdicts["x"].status == "agrees"
    lost = check_text(FUNCTION.replace("y * (1 - y)", "(1 - y)"), shapes={"x": (4, 3)}).verdicts["x"]
    assert (lost.status, lost.slip, lost.line) == ("wrong", "missing_activation", 13)
    sizes = {"n_in": 3, "n_out": 2}
    right = check_text(LAYER, values=sizes, shapes={"x": (4, 3)})
    assert right.ok and set(right.verdicts) == {"W", "b", "x"}
    mean = check_text(
        LAYER.replace("dout.sum(axis=0)", "dout.mean(axis=0)"), values=sizes, shapes={"x": (1, 3)}
    ).verdicts["b"]
    assert (mean.slip, mean.line, mean.only) == ("extra_mean", 14, "batch 1")
    with pytest.raises(ReadError, match="x is not defined; give its shape"):
        check_text(FUNCTION)


UPDATES = """import numpy as np
X = np.random.randn(5, 3)
y = np.random.randn(5, 1)
W = np.random.randn(3, 1)
b = np.zeros(1)
lr = 0.1
for k in range(100):
    z = X @ W + b
    loss = np.mean((z - y)**2)
    dz = 2 * (z - y) / len(X)
    W -= lr * X.T @ dz
    b -= lr * dz.sum(0)
"""


def test_a_gradient_that_stands_in_an_update_alone_is_marked() -> None:
    right = check_text(UPDATES)
    assert right.ok and [v.name for v in right.verdicts.values()] == ["dz", "W -= …", "b -= …"]
    wrong = check_text(UPDATES.replace("X.T @ dz", "dz.T @ X")).verdicts["W"]
    assert (wrong.status, wrong.slip, wrong.line) == ("shape", "swapped", 11)
    assert check_text(UPDATES.replace("b -= lr", "b += lr")).verdicts["b"].slip == "sign"
    # what is no plain multiple of a gradient is another rule of updating, not a wrong gradient
    assert check_text(UPDATES.replace("X.T @ dz", "np.sign(X.T @ dz)")).ok
    assert check_text(UPDATES.replace("X.T @ dz", "(X.T @ dz + 0.01 * W)")).ok
