from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def kaiming_uniform(fan_in: int, fan_out: int, rng: np.random.Generator, a: float = 5 ** 0.5) -> Array:
    bound = np.sqrt(6.0 / ((1 + a * a) * fan_in))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


class MLP:
    w_in: Array
    w_out: Array
    b_in: Array
    b_out: Array

    def __init__(self, d_in: int, d_hidden: int, d_out: int, *, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.w_in = kaiming_uniform(d_in, d_hidden, rng)
        self.b_in = rng.uniform(-0.1, 0.1, d_hidden)
        self.w_out = kaiming_uniform(d_hidden, d_out, rng)
        self.b_out = rng.uniform(-0.1, 0.1, d_out)

    def __call__(self, x: Array) -> tuple[Array, dict[str, Array]]:
        u = np.einsum("ni,hi->nh", x, self.w_in) + self.b_in
        r = np.maximum(u, 0.0)
        h = r * r                                   # squared ReLU
        y = np.einsum("nh,oh->no", h, self.w_out) + self.b_out
        return y, {"x": x, "r": r, "h": h}

    def grads(self, dy: Array, saved: dict[str, Array]) -> dict[str, Array]:
        dh = np.einsum("no,oh->nh", dy, self.w_out)
        du = 2 * dh * saved["r"]
        return {
            "w_out": np.einsum("no,nh->oh", dy, saved["h"]),
            "b_out": np.einsum("no->o", dy),
            "w_in": np.einsum("nh,ni->hi", du, saved["x"]),
            "b_in": np.einsum("nh->h", du),
        }


def log_cosh(e: Array) -> float:
    return float(np.sum(np.log(np.cosh(e))) / e.shape[0])


def main(steps: int = 25, lr: float = 0.05) -> None:
    rng = np.random.default_rng(2)
    x: Array = rng.standard_normal((14, 5))
    t: Array = x[:, :3] ** 2
    net = MLP(5, 7, 3, seed=1)
    for step in range(steps):
        y, saved = net(x)
        loss: float = log_cosh(y - t)
        g = net.grads(np.tanh(y - t) / len(x), saved)
        for name in g:
            setattr(net, name, getattr(net, name) - lr * g[name])
        if step % 8 == 0:
            print(step, loss)


if __name__ == "__main__":
    main()
