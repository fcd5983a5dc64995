"""Bag of words classifier with preallocated buffers."""
import numpy as np

vocab, dim, classes = 12, 5, 3
rng = np.random.default_rng(123)
docs = rng.integers(0, vocab, size=(10, 4))
labels = docs.sum(axis=1) % classes

E = rng.normal(0, 0.5, (vocab, dim))
U = rng.normal(0, 0.5, (dim, classes))
c = np.zeros(classes)

# buffers, written again in every step
mean = np.empty((10, dim))
hidden = np.empty((10, dim))
logits = np.empty((10, classes))
grad_E = np.zeros_like(E)

for step in range(30):
    np.mean(E[docs], axis=1, out=mean)
    np.tanh(mean, out=hidden)
    np.matmul(hidden, U, out=logits)
    np.add(logits, c, out=logits)
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    loss = -np.log(logits[np.arange(10), labels]).sum() / 10

    logits[np.arange(10), labels] -= 1
    logits /= 10
    grad_U = hidden.T @ logits
    grad_c = logits.sum(axis=0)
    grad_hidden = logits @ U.T
    np.multiply(grad_hidden, 1 - hidden ** 2, out=grad_hidden)
    grad_E.fill(0)
    np.add.at(grad_E, docs, grad_hidden[:, None, :] / docs.shape[1])

    E -= 0.5 * grad_E
    U -= 0.5 * grad_U
    c -= 0.5 * grad_c

print(f"{loss:.6f}")
