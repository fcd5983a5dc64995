import numpy as np

np.random.seed(33)


def make_linear(n_in, n_out):
    W = np.random.randn(n_in, n_out) * (1 / n_in) ** 0.5
    b = np.zeros(n_out)

    def forward(x):
        def backward(dy):
            dW = x.T @ dy
            db = dy.sum(0)
            return dy @ W.T, [(W, dW), (b, db)]
        return x @ W + b, backward

    return forward


def elu(alpha=1.0):
    def forward(x):
        neg = alpha * (np.exp(np.minimum(x, 0)) - 1)
        y = np.where(x > 0, x, neg)

        def backward(dy):
            return dy * np.where(x > 0, 1, neg + alpha), []
        return y, backward
    return forward


def compose(*stages):
    def forward(x):
        backs = []
        for stage in stages:
            x, back = stage(x)
            backs.append(back)

        def backward(dy):
            pairs = []
            for back in backs[::-1]:
                dy, more = back(dy)
                pairs += more
            return dy, pairs
        return x, backward
    return forward


X = np.random.randn(15, 4)
T = np.abs(X[:, :2])
layer1, layer2 = make_linear(4, 9), make_linear(9, 2)
model = compose(layer1, elu(0.5), layer2)

for i in range(50):
    Y, back = model(X)
    E = np.sum((Y - T) ** 2, axis=1).mean()
    _, pairs = back(2 * (Y - T) / len(X))
    for p, g in pairs:
        p -= 0.1 * g
    if i in (0, 49):
        print('E =', E)
