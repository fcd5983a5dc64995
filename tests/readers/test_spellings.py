"""Arrays of several axes as NumPy and PyTorch code spells them: values and gradients of the read text against the text's own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from tests.support import needs

TORCH_HEAD = "import torch\nimport torch.nn.functional as F\n"

TORCH: dict[str, str] = {
    "attention_with_heads": """
x = torch.randn(2, 5, 6)
W_qkv = torch.randn(6, 18, requires_grad=True); W_o = torch.randn(6, 6, requires_grad=True)
B, T, C = x.shape
H = 2
q, k, v = (x @ W_qkv).split(C, dim=2)
q = q.view(B, T, H, C // H).transpose(1, 2)
k = k.view(B, T, H, C // H).transpose(1, 2)
v = v.view(B, T, H, C // H).transpose(1, 2)
scores = (q @ k.transpose(-2, -1)) / (C // H) ** 0.5
mask = torch.tril(torch.ones(T, T)).view(1, 1, T, T)
scores = scores.masked_fill(mask == 0, float("-inf"))
p = F.softmax(scores, dim=-1)
y = (p @ v).transpose(1, 2).contiguous().view(B, T, C) @ W_o
loss = (y ** 2).mean()
""",
    "attention_by_function": """
q = torch.randn(2, 3, 4, 5, requires_grad=True); k = torch.randn(2, 3, 4, 5, requires_grad=True)
v = torch.randn(2, 3, 4, 5, requires_grad=True)
loss = F.scaled_dot_product_attention(q, k, v, is_causal=True).pow(2).sum()
""",
    "attention_by_einsum": """
q = torch.randn(2, 3, 4, requires_grad=True); k = torch.randn(2, 5, 4, requires_grad=True); v = torch.randn(2, 5, 4)
w = torch.einsum("bid,bjd->bij", q, k).softmax(dim=-1)
loss = torch.einsum("...ij,...jd->...id", w, v).sin().sum() + torch.bmm(w, v).mean()
""",
    "lstm": """
x = torch.randn(3, 4, 2)
W = torch.randn(20, 2, requires_grad=True); U = torch.randn(20, 5, requires_grad=True); b = torch.randn(20, requires_grad=True)
h = torch.zeros(3, 5); c = torch.zeros(3, 5)
outputs = []
for t in range(x.size(1)):
    gates = F.linear(x[:, t], W, b) + h @ U.T
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    outputs.append(h)
hs = torch.stack(outputs, dim=1)
loss = (hs ** 2).sum() + c.mean()
""",
    "embedding_and_picks": """
idx = torch.tensor([[0, 2, 2], [3, 0, 0]]); y = torch.tensor([1, 0])
E = torch.randn(4, 3, requires_grad=True); W = torch.randn(3, 2, requires_grad=True)
e = F.embedding(idx, E) + E[idx]
log_p = F.log_softmax(e.mean(dim=1) @ W, dim=1)
loss = -log_p[torch.arange(2), y].mean() + (F.one_hot(y) * log_p).sum()
""",
    "convolution": """
x = torch.randn(2, 4, 7, 6); w = torch.randn(6, 2, 3, 2, requires_grad=True); b = torch.randn(6, requires_grad=True)
z = F.conv2d(x, w, b, stride=2, padding=(1, 2), dilation=1, groups=2)
p = F.max_pool2d(F.relu(z), 2, stride=1, padding=1)
u = F.avg_pool2d(p, kernel_size=2)
loss = (u.flatten(1) ** 2).sum() + F.pad(z, (1, 0, 2, 1), value=1.5).mean()
""",
    "normalization": """
x = torch.randn(4, 3, requires_grad=True); g = torch.randn(3, requires_grad=True); s = torch.randn(3, requires_grad=True)
t = torch.randn(4, 3)
loss = (F.layer_norm(x, (3,), g, s) * t).sum() + (F.batch_norm(x, None, None, g, s, training=True) ** 3).mean()
""",
    "axes": """
a = torch.randn(2, 3, 4, requires_grad=True)
u = a.permute(2, 0, 1).reshape(4, 6)
w = torch.flatten(a, start_dim=0, end_dim=1).unsqueeze(-1).squeeze(2)
v = torch.cat([a[:, 0], a[:, -1], a[:, 1, :]], dim=-1)[..., 1::2]
k = a[None, :, 1:, None].squeeze()
parts = torch.split(a, [1, 2], dim=1)
loss = u.sin().sum() + (w.T @ w).mean() + v.exp().sum() + (k ** 2).sum() + parts[1].cos().mean() + a.mT.unbind(0)[1][0].prod_ if False else (
    u.sin().sum() + (w.T @ w).mean() + v.exp().sum() + (k ** 2).sum() + parts[1].cos().mean() + (a.mT.unbind(0)[1] ** 3).sum())
""",
    "triangles": """
a = torch.randn(4, 4, requires_grad=True)
loss = (torch.tril(a) @ a.triu(1)).pow(2).sum() + (a * torch.triu(torch.ones(4, 4), diagonal=2)).sum()
""",
}


@pytest.mark.parametrize("name", TORCH)
def test_torch_spelling(name: str) -> None:
    torch = needs.package("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    names: dict[str, Any] = {}
    try:
        exec(compile(TORCH_HEAD + TORCH[name], name, "exec"), names)
        names["loss"].backward()
    finally:
        torch.set_default_dtype(before)
    net = sb.parse(TORCH_HEAD + TORCH[name])
    data = {
        k: v.detach().numpy()
        for k, v in names.items()
        if isinstance(v, torch.Tensor) and k in net.variables and k not in net.values
    }
    found = sb.derive(sb.parse(TORCH_HEAD + TORCH[name], values=data)).evaluate()
    assert found.loss == pytest.approx(names["loss"].item(), rel=1e-12)
    assert found.gradients
    for label, gradient in found.gradients.items():
        want = names[label].grad.numpy()
        np.testing.assert_allclose(gradient, want, rtol=1e-10, atol=1e-10 * (1 + np.abs(want).max()), err_msg=label)


NUMPY: dict[str, str] = {
    "class_index": """
y_hat = W / W.sum(axis=1, keepdims=True)
loss = -np.mean(np.log(y_hat[np.arange(len(y)), y]))
""",
    "padding_and_windows": """
p = np.pad(W, ((1, 1), (0, 2)))
loss = sum((p[i:i+3, j:j+2] * W[:, :2]).sum() ** 2 for i in range(2) for j in range(3))
""",
    "rows": "loss = sum((row @ v) ** 2 for row in W)",
    "rows_zipped": "loss = sum((row @ v - t) ** 2 for row, t in zip(W, r)) / len(W)",
    "rows_numbered": "loss = sum((row @ v - r[i]) ** 2 for i, row in enumerate(W))",
    "rows_counted": "loss = np.mean([(W[i] @ v - r[i]) ** 2 for i in range(len(W))])",
    "rows_loop": """
loss = 0
for row, t in zip(W, r):
    loss += (row @ v - t) ** 2
loss /= len(r)
""",
    "rows_numbered_loop": """
total = 0.0
for i, row in enumerate(W):
    total += (row @ v - r[i]) ** 2
loss = total / W.shape[0]
""",
    "helper_in_rows": """
def neuron(row):
    z = np.dot(row, v)
    return 1 / (1 + np.exp(-z))
loss = np.sum([(neuron(row) - t) ** 2 for row, t in zip(W, r)])
""",
    "split_and_stack": """
a, b = np.split(W, 2, axis=1)
loss = (np.concatenate([b, a], axis=1) * np.stack([v, v, v])).sum() + np.vstack([v, v])[1] @ v
""",
    "new_axes": "loss = ((W[:, None, :] - W[None]) ** 2).sum(axis=-1).max(axis=1).mean() + np.squeeze(W[..., None], -1)[-1, ::-1] @ v",
    "outer_by_einsum": 'loss = np.einsum("ij,j,i->", W, v, r) + np.einsum("ij,kj->ik", W, W).sum()',
}


def data() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    return {
        "W": rng.random((3, 4)) + 0.5,
        "v": rng.standard_normal(4),
        "r": rng.standard_normal(3),
        "y": np.array([0, 3, 1]),
    }


@pytest.mark.parametrize("name", NUMPY)
def test_numpy_spelling_against_central_differences_of_the_text(name: str) -> None:
    values = {k: v for k, v in data().items() if re.search(rf"\b{k}\b", NUMPY[name])}

    def loss(**changed: Any) -> float:
        names: dict[str, Any] = {"np": np, **values, **changed}
        exec(compile(NUMPY[name], name, "exec"), names)
        return float(names["loss"])

    wrt = [k for k in ("W", "v") if k in values]
    found = sb.derive(sb.parse(NUMPY[name], values=values, wrt=wrt)).evaluate()
    assert found.loss == pytest.approx(loss(), rel=1e-12)
    for label in wrt:
        for index in np.ndindex(values[label].shape):
            up, down = values[label].copy(), values[label].copy()
            up[index] += 1e-6
            down[index] -= 1e-6
            slope = (loss(**{label: up}) - loss(**{label: down})) / 2e-6
            assert found.gradients[label][index] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    "name", ["rows", "rows_zipped", "rows_numbered", "rows_counted", "class_index", "helper_in_rows"]
)
def test_rows_of_a_symbolic_batch(name: str) -> None:
    shapes = {"W": ("n", 4), "v": (4,), "r": ("n",), "y": ("n",)}
    used = {k: s for k, s in shapes.items() if re.search(rf"\b{k}\b", NUMPY[name])}
    values = data()
    d = sb.derive(sb.parse(NUMPY[name], shapes=used, wrt=["W"]))
    names: dict[str, Any] = {"np": np, **values}
    exec(compile(NUMPY[name], name, "exec"), names)
    assert d.evaluate({k: values[k] for k in used}).loss == pytest.approx(float(names["loss"]), rel=1e-12)


def test_rows_become_one_formula() -> None:
    values = {k: v for k, v in data().items() if k != "y"}
    assert (
        str(sb.parse(NUMPY["rows_zipped"], values=values, wrt=["v"]).equations[-1].form) == "((W @ v - r)**2).sum() / 3"
    )
    assert (
        str(sb.parse(NUMPY["rows_numbered"], values=values, wrt=["v"]).equations[-1].form) == "((W @ v - r)**2).sum()"
    )


def test_lists_made_from_rows_are_lists() -> None:
    text = "a = [row @ v for row in W]\nb = [t * 2 for t in r]\n"
    values = {k: v for k, v in data().items() if k != "y"}
    W, v, r = (values[k] for k in "Wvr")
    joined = sb.derive(sb.parse(text + "loss = np.sum(np.array(a + b) ** 2)", values=values, wrt=["v"])).evaluate()
    assert joined.loss == pytest.approx(((W @ v) ** 2).sum() + ((2 * r) ** 2).sum(), rel=1e-12)
    added = sb.derive(
        sb.parse(text + "loss = np.sum((np.array(a) + np.array(b)) ** 2)", values=values, wrt=["v"])
    ).evaluate()
    assert added.loss == pytest.approx(((W @ v + 2 * r) ** 2).sum(), rel=1e-12)
    with pytest.raises(sb.ReadError, match=r"unsupported operand type\(s\) for -: 'list' and 'int'"):
        sb.parse(text + "loss = np.sum(a - 2)", values={k: values[k] for k in "Wvr"}, wrt=["v"])


def test_a_function_with_defaults_and_a_closure() -> None:
    scale = 2.0
    shift = np.array([1.0, -1.0])

    def inner(z: Any, power: int = 2) -> Any:
        return scale * z**power

    def objective(w: Any, x: Any = 3.0, *, flip: bool = False) -> Any:
        z = inner(w * x, power=3) if not flip else -w
        return (z + shift).sum()

    w = np.array([0.5, 1.5])
    found = sb.derive(sb.read(objective, values={"w": w}, wrt=["w"])).evaluate()
    assert found.loss == pytest.approx(float(objective(w)), rel=1e-12)
    np.testing.assert_allclose(found.gradients["w"], 2.0 * 3 * (w * 3.0) ** 2 * 3.0, rtol=1e-12)


def test_an_infinite_mask_gives_finite_gradients() -> None:
    text = (
        TORCH_HEAD
        + """
s = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
p = F.softmax(s.masked_fill(torch.tril(torch.ones(2, 2)) == 0, float("-inf")), dim=-1)
loss = (p * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum()
"""
    )
    gradient = sb.derive(sb.parse(text)).evaluate().gradients["s"]
    assert np.isfinite(gradient).all() and gradient[0].tolist() == [0.0, 0.0]
