"""Gradient descent finds a number, from a random start (give one: --set guess=-0.758, or a --seed)."""

import numpy as np

target = 42
guess = np.random.randn()
learning_rate = 0.1

for step in range(500):
    loss = 0.5 * (guess - target)**2
    gradient = guess - target
    guess -= learning_rate * gradient
    if step % 100 == 0:
        print(step, guess, loss)

print(guess)
