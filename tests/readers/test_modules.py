"""Classes and layers: the notes' own class cell, and models of other spellings against torch in float64."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symback as sb
from tests.support.places import SEEDS
from tests.support.seed_cells import cell

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def places(net: sb.Network) -> dict[str, str]:
    """Return what the choices say about parameters: the name on the page, and the name in ``state_dict``."""
    found: dict[str, str] = {}
    for choice in net.choices:
        if re.fullmatch(r"\w+ = [\w.\[\]]+(, \w+ = [\w.\[\]]+)*", choice):
            for pair in choice.split(", "):
                name, place = pair.split(" = ")
                found[name] = place.replace("[", ".").replace("]", "").removeprefix("model.")
    return found


# --- the notes' class cell ---------------------------------------------------------------------------------------------

GRADIENTS = {
    "W1": [[-0.0161600611, -0.0161600611], [0.0103193057, 0.0103193057]],
    "b1": [-0.0161600611, 0.0103193057],
    "W2": [[0.2727379198, 0.2796518786]],
    "b2": [0.4154331834],
}
UPDATED = {
    "W1": [[0.4513600611, 0.3706600611], [0.1847806943, 0.4731806943]],
    "b1": [-0.1257399389, 0.0335806943],
    "W2": [[-0.4452379198, -0.1667518786]],
    "b2": [-0.7197331834],
}
"""To ten digits after the point, from float64 by hand."""

OPTIMIZER = "optimizer = optim.SGD"


def by_hand(W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    """Return values and gradients of the cell, from formulas written here."""
    x = np.array([1.0, 1.0])
    a = 1 / (1 + np.exp(-(W1 @ x + b1)))
    s = 1 / (1 + np.exp(-(W2 @ a + b2)))
    d1 = W2[0] * s * a * (1 - a)
    return {"output": s, "loss": -np.log(1 - s[0]), "W1": np.outer(d1, x), "b1": d1, "W2": np.outer(s, a), "b2": s}


@pytest.mark.parametrize("flat", [False, True])
def test_module_bce(flat: bool) -> None:
    text = cell("module_bce")
    if flat:
        text = text.replace("[[1.0, 1.0]]", "[1.0, 1.0]").replace(
            "y = torch.tensor([[0.0]])", "y = torch.tensor([0.0])"
        )
    net = sb.parse(text)
    assert net.learning_rate == 1 and net.loss == "loss"
    assert {k: v.shape for k, v in net.variables.items() if v.role == "parameter"} == {
        "W1": (2, 2),
        "b1": (2,),
        "W2": (1, 2),
        "b2": (1,),
    }
    d = sb.derive(net)
    found = d.evaluate()
    truth = by_hand(**{k: net.values[k] for k in GRADIENTS})
    assert found.loss == pytest.approx(truth["loss"], rel=1e-12)
    assert found.loss == pytest.approx(0.5368841906, abs=5e-11)
    for name, printed in GRADIENTS.items():
        np.testing.assert_allclose(found.gradients[name], truth[name], rtol=1e-9)
        np.testing.assert_allclose(found.gradients[name], printed, rtol=0, atol=5e-11)
    updated = d.run(1, net.learning_rate).parameters
    for name, printed in UPDATED.items():
        np.testing.assert_allclose(updated[name], printed, rtol=0, atol=5e-11)


def test_module_bce_says_what_was_chosen() -> None:
    choices = sb.parse(cell("module_bce")).choices
    assert choices[1] == "parameters: W1, b1, W2, b2 (of the model)"
    assert "W1 = layer1[0].weight, b1 = layer1[0].bias, W2 = layer2[0].weight, b2 = layer2[0].bias" in choices
    assert any("no forward method" in c and "layer1, layer2" in c for c in choices)


def test_module_bce_is_read_without_its_values() -> None:
    text = re.sub(r"        self\.layer\d\[0\]\.\w+\.data = [^)]*\)\n\s*\)\n", "", cell("module_bce"))
    assert ".data" not in text
    net = sb.parse(text)
    assert not {"W1", "b1", "W2", "b2"} & set(net.values)
    assert sb.parse(text, seed=3).values["W1"].shape == (2, 2)
    given = {"W1": np.eye(2), "b1": [0.0, 1.0], "layer2.0.weight": [[1.0, 2.0]], "layer2.0.bias": [0.5]}
    net = sb.parse(text, values=given)
    assert net.values["W2"].tolist() == [[1.0, 2.0]] and net.values["b2"].tolist() == [0.5]
    with pytest.raises(sb.ShapeError, match=r"W1 is given a value of shape \(3,\)"):
        sb.parse(text, values={"W1": [1.0, 2.0, 3.0]})
    with pytest.raises(sb.ReadError, match="no layer9"):
        sb.parse(text, values={"layer9.0.weight": [1.0]})


# --- models of the tests' own, in text ----------------------------------------------------------------------------------

MODELS: dict[str, str] = {
    "tutorial": """
class Net(nn.Module):
    def __init__(self, n_in=3, hidden=4):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(n_in, hidden)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Linear(hidden, 3)
    def forward(self, x):
        out = self.fc1(x)
        out = self.relu(out)
        out = self.fc2(out)
        return out
