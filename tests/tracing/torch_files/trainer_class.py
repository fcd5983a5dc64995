import copy
from typing import Callable

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class EMA:
    """A running mean of the weights, for evaluation."""

    def __init__(self, model, decay=0.9):
        self.module = copy.deepcopy(model).eval()
        self.decay = decay
        for p in self.module.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for e, p in zip(self.module.parameters(), model.parameters()):
            e.lerp_(p, 1 - self.decay)


class Trainer:
    def __init__(self, model: nn.Module, loss_fn: Callable, lr: float, patience: int = 3):
        self.model = model
        self.loss_fn = loss_fn
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=lr)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, factor=0.5, patience=1)
        self.ema = EMA(model)
        self.patience = patience
        self.history = {"train": [], "val": []}

    def fit(self, train_loader, val_loader, epochs):
        best, bad = float("inf"), 0
        for self.epoch in range(epochs):
            self.history["train"].append(self._run_epoch(train_loader))
            val = self.validate(val_loader)
            self.history["val"].append(val)
            self.scheduler.step(val)
            print(f"{self.epoch}: train {self.history['train'][-1]:.4f} val {val:.4f}")
            if val < best:
                best, bad = val, 0
            else:
                bad += 1
                if bad >= self.patience:
                    break
        return self

    def _run_epoch(self, loader):
        self.model.train()
        return sum(self._step(batch) for batch in loader) / len(loader)

    def _step(self, batch):
        *inputs, self.target = batch
        self.output = self.model(*inputs)
        self.loss = self.loss_fn(self.output, self.target)
        self.optimizer.zero_grad()
        self.loss.backward()
        self.optimizer.step()
        self.ema.update(self.model)
        return self.loss.item()

    def validate(self, loader):
        with torch.no_grad():
            return sum(self.loss_fn(self.ema.module(*b[:-1]), b[-1]).item() for b in loader) / len(loader)


class Recommender(nn.Module):
    """Factors of users and items, and a small network over both."""

    def __init__(self, users, items, k=3):
        super().__init__()
        self.user_factors = nn.Embedding(users, k)
        self.item_factors = nn.Embedding(items, k)
        self.user_bias = nn.Embedding(users, 1)
        self.item_bias = nn.Embedding(items, 1)
        self.mlp = nn.Sequential(nn.Linear(2 * k, 4), nn.Softplus(), nn.Linear(4, 1))
        self.global_bias = nn.Parameter(torch.zeros(1))

    def forward(self, user, item):
        u, v = self.user_factors(user), self.item_factors(item)
        dot = (u * v).sum(1, keepdim=True)
        out = dot + self.user_bias(user) + self.item_bias(item) + self.mlp(torch.cat([u, v], 1)) + self.global_bias
        return out.squeeze() * 4 + 1


def run():
    torch.manual_seed(3)
    torch.set_default_dtype(torch.float64)
    user, item = torch.randint(5, (24,)), torch.randint(6, (24,))
    rating = 1 + ((user * item) % 5).double()
    train = DataLoader(TensorDataset(user[:16], item[:16], rating[:16]), batch_size=8, shuffle=True)
    val = DataLoader(TensorDataset(user[16:], item[16:], rating[16:]), batch_size=8)
    trainer = Trainer(Recommender(5, 6), nn.MSELoss(), lr=0.02)
    trainer.fit(train, val, epochs=4)


run()
