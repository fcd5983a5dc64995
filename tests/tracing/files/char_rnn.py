"""A recurrent network that reads one letter and guesses the next one. NumPy only, Adagrad."""
import numpy as np

text = "hello yellow mellow fellow "
alphabet = sorted(set(text))
V = len(alphabet)
index = {letter: i for i, letter in enumerate(alphabet)}

H = 8            # size of the state
T = 6            # letters per step
rate = 1e-1

np.random.seed(0)
Wxh, Whh, Why = (0.1 * np.random.randn(*shape) for shape in ((H, V), (H, H), (V, H)))
bh, by = np.zeros((H, 1)), np.zeros((V, 1))


def lossFun(ins, outs, h_start):
    """Run over the letters and back; return the loss, the gradients and the last state."""
    x, h, p = {}, {-1: np.copy(h_start)}, {}
    loss = 0
    for t, (i, o) in enumerate(zip(ins, outs)):
        x[t] = np.zeros((V, 1))
        x[t][i] = 1
        h[t] = np.tanh(Wxh @ x[t] + Whh @ h[t - 1] + bh)
        e = np.exp(Why @ h[t] + by)
        p[t] = e / np.sum(e)
        loss += -np.log(p[t][o, 0])

    dWxh, dWhh, dWhy, dbh, dby = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]
    carry = np.zeros_like(h[0])
    for t in range(len(ins) - 1, -1, -1):
        dy = np.copy(p[t])
        dy[outs[t]] -= 1
        dWhy += dy @ h[t].T
        dby += dy
        draw = (Why.T @ dy + carry) * (1 - h[t] * h[t])
        dWxh += draw @ x[t].T
        dWhh += draw @ h[t - 1].T
        dbh += draw
        carry = Whh.T @ draw
    for d in (dWxh, dWhh, dWhy, dbh, dby):
        np.clip(d, -5, 5, out=d)
    return loss, (dWxh, dWhh, dWhy, dbh, dby), h[len(ins) - 1]


step, place = 0, 0
memory = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]
smooth = np.log(V) * T

while True:
    if step == 0 or place + T + 1 >= len(text):
        state, place = np.zeros((H, 1)), 0
    ins = [index[c] for c in text[place:place + T]]
    outs = [index[c] for c in text[place + 1:place + T + 1]]

    loss, grads, state = lossFun(ins, outs, state)
    smooth = 0.99 * smooth + 0.01 * loss
    if step % 20 == 0:
        print("step %d, loss: %f" % (step, smooth))

    for w, dw, mem in zip([Wxh, Whh, Why, bh, by], grads, memory):
        mem += dw * dw
        w += -rate * dw / np.sqrt(mem + 1e-8)

    place += T
    step += 1
    if step > 100:
        break
