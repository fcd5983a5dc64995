"""Watch activations and gradients while a small network learns."""
from collections import defaultdict
from functools import partial

import torch
import torch.nn as nn

torch.manual_seed(12)
torch.set_default_dtype(torch.float64)

net = nn.Sequential()
net.add_module("lin1", nn.Linear(4, 5))
net.add_module("act1", nn.Sigmoid())
net.add_module("lin2", nn.Linear(5, 5))
net.add_module("act2", nn.Softsign())
net.add_module("lin3", nn.Linear(5, 2))

stats = defaultdict(list)
features = {}


def save_activation(name, module, inputs, output):
    stats[name].append((output.mean().item(), output.std().item()))
    features[name] = output


handles = [layer.register_forward_hook(partial(save_activation, name)) for name, layer in net.named_children()]
norms = []
net.lin2.weight.register_hook(lambda grad: norms.append(grad.norm().item()))
net.lin1.register_full_backward_hook(lambda module, grad_in, grad_out: norms.append(grad_out[0].abs().max().item()))

x = torch.randn(7, 4)
y = torch.randint(0, 2, (7,))
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
for epoch in range(4):
    out = net(x)
    # sparse activations, taken from the hook
    penalty = features["act1"].mean(0).sub(0.2).pow(2).sum()
    loss = nn.functional.cross_entropy(out, y) + 0.1 * penalty
    out.register_hook(lambda g: print("   d loss / d out", tuple(g.shape), f"{g.abs().sum():.4f}"))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), norms[-2:])
for h in handles:
    h.remove()
print({k: len(v) for k, v in stats.items()})
