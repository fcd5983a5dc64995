import sys, os
sys.path.append(os.pardir)
import numpy as np
from common.optimizer import *
from two_layer_net import TwoLayerNet

np.random.seed(1)
# three clouds of points in four dimensions
centers = np.random.randn(3, 4) * 2
labels = np.random.randint(0, 3, 90)
x_train = centers[labels] + np.random.randn(90, 4)
t_train = np.zeros((90, 3))
t_train[np.arange(90), labels] = 1

network = TwoLayerNet(n_in=4, n_hidden=6, n_out=3)
optimizer = SGD(lr=0.1)

batch_size = 15
per_epoch = max(len(x_train) // batch_size, 1)
losses, accuracies = [], []

for i in range(60):
    batch_mask = np.random.choice(len(x_train), batch_size)
    x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]

    grad = network.gradient(x_batch, t_batch)
    optimizer.update(network.params, grad)

    loss = network.loss(x_batch, t_batch)
    losses.append(loss)

    if i % per_epoch == 0:
        accuracies.append(network.accuracy(x_train, t_train))
        print("accuracy | " + str(accuracies[-1]))