x = torch.randn(5, 3); y = torch.tensor([0, 1, 2, 0, 1])
model = Net(3, hidden=6).to("cuda" if torch.cuda.is_available() else "cpu")
criterion = nn.CrossEntropyLoss()
output = model(x)
loss = criterion(output, y)
""",
    "convolutional": """
class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, kernel_size=3, padding=1)
        self.bn = nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(3, 4, 3, stride=1, bias=False)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(4 * 1 * 1, 3)
    def forward(self, x):
        x = self.pool(F.relu(self.bn(self.conv1(x))))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc(x), dim=1)
x = torch.randn(2, 1, 9, 9); y = torch.tensor([0, 2])
model = LeNet()
model.train()
loss = nn.NLLLoss()(model(x), y)
""",
    "features": """
class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv1d(2, 2, 3, dilation=2), nn.Tanh(), nn.AvgPool1d(2), nn.Flatten())
        self.classifier = nn.Linear(2 * 2, 2)
        self.p = nn.Dropout(0.3)
    def forward(self, x):
        x = self.features(x)
        x = x.view(x.size(0), -1)
        return self.p(self.classifier(x))
x = torch.randn(3, 2, 8); y = torch.rand(3, 2)
model = Features()
model.eval()
loss = nn.BCEWithLogitsLoss(reduction="sum")(model(x), y)
""",
    "normalized": """
def conv_block(i, o):
    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.LeakyReLU(0.2), nn.Identity())
class Base(nn.Module):
    width = 5
    def __init__(self):
        super().__init__()
        self.body = nn.ModuleDict({"a": conv_block(3, self.width), "b": conv_block(self.width, 2)})
    def head(self, x):
        return self.body["b"](self.body["a"](x))
class Net(Base):
    def __init__(self):
        super().__init__()
        for k in range(2):
            setattr(self, f"extra{k}", nn.Linear(2, 2))
        self.norm = nn.LayerNorm(2)
    def forward(self, x):
        y = self.head(x)
        return self.norm(self.extra1(torch.tanh(self.extra0(y))))
x = torch.randn(4, 3)
target = torch.randn(4, 2)
model = Net()
loss = nn.HuberLoss(delta=0.5)(model(x), target)
""",
    "tied": """
class Auto(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 2)
        self.dec = nn.Linear(2, 4)
        self.W = nn.Parameter(torch.randn(4, 4))
        self.scale = nn.Parameter(torch.tensor(1.5))
    def forward(self, x):
        z = torch.sigmoid(self.enc(x @ self.W))
        return self.scale * (z @ self.enc.weight) + self.dec(z)
x = torch.randn(3, 4)
model = Auto()
loss = nn.MSELoss(reduction="sum")(model(x), x)
""",
    "residual": """
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.fc = nn.Linear(d, d)
        self.gain = nn.Parameter(torch.randn(d))
    def forward(self, x):
        return x + self.gain * F.softplus(self.fc(self.norm(x)))
class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.inp = nn.Linear(3, 4)
        self.blocks = nn.ModuleList([Block(4) for _ in range(depth)])
        self.out = nn.Sequential(nn.Tanh(), nn.Linear(4, 2))
    def forward(self, x):
        x = self.inp(x)
        for b in self.blocks:
            x = b(x)
        return self.out(x)
x = torch.randn(5, 3); y = torch.randn(5, 2)
model = Net(3)
loss = F.l1_loss(model(x), y)
""",
    "recurrent": """
class RNN(nn.Module):
    def __init__(self, i, h, o):
        super().__init__()
        self.hidden_size = h
        self.i2h = nn.Linear(i + h, h)
        self.h2o = nn.Linear(h, o)
    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden_size)
        steps = []
        for t in range(x.shape[1]):
            h = torch.tanh(self.i2h(torch.cat((x[:, t, :], h), dim=1)))
            steps.append(h)
        return self.h2o(h) + torch.stack(steps, dim=1).mean(dim=1)[:, :2]
x = torch.randn(2, 5, 3); y = torch.randn(2, 2)
model = RNN(3, 4, 2)
loss = ((model(x) - y)**2).mean()
""",
    "transformer": """
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(0.0)
    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x)
        q = self.query(x)
        wei = q @ k.transpose(-2, -1) * C**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        return wei @ self.value(x)
class MultiHead(nn.Module):
    def __init__(self, heads, n_embd, block):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // heads, block) for _ in range(heads)])
        self.proj = nn.Linear(n_embd, n_embd)
    def forward(self, x):
        out = torch.cat([h(x) for h in self.heads], dim=-1)
        return self.proj(out)
class Block(nn.Module):
    def __init__(self, n, heads, block):
        super().__init__()
        self.sa = MultiHead(heads, n, block)
        self.ffwd = nn.Sequential(nn.Linear(n, 4 * n), nn.ReLU(), nn.Linear(4 * n, n))
        self.ln1 = nn.LayerNorm(n)
        self.ln2 = nn.LayerNorm(n)
    def forward(self, x):
        x = x + self.sa(self.ln1(x))
        x = x + self.ffwd(self.ln2(x))
        return x
