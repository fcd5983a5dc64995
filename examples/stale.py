"""A mistake worth seeing: the second forward pass uses a1 from before the update."""

import torch
import torch.nn.functional as F

x = torch.tensor([[0.5, 0.8, 0.2]])
y = torch.tensor([[1.0]])
W1 = torch.tensor([[1.0, -1.0], [0.0, 2.0], [1.0, 0.5]], requires_grad=True)
b1 = torch.tensor([[0.1, 0.2]], requires_grad=True)
W2 = torch.tensor([[2.0], [-1.0]], requires_grad=True)
b2 = torch.tensor([[0.5]], requires_grad=True)

z1 = x @ W1 + b1
a1 = F.relu(z1)
z2 = a1 @ W2 + b2
y_pred = F.relu(z2)
loss = 0.5 * (y_pred - y)**2
loss.backward()

lr = 0.1
with torch.no_grad():
    W1 -= lr * W1.grad
    b1 -= lr * b1.grad
    W2 -= lr * W2.grad
    b2 -= lr * b2.grad

z1_2 = x @ W1 + b1
a1_2 = F.relu(z1_2)
z2_2 = a1 @ W2 + b2  # a1_2 was meant
print(F.relu(z2_2).item())
