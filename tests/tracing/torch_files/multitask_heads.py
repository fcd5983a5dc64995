"""Two heads on one trunk; the weights of the losses are learned with them."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(88)
torch.set_default_dtype(torch.float64)


class MultiTaskNet(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(n_in, 6), nn.CELU(0.8), nn.Linear(6, 4), nn.Tanhshrink())
        self.heads = nn.ModuleDict({
            "category": nn.Linear(4, n_classes),
            "price": nn.Sequential(nn.Linear(4, 3), nn.LogSigmoid(), nn.Linear(3, 1)),
        })

    def forward(self, x):
        h = self.trunk(x)
        return {task: head(h) for task, head in self.heads.items()}


class UncertaintyLoss(nn.Module):
    def __init__(self, tasks):
        super().__init__()
        self.log_sigma = nn.ParameterDict({t: nn.Parameter(torch.tensor(0.1)) for t in tasks})

    def forward(self, losses):
        total = 0.0
        for task, loss in losses.items():
            s = self.log_sigma[task]
            total = total + torch.exp(-2 * s) * loss + s
        return total


x = torch.randn(16, 5)
category = (x[:, 0] > 0).long() + (x[:, 1] > 1).long()
price = 2 * x[:, 2] - x[:, 3].abs()

model = MultiTaskNet(5, 3)
weighting = UncertaintyLoss(["category", "price"])
optimizer = torch.optim.Adam([*model.parameters(), *weighting.parameters()], lr=5e-3)

for epoch in range(4):
    out = model(x)
    losses = {
        "category": F.cross_entropy(out["category"], category),
        "price": F.smooth_l1_loss(out["price"].squeeze(-1), price, beta=0.5),
    }
    aux = F.mse_loss(out["category"].softmax(-1) @ torch.arange(3.0), category.double())
    loss = weighting(losses) + 0.3 * aux
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, {k: round(v.item(), 4) for k, v in losses.items()}, loss.item())