class GPT(nn.Module):
    def __init__(self, vocab, n, block, layers):
        super().__init__()
        self.tok = nn.Embedding(vocab, n)
        self.pos = nn.Embedding(block, n)
        self.blocks = nn.Sequential(*[Block(n, 2, block) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(n)
        self.lm_head = nn.Linear(n, vocab)
    def forward(self, idx, targets=None):
        B, T = idx.shape
        x = self.tok(idx) + self.pos(torch.arange(T))
        x = self.blocks(x)
        logits = self.lm_head(self.ln_f(x))
        if targets is None:
            loss = None
        else:
            B, T, C = logits.shape
            logits = logits.view(B*T, C)
            targets = targets.view(B*T)
            loss = F.cross_entropy(logits, targets)
        return logits, loss
idx = torch.tensor([[1, 2, 3, 0], [2, 2, 1, 4]])
targets = torch.tensor([[2, 3, 0, 1], [2, 1, 4, 4]])
model = GPT(5, 4, 4, 2)
logits, loss = model(idx, targets)
""",
    "sequential": """
model = nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=-1), nn.Linear(4, 1), nn.LogSigmoid())
x = torch.randn(6, 3)
loss = -model(x).mean()
""",
    "lstm_of_two_layers": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, 2)
    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.fc(out[:, -1, :]) + h[0].sum() + c[1].mean()
x = torch.randn(2, 3, 3); y = torch.randn(2, 2)
model = Net()
loss = F.mse_loss(model(x), y)
""",
    "gru_and_relu_rnn": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 4)
        self.rnn = nn.RNN(4, 2, nonlinearity='relu', bias=False)
    def forward(self, x, h0):
        out, h = self.gru(x, h0)
        out, _ = self.rnn(out)
        return out
x = torch.randn(3, 2, 3); y = torch.randn(3, 2, 2); h0 = torch.randn(1, 2, 4)
model = Net()
loss = F.mse_loss(model(x, h0), y)
""",
    "recurrent_cells": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.LSTMCell(3, 4)
        self.b = nn.GRUCell(4, 4)
        self.c = nn.RNNCell(4, 2, bias=False)
    def forward(self, x):
        h, c = torch.zeros(x.size(0), 4), torch.zeros(x.size(0), 4)
        g = torch.zeros(x.size(0), 4)
        for t in range(x.size(1)):
            h, c = self.a(x[:, t], (h, c))
            g = self.b(h, g)
        return self.c(g)
x = torch.randn(2, 3, 3); y = torch.randn(2, 2)
model = Net()
loss = F.mse_loss(model(x), y)
""",
    "attention_with_a_mask": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.att = nn.MultiheadAttention(6, 2, batch_first=True)
        self.norm = nn.RMSNorm(6, eps=1e-4)
    def forward(self, x):
        mask = torch.triu(torch.ones(4, 4), diagonal=1).bool()
        out, w = self.att(x, x, x, attn_mask=mask)
        return self.norm(x + out) + w.mean()
x = torch.randn(2, 4, 6); y = torch.randn(2, 4, 6)
model = Net()
loss = F.mse_loss(model(x), y)
""",
    "lstm_with_states": """
class Tagger(nn.Module):
    def __init__(self, vocabulary, width, tags):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(input_size=width, hidden_size=3, dropout=0.0)
        self.hidden2tag = nn.Linear(3, tags)
    def forward(self, sentence, hidden):
        embeds = self.embedding(sentence)
        lstm_out, (h_n, c_n) = self.lstm(embeds.view(len(sentence), 1, -1), hidden)
        tag_space = self.hidden2tag(lstm_out.view(len(sentence), -1))
        return F.log_softmax(tag_space, dim=1)
sentence = torch.tensor([0, 3, 1, 1])
targets = torch.tensor([0, 1, 2, 1])
hidden = (torch.zeros(1, 1, 3), torch.zeros(1, 1, 3))
model = Tagger(5, 4, 3)
loss = nn.NLLLoss()(model(sentence, hidden), targets)
""",
    "encoder_block": """
class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.att = nn.MultiheadAttention(d, heads, dropout=0.1)
        self.norm1 = nn.LayerNorm(d)
        self.norm2 = nn.LayerNorm(d, bias=False)
        self.norm3 = nn.RMSNorm(d, elementwise_affine=False)
        self.ff = nn.Sequential(nn.Linear(d, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, d))
    def forward(self, x, keys, mask):
        a, weights = self.att(x, keys, keys, key_padding_mask=mask)
        x = self.norm1(x + a)
        x = self.norm2(x + self.ff(x))
        return self.norm3(x), weights
x = torch.randn(3, 2, 6); keys = torch.randn(4, 2, 6); y = torch.randn(3, 2, 6)
mask = torch.tensor([[False, False, False, True], [False, False, True, True]])
model = Block(6, 2)
model.eval()
out, weights = model(x, keys, mask)
loss = F.mse_loss(out, y) + (weights ** 2).sum()
""",
    "batch_norm_block": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 5, bias=False), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(p=0.0), nn.Linear(5, 2))
        self.plain = nn.BatchNorm1d(2, affine=False)
    def forward(self, x):
        return self.plain(self.layers(x))
x = torch.randn(6, 3); y = torch.randn(6, 2)
model = Net()
loss = F.mse_loss(model(x), y)
""",
    "masks_of_truth_values": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.att = nn.MultiheadAttention(4, 2, batch_first=True)
    def forward(self, x):
        q = self.a(x)
        seen = torch.ones(3, 3, dtype=torch.bool).tril()
        y = F.scaled_dot_product_attention(q, q, q, attn_mask=seen)
        some = torch.tensor([[True, False, True], [True, True, True], [False, False, True]])
        y = y + F.scaled_dot_product_attention(q, q, q, attn_mask=some)
        hidden = torch.triu(torch.ones(3, 3), diagonal=1) == 1
        return y + self.att(y, y, y, attn_mask=hidden, need_weights=False)[0] + self.att(q, y, q, attn_mask=~seen)[0]
