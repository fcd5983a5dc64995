"""Formulas as students type them, over three small networks: right ones and wrong ones."""

from __future__ import annotations

TWO_LAYERS = """
x = np.array([[0.5, 0.8], [0.1, -0.4], [0.3, 0.9]])
y = np.array([[1.0], [0.0], [1.0]])
W1 = np.array([[0.1, 0.3, 0.5, 0.2], [0.2, 0.4, -0.3, 0.7]])
b1 = np.array([0.1, 0.2, -0.1, 0.3])
W2 = np.array([[0.5], [0.6], [-0.2], [0.9]])
b2 = np.array([0.3])
z1 = x @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
y_hat = 1 / (1 + np.exp(-z2))
loss = np.sum((y_hat - y)**2) / 2
"""


COLUMN = """
x = np.array([0.5, 0.8])
y = np.array([1.0, 0.0, 0.2])
W = np.array([[0.1, 0.3], [0.2, 0.4], [0.6, -0.5]])
b = np.array([0.1, 0.2, 0.3])
z = W @ x + b
a = np.tanh(z)
L = np.sum((a - y)**2)
"""


RELU = """
X = np.array([[0.5, 0.8], [0.1, -0.4], [0.3, 0.9]])
Y = np.array([[1.0, 0.5], [0.0, 0.2], [1.0, 0.1]])
W = np.array([[0.1, 0.3], [0.2, -0.4]])
Z = X @ W
A = np.maximum(0, Z)
L = np.mean((A - Y)**2)
"""


RIGHT = {
    TWO_LAYERS: [
        r"\delta_2 = (\hat{y} - y) \odot \sigma'(z_2)",
        r"\delta_2 = (\hat y-y)\odot\hat y\odot(1-\hat y)",
        r"\frac{\partial L}{\partial W_2} = a_1^\top \delta_2",
        r"dW_2 = a_1^T \delta_2",
        r"\frac{\partial L}{\partial b_2} = \mathbf{1}^\top \delta_2",
        r"\delta_1 = \delta_2 W_2^{\top} \odot \sigma'(z_1)",
        r"\delta_1 = \left(\delta_2 W_2^{T}\right) \odot a_1 \odot (1 - a_1)",
        r"\delta_1 = a_1 \odot (1 - a_1) \odot \delta_2 W_2^{T}",
        r"\frac{\partial L}{\partial W_1} = x^\top \delta_1",
        r"\frac{\partial L}{\partial W_1} = x^\top \left(\left((\hat{y} - y) \odot \sigma'(z_2)\right) W_2^\top \odot \sigma'(z_1)\right)",
        "∂L/∂W₁ = xᵀ δ₁",
        "δ₁ = δ₂ W₂ᵀ ⊙ σ′(z₁)",
        "δ₂ = (ŷ − y) ⊙ ŷ ⊙ (1 − ŷ)",
        "dW2 = a1.T @ dz2",
        "dW2 = np.dot(a1.T, (y_hat - y) * y_hat * (1 - y_hat))",
        "db1 = np.sum(dz1, axis=0)",
        "db1 = dz1.sum(axis=0)",
        "dz1 = dz2 @ W2.T * sigmoid_prime(z1)",
        "dz1 = delta2.dot(W2.T) * sigmoid(z1) * (1 - sigmoid(z1))",
        "dL_dW1 = x.T @ dz1",
        "grad_b1 = 1^T dz1",
        "dW1 = x^T(δ2 W2^T ∘ a1 ∘ (1 - a1))",
        r"dz_1 = \frac{1}{2} \delta_2 W_2^\top \odot \sigma'(z_1) + \frac12 dz_1",
        r"d\hat{y} = \hat{y} - y",
    ],
    COLUMN: [
        r"\delta = 2(a - y) \odot (1 - a^2)",
        r"\delta = 2 (a-y) \odot (1-\tanh^2(z))",
        r"\frac{\partial L}{\partial W} = \delta x^\top",
        "dW = np.outer(dz, x)",
        r"db = \delta",
    ],
    RELU: [
        r"\delta = \frac{1}{3} (A - Y) \odot \mathrm{ReLU}'(Z)",
        r"\delta = \frac{2}{6} (A - Y) \odot \mathbf{1}[Z > 0]",
        r"dW = \frac{1}{n} X^\top ((A - Y) \odot 1[Z > 0])",
        "dW = X.T @ (2 * (A - Y) * (Z > 0)) / 6",
        "dZ = np.where(Z > 0, (A - Y) / 3, 0)",
        "dZ = (A - Y) / 3 * relu_derivative(Z)",
    ],
}


WRONG = {
    TWO_LAYERS: [
        r"\delta_2 = (y - \hat{y}) \odot \sigma'(z_2)",
        r"\delta_2 = (\hat{y} - y) \odot \sigma'(\hat{y})",
        r"\delta_2 = \hat{y} - y",
        "dW2 = 2 a_1^T dz2",
        "db1 = dz1",
        "db1 = np.mean(dz1, axis=0)",
        "dz1 = dz2 @ W2.T",
        "dz1 = dz2 @ W2.T * a1 * (1 + a1)",
    ],
    COLUMN: [r"dW = x^\top \delta", "dW = np.outer(x, dz)", r"\delta = 2(a - y) \odot (1 - z^2)"],
    RELU: [r"dW = X^\top ((A - Y) \odot 1[Z > 0])", r"dW = \frac{1}{n} X^\top (A - Y)"],
}
