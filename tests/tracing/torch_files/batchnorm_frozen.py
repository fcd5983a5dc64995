"""Fine-tune the last layer and the affine parameters, with the statistics of batch norm kept as they are."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.double)


def freeze_bn_stats(module):
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        module.eval()


backbone = nn.Sequential(
    nn.Linear(5, 4),
    nn.BatchNorm1d(4),
    nn.LeakyReLU(0.1),
)
with torch.no_grad():
    # statistics of an earlier training
    backbone(torch.randn(40, 5) * 2 + 1)

for p in backbone[0].parameters():
    p.requires_grad = False

head = nn.Linear(4, 1)
model = nn.Sequential(backbone, head)
model.train()
model.apply(freeze_bn_stats)

trainable = [p for p in model.parameters() if p.requires_grad]
print(sum(p.numel() for p in trainable), "trainable parameters")
optimizer = torch.optim.SGD(trainable, lr=0.05)

x = torch.randn(10, 5)
y = x[:, :2].prod(dim=1, keepdim=True)
for step in range(5):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, loss.item())
