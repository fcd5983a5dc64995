import torch

x = torch.tensor([[0.5, -0.3, 0.2], [0.1, 0.9, -0.4]])
y = torch.tensor([[1.0, 0.0], [0.5, 0.2]])
W1 = torch.randn(4, 3)
b1 = torch.randn(4)
W2 = torch.randn(2, 4)
b2 = torch.randn(2)

z1 = x @ W1.T + b1
h1 = torch.relu(z1)
out = h1 @ W2.T + b2
loss = ((out - y) ** 2).mean()

grad_out = 2 * (out - y) / y.numel()
grad_W2 = grad_out.T @ h1
grad_b2 = grad_out.sum(0)
grad_h1 = grad_out @ W2
grad_z1 = grad_h1 * (z1 > 0).float()
grad_W1 = grad_z1.t() @ x
grad_b1 = grad_z1.sum(dim=0)

lr = 0.01
W1 -= lr * grad_W1
b1 -= lr * grad_b1
W2 -= lr * grad_W2
b2 -= lr * grad_b2
