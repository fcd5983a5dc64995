import numpy as np


class Conv2D:
    def __init__(self, n_filters, size, stride=1):
        state = np.random.RandomState(3)
        self.filters = state.randn(n_filters, size, size) / size ** 2
        self.bias = np.zeros(n_filters)
        self.n_filters, self.size, self.stride = n_filters, size, stride

    def regions(self, image):
        h, w = image.shape
        for i in range(0, h - self.size + 1, self.stride):
            for j in range(0, w - self.size + 1, self.stride):
                yield image[i:i + self.size, j:j + self.size], i // self.stride, j // self.stride

    def forward(self, image):
        self.image = image
        side = [(s - self.size) // self.stride + 1 for s in image.shape]
        output = np.zeros((*side, self.n_filters))
        for region, i, j in self.regions(image):
            output[i, j] = np.sum(region * self.filters, axis=(1, 2)) + self.bias
        return output

    def backprop(self, d_out):
        d_filters = np.zeros(self.filters.shape)
        for region, i, j in self.regions(self.image):
            for f in range(self.n_filters):
                d_filters[f] += d_out[i, j, f] * region
        return d_filters, d_out.sum(axis=(0, 1))


class MaxPool2:
    def forward(self, x):
        h, w, f = x.shape
        out = np.zeros((h // 2, w // 2, f))
        for i in range(h // 2):
            for j in range(w // 2):
                out[i, j] = np.amax(x[2 * i:2 * i + 2, 2 * j:2 * j + 2], axis=(0, 1))
        return out


class ConvNet:
    def __init__(self):
        self.conv = Conv2D(2, 3)
        self.pool = MaxPool2()
        self.dense = np.random.RandomState(4).randn(8, 3) / 8

    def loss(self, image, label):
        out = self.pool.forward(self.conv.forward(image)).flatten()
        scores = out @ self.dense
        exp = np.exp(scores)
        out = exp / np.sum(exp, axis=0)
        return -np.log(out[label])


def picture(side=6):
    a = np.arange(side)
    return np.cos(0.7 * a[:, None] + 0.2 * a[None, :] ** 1.5) / 2
