import math
import random

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR


def set_seed(seed: int):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, param in model.named_parameters():
        if param.ndim <= 1 or name.endswith(".bias"):
            no_decay.append(param)
        else:
            decay.append(param)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


def cosine_with_warmup(optimizer, warmup, total):
    def factor(step):
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, total - warmup)
        return 0.5 * (1.0 + math.cos(math.pi * progress))

    return LambdaLR(optimizer, factor)


class ResidualMLP(nn.Module):
    def __init__(self, dim=4, depth=3):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.RMSNorm(dim), nn.Linear(dim, 2 * dim), nn.Mish(), nn.Linear(2 * dim, dim))
            for _ in range(depth)
        )
        self.head = nn.Linear(dim, 1)

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x) / math.sqrt(len(self.blocks))
        return self.head(x).squeeze(-1)


def main(steps=6, clip=0.25):
    set_seed(0)
    torch.set_default_dtype(torch.float64)
    model = ResidualMLP()
    optimizer = torch.optim.AdamW(param_groups(model, 0.1), lr=1e-2)
    scheduler = cosine_with_warmup(optimizer, warmup=2, total=steps)
    inputs = torch.from_numpy(np.random.randn(16, 4))
    targets = inputs.prod(dim=-1).tanh()
    for step in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.mse_loss(model(inputs), targets)
        # the norm of the weights, on top of the optimizer's own decay
        l2 = torch.stack([p.norm() for n, p in model.named_parameters() if n.endswith("weight")]).sum()
        (loss + 1e-3 * l2).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        scheduler.step()
        print(f"{step} loss={loss.item():.4f} norm={norm:.3f} lr={scheduler.get_last_lr()[0]:.5f}")


if __name__ == "__main__":
    main()
