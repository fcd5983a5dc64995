"""Tagging with classes of very different frequency; padding has the label -100."""
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(9)
torch.set_default_dtype(torch.float64)

sentences = [
    (["the", "dog", "ate", "it"], ["D", "N", "V", "P"]),
    (["dog", "ran"], ["N", "V"]),
    (["it", "saw", "the", "dog"], ["P", "V", "D", "N"]),
    (["the", "dog"], ["D", "N"]),
]
word_to_ix, tag_to_ix = {"<pad>": 0}, {}
for words, tags in sentences:
    for word, tag in zip(words, tags):
        word_to_ix.setdefault(word, len(word_to_ix))
        tag_to_ix.setdefault(tag, len(tag_to_ix))

inputs = pad_sequence([torch.tensor([word_to_ix[w] for w in s]) for s, _ in sentences], batch_first=True)
targets = pad_sequence([torch.tensor([tag_to_ix[t] for t in ts]) for _, ts in sentences], batch_first=True,
                       padding_value=-100)

counts = Counter(t for _, ts in sentences for t in ts)
weights = torch.tensor([1.0 / counts[t] for t in tag_to_ix])
weights = weights / weights.sum() * len(weights)


class Tagger(nn.Module):
    def __init__(self, vocab, tags):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab, 3, padding_idx=0)
        self.conv = nn.Conv1d(3, 4, kernel_size=3, padding="same")
        self.hidden2tag = nn.Linear(4, tags)

    def forward(self, x):
        e = self.word_embeddings(x).permute(0, 2, 1)
        h = nn.functional.softplus(self.conv(e))
        return self.hidden2tag(h.mT)


model = Tagger(len(word_to_ix), len(tag_to_ix))
criterion = nn.CrossEntropyLoss(weight=weights, label_smoothing=0.1, ignore_index=-100)
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
for epoch in range(5):
    model.zero_grad()
    tag_scores = model(inputs)
    loss = criterion(tag_scores.reshape(-1, len(tag_to_ix)), targets.reshape(-1))
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), (tag_scores.argmax(-1) == targets).sum().item())