x = torch.randn(2, 3, 3)
model = Net()
loss = (model(x) ** 2).mean()
""",
    "initialized": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
        self.b = nn.Linear(3, 1)
        nn.init.constant_(self.a.bias, 0.25)
        self.b.weight.data.fill_(0.5)
        self.b.bias = nn.Parameter(torch.tensor([0.125]))
    def forward(self, x):
        return self.b(torch.sin(self.a(x)))
def start(m):
    if isinstance(m, nn.Linear):
        nn.init.zeros_(m.bias)
model = Net()
model.a.apply(start)
x = torch.randn(4, 2)
loss = (model(x) ** 2).sum()
""",
}


def agree(net: sb.Network, names: dict[str, Any], names_of: dict[str, str]) -> None:
    """Assert that loss and gradients are those torch found for every parameter of the model, to 1e-10."""
    found = sb.derive(net).evaluate()
    assert found.loss == pytest.approx(names["loss"].item(), rel=1e-12)
    expected = {k: p.grad.numpy() for k, p in names["model"].named_parameters() if p.grad is not None}
    assert {names_of.get(k, k) for k in found.gradients} == set(expected)
    for name, gradient in found.gradients.items():
        want = expected[names_of.get(name, name)]
        assert np.shape(gradient) == want.shape
        np.testing.assert_allclose(gradient, want, rtol=1e-10, atol=1e-10 * (1 + np.abs(want).max()), err_msg=name)


def executed(text: str, torch: Any) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(HEAD + text, "model", "exec"), names)
    names["loss"].backward()
    return names


@pytest.mark.parametrize("name", MODELS)
def test_model_in_text_against_torch(name: str, torch: Any) -> None:
    names = executed(MODELS[name], torch)
    open_net = sb.parse(HEAD + MODELS[name])
    names_of = places(open_net)
    state = {
        k: v.numpy()
        for k, v in names["model"].state_dict().items()
        if k in names_of.values() or k in open_net.variables
    }
    data = {k: v.numpy() for k, v in names.items() if isinstance(v, torch.Tensor) and k in open_net.variables}
    agree(sb.parse(HEAD + MODELS[name], values={**state, **data}), names, names_of)


def test_the_comparison_with_torch_sees_planted_errors(torch: Any) -> None:
    names = executed(MODELS["sequential"], torch)
    names_of = places(sb.parse(HEAD + MODELS["sequential"]))
    values = {k: v.numpy() for k, v in names["model"].state_dict().items()} | {"x": names["x"].numpy()}
    net = sb.parse(HEAD + MODELS["sequential"], values=values)
    agree(net, names, names_of)
    names["model"][0].weight.grad *= 1.001
    with pytest.raises(AssertionError, match="W1"):
        agree(net, names, names_of)
    with pytest.raises(AssertionError):
        agree(
            sb.parse(HEAD + MODELS["sequential"].replace("Softmax(dim=-1)", "Softmax(dim=0)"), values=values),
            names,
            names_of,
        )


def test_starting_values_are_those_the_code_sets(torch: Any) -> None:
    net = sb.parse(HEAD + MODELS["initialized"])
    model = executed(MODELS["initialized"], torch)["model"]
    assert "W1" not in net.values
    for name, tensor in (("b1", model.a.bias), ("W2", model.b.weight), ("b2", model.b.bias)):
        np.testing.assert_array_equal(net.values[name], tensor.detach().numpy())


def test_names_count_layers_in_the_order_of_the_forward_pass() -> None:
    net = sb.parse(
        HEAD
        + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(4, 1)
        self.norm = nn.LayerNorm(4)
        self.first = nn.Linear(2, 4)
    def forward(self, x):
        return self.last(self.norm(self.first(x)))
model = Net()
x = torch.ones(3, 2)
loss = model(x).sum()
"""
    )
    assert [v.name for v in net.variables.values() if v.role == "parameter"] == [
        "W1",
        "b1",
        "gamma1",
        "beta1",
        "W2",
        "b2",
    ]
    assert places(net) == {
        "W1": "first.weight",
        "b1": "first.bias",
        "gamma1": "norm.weight",
        "beta1": "norm.bias",
        "W2": "last.weight",
        "b2": "last.bias",
    }
    assert net.values["gamma1"].tolist() == [1.0] * 4


def test_locals_of_forward_are_the_equations_and_reassigned_ones_are_not() -> None:
    net = sb.parse(
        HEAD
        + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 4)
        self.b = nn.Linear(4, 1)
    def forward(self, x):
        hidden = torch.tanh(self.a(x))
        x = self.b(hidden)
        x = torch.sigmoid(x)
        return x
x = torch.ones(3, 2)
y_hat = Net()(x)
loss = F.binary_cross_entropy(y_hat, torch.ones(3, 1))
"""
    )
    assert [e.name for e in net.equations] == ["hidden", "y_hat", "loss"]


