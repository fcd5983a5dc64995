# torch
# 다층 순전파/역전파
layer1 = lambda x: x ** 2
layer2 = lambda y: 2 * y

def forward(x):
    y = layer1(x)
    z = layer2(y)
    return z

x = torch.tensor([3.0], requires_grad=True)
z = forward(x)
print(z)

z.backward()
print(x.grad.item())
