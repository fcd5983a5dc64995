"""A chain of two functions at x = 3: z = 2 x^2, dz/dx = dz/dy * dy/dx = 12."""


def forward(x):
    y = x**2
    z = 2 * y
    return z


x = 3.0
print(forward(x))
