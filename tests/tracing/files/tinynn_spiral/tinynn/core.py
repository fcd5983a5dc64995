import numpy as np


class Parameter:
    def __init__(self, value):
        self.value = np.asarray(value, dtype=np.float64)
        self.grad = np.zeros_like(self.value)

    def zero_grad(self):
        self.grad[...] = 0.0

    @property
    def shape(self):
        return self.value.shape


class Module:
    def parameters(self):
        for attribute in vars(self).values():
            if isinstance(attribute, Parameter):
                yield attribute
            elif isinstance(attribute, Module):
                yield from attribute.parameters()
            elif isinstance(attribute, (list, tuple)):
                for item in attribute:
                    if isinstance(item, Module):
                        yield from item.parameters()

    def __call__(self, *args):
        return self.forward(*args)


class Sequential(Module):
    def __init__(self, *modules):
        self.modules = list(modules)

    def forward(self, x):
        for module in self.modules:
            x = module(x)
        return x

    def backward(self, grad):
        for module in self.modules[::-1]:
            grad = module.backward(grad)
        return grad
