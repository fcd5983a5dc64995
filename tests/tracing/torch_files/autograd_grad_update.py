"""Logistic regression and a spline, by torch.autograd.grad and updates that make new tensors."""
import torch

torch.manual_seed(1)
X = torch.randn(40, 3, dtype=torch.float64)
true_w = torch.tensor([1.5, -2.0, 0.7], dtype=torch.float64)
y = (torch.rand(40, dtype=torch.float64) < torch.sigmoid(X @ true_w + 0.3)).double()

weights = [torch.zeros(3, dtype=torch.float64), torch.zeros((), dtype=torch.float64),
           0.1 * torch.randn(5, dtype=torch.float64)]
weights = [w.requires_grad_(True) for w in weights]
knots = torch.linspace(-1.5, 1.5, 5, dtype=torch.float64)


def model(params, x):
    w, b, spline = params
    z = x @ w + b
    bumps = torch.relu(1 - (x[:, :1] - knots).abs())
    return z + bumps @ spline


def nll(params, x, y):
    p = torch.sigmoid(model(params, x))
    return -(y * torch.log(p) + (1 - y) * torch.log1p(-p)).mean()


lr = 0.5
for step in range(5):
    loss = nll(weights, X, y) + 0.01 * torch.diff(weights[2]).square().sum()
    grads = torch.autograd.grad(loss, weights)
    weights = [(w - lr * g).detach().requires_grad_(True) for w, g in zip(weights, grads)]
    print(f"step {step}: loss {loss.item():.5f}, |g| {sum(g.norm() for g in grads).item():.5f}")
