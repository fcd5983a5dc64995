import numpy as np


class NesterovSGD:
    def __init__(self, parameters, lr, momentum=0.9):
        self.parameters = list(parameters)
        self.lr, self.momentum = lr, momentum
        self.velocity = [np.zeros(p.shape) for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.zero_grad()

    def step(self):
        for p, v in zip(self.parameters, self.velocity):
            v *= self.momentum
            v -= self.lr * p.grad
            p.value += self.momentum * v - self.lr * p.grad
