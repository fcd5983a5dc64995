import torch
import torch.nn as nn
import torch.nn.functional as F


class EmbeddingNet(nn.Module):
    def __init__(self):
        super(EmbeddingNet, self).__init__()
        self.convnet = nn.Sequential(nn.Conv1d(1, 3, 3), nn.PReLU(), nn.MaxPool1d(2, stride=2))
        self.fc = nn.Sequential(nn.Linear(3 * 3, 5), nn.PReLU(5), nn.Linear(5, 2))

    def forward(self, x):
        output = self.convnet(x)
        output = output.view(output.size()[0], -1)
        return self.fc(output)


class TripletNet(nn.Module):
    def __init__(self, embedding_net):
        super(TripletNet, self).__init__()
        self.embedding_net = embedding_net

    def forward(self, x1, x2, x3):
        return self.embedding_net(x1), self.embedding_net(x2), self.embedding_net(x3)


class ContrastiveLoss(nn.Module):
    """1 for pairs of one class, 0 for others."""

    def __init__(self, margin):
        super().__init__()
        self.margin = margin
        self.eps = 1e-9

    def forward(self, output1, output2, target):
        distances = (output2 - output1).pow(2).sum(1)
        losses = 0.5 * (target * distances + (1 - target) * F.relu(self.margin - (distances + self.eps).sqrt()).pow(2))
        return losses.mean()


torch.manual_seed(6)
torch.set_default_dtype(torch.float64)
classes = torch.randn(3, 1, 8)
labels = torch.arange(9) % 3
signals = classes[labels] + 0.3 * torch.randn(9, 1, 8)

model = TripletNet(EmbeddingNet())
triplet = nn.TripletMarginLoss(margin=1.0, p=2)
contrastive = ContrastiveLoss(margin=1.5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for epoch in range(4):
    anchor = signals[:3]
    positive = signals[3:6]
    negative = signals[torch.tensor([7, 8, 6])]
    a, p, n = model(anchor, positive, negative)
    pair_target = (torch.rand(3) > 0.5).double()
    pair = torch.where(pair_target.bool().unsqueeze(1), p, n)
    loss = triplet(a, p, n) + 0.5 * contrastive(a, pair, pair_target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print('Epoch {}/4: average loss {:.4f}'.format(epoch + 1, loss.item()))
