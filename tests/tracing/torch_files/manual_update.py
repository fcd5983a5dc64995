import math

import torch

dtype = torch.float64
torch.manual_seed(5)

x = torch.linspace(-math.pi, math.pi, 20, dtype=dtype)
y = torch.sin(x)

# a cubic polynomial, and a small network beside it
a = torch.randn((), dtype=dtype, requires_grad=True)
b = torch.randn((), dtype=dtype, requires_grad=True)
c = torch.randn((), dtype=dtype, requires_grad=True)
d = torch.randn((), dtype=dtype, requires_grad=True)
w1 = torch.randn(1, 4, dtype=dtype, requires_grad=True)
w2 = (0.1 * torch.randn(4, 1, dtype=dtype)).requires_grad_()

learning_rate = 1e-4
for t in range(6):
    hidden = (x.unsqueeze(1) @ w1).clamp(min=0)
    y_pred = a + b * x + c * x ** 2 + d * x ** 3 + (hidden @ w2).squeeze(1)
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    loss.backward()

    with torch.no_grad():
        for w in (a, b, c, d, w1, w2):
            w -= learning_rate * w.grad
            w.grad = None

print(f'Result: y = {a.item()} + {b.item()} x + {c.item()} x^2 + {d.item()} x^3')
