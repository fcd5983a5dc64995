"""Set to vector by attention: self attention with padding, then pooling by a learned query."""
import torch
import torch.nn as nn

torch.manual_seed(61)
torch.set_default_dtype(torch.float64)


class AttentionPool(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.query = nn.Parameter(torch.randn(1, 1, dim))
        self.attn = nn.MultiheadAttention(dim, heads, kdim=dim, vdim=dim, batch_first=True)

    def forward(self, x, key_padding_mask):
        q = self.query.expand(x.shape[0], -1, -1)
        pooled, weights = self.attn(q, x, x, key_padding_mask=key_padding_mask)
        return pooled[:, 0], weights


class SetModel(nn.Module):
    def __init__(self, d_in=3, dim=4, heads=2):
        super().__init__()
        self.proj = nn.Linear(d_in, dim)
        self.self_attn = nn.MultiheadAttention(dim, heads, dropout=0.1, batch_first=True)
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.ff = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GLU(), nn.Linear(dim, dim))
        self.pool = AttentionPool(dim, heads)
        self.out = nn.Linear(dim, 1)

    def forward(self, x, padding):
        x = self.proj(x)
        a, _ = self.self_attn(x, x, x, key_padding_mask=padding, need_weights=False)
        x = self.norm1(x + a)
        x = self.norm2(x + self.ff(x))
        pooled, w = self.pool(x, padding)
        return self.out(pooled).squeeze(-1), w


sets = torch.randn(4, 5, 3)
sizes = torch.tensor([5, 3, 4, 2])
padding = torch.arange(5) >= sizes.unsqueeze(1)
target = sets.masked_fill(padding.unsqueeze(-1), -9.0).amax(dim=(1, 2))

model = SetModel()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(4):
    pred, w = model(sets, padding)
    entropy = -(w * (w + 1e-9).log()).sum(-1).mean()
    loss = nn.functional.mse_loss(pred, target) - 0.01 * entropy
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
