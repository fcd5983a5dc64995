import math

import torch
import torch.nn.functional as F

torch.manual_seed(2024)
torch.set_default_dtype(torch.float64)


def init_params(sizes):
    params = {}
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:]), start=1):
        bound = math.sqrt(6 / (fan_in + fan_out))
        params[f"W{i}"] = torch.empty(fan_out, fan_in).uniform_(-bound, bound).requires_grad_()
        params[f"b{i}"] = torch.zeros(fan_out, requires_grad=True)
    params["gain"] = torch.ones(sizes[1], requires_grad=True)
    return params


def mlp(params, x, n_layers, drop=0.1, training=True):
    h = x
    for i in range(1, n_layers + 1):
        h = F.linear(h, params[f"W{i}"], params[f"b{i}"])
        if i == 1:
            h = F.layer_norm(h, h.shape[-1:], weight=params["gain"])
        if i < n_layers:
            h = F.leaky_relu(h, 0.05)
            h = F.dropout(h, drop, training)
    return h


def loss_fn(params, x, y):
    logits = mlp(params, x, 3)
    nll = F.cross_entropy(logits, y)
    decay = sum((p ** 2).sum() for k, p in params.items() if k.startswith("W"))
    return nll + 1e-3 * decay


def adam_init(params):
    return {k: (torch.zeros_like(p), torch.zeros_like(p)) for k, p in params.items()}


@torch.no_grad()
def adam_step(params, state, t, lr=0.02, b1=0.9, b2=0.999, eps=1e-8):
    for k, p in params.items():
        m, v = state[k]
        m.mul_(b1).add_(p.grad, alpha=1 - b1)
        v.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
        m_hat, v_hat = m / (1 - b1 ** t), v / (1 - b2 ** t)
        p.sub_(lr * m_hat / (v_hat.sqrt() + eps))
        p.grad.zero_()


x = torch.randn(30, 4)
y = (x[:, 0] * x[:, 1] > 0).long() + (x.norm(dim=1) > 2.2).long()
params = init_params([4, 6, 5, 3])
state = adam_init(params)
for t in range(1, 6):
    loss = loss_fn(params, x, y)
    loss.backward()
    adam_step(params, state, t)
    print(t, loss.item())
