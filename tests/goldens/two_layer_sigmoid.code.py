# loss: loss (by its name); parameters: W1, b1, W2, b2 (the code has a hand-written gradient for them); data: x, y_true (change with wrt=, --wrt)
import numpy as np


@np.errstate(all="ignore")
def gradients(x, y_true, W1, b1, W2, b2):
    """Return loss, dW1, db1, dW2, db2: the loss and its gradients."""
    # forward
    z1 = x @ W1 + b1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = a1 @ W2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    # loss
    loss = 0.5 * (y_true - a2)**2
    # backward
    da2 = a2 - y_true  # ∂L/∂a₂ = a₂ − y
    dz2 = da2 * a2 * (1 - a2)  # δ₂ = ∂L/∂a₂ ⊙ σ′(z₂)
    dW2 = a1.T @ dz2  # ∂L/∂W₂ = a₁ᵀ δ₂
    db2 = dz2.sum(axis=0)  # ∂L/∂b₂ = 1ᵀ δ₂
    dz1 = dz2 @ W2.T * a1 * (1 - a1)  # ∂L/∂a₁ = δ₂ W₂ᵀ; δ₁ = ∂L/∂a₁ ⊙ σ′(z₁)
    dW1 = x.T @ dz1  # ∂L/∂W₁ = xᵀ δ₁
    db1 = dz1.sum(axis=0)  # ∂L/∂b₁ = 1ᵀ δ₁
    return loss.item(), dW1, db1, dW2, db2
