import torch
import torch.nn.functional as F

x = torch.randn(2, 1, 8, 8)
t = torch.randn(2, 10)
w = torch.randn(3, 1, 3, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
V = torch.randn(27, 10, requires_grad=True)
z = F.conv2d(x, w, b)
a = F.relu(z)
p = F.max_pool2d(a, 2)
o = p.flatten(1) @ V
loss = F.mse_loss(o, t)
