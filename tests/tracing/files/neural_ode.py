import numpy as np

np.random.seed(15)

# learn the vector field dz/dt = tanh(z A + c) B so that the flow carries z0 to z1
n_steps, T = 10, 1.0
dt = T / n_steps

z0 = np.random.randn(8, 2)
angle = np.pi / 3
rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
z1 = z0 @ rotation

A = np.random.randn(2, 6) * 0.5
B = np.random.randn(6, 2) * 0.5
c = np.random.randn(6) * 0.1


def odeint_euler(z, A, B, c):
    trajectory = [z]
    for _ in range(n_steps):
        z = z + dt * np.tanh(z @ A + c) @ B
        trajectory.append(z)
    return trajectory


def adjoint(trajectory, a, A, B, c):
    gA, gB, gc = np.zeros_like(A), np.zeros_like(B), np.zeros_like(c)
    for z in trajectory[-2::-1]:
        h = np.tanh(z @ A + c)
        gB += dt * h.T @ a
        dh = dt * (a @ B.T) * (1 - h ** 2)
        gA += z.T @ dh
        gc += dh.sum(axis=0)
        a = a + dh @ A.T
    return gA, gB, gc


for epoch in range(40):
    path = odeint_euler(z0, A, B, c)
    miss = path[-1] - z1
    loss = (miss ** 2).sum(axis=1).mean()
    gA, gB, gc = adjoint(path, 2 * miss / len(z0), A, B, c)
    A, B, c = A - 0.2 * gA, B - 0.2 * gB, c - 0.2 * gc
    if epoch % 13 == 0:
        print("epoch", epoch, "loss", loss)
