import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        # He initialisation
        self.W = rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((1, n_out))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = self.inputs @ self.W + self.b
        return self.output

    def backward(self, grad):
        self.dW = self.inputs.T @ grad
        self.db = np.sum(grad, axis=0, keepdims=True)
        return grad @ self.W.T

    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)
        return self.output

    def backward(self, grad):
        grad = grad.copy()
        grad[self.inputs <= 0] = 0
        return grad

    def step(self, lr):
        pass


class Softmax:
    def forward(self, inputs):
        exp_values = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exp_values / np.sum(exp_values, axis=1, keepdims=True)
        return self.output

    def backward(self, grad):
        # full Jacobian, row by row
        out = np.empty_like(grad)
        for i, (s, g) in enumerate(zip(self.output, grad)):
            s = s.reshape(-1, 1)
            jacobian = np.diagflat(s) - s @ s.T
            out[i] = jacobian @ g
        return out

    def step(self, lr):
        pass


class CategoricalCrossentropy:
    def forward(self, y_pred, y_true):
        y_pred = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return np.mean(-np.log(np.sum(y_pred * y_true, axis=1)))

    def backward(self, y_pred, y_true):
        return -(y_true / y_pred) / len(y_pred)


rng = np.random.default_rng(11)
X = rng.uniform(-1, 1, (24, 2))
y = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]

layers = [Dense(2, 8, rng), ReLU(), Dense(8, 8, rng), ReLU(), Dense(8, 3, rng), Softmax()]
criterion = CategoricalCrossentropy()

for epoch in range(40):
    out = X
    for layer in layers:
        out = layer.forward(out)
    loss = criterion.forward(out, y)

    grad = criterion.backward(out, y)
    for layer in reversed(layers):
        grad = layer.backward(grad)
    for layer in layers:
        layer.step(0.3)

    if epoch % 10 == 0:
        acc = np.mean(out.argmax(1) == y.argmax(1))
        print(f"epoch {epoch}: loss {loss:.3f} acc {acc:.2f}")
