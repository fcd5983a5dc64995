# loss: loss (by its name); parameters: w, b (the code has a hand-written gradient for them); data: x, y (change with wrt=, --wrt)
from math import exp, log1p


def gradients(x, y, w, b):
    """Return loss, dw, db: the loss and its gradients."""
    # forward
    z = w * x + b
    y_hat = 1.0 / (1.0 + exp(-z)) if z > -709.0 else exp(z)
    # loss
    loss = -(y * (min(z, 0.0) - log1p(exp(-abs(z)))) + (1.0 - y) * (min(-z, 0.0) - log1p(exp(-abs(-z)))))  # evaluated for -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
    # backward
    dz = y_hat - y  # ∂L/∂z = ŷ − y
    dw = dz * x  # ∂L/∂w = ∂L/∂z · x
    db = dz  # ∂L/∂b = ∂L/∂z
    return loss, dw, db
