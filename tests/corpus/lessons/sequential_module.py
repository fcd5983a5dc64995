"""An nn.Module as people write it, with nn.Sequential and MSELoss."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, x):
        return self.layers(x)


x = torch.randn(8, 3)
y = torch.randn(8, 2)
model = Net()
loss = nn.MSELoss()(model(x), y)
loss.backward()
