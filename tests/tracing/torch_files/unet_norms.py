import torch
import torch.nn as nn
import torch.nn.functional as F


class DoubleConv(nn.Module):
    """(conv => norm => act) * 2"""

    def __init__(self, cin, cout, norm):
        super().__init__()
        make = {"group": lambda c: nn.GroupNorm(2, c), "instance": lambda c: nn.InstanceNorm2d(c, affine=True)}[norm]
        self.block = nn.Sequential(
            nn.Conv2d(cin, cout, 3, padding=1, bias=False), make(cout), nn.SiLU(),
            nn.Conv2d(cout, cout, 3, padding=1, bias=False), make(cout), nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.block(x)


class UNet(nn.Module):
    def __init__(self, channels=2):
        super().__init__()
        c = channels
        self.inc = DoubleConv(1, c, "group")
        self.down1 = DoubleConv(c, 2 * c, "instance")
        self.down2 = DoubleConv(2 * c, 2 * c, "group")
        self.up1 = nn.ConvTranspose2d(2 * c, 2 * c, kernel_size=2, stride=2)
        self.conv1 = DoubleConv(4 * c, c, "group")
        self.conv2 = DoubleConv(2 * c, c, "instance")
        self.outc = nn.Conv2d(c, 1, kernel_size=1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(F.max_pool2d(x1, 2))
        x3 = self.down2(F.avg_pool2d(x2, 2))
        u = self.up1(x3)
        dy, dx = x2.size(2) - u.size(2), x2.size(3) - u.size(3)
        u = F.pad(u, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        u = self.conv1(torch.cat([x2, u], dim=1))
        u = F.interpolate(u, size=x1.shape[-2:], mode="bilinear", align_corners=True)
        u = self.conv2(torch.cat([x1, u], dim=1))
        return self.outc(u)


def dice_loss(logits, target, eps=1.0):
    prob = torch.sigmoid(logits).flatten(1)
    target = target.flatten(1)
    inter = (prob * target).sum(1)
    return 1 - ((2 * inter + eps) / (prob.sum(1) + target.sum(1) + eps)).mean()


def main():
    torch.manual_seed(4)
    torch.set_default_dtype(torch.float64)
    yy, xx = torch.meshgrid(torch.arange(10.), torch.arange(10.), indexing="ij")
    centers = torch.tensor([[3., 4.], [6., 5.]])
    masks = torch.stack([((yy - a) ** 2 + (xx - b) ** 2 < 6).double() for a, b in centers]).unsqueeze(1)
    images = masks + 0.2 * torch.randn_like(masks)

    net = UNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for epoch in range(2):
        net.train()
        masks_pred = net(images)
        loss = F.binary_cross_entropy_with_logits(masks_pred, masks) + dice_loss(masks_pred, masks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        print("epoch", epoch, "loss", loss.item())


if __name__ == "__main__":
    main()
