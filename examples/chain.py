"""Two neurons with an unknown activation f, as SymPy equations: the chain rule from the loss inwards."""

import sympy as sp

import symback as sb

x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
f = sp.Function("f")

net = sb.network([
    sp.Eq(h, f(x * w1)),
    sp.Eq(y, f(h * w2)),
    sp.Eq(E, (t - y)**2 / 2),
])
d = sb.derive(net, wrt=[w1, w2])

if __name__ == "__main__":
    for name in ("w2", "w1"):
        print(d.latex(name))
