import numpy as np

import tinynn as nn


def spiral(points, arms, rng):
    xs, ys = [], []
    for arm in range(arms):
        r = np.linspace(0.05, 1, points)
        phi = np.linspace(arm * 4, (arm + 1) * 4, points) + rng.normal(0, 0.2, points)
        xs.append(np.c_[r * np.sin(phi), r * np.cos(phi)])
        ys.append(np.full(points, arm))
    return np.concatenate(xs), np.concatenate(ys)


rng = np.random.default_rng(8)
X, y = spiral(12, 3, rng)
net = nn.Sequential(nn.Linear(2, 9, rng), nn.Sigmoid(), nn.Linear(9, 3, rng))
criterion = nn.SoftmaxCrossEntropy()
optimizer = nn.NesterovSGD(net.parameters(), lr=0.2)

for epoch in range(30):
    logits = net(X)
    loss = criterion(logits, y)
    optimizer.zero_grad()
    net.backward(criterion.backward())
    optimizer.step()
    if epoch % 10 == 0:
        print(f"{epoch:3d}  {loss:.4f}  {(logits.argmax(axis=1) == y).mean():.2f}")

np.savez("spiral_weights.npz", *[p.value for p in net.parameters()])
