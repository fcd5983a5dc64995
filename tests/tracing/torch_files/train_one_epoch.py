import sys
from collections import deque
from pathlib import Path

import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


class AverageMeter:
    def __init__(self, window=5):
        self.deque = deque(maxlen=window)
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        self.deque.append(value)
        self.total += value * n
        self.count += n

    @property
    def avg(self):
        return self.total / max(1, self.count)


class DepthwiseBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.depthwise = nn.Conv2d(c, c, 3, padding=1, groups=c)
        self.pointwise = nn.Conv2d(c, 2 * c, 1)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(2 * c, c, 1), nn.ReLU(), nn.Conv2d(c, 2 * c, 1),
                                     nn.Hardsigmoid())

    def forward(self, x):
        x = self.pointwise(self.depthwise(x))
        return x * self.squeeze(x)


def build_model(num_classes):
    return nn.Sequential(
        nn.ZeroPad2d((0, 1, 0, 1)),
        nn.Conv2d(1, 2, 2, stride=2),
        nn.Hardswish(),
        DepthwiseBlock(2),
        nn.Flatten(),
        nn.Linear(4 * 9, num_classes),
    )


def accuracy(output, target, topk=(1,)):
    with torch.inference_mode():
        maxk = max(topk)
        _, pred = output.topk(maxk, 1)
        correct = pred.t().eq(target[None])
        return [correct[:k].flatten().sum(dtype=torch.float64) * (100.0 / target.size(0)) for k in topk]


def train_one_epoch(model, loader, optimizer, criterion, device, epoch):
    model.train()
    losses, top1 = AverageMeter(), AverageMeter()
    for i, (image, target) in enumerate(loader):
        image, target = image.to(device), target.to(device)
        output = model(image)
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        acc1, acc2 = accuracy(output, target, topk=(1, 2))
        losses.update(loss.item(), image.shape[0])
        top1.update(acc1.item(), image.shape[0])
    print(f"[{epoch}] loss {losses.avg:.4f} acc@1 {top1.avg:.1f}", file=sys.stdout)
    return losses.avg


def evaluate(model, loader, criterion, device):
    model.eval()
    with torch.inference_mode():
        return sum(criterion(model(x.to(device)), y.to(device)).item() for x, y in loader) / len(loader)


def main(seed=5, epochs=2):
    torch.manual_seed(seed)
    torch.set_default_dtype(torch.float64)
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    x = torch.rand(18, 1, 5, 5)
    y = (x[:, 0, :2].mean((1, 2)) > x[:, 0, 3:].mean((1, 2))).long() + 1
    train_loader = DataLoader(TensorDataset(x[:12], y[:12]), batch_size=4, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[12:], y[12:]), batch_size=3)

    model = build_model(3).to(device)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    best, best_state = float("inf"), None
    for epoch in range(epochs):
        train_one_epoch(model, train_loader, optimizer, criterion, device, epoch)
        val = evaluate(model, val_loader, criterion, device)
        if val < best:
            best, best_state = val, {k: v.clone() for k, v in model.state_dict().items()}
    print(Path(__file__).name, f"best {best:.4f}")
    model.load_state_dict(best_state)


if __name__ == "__main__":
    main()
