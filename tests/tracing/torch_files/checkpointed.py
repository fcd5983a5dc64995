"""Activations are computed again in the backward pass."""
import torch
import torch.nn as nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

torch.manual_seed(14)
torch.set_default_dtype(torch.float64)


class Block(nn.Module):
    def __init__(self, dim, drop=0.2):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, 2 * dim)
        self.fc2 = nn.Linear(2 * dim, dim)
        self.drop = nn.Dropout(drop)

    def forward(self, x):
        return x + self.drop(self.fc2(nn.functional.gelu(self.fc1(self.norm(x)))))


class DeepNet(nn.Module):
    def __init__(self, dim=4, depth=3, grad_checkpointing=True):
        super().__init__()
        self.grad_checkpointing = grad_checkpointing
        self.stem = nn.Linear(3, dim)
        self.blocks = nn.ModuleList([Block(dim) for _ in range(depth)])
        self.tail = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, dim), nn.Tanh())
        self.head = nn.Linear(dim, 1)

    def forward(self, x):
        x = self.stem(x)
        for blk in self.blocks:
            if self.grad_checkpointing and self.training:
                x = checkpoint(blk, x, use_reentrant=False)
            else:
                x = blk(x)
        x = checkpoint_sequential(self.tail, 2, x, use_reentrant=False)
        return self.head(x)


model = DeepNet()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(6, 3)
y = torch.sin(x.sum(dim=1, keepdim=True))
model.train()
for epoch in range(3):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch}: {loss.item():.6f}")
model.eval()
with torch.no_grad():
    print("eval", ((model(x) - y) ** 2).mean().item())
