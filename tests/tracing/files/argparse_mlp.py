#!/usr/bin/env python
import argparse

import numpy as np


def get_args():
    parser = argparse.ArgumentParser(description="two layer network on a noisy sine")
    parser.add_argument("--hidden", type=int, default=8, help="hidden units")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--activation", choices=["tanh", "sigmoid"], default="tanh")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def activate(z, kind):
    if kind == "tanh":
        a = np.tanh(z)
        return a, 1 - a ** 2
    a = 1 / (1 + np.exp(-z))
    return a, a * (1 - a)


def main():
    args = get_args()
    rng = np.random.default_rng(args.seed)
    x = np.linspace(-2, 2, 25)[:, None]
    y = np.sin(2 * x) + 0.1 * rng.standard_normal(x.shape)

    W1 = rng.standard_normal((1, args.hidden))
    b1 = np.zeros(args.hidden)
    W2 = rng.standard_normal((args.hidden, 1)) / np.sqrt(args.hidden)
    b2 = np.zeros(1)

    for epoch in range(1, args.epochs + 1):
        h, dh = activate(x @ W1 + b1, args.activation)
        y_hat = h @ W2 + b2
        residual = y_hat - y
        loss = np.mean(np.square(residual))

        g = 2 * residual / len(x)
        gW2, gb2 = h.T @ g, g.sum(0)
        gz = (g @ W2.T) * dh
        gW1, gb1 = x.T @ gz, gz.sum(0)
        for param, grad in ((W1, gW1), (b1, gb1), (W2, gW2), (b2, gb2)):
            param -= args.lr * grad
        if args.verbose or epoch % 10 == 0:
            print("epoch", epoch, "mse", loss)


if __name__ == "__main__":
    main()
