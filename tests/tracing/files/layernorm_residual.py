import numpy as np

# transformer feed-forward sublayer: y = LN(x + W2 gelu(W1 x))

rs = np.random.RandomState(5)
D, H, N = 6, 12, 8
X = rs.randn(N, D)
T = np.sin(X)

theta = [
    rs.randn(D, H) * 0.3,   # W1
    np.zeros(H),            # b1
    rs.randn(H, D) * 0.3,   # W2
    np.zeros(D),            # b2
    np.ones(D),             # gain
    np.zeros(D),            # shift
]


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))


def dgelu(x):
    c = np.sqrt(2 / np.pi)
    u = np.tanh(c * (x + 0.044715 * x ** 3))
    return 0.5 * (1 + u) + 0.5 * x * (1 - u ** 2) * c * (1 + 3 * 0.044715 * x ** 2)


def layer_norm(r, g, s, eps=1e-6):
    mean = np.mean(r, axis=1)[:, None]
    sd = np.std(r, axis=1)[:, np.newaxis]
    n = (r - mean) / (sd + eps)
    return g * n + s, n, sd + eps, sd


def step(theta):
    W1, b1, W2, b2, gain, shift = theta
    pre = X @ W1 + b1
    act = gelu(pre)
    r = X + (act @ W2 + b2)
    y, n, denom, sd = layer_norm(r, gain, shift)
    cost = 0.5 * ((y - T) ** 2).sum() / N

    dy = (y - T) / N
    dgain, dshift = (dy * n).sum(0), dy.sum(0)
    dn = dy * gain
    # through mean and deviation; the deviation stands without the eps in its own derivative
    c = r - r.mean(1, keepdims=True)
    dr = dn / denom - (dn * c).sum(1, keepdims=True) * c / (D * sd * denom ** 2)
    dr = dr - dr.mean(1, keepdims=True)
    dW2, db2 = act.T @ dr, dr.sum(0)
    dpre = (dr @ W2.T) * dgelu(pre)
    dW1, db1 = X.T @ dpre, dpre.sum(0)
    return cost, [dW1, db1, dW2, db2, dgain, dshift]


for i in range(40):
    cost, grad = step(theta)
    theta = [p - 0.1 * g for p, g in zip(theta, grad)]
    if not i % 10:
        print(i, cost)
