import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(10)
torch.set_default_dtype(torch.float64)

accumulation_steps = 4
X = torch.randn(40, 3)
Y = (X @ torch.tensor([[1.0], [-2.0], [0.5]])).sigmoid() + 0.05 * torch.randn(40, 1)
train_set, val_set = random_split(TensorDataset(X, Y), [32, 8], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(train_set, batch_size=4, shuffle=True, drop_last=True)

model = nn.Sequential(nn.Linear(3, 6), nn.ELU(), nn.Linear(6, 1))
loss_fn = nn.SmoothL1Loss(beta=0.1)
optimizer = torch.optim.NAdam(model.parameters(), lr=1e-2)

for epoch in range(2):
    optimizer.zero_grad()
    for i, (inputs, targets) in enumerate(train_loader):
        loss = loss_fn(model(inputs), targets) / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()
            print(f"epoch {epoch} step {i + 1}: {loss.item() * accumulation_steps:.5f}")
with torch.inference_mode():
    val = sum(loss_fn(model(x[None]), y[None]) for x, y in val_set) / len(val_set)
    print("validation", float(val))
