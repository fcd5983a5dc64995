"""A 2-2-1 network as an nn.Module, with its weights, one row of data and binary cross-entropy."""

import torch
import torch.nn as nn
import torch.optim as optim


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 2)
        self.output = nn.Linear(2, 1)
        self.hidden.weight.data = torch.tensor([[0.4352, 0.3545], [0.1951, 0.4835]])
        self.hidden.bias.data = torch.tensor([-0.1419, 0.0439])
        self.output.weight.data = torch.tensor([[-0.1725, 0.1129]])
        self.output.bias.data = torch.tensor([-0.3043])

    def forward(self, x):
        a = torch.sigmoid(self.hidden(x))
        return torch.sigmoid(self.output(a))


model = Model()
criterion = nn.BCELoss()
optimizer = optim.SGD(model.parameters(), lr=1)

x = torch.tensor([[1.0, 1.0]])
y = torch.tensor([[0.0]])
y_hat = model(x)
loss = criterion(y_hat, y)
loss.backward()
optimizer.step()
