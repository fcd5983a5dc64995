import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(77)
torch.set_default_dtype(torch.float64)


class SimCLR(nn.Module):
    def __init__(self, d_in=5, d_hidden=6, d_out=3):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(d_in, d_hidden), nn.BatchNorm1d(d_hidden), nn.ReLU())
        self.projector = nn.Sequential(nn.Linear(d_hidden, d_hidden), nn.ReLU(), nn.Linear(d_hidden, d_out))

    def forward(self, x):
        return self.projector(self.backbone(x))


def nt_xent(features, temperature=0.5):
    n = features.shape[0] // 2
    labels = torch.cat([torch.arange(n) for _ in range(2)], dim=0)
    labels = (labels.unsqueeze(0) == labels.unsqueeze(1)).double()
    features = F.normalize(features, dim=1)
    similarity_matrix = torch.matmul(features, features.T)

    # leave out the diagonal
    mask = torch.eye(labels.shape[0], dtype=torch.bool)
    labels = labels[~mask].view(labels.shape[0], -1)
    similarity_matrix = similarity_matrix[~mask].view(similarity_matrix.shape[0], -1)
    positives = similarity_matrix[labels.bool()].view(labels.shape[0], -1)
    negatives = similarity_matrix[~labels.bool()].view(similarity_matrix.shape[0], -1)

    logits = torch.cat([positives, negatives], dim=1) / temperature
    return F.cross_entropy(logits, torch.zeros(logits.shape[0], dtype=torch.long))


def augment(x):
    scale = torch.empty(x.shape[0], 1).uniform_(0.8, 1.2)
    keep = torch.bernoulli(torch.full_like(x, 0.9))
    return x * scale * keep + 0.1 * torch.randn_like(x)


x = torch.randn(6, 5)
model = SimCLR()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
cosine = nn.CosineSimilarity(dim=1)
for step in range(5):
    view1, view2 = augment(x), augment(x)
    z = model(torch.cat([view1, view2], dim=0))
    z1, z2 = z.chunk(2, dim=0)
    align = 1 - cosine(z1, z2).mean()
    loss = nt_xent(z) + 0.25 * align
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"[{step}] {loss.item():.4f} align {align.item():.4f}")
