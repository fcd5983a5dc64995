import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 4))
y = np.array([0, 2, 1, 2, 0])
W = rng.normal(size=(4, 3))
b = np.zeros(3)

scores = X @ W + b
shifted = scores - scores.max(axis=1, keepdims=True)
exp_scores = np.exp(shifted)
probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
N = X.shape[0]
loss = -np.log(probs[np.arange(N), y]).sum() / N + 0.5 * 0.1 * np.sum(W * W)

dscores = probs.copy()
dscores[np.arange(N), y] -= 1
dscores /= N
dW = X.T @ dscores + 0.1 * W
db = dscores.sum(axis=0)
