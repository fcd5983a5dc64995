import numpy as np

rng = np.random.RandomState(9)
x = np.sort(rng.uniform(-3, 3, 30))[:, np.newaxis]
d = np.sinc(x[:, 0]) + 0.05 * rng.randn(30)

J = 6
centers = np.linspace(-2.5, 2.5, J).reshape(-1, 1)
log_sigma = np.zeros(J)
weights = rng.randn(J) * 0.3
bias = 0.1

eta = 0.02
for epoch in range(40):
    diff = x[:, None, :] - centers[None, :, :]
    r2 = np.sum(diff ** 2, axis=2)
    sigma2 = np.exp(2 * log_sigma)
    phi = np.exp(-r2 / (2 * sigma2))
    out = phi.dot(weights) + bias
    err = d - out
    sse = 0.5 * err.dot(err)
    if epoch == 0 or epoch == 39:
        print("epoch", epoch, "sse", sse)

    # deltas carry the minus sign of the error
    back = -err[:, None] * weights * phi
    grad_weights = -phi.T.dot(err)
    grad_bias = -err.sum()
    grad_centers = np.sum((back / sigma2)[:, :, None] * diff, axis=0)
    grad_log_sigma = np.sum(back * r2 / sigma2, axis=0)

    weights -= eta * grad_weights
    bias -= eta * grad_bias
    centers -= eta * grad_centers
    log_sigma -= eta * grad_log_sigma
