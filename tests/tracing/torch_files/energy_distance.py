"""Fit a sampler to data with the energy distance and a small kernel term."""
import torch
import torch.nn as nn

torch.manual_seed(40)
torch.set_default_dtype(torch.float64)


def energy_distance(x, y, p=2):
    xy = torch.cdist(x, y, p=p).mean()
    xx = torch.pdist(x, p=p).sum() * 2 / (len(x) * (len(x) - 1))
    yy = torch.pdist(y, p=p).sum() * 2 / (len(y) * (len(y) - 1))
    return 2 * xy - xx - yy


def mmd(x, y, widths=(0.5, 1.0, 2.0)):
    z = torch.vstack((x, y))
    sq = ((z[:, None, :] - z[None, :, :]) ** 2).sum(-1)
    k = sum(torch.exp(-sq / (2 * w ** 2)) for w in widths)
    n = x.size(0)
    return k[:n, :n].mean() + k[n:, n:].mean() - 2 * k[:n, n:].mean()


class Sampler(nn.Module):
    def __init__(self):
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(2))
        self.tril = nn.Parameter(torch.tensor([[1.0, 0.0], [0.3, 1.0]]))
        self.warp = nn.Linear(2, 2)

    def forward(self, n):
        eps = torch.randn(n, 2)
        z = self.loc + eps @ torch.tril(self.tril).T
        return z + 0.2 * torch.sin(self.warp(z))


data = torch.randn(10, 2) @ torch.tensor([[1.0, 0.8], [0.0, 0.4]]) + torch.tensor([1.0, -1.0])
sampler = Sampler()
optimizer = torch.optim.SGD(sampler.parameters(), lr=0.1)
for it in range(5):
    fake = sampler(8)
    loss = energy_distance(fake, data) + 0.1 * mmd(fake, data)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(it, round(loss.item(), 5))
