"""Mixture of Gaussians, fitted by gradient ascent of the log-likelihood instead of EM."""
import numpy as np

rng = np.random.default_rng(5)
data = np.concatenate([rng.normal(-2, 0.6, 30), rng.normal(1, 1.0, 30)])

K = 2
params = dict(
    logits=np.zeros(K),
    mu=np.array([-1.0, 0.5]),
    log_std=np.array([0.1, -0.1]),
)


def logsumexp(a, axis=-1):
    top = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - top).sum(axis=axis)) + top.squeeze(axis)


def log_joint(x, logits, mu, log_std):
    log_pi = logits - logsumexp(logits)
    z = (x[:, None] - mu) / np.exp(log_std)
    return log_pi - 0.5 * z * z - log_std - 0.5 * np.log(2 * np.pi), z


def nll_and_grad(x, params):
    joint, z = log_joint(x, **params)
    evidence = logsumexp(joint)
    nll = -evidence.mean()
    resp = np.exp(joint - evidence[:, None])
    pi = np.exp(params['logits'] - logsumexp(params['logits']))
    grad = dict(
        logits=-(resp - pi).mean(axis=0),
        mu=-(resp * z / np.exp(params['log_std'])).mean(axis=0),
        log_std=-(resp * (z ** 2 - 1)).mean(axis=0),
    )
    return nll, grad


for it in range(60):
    nll, grad = nll_and_grad(data, params)
    params = {k: v - 0.3 * grad[k] for k, v in params.items()}
    if it % 20 == 0:
        print(f'{it:3d} nll {nll:.4f}')

print({k: v.round(2).tolist() for k, v in params.items()})