def test_names_of_an_lstm_are_those_of_its_formulas() -> None:
    net = sb.parse(
        HEAD
        + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.norm = nn.LayerNorm(3)
        self.head = nn.Linear(3, 1)
    def forward(self, x):
        out, (h, c) = self.lstm(x)
        last = self.norm(out[:, -1])
        return self.head(last)
x = torch.ones(4, 2, 2)
loss = F.mse_loss(Net()(x), torch.ones(4, 1))
"""
    )
    gates = [f"s{{}}_{k}" for k in "ifgo"] + [f"{k}{{}}" for k in ("i", "f", "g", "o", "c", "m", "h")]
    steps = [name.format(t) for t in (1, 2) for name in (f"s{t}", *gates)]
    assert [e.name for e in net.equations] == ["x1", "x2", "h0", "c0", *steps, "mu1", "v1", "x1_hat", "last", "loss"]
    d = sb.derive(net)
    assert str(d.step("s1").form) == "np.concatenate([ds1_i, ds1_f, ds1_g, ds1_o], axis=1)"
    assert [e.name for e in d.network.equations if e.invented] == ["z1"]


def test_names_stay_apart_from_those_of_the_text() -> None:
    net = sb.parse(
        HEAD
        + """
W1 = torch.ones(3, 2)
fc = nn.Linear(2, 1)
loss = fc(W1).sum()
"""
    )
    assert len(set(net.variables)) == 3 and {"W1", "b1"} <= set(net.variables)
    assert sum(v.shape == (1, 2) for v in net.variables.values()) == 1


TRAINING = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
    def forward(self, x):
        return self.fc(x)
x = torch.tensor([[1.0, 2.0], [3.0, -1.0]]); y = torch.tensor([[1.0], [0.0]])
model = Net()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(40):
    optimizer.zero_grad()
    output = model(x)
    loss = criterion(output, y)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}, loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    loss_after = criterion(model(x), y)
"""
)


def test_training_loop_with_an_optimizer(torch: Any) -> None:
    net = sb.parse(TRAINING, seed=1)
    assert (net.steps, net.learning_rate) == (40, 0.05)
    d = sb.derive(net)
    names: dict[str, Any] = {}
    weight = torch.tensor(net.values["W1"])
    text = TRAINING.replace("model = Net()", "model = Net(); model.fc.weight.data = start; model.fc.bias.data = bias")
    names.update(start=weight, bias=torch.tensor(net.values["b1"]), print=lambda *_: None)
    exec(compile(text, "training", "exec"), names)
    after = d.run(net.steps, net.learning_rate).parameters
    np.testing.assert_allclose(after["W1"], names["model"].fc.weight.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(after["b1"], names["model"].fc.bias.detach().numpy(), rtol=1e-10)


@pytest.mark.parametrize(
    "step",
    [
        "    for p in model.parameters():\n        p.data -= 0.05 * p.grad",
        "    with torch.no_grad():\n        for name, p in model.named_parameters():\n            p -= 0.05 * p.grad",
        "    model.fc.weight.data = model.fc.weight.data - 0.05 * model.fc.weight.grad\n"
        "    model.fc.bias.data -= 0.05 * model.fc.bias.grad",
        "    for p in model.parameters():\n        p.data.add_(p.grad, alpha=-0.05)",
    ],
)
def test_updates_by_hand_end_the_forward_pass(step: str) -> None:
    net = sb.parse(TRAINING.replace("    optimizer.step()", step))
    assert (net.steps, net.learning_rate) == (40, 0.05)
    assert [e.name for e in net.equations] == ["output", "loss"]


def test_another_optimizer_is_named() -> None:
    net = sb.parse(
        TRAINING.replace(
            "torch.optim.SGD(model.parameters(), lr=0.05)", "torch.optim.Adam(model.parameters(), lr=0.01)"
        )
    )
    assert net.optimizer is not None and net.optimizer[0] == "adam" and net.learning_rate == 0.01
    assert any("optimizer: Adam" in c for c in net.choices)
    net = sb.parse(TRAINING.replace("lr=0.05", "lr=0.05, momentum=0.9"))
    assert any("gradient descent with momentum = 0.9" in c for c in net.choices)
    net = sb.parse(TRAINING.replace("torch.optim.SGD(", "torch.optim.LBFGS("))
    assert net.optimizer is None
    assert any("LBFGS is not known" in f.message and "plain gradient descent" in f.message for f in net.findings)


def test_frozen_parameters_are_inputs() -> None:
    text = TRAINING.replace("model = Net()", "model = Net()\nmodel.fc.bias.requires_grad = False")
    assert [v.name for v in sb.parse(text).variables.values() if v.role == "parameter"] == ["W1"]


CLASS_ALONE = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.fc = nn.Linear(2, width)
    def forward(self, x, scale=2.0):
        return scale * torch.tanh(self.fc(x))
"""
)


@pytest.mark.parametrize("text", [CLASS_ALONE, CLASS_ALONE + "model = Net(3)\n"])
def test_a_class_alone_is_called_with_what_the_caller_describes(text: str) -> None:
    net = sb.parse(text, shapes={"x": ("n", 2), "y": ("n", 3)}, loss="F.mse_loss(output, y)")
    assert "no call of Net: it is called with x, scale, and gives output" in net.choices
    assert sb.derive(net).gradient("W1").shape == (3, 2)
    with pytest.raises(sb.ReadError, match="output"):
        sb.parse(text, loss="output.sum()")


def test_batches_of_a_loader() -> None:
    text = (
        TRAINING.replace("output = model(x)", "output = model(xb)")
        .replace("(output, y)", "(output, yb)")
        .replace(
            "for epoch in range(40):",
            "loader = DataLoader(TensorDataset(x, y), batch_size=1, shuffle=True)\nfor xb, yb in loader:",
        )
    )
    net = sb.parse("from torch.utils.data import DataLoader, TensorDataset\n" + text, seed=0)
    assert net.learning_rate == 0.05 and net.steps is None
    assert sb.derive(net).network.shape_of("output") == (1, 1)
    assert any("shuffles; its first batch is read as the first 1 rows" in c for c in net.choices)


# --- classes without torch ----------------------------------------------------------------------------------------------

NUMPY_CLASS = """
import numpy as np
class NeuralNetwork:
    def __init__(self, n_in, n_hidden, n_out, lr=0.1):
        self.lr = lr
        self.W1 = np.random.randn(n_in, n_hidden)
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = np.random.randn(n_hidden, n_out)
        self.b2 = np.zeros((1, n_out))
    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))
    def forward(self, X):
        self.z1 = X @ self.W1 + self.b1
        self.a1 = self.sigmoid(self.z1)
        self.z2 = self.a1 @ self.W2 + self.b2
        self.a2 = self.sigmoid(self.z2)
        return self.a2
    def backward(self, X, y):
        m = X.shape[0]
        dz2 = (self.a2 - y) / m
        self.dW2 = self.a1.T @ dz2
        self.db2 = dz2.sum(axis=0, keepdims=True)
        dz1 = dz2 @ self.W2.T * self.a1 * (1 - self.a1)
        self.dW1 = X.T @ dz1
        self.db1 = dz1.sum(axis=0, keepdims=True)
        self.W1 -= self.lr * self.dW1
        self.b1 -= self.lr * self.db1
        self.W2 -= self.lr * self.dW2
        self.b2 -= self.lr * self.db2
    def train(self, X, y, epochs):
        for epoch in range(epochs):
            out = self.forward(X)
            loss = -np.mean(y * np.log(out) + (1 - y) * np.log(1 - out))
            self.backward(X, y)
            if epoch % 100 == 0:
                print(f"epoch {epoch} loss {loss:.4f}")
X = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]); y = np.array([[0.], [1.], [1.], [0.]])
net = NeuralNetwork(2, 3, 1, lr=0.5)
net.train(X, y, epochs=30)
"""


def test_class_of_plain_numpy_against_its_own_training() -> None:
    net = sb.parse(NUMPY_CLASS, seed=0)
    assert (net.steps, net.learning_rate) == (30, 0.5)
    assert [v.name for v in net.variables.values() if v.role == "parameter"] == ["W1", "b1", "W2", "b2"]
    start = iter([net.values["W1"].copy(), net.values["W2"].copy()])
    names: dict[str, Any] = {"print": lambda *_: None, "start": start}
    text = re.sub(r"np\.random\.randn\([^)]*\)", "next(start)", NUMPY_CLASS)
    exec(compile(text, "class", "exec"), names)
    after = sb.derive(net).run(30, 0.5).parameters
    for name in ("W1", "b1", "W2", "b2"):
        np.testing.assert_allclose(after[name], getattr(names["net"], name), rtol=1e-10)


def test_object_of_a_small_class() -> None:
    net = sb.parse("""
class Neuron:
    def __init__(self, w, b):
        self.w = w
        self.b = b
    @property
    def size(self):
        return 1
    def __call__(self, x):
        return self.w * x + self.b
n = Neuron(2.0, 1.0)
x, t = 3.5, 0.0
loss = (n(x) - t)**2
""")
    found = sb.derive(net).evaluate()
    assert (found.loss, found.gradients) == (64.0, {"w": 56.0, "b": 16.0})


def test_a_step_that_is_not_understood_is_not_replaced_by_the_input_of_its_name() -> None:
    text = SMALL.replace("{init}", "        pass").replace(
        "return {result}", "x = frobnicate(x)\n        return self.fc(x)"
    )
    for given in ({"shapes": {"x": ("n", 2)}}, {"values": {"x": np.ones((3, 2))}}):
        with pytest.raises(sb.ReadError, match="line 11: the function frobnicate is not known"):
            sb.parse(text, **given)


# --- what is refused ----------------------------------------------------------------------------------------------------

SMALL = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
{init}
    def forward(self, x):
        return {result}
x = torch.ones(3, 2)
model = Net()
loss = model(x).sum()
"""
)


