"""A mistake worth seeing: cross_entropy applies softmax itself, and here it gets probabilities already."""

import torch
import torch.nn.functional as F

X = torch.tensor([[2.0, -1.0]])
y = torch.tensor([0], dtype=torch.long)
W = torch.tensor([[0.1, 0.3], [0.2, -0.2], [-0.1, 0.4]], requires_grad=True)
b = torch.tensor([0.0, 0.0, 0.0], requires_grad=True)

z = X @ W.T + b
y_hat = F.softmax(z, dim=1)
loss = F.cross_entropy(y_hat, y)
loss.backward()
