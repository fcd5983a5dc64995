import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(55)
torch.set_default_dtype(torch.float64)

vocab = {"<pad>": 0, "great": 1, "awful": 2, "movie": 3, "plot": 4, "very": 5}
reviews = [
    ("great movie", 1.0), ("very very awful plot", 0.0), ("great", 1.0), ("awful movie", 0.0),
    ("very great plot", 1.0), ("plot very awful", 0.0),
]


def collate_batch(batch):
    texts, labels, lengths = [], [], []
    for text, label in batch:
        ids = torch.tensor([vocab[w] for w in text.split()], dtype=torch.long)
        texts.append(ids)
        labels.append(label)
        lengths.append(len(ids))
    return pad_sequence(texts, batch_first=True), torch.tensor(labels), torch.tensor(lengths)


class SentimentRNN(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim, n_layers, bidirectional, dropout, pad_index):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=pad_index)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, n_layers, bidirectional=bidirectional, dropout=dropout,
                            batch_first=True)
        self.attn = nn.Linear(hidden_dim * 2, 1)
        self.fc = nn.Linear(hidden_dim * 4, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, length):
        embedded = self.dropout(self.embedding(ids))
        packed_embedded = pack_padded_sequence(embedded, length, batch_first=True, enforce_sorted=False)
        packed_output, (hidden, cell) = self.lstm(packed_embedded)
        output, output_length = pad_packed_sequence(packed_output, batch_first=True)
        mask = torch.arange(output.size(1))[None, :] >= output_length[:, None]
        score = self.attn(output).squeeze(-1).masked_fill(mask, -1e9)
        pooled = (score.softmax(1).unsqueeze(-1) * output).sum(1)
        hidden = torch.cat([hidden[-1], hidden[-2]], dim=-1)
        return self.fc(self.dropout(torch.cat([hidden, pooled], dim=1))).squeeze(1)


loader = DataLoader(reviews, batch_size=3, shuffle=True, collate_fn=collate_batch)
model = SentimentRNN(len(vocab), 3, 2, n_layers=2, bidirectional=True, dropout=0.25, pad_index=0)
for name, param in model.named_parameters():
    if "weight_hh" in name:
        nn.init.orthogonal_(param)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(2):
    for ids, label, length in loader:
        prediction = model(ids, length)
        loss = criterion(prediction, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"epoch: {epoch}, loss: {loss.item():.4f}")
