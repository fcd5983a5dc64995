"""Nearest neighbours in a learned space, with hard examples only."""
import torch
import torch.nn as nn

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)

points = torch.randn(14, 4)
values = points[:, 0].sin() + 0.5 * points[:, 1] ** 2

embed = nn.Linear(4, 3, bias=False)
log_temperature = nn.Parameter(torch.tensor(0.3))
trim = nn.Parameter(torch.linspace(1.0, 0.2, 6))
opt = torch.optim.Adam([{"params": embed.parameters()}, {"params": [log_temperature, trim]}], lr=0.02)

k = 3
support, queries = points[:8], points[8:]
support_values, query_values = values[:8], values[8:]

for it in range(5):
    d = torch.cdist(embed(queries), embed(support))
    near, idx = torch.topk(d, k, dim=1, largest=False)
    weight = torch.softmax(-near / log_temperature.exp(), dim=1)
    pred = (weight * support_values[idx]).sum(dim=1)

    per_example = (pred - query_values).abs()
    ordered, _ = torch.sort(per_example, descending=True)
    median = per_example.median().detach()
    hard = (ordered * trim).topk(4).values.sum()
    loss = hard / 4 + 0.01 * d.max(dim=1)[0].mean() + 0.1 * (per_example.kthvalue(2).values - median) ** 2

    opt.zero_grad()
    loss.backward()
    opt.step()
    print(it, f"{loss.item():.6f}", "neighbours of the first:", idx[0].tolist())
