import numpy as np

np.random.seed(6)

# y = 3 x1 - 2 x2 + 1
inputs = np.random.uniform(-1, 1, size=(16, 2))
targets = inputs @ np.array([[3.0], [-2.0]]) + 1.0

w_hidden = np.random.normal(0, 0.7, (2, 4))
w_output = np.random.normal(0, 0.7, (4, 1))
bias_hidden = np.full((1, 4), 0.1)
bias_output = np.full((1, 1), 0.1)

rate = 0.1
decay = 0.002
tolerance = 1e-3
previous = np.inf
epoch = 0

while epoch < 300:
    hidden_in = np.dot(inputs, w_hidden) + bias_hidden
    hidden = np.arctan(hidden_in)
    output = np.dot(hidden, w_output) + bias_output
    mse = np.average((targets - output) ** 2)
    penalty = decay * (np.sum(w_hidden ** 2) + np.sum(w_output ** 2))
    total_loss = mse + penalty
    if abs(previous - total_loss) < tolerance:
        break
    previous = total_loss

    grad_output = -2 * (targets - output) / targets.size
    grad_w_output = hidden.T.dot(grad_output) + 2 * decay * w_output
    grad_bias_output = grad_output.sum(0, keepdims=True)
    grad_hidden = grad_output.dot(w_output.T) / (1 + hidden_in ** 2)
    grad_w_hidden = inputs.T.dot(grad_hidden) + 2 * decay * w_hidden
    grad_bias_hidden = grad_hidden.sum(0, keepdims=True)

    w_output -= rate * grad_w_output
    w_hidden -= rate * grad_w_hidden
    bias_output -= rate * grad_bias_output
    bias_hidden -= rate * grad_bias_hidden
    epoch += 1

print("stopped after", epoch, "epochs, loss", total_loss)