@pytest.mark.parametrize(
    ("init", "result", "message"),
    [
        ("", "self.fcc(x)", r"line 11: the class Net has no fcc \(did you mean 'fc'\?\)"),
        ("", "self.fc(x.T)", r"line 11: nn.Linear: in .*shapes \(2, 3\) and \(2, 1\) do not fit"),
        (
            "        self.d = nn.Dropout(0.5)",
            "self.fc(self.d(x))",
            r"line 11: nn.Dropout zeroes entries at random in training.*model.eval\(\)",
        ),
        (
            "",
            "F.dropout(self.fc(x), training=self.training)",
            r"line 11: F.dropout zeroes entries at random in training",
        ),
        ("        self.b = nn.BatchNorm2d(2)", "self.b(x)", r"line 11: nn.BatchNorm2d: an array of shape \(3, 2\)"),
        ("        self.c = nn.CrossEntropyLoss(label_smooth=0.1)", "self.c(x, x)", "did you mean 'label_smoothing'"),
        (
            "        self.d = nn.Dropout(0.5)",
            "self.d(self.fc(x))",
            "nn.Dropout zeroes entries at random in training, .* model.eval",
        ),
        (
            "        self.d = nn.LSTM(2, 2, 2, dropout=0.5)",
            "self.d(x)[0]",
            "nn.LSTM zeroes entries at random .* use dropout=0",
        ),
        (
            "        self.d = nn.MultiheadAttention(2, 1, dropout=0.5)",
            "self.d(x, x, x)[0]",
            "nn.MultiheadAttention zeroes entries",
        ),
        (
            "        self.d = nn.LSTM(2, 2, batchfirst=True)",
            "self.d(x)[0]",
            "nn.LSTM has no parameter batchfirst .did you mean 'batch_first'",
        ),
        ("        self.d = nn.LSTM(2, 2, proj_size=1)", "self.d(x)[0]", "nn.LSTM with proj_size=1 cannot be read"),
        ("        self.d = nn.GRU(2, 2, num_layers=0)", "self.d(x)[0]", "num_layers is from 1 to 32, got 0"),
        ("        self.d = nn.LSTM(2, 2)", "self.d(x, x)[0]", "initial states as a pair"),
        ("        self.d = nn.RNN(2, 2, nonlinearity='tan')", "self.d(x)[0]", "no activation called 'tan'"),
        (
            "        self.d = nn.RNN(3, 2)",
            "self.d(x)[0]",
            r"nn.RNN: rnn at time 1: in .*\(3 against 2\)|nn.RNN: .*2 against 3",
        ),
        ("        self.d = nn.GRU(2, 2)", "self.d(x, state=x)[0]", "nn.GRU.forward has no parameter state"),
        (
            "        self.d = nn.MultiheadAttention(2, 1)",
            "self.d(x)[0]",
            "nn.MultiheadAttention.forward needs key",
        ),
        (
            "        self.d = nn.MultiheadAttention(2, 4)",
            "self.d(x, x, x)[0]",
            "nn.MultiheadAttention: .*width of 2 cannot be split into 4",
        ),
        (
            "        self.d = nn.MultiheadAttention(2, 1)",
            "self.d(x, x, x, is_causal=True)[0]",
            "needs attn_mask where is_causal=True",
        ),
        (
            "        self.d = nn.RMSNorm(3)",
            "self.d(x)",
            r"nn.RMSNorm: normalized_shape \(3,\) is not the end of the shape",
        ),
        ("        self.d = nn.Sequential(nn.LSTM(2, 2), nn.Linear(2, 1))", "self.d(x)", "tuple"),
        (
            "        self.t = nn.TransformerEncoderLayer(2, 2)",
            "self.t(x)",
            "line 9: the function nn.TransformerEncoderLayer is not known",
        ),
        ("        self.e = nn.Linear(2)", "self.e(x)", "line 9: nn.Linear needs out_features"),
        ("        self.e = nn.Linear(2, 2, biass=False)", "self.e(x)", r"no parameter biass \(did you mean 'bias'\?\)"),
        (
            "        self.e = nn.Conv2d(2, 2, 3, padding_mode='circular')",
            "self.e(x)",
            "padding_mode=circular cannot be read",
        ),
        ("        self.e = nn.Linear(10**6, 10**6)", "self.e(x)", "too large"),
        ("        self.e = frobnicate(3)", "self.fc(x) + self.e", "line 9: the function frobnicate is not known"),
        ("", "self.forward(x)", "functions call each other too deeply"),
        ("        self.me = self", "self.me.me.fd", "no fd"),
    ],
)
def test_what_is_refused_names_its_line(init: str, result: str, message: str) -> None:
    text = SMALL.replace("{init}", init or "        pass").replace("{result}", result)
    with pytest.raises(sb.SymbackError, match=message) as caught:
        sb.parse(text)
    assert "#" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_layer_outside_the_slice_may_be_anything() -> None:
    text = SMALL.replace("{init}", "        self.lstm = nn.LSTM(2, 2)\n        self.other = quux(7)").replace(
        "{result}", "self.fc(x)"
    )
    assert sb.parse(text).loss == "loss"


