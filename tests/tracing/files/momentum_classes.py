# compare optimizers on the same small problem
import copy
import numpy as np

np.random.seed(21)
X = np.random.randn(30, 4)
true_w = np.array([1.0, -2.0, 0.5, 0.0])
y = np.tanh(X @ true_w).reshape(-1, 1)

net = {'W1': np.random.randn(4, 6) * 0.5, 'b1': np.zeros(6),
       'W2': np.random.randn(6, 1) * 0.5, 'b2': np.zeros(1)}


class SGD:
    def __init__(self, lr=0.1):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] -= self.lr * grads[key]


class Momentum:
    def __init__(self, lr=0.05, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr, self.decay_rate, self.h = lr, decay_rate, None

    def update(self, params, grads):
        if self.h is None:
            self.h = {k: np.zeros_like(v) for k, v in params.items()}
        for key in params:
            self.h[key] *= self.decay_rate
            self.h[key] += (1 - self.decay_rate) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


def loss_and_grads(params):
    a = X @ params['W1'] + params['b1']
    z = 1 / (1 + np.exp(-a))
    out = z @ params['W2'] + params['b2']
    r = out - y
    loss = 0.5 * np.sum(r * r)
    grads = {}
    grads['W2'] = z.T @ r
    grads['b2'] = r.sum(axis=0)
    da = (r @ params['W2'].T) * z * (1 - z)
    grads['W1'] = X.T @ da
    grads['b1'] = da.sum(axis=0)
    return loss, grads


optimizers = {'Momentum': Momentum(lr=0.005), 'SGD': SGD(lr=0.01), 'RMSprop': RMSprop()}
for name, optimizer in optimizers.items():
    params = copy.deepcopy(net)
    for i in range(25):
        loss, grads = loss_and_grads(params)
        optimizer.update(params, grads)
    print("%-10s %.5f" % (name, loss))
