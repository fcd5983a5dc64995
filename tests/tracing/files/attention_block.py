import numpy as np

np.random.seed(10)


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


B, T, C = 2, 5, 4          # batch, time, channels
x = np.random.randn(B, T, C)
target = np.random.randn(B, T, C)

p = {}
for name in ['Wq', 'Wk', 'Wv', 'Wo']:
    p[name] = np.random.randn(C, C) / np.sqrt(C)
mask = np.tril(np.ones((T, T))) == 0


def forward(x, p):
    q = x @ p['Wq']
    k = x @ p['Wk']
    v = x @ p['Wv']
    att = np.einsum('btc,bsc->bts', q, k) / np.sqrt(C)
    att = np.where(mask, -1e9, att)
    w = softmax(att)
    z = w @ v
    out = x + z @ p['Wo']                # residual
    return out, (q, k, v, w, z)


def backward(x, p, cache, dout):
    q, k, v, w, z = cache
    g = {}
    g['Wo'] = np.einsum('btc,btd->cd', z, dout)
    dz = dout @ p['Wo'].T
    dw = dz @ v.transpose(0, 2, 1)
    dv = w.transpose(0, 2, 1) @ dz
    datt = w * (dw - (dw * w).sum(-1, keepdims=True)) / np.sqrt(C)
    dq = datt @ k
    dk = np.swapaxes(datt, 1, 2) @ q
    g['Wq'] = np.einsum('btc,btd->cd', x, dq)
    g['Wk'] = np.einsum('btc,btd->cd', x, dk)
    g['Wv'] = np.einsum('btc,btd->cd', x, dv)
    return g


for it in range(15):
    out, cache = forward(x, p)
    diff = out - target
    loss = np.mean(diff ** 2)
    grads = backward(x, p, cache, 2 * diff / diff.size)
    for k in p:
        p[k] -= 0.3 * grads[k]
    if it % 5 == 0: print('loss', round(float(loss), 4))
