from __future__ import annotations

from dataclasses import dataclass, field, asdict
from typing import NamedTuple

import torch
import torch.nn as nn
from torch import Tensor


@dataclass
class HParams:
    dims: list[int] = field(default_factory=lambda: [3, 5, 2])
    lr: float = 0.03
    epochs: int = 4
    beta: float = 0.2
    seed: int = 99


@dataclass
class Prediction:
    mean: Tensor
    log_var: Tensor
    hidden: tuple[Tensor, ...] = ()

    @property
    def std(self) -> Tensor:
        return (0.5 * self.log_var).exp()

    def nll(self, target: Tensor) -> Tensor:
        return 0.5 * (self.log_var + ((target - self.mean) / self.std) ** 2).mean()


class Losses(NamedTuple):
    nll: Tensor
    sparsity: Tensor
    total: Tensor


class Net(nn.Module):
    def __init__(self, hp: HParams) -> None:
        super().__init__()
        self.hp = hp
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(hp.dims[:-1], hp.dims[1:])])
        self.mean = nn.Linear(hp.dims[-1], 1)
        self.log_var = nn.Linear(hp.dims[-1], 1)

    def forward(self, x: Tensor) -> Prediction:
        hidden = []
        for layer in self.layers:
            x = nn.functional.silu(layer(x))
            hidden.append(x)
        return Prediction(self.mean(x).squeeze(1), self.log_var(x).squeeze(1).clamp(-5, 5), tuple(hidden))

    def losses(self, out: Prediction, target: Tensor) -> Losses:
        nll = out.nll(target)
        sparsity = sum(h.abs().mean() for h in out.hidden) / len(out.hidden)
        return Losses(nll, sparsity, nll + self.hp.beta * sparsity)


def main() -> None:
    hp = HParams()
    print(asdict(hp))
    torch.manual_seed(hp.seed)
    torch.set_default_dtype(torch.float64)
    x = torch.randn(15, 3)
    y = x[:, 0] - x[:, 1] * x[:, 2] + 0.1 * torch.randn(15)
    net = Net(hp)
    opt = torch.optim.RAdam(net.parameters(), lr=hp.lr)
    for epoch in range(hp.epochs):
        losses = net.losses(net(x), y)
        opt.zero_grad()
        losses.total.backward()
        opt.step()
        print(f"{epoch} " + " ".join(f"{k}={v.item():.4f}" for k, v in losses._asdict().items()))


if __name__ == "__main__":
    main()
