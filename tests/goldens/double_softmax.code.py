# loss: loss (backward() is called on it, line 19); parameters: W, b (requires_grad); data: X, y_true_index (change with wrt=, --wrt)
import numpy as np


def softmax(z, axis=-1):
    """e^z / sum(e^z) along an axis; the largest entry is subtracted first, which changes nothing but overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    """log(softmax(z)) along an axis, without overflow."""
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def one_hot(index, classes, dtype=float):
    """Rows of the identity matrix: 1 at the class index, else 0."""
    return (np.asarray(index)[..., None] == np.arange(classes)).astype(dtype)


@np.errstate(all="ignore")
def gradients(X, y_true_index, W, b):
    """Return loss, dW, db: the loss and its gradients."""
    # forward
    x = X @ W.T + b
    y_hat = softmax(x, axis=1)
    Y = one_hot(y_true_index, 3, X.dtype)
    ell = log_softmax(y_hat, axis=1)
    # loss
    loss = -(Y * ell).sum(axis=1).mean()
    # backward
    dy_hat = np.exp(ell) - Y  # ∂L/∂ŷ = softmax(ŷ) − Y
    dx = (dy_hat - (dy_hat * y_hat).sum(axis=1, keepdims=True)) * y_hat  # δ = (∂L/∂ŷ − (∂L/∂ŷ ⊙ ŷ) 1 1ᵀ) ⊙ ŷ
    dW = dx.T @ X  # ∂L/∂W = δᵀ X
    db = dx.sum(axis=0)  # ∂L/∂b = 1ᵀ δ
    return float(loss), dW, db