def test_nothing_of_a_module_is_executed(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    text = (
        HEAD
        + f"""
import os, subprocess
open({str(sentinel)!r}, "w").close()
class Meta(type):
    def __new__(cls, *a):
        open({str(sentinel)!r}, "w").close()
        return super().__new__(cls, *a)
class Net(nn.Module, metaclass=Meta):
    here = open({str(sentinel)!r}, "w")
    def __init__(self, hook=os.system("touch {sentinel}")):
        super().__init__()
        os.system("touch {sentinel}")
        self.fc = nn.Linear(2, 1)
        self.bad = __import__("os").system("touch {sentinel}")
        exec("open({str(sentinel)!r}, 'w')")
        setattr(self, "__class__", eval("1"))
    def __del__(self):
        open({str(sentinel)!r}, "w").close()
    def __getattr__(self, name):
        open({str(sentinel)!r}, "w").close()
    def forward(self, x):
        print(subprocess.run(["touch", {str(sentinel)!r}]))
        return self.fc(x)
x = torch.ones(3, 2)
model = Net()
loss = model(x).sum()
"""
    )
    assert sb.parse(text).loss == "loss"
    assert not sentinel.exists()
    for hostile in (
        "self.bad + self.fc(x)",
        "self.fc(x) + Net.here",
        "self.fc(x) + self.__class__.__bases__[0]",
        "eval('x')",
    ):
        with pytest.raises(sb.SymbackError):
            sb.parse(text.replace("return self.fc(x)", f"return {hostile}"))
    assert not sentinel.exists()


# --- live objects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "tutorial",
        "convolutional",
        "features",
        "normalized",
        "tied",
        "residual",
        "recurrent",
        "sequential",
        "lstm_of_two_layers",
        "recurrent_cells",
        "attention_with_a_mask",
        "batch_norm_block",
    ],
)
def test_live_model_against_torch(name: str, torch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"live_{name}.py"
    path.write_text(HEAD + MODELS[name], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__(f"live_{name}")
    names = vars(module)
    names["loss"].backward()
    statement = next(s for s in MODELS[name].splitlines() if s.startswith("loss = "))
    loss = statement.removeprefix("loss = ").replace("model(x)", "output").replace("criterion(", "F.cross_entropy(")
    data = {k: names[k].numpy() for k in ("x", "y", "target") if k in names}
    net = sb.read(names["model"], values=data, loss=loss)
    agree(net, names, places(net))


def test_live_model_with_a_symbolic_batch(torch: Any) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Sigmoid(), torch.nn.Linear(3, 1))
    net = sb.read(model, shapes={"x": ("n", 2), "y": ("n", 1)}, loss="F.mse_loss(output, y)")
    d = sb.derive(net)
    x, y = torch.randn(5, 2), torch.randn(5, 1)
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    found = d.evaluate({"x": x.numpy(), "y": y.numpy()})
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradients["W1"], model[0].weight.grad.numpy(), rtol=1e-10)
    np.testing.assert_array_equal(net.values["W2"], model[2].weight.detach().numpy())


def test_live_model_asks_for_what_is_missing(torch: Any) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3))
    with pytest.raises(sb.ReadError, match="open names: give shapes= or values= for x"):
        sb.read(model)
    with pytest.raises(sb.ReadError, match=r"exactly one element.*loss='F.mse_loss\(output, y\)'"):
        sb.read(model, shapes={"x": ("n", 2)})


def test_nothing_of_a_live_model_is_called(torch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "live_hostile.py").write_text(
        HEAD
        + """
called = []
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
    def forward(self, x):
        called.append("forward")
        return self.fc(x).sum()
    def state_dict(self, *a, **k):
        called.append("state_dict")
    def parameters(self, *a, **k):
        called.append("parameters")
model = Net()
""",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("live_hostile")
    net = sb.read(module.model, shapes={"x": (3, 2)})
    assert set(net.values) == {"W1", "b1"} and module.called == []


def test_torch_is_imported_by_nobody_here() -> None:
    import subprocess
    import sys

    text = "import sys, symback as sb; sb.derive(sb.parse(open(sys.argv[1], encoding='utf-8').read())); sys.exit('torch' in sys.modules)"
    path = SEEDS / "module_bce.py"
    assert subprocess.run([sys.executable, "-c", text, str(path)], check=False).returncode == 0


def test_function_that_calls_a_live_model(torch: Any) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 1))

    def objective(x: Any) -> Any:
        return model(x).pow(2).sum()

    x = torch.randn(4, 2)
    expected = objective(x)
    expected.backward()
    found = sb.derive(sb.read(objective, values={"x": x.numpy()})).evaluate()
    assert found.loss == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradients["W1"], model[0].weight.grad.numpy(), rtol=1e-10)


def test_a_class_of_the_text_that_is_called_like_a_layer_holds_its_own_arrays() -> None:
    net = sb.parse(
        "import numpy as np\n"
        "class Linear:\n"
        "    def __init__(self):\n"
        "        self.weight = np.array([[0.1, 0.2]])\n"
        "        self.bias = np.array([0.3])\n"
        "    def forward(self, x):\n"
        "        return x @ self.weight.T + self.bias\n"
        "layer = Linear()\n"
        "x = np.array([[1.0, 2.0]])\n"
        "h = layer.forward(x)\n"
        "loss = np.sum(h**2)\n",
        wrt="weight, bias",
    )
    assert [str(e.form) for e in net.equations] == ["x @ weight.T + bias", "(h**2).sum()"]
    assert net.values["weight"].tolist() == [[0.1, 0.2]]
