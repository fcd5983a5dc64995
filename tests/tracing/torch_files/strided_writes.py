"""An interleaved positional table, masked writes and in-place activations."""
import torch
import torch.nn as nn

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


class Mixer(nn.Module):
    def __init__(self, dim=6, length=5):
        super().__init__()
        self.inp = nn.Linear(3, dim)
        self.even = nn.Parameter(torch.randn(dim // 2))
        self.odd = nn.Parameter(torch.randn(length, dim // 2))
        self.missing = nn.Parameter(0.1 * torch.randn(dim))
        self.out = nn.Linear(dim, 1)

    def forward(self, x, mask):
        h = self.inp(x)
        b, t, d = h.shape

        pe = torch.zeros(t, d)
        pe[:, ::2] = torch.sin(self.even)
        pe[:, 1::2] = torch.cos(self.odd)
        h += pe
        h[mask] = self.missing

        gate = h.clone()
        gate[..., d // 2:].mul_(0.5).add_(1.0)
        gate[:, 0].zero_()
        gate[:, 1:3, 0] += h[:, 2:4, 1] * h[:, 1:3, 2]
        h = h.tanh() * torch.sigmoid_(gate)

        shifted = torch.empty_like(h)
        shifted[:, 0] = h[:, -1]
        shifted[:, 1:] = h[:, :-1]
        h.add_(shifted, alpha=0.3).relu_()
        return self.out(h).squeeze(-1)


net = Mixer()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
x = torch.randn(4, 5, 3)
mask = torch.rand(4, 5) < 0.25
target = x.cumsum(dim=1).mean(dim=-1)

for epoch in range(5):
    opt.zero_grad()
    pred = net(x, mask)
    err = pred - target
    err[mask] *= 0.1
    loss = err.pow_(2).mean()
    loss.backward()
    opt.step()
    print(f"{epoch}: {loss:.5f}")
