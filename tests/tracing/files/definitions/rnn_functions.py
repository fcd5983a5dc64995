"""Vanilla recurrent network as functions of (inputs, states, weights), with (N, T, D) arrays."""
import numpy as np


def cell_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


def cell_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h ** 2)
    return da.dot(Wx.T), da.dot(Wh.T), x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)


def unroll(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = b.shape[0]
    h = np.zeros((N, T, H))
    caches = []
    prev = h0
    for t in range(T):
        prev, cache = cell_forward(x[:, t, :], prev, Wx, Wh, b)
        h[:, t, :] = prev
        caches.append(cache)
    return h, caches


def unroll_backward(dh, caches):
    N, T, H = dh.shape
    D = caches[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        dx[:, t, :], dprev, dWx_t, dWh_t, db_t = cell_backward(dh[:, t, :] + dprev, caches[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, dprev, dWx, dWh, db


def example(N=2, T=4, D=3, H=5):
    x = np.linspace(-0.5, 0.7, N * T * D).reshape(N, T, D)
    h0 = np.linspace(-0.2, 0.3, N * H).reshape(N, H)
    Wx = np.linspace(-0.3, 0.4, D * H).reshape(D, H)
    Wh = np.linspace(-0.5, 0.2, H * H).reshape(H, H)
    b = np.linspace(-0.6, 0.2, H)
    return x, h0, Wx, Wh, b


def sequence_loss(x, h0, Wx, Wh, b):
    h, caches = unroll(x, h0, Wx, Wh, b)
    return 0.5 * np.sum(h ** 2)
