"""f(x) = x^2 at 3: the derivative against a central difference."""


def f(x):
    return x**2


def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


print(central_difference(f, 3.0))
