"""A binary network: sign with the gradient of a clipped identity, and a swish that saves memory."""
import torch
import torch.nn as nn
from torch.autograd import Function

torch.manual_seed(34)
torch.set_default_dtype(torch.float64)


class BinarizeFn(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return torch.where(input >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input.abs() > 1] = 0
        return grad_input


class SwishFn(Function):
    """x * sigmoid(x), of which only x is kept."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad_output * (s * (1 + x * (1 - s)))


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, BinarizeFn.apply(self.weight), self.bias)


model = nn.Sequential(nn.Linear(4, 6), BinaryLinear(6, 5), nn.Linear(5, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.02)
x = torch.randn(10, 4)
y = torch.sign(x[:, :1])
for epoch in range(4):
    h = SwishFn.apply(model[0](x))
    out = model[2](torch.tanh(model[1](h)))
    loss = nn.functional.soft_margin_loss(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
