"""A vision transformer in the einsum style, with rotary positions."""
import torch
from torch import nn, einsum

torch.manual_seed(64)
torch.set_default_dtype(torch.float64)


def rotate_half(x):
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat((-x2, x1), dim=-1)


class Rotary(nn.Module):
    def __init__(self, dim):
        super().__init__()
        inv_freq = 1.0 / (100 ** (torch.arange(0, dim, 2).double() / dim))
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, n):
        t = torch.arange(n, device=self.inv_freq.device).type_as(self.inv_freq)
        freqs = torch.outer(t, self.inv_freq)
        return torch.cat((freqs, freqs), dim=-1)


class Attention(nn.Module):
    def __init__(self, dim, heads=2, dim_head=4):
        super().__init__()
        inner = heads * dim_head
        self.heads = heads
        self.scale = dim_head ** -0.5
        self.norm = nn.LayerNorm(dim)
        self.rotary = Rotary(dim_head)
        self.to_q = nn.Linear(dim, inner, bias=False)
        self.to_kv = nn.Linear(dim, 2 * inner, bias=False)
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.to_out = nn.Linear(inner, dim)

    def forward(self, x):
        x = self.norm(x)
        b, n, _ = x.shape
        q, k, v = self.to_q(x), *self.to_kv(x).chunk(2, dim=-1)
        q, k, v = map(lambda t: t.reshape(b, n, self.heads, -1).permute(0, 2, 1, 3), (q, k, v))
        freqs = self.rotary(n)
        q, k = ((t * freqs.cos()) + (rotate_half(t) * freqs.sin()) for t in (q, k))
        sim = einsum('b h i d, b h j d -> b h i j', q, k) * self.scale * self.temperature
        attn = (sim - sim.amax(dim=-1, keepdim=True).detach()).softmax(dim=-1)
        out = einsum('b h i j, b h j d -> b h i d', attn, v)
        out = out.permute(0, 2, 1, 3).flatten(2)
        return self.to_out(out)


class ViT(nn.Module):
    def __init__(self, image=6, patch=3, dim=4, depth=1, classes=3):
        super().__init__()
        self.patch = patch
        self.to_patch = nn.Linear(patch * patch, dim)
        self.cls = nn.Parameter(torch.randn(1, 1, dim))
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            self.layers.append(nn.ModuleList([
                Attention(dim),
                nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(approximate="tanh"), nn.Linear(2 * dim, dim)),
            ]))
        self.head = nn.Linear(dim, classes)

    def forward(self, img):
        p = self.patch
        x = img.unfold(1, p, p).unfold(2, p, p).flatten(1, 2).flatten(2)
        x = self.to_patch(x)
        x = torch.cat((self.cls.expand(x.size(0), -1, -1), x), dim=1)
        for attn, ff in self.layers:
            x = attn(x) + x
            x = ff(x) + x
        return self.head(x[:, 0])


vit = ViT()
images, classes = torch.randn(4, 6, 6), torch.tensor([0, 2, 1, 2])
opt = torch.optim.Adam(vit.parameters(), lr=1e-2)
for i in range(4):
    loss = nn.functional.cross_entropy(vit(images), classes)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, loss.item())
