import numpy as np

np.random.seed(4)
N, D, H, K = 5, 4, 6, 3
X = np.random.randn(N, D)
y = np.array([0, 1, 2, 2, 1])


def init_params():
    return {
        "W1": 0.5 * np.random.randn(D, H), "b1": 0.1 * np.random.randn(H),
        "W2": 0.5 * np.random.randn(H, K), "b2": 0.1 * np.random.randn(K),
    }


def loss(params, reg=0.05):
    h = np.maximum(0, X @ params["W1"] + params["b1"])
    s = h @ params["W2"] + params["b2"]
    s = s - s.max(axis=1, keepdims=True)
    logZ = np.log(np.exp(s).sum(axis=1))
    data = (logZ - s[np.arange(N), y]).mean()
    return data + reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))


def gradients(params, reg=0.05):
    h = np.maximum(0, X @ params["W1"] + params["b1"])
    s = h @ params["W2"] + params["b2"]
    e = np.exp(s - s.max(axis=1, keepdims=True))
    ds = e / e.sum(axis=1, keepdims=True)
    ds[np.arange(N), y] -= 1
    ds /= N
    dh = ds @ params["W2"].T
    dh[h <= 0] = 0
    return {
        "W1": X.T @ dh + 2 * reg * params["W1"], "b1": dh.sum(0),
        "W2": h.T @ ds + 2 * reg * params["W2"], "b2": ds.sum(0),
    }


def numeric(f, w, eps=1e-5):
    grad = np.zeros_like(w)
    it = np.nditer(w, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        old = w[ix]
        w[ix] = old + eps
        plus = f()
        w[ix] = old - eps
        minus = f()
        w[ix] = old
        grad[ix] = (plus - minus) / (2 * eps)
        it.iternext()
    return grad


params = init_params()
L = loss(params)
print("loss", L)

grads = gradients(params)  # analytic
for name in sorted(grads):
    num = numeric(lambda: loss(params), params[name])
    err = np.abs(num - grads[name]).max() / max(1e-8, np.abs(num).max())
    print(name, "max relative error: %.2e" % err)

# now that the gradients are right, train
for i in range(20):
    grads = gradients(params)
    for name in params:
        params[name] -= 0.5 * grads[name]
print("loss after training", loss(params))
