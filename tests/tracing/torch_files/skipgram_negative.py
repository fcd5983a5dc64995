import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17)
torch.set_default_dtype(torch.float64)

corpus = "a king rules a land and a queen rules a land too".split()
vocab = sorted(set(corpus))
index = {w: i for i, w in enumerate(vocab)}
freq = torch.tensor([corpus.count(w) for w in vocab], dtype=torch.get_default_dtype()) ** 0.75

window, negatives = 2, 3
pairs = [(index[w], index[corpus[j]])
         for i, w in enumerate(corpus)
         for j in range(max(0, i - window), min(len(corpus), i + window + 1)) if j != i]


class SkipGram(nn.Module):
    def __init__(self, vocab_size, dim):
        super().__init__()
        self.u_embeddings = nn.Embedding(vocab_size, dim)
        self.v_embeddings = nn.Embedding(vocab_size, dim)
        nn.init.uniform_(self.u_embeddings.weight, -0.5, 0.5)
        nn.init.uniform_(self.v_embeddings.weight, -0.5, 0.5)

    def forward(self, pos_u, pos_v, neg_v):
        emb_u = self.u_embeddings(pos_u)
        emb_v = self.v_embeddings(pos_v)
        emb_neg_v = self.v_embeddings(neg_v)
        score = torch.sum(torch.mul(emb_u, emb_v), dim=1)
        score = -F.logsigmoid(torch.clamp(score, max=10, min=-10))
        neg_score = torch.bmm(emb_neg_v, emb_u.unsqueeze(2)).squeeze()
        neg_score = -torch.sum(F.logsigmoid(-torch.clamp(neg_score, max=10, min=-10)), dim=1)
        return torch.mean(score + neg_score)


class ContextBag(nn.Module):
    """The mean of the context predicts the word in the middle."""

    def __init__(self, vocab_size, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab_size, dim, mode="mean")
        self.out = nn.Linear(dim, vocab_size, bias=False)

    def forward(self, context, offsets):
        return self.out(self.bag(context, offsets))


skip_gram = SkipGram(len(vocab), 4)
cbow = ContextBag(len(vocab), 4)
optimizer = torch.optim.SGD(list(skip_gram.parameters()) + list(cbow.parameters()), lr=0.1)

for step in range(6):
    batch = [pairs[i] for i in torch.randint(len(pairs), (5,)).tolist()]
    pos_u, pos_v = map(torch.tensor, zip(*batch))
    neg_v = torch.multinomial(freq, 5 * negatives, replacement=True).view(5, negatives)

    context, offsets, middle = [], [], []
    for i in torch.randint(2, len(corpus) - 2, (3,)).tolist():
        offsets.append(len(context))
        context += [index[corpus[j]] for j in (i - 2, i - 1, i + 1, i + 2)]
        middle.append(index[corpus[i]])

    loss = skip_gram(pos_u, pos_v, neg_v)
    loss = loss + F.cross_entropy(cbow(torch.tensor(context), torch.tensor(offsets)), torch.tensor(middle))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
