import torch
import torch.nn.functional as F

X = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
Y = torch.tensor([[0.5, 0.0], [0.0, 0.5]])
Wq = torch.tensor([[0.2, 0.1], [-0.3, 0.4]], requires_grad=True)
Wk = torch.tensor([[0.5, -0.2], [0.1, 0.3]], requires_grad=True)
A = F.softmax((X @ Wq) @ (X @ Wk).T / 2**0.5, dim=1)
loss = ((A @ X - Y) ** 2).mean()
loss.backward()
