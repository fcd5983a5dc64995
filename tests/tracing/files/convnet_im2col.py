import numpy as np

rng = np.random.default_rng(3)


def im2col(x, fh, fw, stride=1, pad=0):
    n, c, h, w = x.shape
    out_h = (h + 2 * pad - fh) // stride + 1
    out_w = (w + 2 * pad - fw) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], 'constant')
    col = np.zeros((n, c, fh, fw, out_h, out_w))
    for y in range(fh):
        y_max = y + stride * out_h
        for x_ in range(fw):
            x_max = x_ + stride * out_w
            col[:, :, y, x_, :, :] = img[:, :, y:y_max:stride, x_:x_max:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * out_h * out_w, -1)


def col2im(col, shape, fh, fw, stride=1, pad=0):
    n, c, h, w = shape
    out_h = (h + 2 * pad - fh) // stride + 1
    out_w = (w + 2 * pad - fw) // stride + 1
    col = col.reshape(n, out_h, out_w, c, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for y in range(fh):
        for x_ in range(fw):
            img[:, :, y:y + stride * out_h:stride, x_:x_ + stride * out_w:stride] += col[:, :, y, x_]
    return img[:, :, pad:h + pad, pad:w + pad]


class Convolution:
    def __init__(self, filters, channels, size, stride=1, pad=0):
        self.W = rng.normal(0, 0.3, (filters, channels, size, size))
        self.b = np.zeros(filters)
        self.stride, self.pad = stride, pad

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        out_h = 1 + (H + 2 * self.pad - FH) // self.stride
        out_w = 1 + (W + 2 * self.pad - FW) // self.stride
        self.x_shape = x.shape
        self.col = im2col(x, FH, FW, self.stride, self.pad)
        self.col_W = self.W.reshape(FN, -1).T
        out = np.dot(self.col, self.col_W) + self.b
        return out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = dout.sum(axis=0)
        self.dW = (self.col.T @ dout).transpose(1, 0).reshape(FN, C, FH, FW)
        return col2im(dout @ self.col_W.T, self.x_shape, FH, FW, self.stride, self.pad)


class Pooling:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        s = self.size
        self.x_shape = x.shape
        col = im2col(x, s, s, s).reshape(-1, s * s)
        self.arg_max = np.argmax(col, axis=1)
        out = np.max(col, axis=1)
        return out.reshape(n, h // s, w // s, c).transpose(0, 3, 1, 2)

    def backward(self, dout):
        s = self.size
        dout = dout.transpose(0, 2, 3, 1)
        dmax = np.zeros((dout.size, s * s))
        dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()
        dcol = dmax.reshape(dout.shape[0] * dout.shape[1] * dout.shape[2], -1)
        return col2im(dcol, self.x_shape, s, s, s)


x = rng.normal(size=(4, 1, 8, 8))
t = np.array([0, 2, 1, 2])
conv = Convolution(2, 1, 3, pad=1)
pool = Pooling(2)
W = rng.normal(0, 0.3, (32, 3))
b = np.zeros(3)

for epoch in range(10):
    a = conv.forward(x)
    r = np.maximum(a, 0)
    h = pool.forward(r).reshape(4, -1)
    scores = h.dot(W) + b
    scores -= scores.max(axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[range(4), t]).mean()
    print(epoch, loss)

    dscores = probs.copy()
    dscores[range(4), t] -= 1
    dscores /= 4
    dW = h.T.dot(dscores)
    db = dscores.sum(axis=0)
    dh = dscores.dot(W.T).reshape(4, 2, 4, 4)
    da = pool.backward(dh)
    da[a <= 0] = 0
    conv.backward(da)

    W -= 0.5 * dW
    b -= 0.5 * db
    conv.W -= 0.5 * conv.dW
    conv.b -= 0.5 * conv.db
