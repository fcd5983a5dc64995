import sys, os
sys.path.append(os.pardir)
import numpy as np
from common.layers import *
from collections import OrderedDict


class TwoLayerNet:

    def __init__(self, n_in, n_hidden, n_out, std=0.3):
        sizes = [n_in, n_hidden, n_out]
        self.params = {}
        for i in range(1, len(sizes)):
            self.params['W' + str(i)] = std * np.random.randn(sizes[i - 1], sizes[i])
            self.params['b' + str(i)] = np.zeros(sizes[i])

        self.layers = OrderedDict()
        self.layers['Affine1'] = Affine(self.params['W1'], self.params['b1'])
        self.layers['Relu1'] = Relu()
        self.layers['Affine2'] = Affine(self.params['W2'], self.params['b2'])
        self.last_layer = SoftmaxLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        return self.last_layer.forward(y, t)

    def accuracy(self, x, t):
        answer = self.predict(x).argmax(axis=1)
        return np.sum(answer == np.argmax(t, axis=1)) / float(x.shape[0])

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last_layer.backward(1)
        for layer in reversed(list(self.layers.values())):
            dout = layer.backward(dout)

        grads = {}
        for i in (1, 2):
            layer = self.layers['Affine' + str(i)]
            grads['W' + str(i)], grads['b' + str(i)] = layer.dW, layer.db
        return grads
