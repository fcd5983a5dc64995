import numpy as np
from sklearn.datasets import make_moons
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

X, y = make_moons(n_samples=120, noise=0.15, random_state=3)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=3)
n = len(X_train)
lam = 0.01   # strength of the regularization
eps = 0.3    # step size


def scores(model, x):
    hidden = np.tanh(x.dot(model['W1']) + model['b1'])
    return hidden.dot(model['W2']) + model['b2']


def fit(hidden_units, passes=40, verbose=False):
    np.random.seed(0)
    W1 = np.random.randn(2, hidden_units) / np.sqrt(2)
    b1 = np.zeros((1, hidden_units))
    W2 = np.random.randn(hidden_units, 2) / np.sqrt(hidden_units)
    b2 = np.zeros((1, 2))
    model = {}
    for k in range(passes):
        z1 = X_train.dot(W1) + b1
        a1 = np.tanh(z1)
        z2 = a1.dot(W2) + b2
        exp_z2 = np.exp(z2)
        probs = exp_z2 / exp_z2.sum(axis=1, keepdims=True)

        data_loss = np.sum(-np.log(probs[range(n), y_train]))
        data_loss += lam / 2 * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
        loss = 1. / n * data_loss

        delta3 = probs
        delta3[range(n), y_train] -= 1
        dW2 = a1.T.dot(delta3) + lam * W2
        db2 = delta3.sum(axis=0, keepdims=True)
        delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
        dW1 = np.dot(X_train.T, delta2) + lam * W1
        db1 = delta2.sum(axis=0)

        W1 += -eps / n * dW1
        b1 += -eps / n * db1
        W2 += -eps / n * dW2
        b2 += -eps / n * db2
        model = {'W1': W1, 'b1': b1, 'W2': W2, 'b2': b2}
        if verbose and k % 10 == 0:
            print("pass %i, loss %f" % (k, loss))
    return model


model = fit(4, verbose=True)
print("test accuracy", accuracy_score(y_test, np.argmax(scores(model, X_test), axis=1)))
