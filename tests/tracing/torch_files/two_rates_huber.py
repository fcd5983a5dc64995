import torch
import torch.nn as nn

torch.manual_seed(0)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 5), nn.Hardswish(), nn.Linear(5, 3))

    def forward(self, x):
        return self.layers(x)


class Regressor(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Bilinear(3, 3, 1)
        self.log_scale = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        z = self.encoder(x)
        return self.head(z, z) * self.log_scale.exp()


encoder = Encoder()          # would be pretrained
model = Regressor(encoder).double()
criterion = nn.HuberLoss(delta=0.5)
optimizer = torch.optim.Adam([
    {"params": model.encoder.parameters(), "lr": 1e-4},
    {"params": [*model.head.parameters(), model.log_scale]},
], lr=1e-2)

x = torch.randn(12, 6, dtype=torch.double)
y = x[:, :1] * x[:, 1:2]
for epoch in range(5):
    y_hat = model(x)
    loss = criterion(y_hat, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("epoch", epoch, "loss", loss.item(), [g["lr"] for g in optimizer.param_groups])
