"""A network in one line, its derivation, and its training: exclusive or."""

import numpy as np

import symback as sb

net = sb.mlp([2, 3, 1], hidden="tanh", output="sigmoid", loss="bce")
d = sb.derive(net)
print(d.latex("W1"))

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])
values = {"X": X, "Y": Y, **net.initial(seed=1)}
print(sb.check_gradients(d, values).ok)

history = d.run(500, learning_rate=1.0, values=values)
print(f"loss {history.losses[0]:.4f} -> {history.losses[-1]:.4f}")
print(d.evaluate({**values, **history.parameters}).values["a2"].round(2).ravel())
