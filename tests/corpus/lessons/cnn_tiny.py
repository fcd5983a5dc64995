"""A tiny CNN: one 4 x 4 image, one 3 x 3 filter, ReLU, max pooling, one output."""

import torch
import torch.nn.functional as F

x = torch.tensor([[[[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 3.0, 0.0], [2.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 2.0]]]])
y = torch.tensor([[1.0]])
K = torch.tensor([[[[0.1, 0.2, -0.1], [0.0, 0.3, 0.1], [-0.2, 0.1, 0.2]]]], requires_grad=True)
c = torch.tensor([0.1], requires_grad=True)
W = torch.tensor([[0.5]], requires_grad=True)
b = torch.tensor([0.0], requires_grad=True)

z = F.conv2d(x, K, c)
a = F.relu(z)
p = F.max_pool2d(a, 2)
y_hat = p.flatten(1) @ W + b
loss = ((y_hat - y) ** 2).mean()
loss.backward()
