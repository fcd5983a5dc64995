import torch
from torch import nn

torch.manual_seed(21)
torch.set_default_dtype(torch.float64)

# three labels at once, of which some are rare
features = torch.randn(20, 5)
truth = torch.randn(5, 3)
labels = (features @ truth > torch.tensor([0.0, 1.5, 2.5])).double()
positives = labels.sum(dim=0).clamp(min=1)
pos_weight = (len(labels) - positives) / positives


class MultiLabel(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(d, 4), nn.SELU())
        self.bias = nn.Parameter(torch.log(positives / (20 - positives + 1e-6)).clamp(-3, 3))
        self.heads = nn.ModuleList([nn.Linear(4, 1, bias=False) for _ in range(k)])

    def forward(self, x):
        h = self.shared(x)
        return torch.hstack([head(h) for head in self.heads]) + self.bias


model = MultiLabel(5, 3)
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight, reduction="none")
opt = torch.optim.SGD(model.parameters(), lr=0.1, nesterov=True, momentum=0.8)
for epoch in range(4):
    for idx in torch.randperm(20).chunk(4):
        opt.zero_grad()
        raw = criterion(model(features[idx]), labels[idx])
        p_t = torch.exp(-raw)
        focal = ((1 - p_t) ** 2 * raw).sum(dim=1)
        batch_loss = focal.mean()
        batch_loss.backward()
        opt.step()
    print(f"epoch {epoch}: {batch_loss.item():.4f}")
