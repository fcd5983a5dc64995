import re
from collections import Counter

import numpy as np

np.random.seed(0)

corpus = """the king rules the land and the queen rules the land with the king
the dog chases the cat and the cat chases the mouse"""

tokens = re.findall(r"\w+", corpus.lower())
counts = Counter(tokens)
vocab = sorted(counts, key=lambda w: (-counts[w], w))
word2id = {w: i for i, w in enumerate(vocab)}
ids = np.array([word2id[w] for w in tokens])

# unigram distribution to the power of 3/4
freq = np.array([counts[w] for w in vocab], dtype=float) ** 0.75
freq /= freq.sum()

window, dim, K = 2, 6, 3
pairs = [(ids[i], ids[j])
         for i in range(len(ids))
         for j in range(max(0, i - window), min(len(ids), i + window + 1)) if i != j]
pairs = np.array(pairs)

W_in = np.random.uniform(-0.5, 0.5, (len(vocab), dim))
W_out = np.random.uniform(-0.5, 0.5, (len(vocab), dim))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for epoch in range(5):
    np.random.shuffle(pairs)
    epoch_loss = 0
    for batch in np.array_split(pairs, 6):
        center, context = batch[:, 0], batch[:, 1]
        negative = np.random.choice(len(vocab), size=(len(batch), K), p=freq)

        v = W_in[center]                                   # (B, d)
        u_pos = W_out[context]                             # (B, d)
        u_neg = W_out[negative]                            # (B, K, d)
        s_pos = sigmoid((v * u_pos).sum(axis=1))
        s_neg = sigmoid(-(u_neg @ v[:, :, None])[:, :, 0])
        loss = -(np.log(s_pos) + np.log(s_neg).sum(axis=1)).mean()
        epoch_loss += loss

        e_pos = (s_pos - 1)[:, None] / len(batch)
        e_neg = (1 - s_neg)[:, :, None] / len(batch)
        g_in = np.zeros_like(W_in)
        g_out = np.zeros_like(W_out)
        np.add.at(g_in, center, e_pos * u_pos + (e_neg * u_neg).sum(axis=1))
        np.add.at(g_out, context, e_pos * v)
        np.add.at(g_out, negative, e_neg * v[:, None, :])

        W_in -= 0.5 * g_in
        W_out -= 0.5 * g_out
    print("epoch", epoch, "loss", round(epoch_loss / 6, 4))

norm = W_in / np.linalg.norm(W_in, axis=1, keepdims=True)
print("nearest to king:", [vocab[i] for i in np.argsort(-norm @ norm[word2id["king"]])[1:4]])
