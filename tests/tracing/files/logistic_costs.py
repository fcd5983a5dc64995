import numpy as np
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt


# starting values
def start(n_features):
    w = np.full((n_features, 1), 0.01)
    b = 0
    return w, b


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# one pass over the data, forward and backward
def forward_backward(w, b, x, y):
    m = x.shape[1]
    z = np.dot(w.T, x) + b
    y_head = sigmoid(z)
    loss = -y * np.log(y_head) - (1 - y) * np.log(1 - y_head)
    cost = (np.sum(loss)) / m

    dweight = (np.dot(x, ((y_head - y).T))) / m
    dbias = np.sum(y_head - y) / m
    gradients = {"weight": dweight, "bias": dbias}
    return cost, gradients


def learn(w, b, x, y, alpha, rounds):
    shown_rounds = []
    shown_costs = []
    for i in range(rounds):
        cost, gradients = forward_backward(w, b, x, y)
        w = w - alpha * gradients["weight"]
        b = b - alpha * gradients["bias"]
        if i % 10 == 0:
            shown_rounds.append(i)
            shown_costs.append(cost)
            print("cost in round %i is %f" % (i, cost))
    plt.plot(shown_rounds, shown_costs)
    plt.xticks(shown_rounds, rotation='vertical')
    plt.xlabel("round")
    plt.ylabel("cost")
    plt.show()
    return {"weight": w, "bias": b}


np.random.seed(30)
raw = np.random.gamma(2.0, 3.0, size=(26, 4))
label = (raw[:, 0] > raw[:, 1]).astype(int)
# scale to 0 .. 1
x = (raw - np.min(raw, axis=0)) / (np.max(raw, axis=0) - np.min(raw, axis=0))
x_train, x_test = x[:20].T, x[20:].T
y_train, y_test = label[:20].reshape(1, -1), label[20:].reshape(1, -1)

w, b = start(x_train.shape[0])
parameters = learn(w, b, x_train, y_train, 1, 50)
guess = (sigmoid(parameters["weight"].T @ x_test + parameters["bias"]) > 0.5) * 1
print("test accuracy: {} %".format(100 - np.mean(np.abs(guess - y_test)) * 100))
