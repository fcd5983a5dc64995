"""Causal convolutions with weight norm, as in sequence models, and a critic with spectral norm."""
import torch
import torch.nn as nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm


class Chomp1d(nn.Module):
    def __init__(self, chomp_size):
        super(Chomp1d, self).__init__()
        self.chomp_size = chomp_size

    def forward(self, x):
        return x[:, :, :-self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, n_inputs, n_outputs, kernel_size, dilation):
        super(TemporalBlock, self).__init__()
        padding = (kernel_size - 1) * dilation
        self.conv1 = weight_norm(nn.Conv1d(n_inputs, n_outputs, kernel_size, padding=padding, dilation=dilation))
        self.chomp1 = Chomp1d(padding)
        self.relu = nn.ReLU()
        self.downsample = nn.Conv1d(n_inputs, n_outputs, 1) if n_inputs != n_outputs else None

    def forward(self, x):
        out = torch.tanh(self.chomp1(self.conv1(x)))
        res = x if self.downsample is None else self.downsample(x)
        return self.relu(out + res)


class TCN(nn.Module):
    def __init__(self, channels):
        super(TCN, self).__init__()
        layers = []
        for i in range(len(channels) - 1):
            layers += [TemporalBlock(channels[i], channels[i + 1], kernel_size=2, dilation=2 ** i)]
        self.network = nn.Sequential(*layers)
        self.linear = nn.Linear(channels[-1], 1)

    def forward(self, x):
        return self.linear(self.network(x).transpose(1, 2)).squeeze(-1)


torch.manual_seed(1111)
torch.set_default_dtype(torch.float64)
tcn = TCN([1, 3, 3])
critic = spectral_norm(nn.Linear(7, 1, bias=False))
critic.eval()
critic.requires_grad_(False)

x = torch.randn(4, 1, 7)
y = x.cumsum(dim=2).squeeze(1)
optimizer = torch.optim.Adam(tcn.parameters(), lr=0.01)
for ep in range(4):
    optimizer.zero_grad()
    output = tcn(x)
    loss = nn.functional.l1_loss(output, y) - 0.1 * critic(output).mean()
    loss.backward()
    optimizer.step()
    print(f'Epoch {ep}: {loss.item():.5f}')
