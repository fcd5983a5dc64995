"""Right backward passes as courses and books teach them: caches, dictionaries, layer objects, loops over time and classes."""

from __future__ import annotations

STUDENTS: dict[str, str] = {
    "pytorch tutorial in numpy": """
import numpy as np
N, D_in, H, D_out = 6, 5, 4, 3
x = np.random.randn(N, D_in)
y = np.random.randn(N, D_out)
w1 = np.random.randn(D_in, H)
w2 = np.random.randn(H, D_out)
learning_rate = 1e-6
for t in range(500):
    h = x.dot(w1)
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(w2)
    loss = np.square(y_pred - y).sum()
    print(t, loss)
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h_relu = grad_y_pred.dot(w2.T)
    grad_h = grad_h_relu.copy()
    grad_h[h < 0] = 0
    grad_w1 = x.T.dot(grad_h)
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2
""",
    "polynomial by hand": """
import numpy as np
import math
x = np.linspace(-math.pi, math.pi, 20)
y = np.sin(x)
a = np.random.randn()
b = np.random.randn()
c = np.random.randn()
d = np.random.randn()
learning_rate = 1e-6
for t in range(2000):
    y_pred = a + b * x + c * x ** 2 + d * x ** 3
    loss = np.square(y_pred - y).sum()
    if t % 100 == 99:
        print(t, loss)
    grad_y_pred = 2.0 * (y_pred - y)
    grad_a = grad_y_pred.sum()
    grad_b = (grad_y_pred * x).sum()
    grad_c = (grad_y_pred * x ** 2).sum()
    grad_d = (grad_y_pred * x ** 3).sum()
    a -= learning_rate * grad_a
    b -= learning_rate * grad_b
    c -= learning_rate * grad_c
    d -= learning_rate * grad_d
print(f'Result: y = {a} + {b} x + {c} x^2 + {d} x^3')
""",
    "softmax with loops over classes": """
import numpy as np
X = np.random.randn(4, 3)
y = np.array([0, 2, 1, 2])
W = np.random.randn(3, 3)
reg = 0.1
loss = 0.0
dW = np.zeros_like(W)
num_train = X.shape[0]
num_classes = W.shape[1]
for i in range(num_train):
    scores = X[i].dot(W)
    scores -= np.max(scores)
    p = np.exp(scores) / np.sum(np.exp(scores))
    loss += -np.log(p[y[i]])
    for j in range(num_classes):
        dW[:, j] += X[i] * p[j]
    dW[:, y[i]] -= X[i]
loss /= num_train
loss += reg * np.sum(W * W)
dW /= num_train
dW += 2 * reg * W
""",
    "hinge loss without loops": """
import numpy as np
X = np.random.randn(5, 4)
y = np.array([0, 2, 1, 2, 0])
W = np.random.randn(4, 3)
reg = 0.05
num_train = X.shape[0]
scores = X.dot(W)
correct = scores[np.arange(num_train), y][:, np.newaxis]
margins = np.maximum(0, scores - correct + 1)
margins[np.arange(num_train), y] = 0
loss = np.sum(margins) / num_train + reg * np.sum(W * W)
binary = (margins > 0).astype(float)
row_sum = np.sum(binary, axis=1)
binary[np.arange(num_train), y] = -row_sum
dW = X.T.dot(binary) / num_train + 2 * reg * W
""",
    "affine layers with caches": """
import numpy as np

def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db

def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache

def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx

def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)

def affine_relu_backward(dout, cache):
    fc_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    return affine_backward(da, fc_cache)

def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx

X = np.random.randn(5, 4)
y = np.array([0, 2, 1, 2, 0])
params = {'W1': np.random.randn(4, 6), 'b1': np.zeros(6), 'W2': np.random.randn(6, 3), 'b2': np.zeros(3)}
reg = 0.3
hidden, cache1 = affine_relu_forward(X, params['W1'], params['b1'])
scores, cache2 = affine_forward(hidden, params['W2'], params['b2'])
grads = {}
data_loss, dscores = softmax_loss(scores, y)
loss = data_loss + 0.5 * reg * (np.sum(params['W1'] ** 2) + np.sum(params['W2'] ** 2))
dhidden, grads['W2'], grads['b2'] = affine_backward(dscores, cache2)
dx, grads['W1'], grads['b1'] = affine_relu_backward(dhidden, cache1)
grads['W2'] += reg * params['W2']
grads['W1'] += reg * params['W1']
""",
    "batch norm in twelve steps": """
import numpy as np

def batchnorm_forward(x, gamma, beta, eps):
    N, D = x.shape
    mu = 1./N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1./N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1./sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache

def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + eps) * dsqrtvar
    dsq = 1. / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1. / N * np.ones((N, D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta

x = np.random.randn(6, 3)
gamma = np.ones(3)
beta = np.zeros(3)
t = np.random.randn(6, 3)
out, cache = batchnorm_forward(x, gamma, beta, 1e-5)
loss = np.sum((out - t) ** 2) / 2
dout = out - t
dx, dgamma, dbeta = batchnorm_backward(dout, cache)
""",
    "dropout with a mask": """
import numpy as np
np.random.seed(1)
X = np.random.randn(6, 5)
T = np.random.randn(6, 2)
W1 = np.random.randn(5, 4)
W2 = np.random.randn(4, 2)
p = 0.8
mask = np.random.rand(6, 4) < p
a1 = np.tanh(X @ W1)
d1 = a1 * mask / p
out = d1 @ W2
loss = np.mean((out - T) ** 2)
dout = 2 * (out - T) / out.size
dW2 = d1.T @ dout
dd1 = dout @ W2.T
da1 = dd1 * mask / p
dW1 = X.T @ (da1 * (1 - a1 ** 2))
""",
    "convolution with four loops": """
import numpy as np
x = np.random.randn(2, 2, 4, 4)
w = np.random.randn(2, 2, 3, 3)
b = np.random.randn(2)
t = np.random.randn(2, 2, 2, 2)
N, C, H, W = x.shape
F, _, HH, WW = w.shape
out = np.zeros((N, F, 2, 2))
for n in range(N):
    for f in range(F):
        for i in range(2):
            for j in range(2):
                out[n, f, i, j] = np.sum(x[n, :, i:i + HH, j:j + WW] * w[f]) + b[f]
loss = np.sum((out - t) ** 2)
dout = 2 * (out - t)
dx = np.zeros_like(x)
dw = np.zeros_like(w)
db = np.zeros_like(b)
for n in range(N):
    for f in range(F):
        db[f] += dout[n, f].sum()
        for i in range(2):
            for j in range(2):
                dw[f] += x[n, :, i:i + HH, j:j + WW] * dout[n, f, i, j]
                dx[n, :, i:i + HH, j:j + WW] += w[f] * dout[n, f, i, j]
""",
    "two layers with dictionaries in columns": """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache

def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply((1 - Y), np.log(1 - A2))
    cost = - np.sum(logprobs) / m
    cost = float(np.squeeze(cost))
    return cost

def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    A2 = cache["A2"]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads

X = np.random.randn(2, 7)
Y = (np.random.rand(1, 7) > 0.5).astype(float)
parameters = {"W1": np.random.randn(4, 2) * 0.01, "b1": np.zeros((4, 1)), "W2": np.random.randn(1, 4) * 0.01, "b2": np.zeros((1, 1))}
A2, cache = forward_propagation(X, parameters)
cost = compute_cost(A2, Y)
grads = backward_propagation(parameters, cache, X, Y)
""",
    "logistic regression in columns": """
import numpy as np

def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s

def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    grads = {"dw": dw, "db": db}
    return grads, cost

w, b, X, Y = np.array([[1.], [2.]]), 2., np.array([[1., 2., -1.], [3., 4., -3.2]]), np.array([[1, 0, 1]])
grads, cost = propagate(w, b, X, Y)
""",
    "network with lists of weights": """
import numpy as np

def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

sizes = [3, 4, 2]
biases = [np.random.randn(y, 1) for y in sizes[1:]]
weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]
num_layers = len(sizes)
x = np.random.randn(3, 1)
y = np.random.randn(2, 1)
nabla_b = [np.zeros(b.shape) for b in biases]
nabla_w = [np.zeros(w.shape) for w in weights]
activation = x
activations = [x]
zs = []
for b, w in zip(biases, weights):
    z = np.dot(w, activation) + b
    zs.append(z)
    activation = sigmoid(z)
    activations.append(activation)
cost = 0.5 * np.sum((activations[-1] - y) ** 2)
delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
nabla_b[-1] = delta
nabla_w[-1] = np.dot(delta, activations[-2].transpose())
for l in range(2, num_layers):
    z = zs[-l]
    sp = sigmoid_prime(z)
    delta = np.dot(weights[-l + 1].transpose(), delta) * sp
    nabla_b[-l] = delta
    nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
""",
    "character model": """
import numpy as np
vocab_size, hidden_size = 4, 3
inputs = [0, 2, 1]
targets = [2, 1, 3]
hprev = np.zeros((hidden_size, 1))
Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
Whh = np.random.randn(hidden_size, hidden_size) * 0.01
Why = np.random.randn(vocab_size, hidden_size) * 0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))

def lossFun(inputs, targets, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    for dparam in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(dparam, -5, 5, out=dparam)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]

loss, dWxh, dWhh, dWhy, dbh, dby, hprev = lossFun(inputs, targets, hprev)
""",
    "layers in a list": """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad):
        return grad * (1 - self.out ** 2)

class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

X = np.random.randn(5, 3)
T = np.random.randn(5, 2)
model = Sequential([Dense(3, 4), Tanh(), Dense(4, 2)])
y = model.forward(X)
loss = np.mean((y - T) ** 2)
dX = model.backward(2 * (y - T) / T.size)
""",
    "layers from scratch": """
import numpy as np
from collections import OrderedDict

def softmax(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)

def cross_entropy_error(y, t):
    batch_size = y.shape[0]
    return -np.sum(t * np.log(y + 1e-7)) / batch_size

class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        dx = dout
        return dx

class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        out = np.dot(self.x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx

class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {}
        self.params['W1'] = weight_init_std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = weight_init_std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)
        self.layers = OrderedDict()
        self.layers['Affine1'] = Affine(self.params['W1'], self.params['b1'])
        self.layers['Relu1'] = Relu()
        self.layers['Affine2'] = Affine(self.params['W2'], self.params['b2'])
        self.lastLayer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        return self.lastLayer.forward(y, t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = 1
        dout = self.lastLayer.backward(dout)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        grads = {}
        grads['W1'] = self.layers['Affine1'].dW
        grads['b1'] = self.layers['Affine1'].db
        grads['W2'] = self.layers['Affine2'].dW
        grads['b2'] = self.layers['Affine2'].db
        return grads

net = TwoLayerNet(input_size=4, hidden_size=5, output_size=3)
x_batch = np.random.randn(6, 4)
t_batch = np.eye(3)[[0, 2, 1, 1, 0, 2]]
loss = net.loss(x_batch, t_batch)
grads = net.gradient(x_batch, t_batch)
""",
    "eleven lines": """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
for j in range(60000):
    l1 = 1 / (1 + np.exp(-(np.dot(X, syn0))))
    l2 = 1 / (1 + np.exp(-(np.dot(l1, syn1))))
    loss = 0.5 * np.sum((y - l2) ** 2)
    l2_delta = (y - l2) * (l2 * (1 - l2))
    l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1))
    syn1 += l1.T.dot(l2_delta)
    syn0 += X.T.dot(l1_delta)
""",
    "every step by hand in torch": """
import torch
import torch.nn.functional as F
n = 4
Xb = torch.randn(4, 5)
Yb = torch.tensor([1, 0, 2, 1])
W1 = torch.randn(5, 6)
b1 = torch.randn(6)
W2 = torch.randn(6, 3)
b2 = torch.randn(3)
hpreact = Xb @ W1 + b1
h = torch.tanh(hpreact)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdim=True)
counts_sum_inv = counts_sum ** -1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[range(n), Yb].mean()
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(n), Yb] = -1.0 / n
dprobs = (1.0 / probs) * dlogprobs
dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
dcounts = counts_sum_inv * dprobs
dcounts_sum = (-counts_sum ** -2) * dcounts_sum_inv
dcounts += torch.ones_like(counts) * dcounts_sum
dnorm_logits = counts * dcounts
dlogits = dnorm_logits.clone()
dh = dlogits @ W2.T
dW2 = h.T @ dlogits
db2 = dlogits.sum(0)
dhpreact = (1.0 - h ** 2) * dh
dW1 = Xb.T @ dhpreact
db1 = dhpreact.sum(0)
""",
    "embedding with add.at": """
import numpy as np
E = np.random.randn(6, 3)
W = np.random.randn(3, 4)
idx = np.array([0, 2, 2, 5])
t = np.random.randn(4, 4)
e = E[idx]
out = e @ W
loss = np.sum((out - t) ** 2)
dout = 2 * (out - t)
dW = e.T @ dout
de = dout @ W.T
dE = np.zeros_like(E)
np.add.at(dE, idx, de)
""",
    "linear regression": """
import numpy as np
X = np.random.randn(8, 3)
y = np.random.randn(8)
theta = np.zeros(3)
alpha = 0.01
m = len(y)
for it in range(100):
    h = X.dot(theta)
    error = h - y
    cost = np.sum(error ** 2) / (2 * m)
    grad = X.T.dot(error) / m
    theta = theta - alpha * grad
""",
    "recurrent loop with reassigned names": """
import numpy as np
T, D, H = 3, 2, 4
x = np.random.randn(T, D)
Wx = np.random.randn(D, H)
Wh = np.random.randn(H, H)
b = np.random.randn(H)
y = np.random.randn(H)
h = np.zeros(H)
hs = [h]
for t in range(T):
    h = np.tanh(x[t] @ Wx + h @ Wh + b)
    hs.append(h)
loss = 0.5 * np.sum((h - y) ** 2)
dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
dh = hs[-1] - y
for t in range(T - 1, -1, -1):
    da = dh * (1 - hs[t + 1] ** 2)
    dWx += np.outer(x[t], da)
    dWh += np.outer(hs[t], da)
    db += da
    dh = da @ Wh.T
""",
    "one step of an LSTM": """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

x = np.random.randn(2, 3)
h_prev = np.random.randn(2, 4)
c_prev = np.random.randn(2, 4)
Wx = np.random.randn(3, 16)
Wh = np.random.randn(4, 16)
b = np.random.randn(16)
t = np.random.randn(2, 4)
N, H = h_prev.shape
A = x @ Wx + h_prev @ Wh + b
f = sigmoid(A[:, :H])
g = np.tanh(A[:, H:2 * H])
i = sigmoid(A[:, 2 * H:3 * H])
o = sigmoid(A[:, 3 * H:])
c_next = f * c_prev + g * i
tanh_c = np.tanh(c_next)
h_next = o * tanh_c
loss = 0.5 * np.sum((h_next - t) ** 2)
dh_next = h_next - t
ds = dh_next * o * (1 - tanh_c ** 2)
dc_prev = ds * f
di = ds * g
df = ds * c_prev
do = dh_next * tanh_c
dg = ds * i
di *= i * (1 - i)
df *= f * (1 - f)
do *= o * (1 - o)
dg *= (1 - g ** 2)
dA = np.hstack((df, dg, di, do))
dWh = h_prev.T @ dA
dWx = x.T @ dA
db = dA.sum(axis=0)
dx = dA @ Wx.T
dh_prev = dA @ Wh.T
""",
    "attention of two heads": """
import numpy as np
X = np.random.randn(4, 6)
Y = np.random.randn(4, 6)
Wq = np.random.randn(6, 6)
Wk = np.random.randn(6, 6)
Wv = np.random.randn(6, 6)
n_heads, d_k = 2, 3
Q, K, V = X @ Wq, X @ Wk, X @ Wv
outs = []
attns = []
for h in range(n_heads):
    s = slice(h * d_k, (h + 1) * d_k)
    S = Q[:, s] @ K[:, s].T / np.sqrt(d_k)
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    attns.append(P)
    outs.append(P @ V[:, s])
O = np.concatenate(outs, axis=1)
loss = 0.5 * np.sum((O - Y) ** 2)
dO = O - Y
dQ, dK, dV = np.zeros_like(Q), np.zeros_like(K), np.zeros_like(V)
for h in range(n_heads):
    s = slice(h * d_k, (h + 1) * d_k)
    P = attns[h]
    dV[:, s] = P.T @ dO[:, s]
    dP = dO[:, s] @ V[:, s].T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    dQ[:, s] = dS @ K[:, s] / np.sqrt(d_k)
    dK[:, s] = dS.T @ Q[:, s] / np.sqrt(d_k)
dWq, dWk, dWv = X.T @ dQ, X.T @ dK, X.T @ dV
""",
    "tuples from a backward function": """
import numpy as np

def forward(X, W1, W2):
    Z = X @ W1
    A = np.tanh(Z)
    return A @ W2, (Z, A)

def backward(dY, X, W2, cache):
    Z, A = cache
    dW2 = A.T @ dY
    dA = dY @ W2.T
    dZ = dA * (1 - A ** 2)
    dW1 = X.T @ dZ
    return dW1, dW2

X = np.random.randn(5, 3)
T = np.random.randn(5, 2)
W1 = np.random.randn(3, 4)
W2 = np.random.randn(4, 2)
Y, cache = forward(X, W1, W2)
loss = 0.5 * np.mean(np.sum((Y - T) ** 2, axis=1))
grad_W1, grad_W2 = backward((Y - T) / len(X), X, W2, cache)
""",
    "gradients by comprehension": """
import numpy as np
X = np.random.randn(6, 3)
y = np.random.randn(6)
w = np.random.randn(3)
b = 0.2
p = X @ w + b
loss = np.mean((p - y) ** 2)
r = [2 * (p[i] - y[i]) / 6 for i in range(6)]
dw = np.array([sum(r[i] * X[i, j] for i in range(6)) for j in range(3)])
db = sum(r)
""",
    "autoencoder with tied weights": """
import numpy as np
X = np.random.rand(5, 6)
W = np.random.randn(6, 3)
b = np.zeros(3)
c = np.zeros(6)
h = 1 / (1 + np.exp(-(X @ W + b)))
xr = 1 / (1 + np.exp(-(h @ W.T + c)))
loss = 0.5 * np.sum((xr - X) ** 2) / len(X)
dzr = (xr - X) * xr * (1 - xr) / len(X)
dc = dzr.sum(0)
dh = dzr @ W
dzh = dh * h * (1 - h)
db = dzh.sum(0)
dW = X.T @ dzh + dzr.T @ h
""",
    "max pooling by windows": """
import numpy as np
x = np.random.randn(4, 4)
t = np.random.randn(2, 2)
out = np.zeros((2, 2))
for i in range(2):
    for j in range(2):
        out[i, j] = np.max(x[2 * i:2 * i + 2, 2 * j:2 * j + 2])
loss = np.sum((out - t) ** 2)
dout = 2 * (out - t)
dx = np.zeros_like(x)
for i in range(2):
    for j in range(2):
        window = x[2 * i:2 * i + 2, 2 * j:2 * j + 2]
        mask = window == np.max(window)
        dx[2 * i:2 * i + 2, 2 * j:2 * j + 2] += mask * dout[i, j]
""",
    "grad attributes": """
import torch
x = torch.randn(4, 3)
y = torch.randn(4, 1)
W = torch.randn(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
out = x @ W + b
loss = ((out - y) ** 2).mean()
d_out = 2 * (out - y) / out.numel()
W.grad = x.t() @ d_out
b.grad = d_out.sum(0)
""",
    "focal weights": """
import numpy as np
X = np.random.randn(6, 3)
y = (np.random.rand(6, 1) > 0.5) * 1.0
w = np.random.randn(3, 1)
pos = 3.0
z = X @ w
p = 1 / (1 + np.exp(-z))
loss = -np.mean(pos * y * np.log(p) + (1 - y) * np.log(1 - p))
dp = -(pos * y / p - (1 - y) / (1 - p)) / len(X)
dz = dp * p * (1 - p)
dw = X.T @ dz
""",
}
