"""Low rank adapters on a frozen base; they are merged into it at the end."""
import math

import torch
import torch.nn as nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


class LoRALinear(nn.Module):
    def __init__(self, base: nn.Linear, r: int = 2, alpha: int = 4):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.empty(r, base.in_features))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, r))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.scaling = alpha / r
        self.merged = False

    def forward(self, x):
        out = self.base(x)
        if not self.merged:
            out = out + (x @ self.lora_A.T @ self.lora_B.T) * self.scaling
        return out

    @torch.no_grad()
    def merge(self):
        self.base.weight += self.scaling * self.lora_B @ self.lora_A
        self.merged = True


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(4, 6)
        self.down = nn.Linear(6, 3)

    def forward(self, x):
        return self.down(nn.functional.gelu(self.up(x)))


def inject(model, r):
    for name, child in list(model.named_children()):
        if isinstance(child, nn.Linear):
            setattr(model, name, LoRALinear(child, r))
        else:
            inject(child, r)


model = MLP()
inject(model, r=2)
# B starts at zero in the paper; a small number makes both factors learn from the first step on
for m in model.modules():
    if isinstance(m, LoRALinear):
        nn.init.normal_(m.lora_B, std=0.1)

trainable = {n: p for n, p in model.named_parameters() if p.requires_grad}
print("trainable:", ", ".join(trainable))
optimizer = torch.optim.AdamW(trainable.values(), lr=0.05)
x, y = torch.randn(8, 4), torch.randn(8, 3)
for step in range(5):
    loss = (model(x) - y).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item())

before = model(x)
for m in model.modules():
    if isinstance(m, LoRALinear):
        m.merge()
assert torch.allclose(before, model(x))
