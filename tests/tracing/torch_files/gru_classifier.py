import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

names = {
    0: ["rossi", "bianchi", "ricci"],
    1: ["sato", "suzuki", "kato"],
}
letters = "abcdefghijklmnopqrstuvwxyz"


def encode(name):
    return torch.tensor([letters.index(c) for c in name]).unsqueeze(1)


class NameClassifier(nn.Module):
    def __init__(self, vocab, emb, hidden, classes, bidirectional=True):
        super().__init__()
        self.embed = nn.Embedding(vocab, emb)
        self.gru = nn.GRU(emb, hidden, bidirectional=bidirectional)
        self.out = nn.Linear(hidden * (2 if bidirectional else 1), classes)

    def forward(self, seq):
        e = self.embed(seq)                      # T x 1 x E
        _, h = self.gru(e)                       # 2 x 1 x H
        h = torch.cat([h[0], h[1]], dim=1)
        return self.out(h)


rnn = NameClassifier(len(letters), 3, 4, 2)
optim = torch.optim.RMSprop(rnn.parameters(), lr=0.01)

pairs = [(encode(n), torch.tensor([k])) for k, group in names.items() for n in group]
for epoch in range(3):
    total = 0
    for i in torch.randperm(len(pairs)).tolist():
        seq, label = pairs[i]
        logits = rnn(seq)
        loss = F.cross_entropy(logits, label)
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
        optim.step()
        total += loss.item()
    print(f"epoch {epoch}  loss {total / len(pairs):.4f}")
