import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(42)
torch.set_default_dtype(torch.float64)


class Stripes(Dataset):
    """Small images with horizontal or vertical stripes."""

    def __init__(self, n):
        self.images = 0.3 * torch.randn(n, 1, 7, 7)
        self.labels = torch.randint(0, 2, (n,))
        for i, label in enumerate(self.labels):
            if label == 0:
                self.images[i, 0, ::2] += 1
            else:
                self.images[i, 0, :, ::2] += 1

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        return self.images[idx], self.labels[idx]


class ConvNet(nn.Module):
    def __init__(self, num_classes=2):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 2, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(2, 3, kernel_size=3),
            nn.BatchNorm2d(3),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d((1, 1)),
        )
        self.classifier = nn.Linear(3, num_classes)

    def forward(self, x):
        x = self.features(x)
        x = x.view(x.size(0), -1)
        return self.classifier(x)


train_loader = DataLoader(Stripes(12), batch_size=4, shuffle=True)
model = ConvNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

num_epochs = 3
for epoch in range(num_epochs):
    model.train()
    running_loss = 0.0
    for images, labels in train_loader:
        outputs = model(images)
        loss = criterion(outputs, labels)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * images.size(0)
    print(f"Epoch [{epoch + 1}/{num_epochs}], loss {running_loss / len(train_loader.dataset):.4f}")
