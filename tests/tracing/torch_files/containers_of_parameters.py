import torch
import torch.nn as nn


class Experts(nn.Module):
    def __init__(self, d, n_experts):
        super().__init__()
        self.w = nn.ParameterList([nn.Parameter(torch.randn(d, d) / d ** 0.5) for _ in range(n_experts)])
        self.b = nn.ParameterList(nn.Parameter(torch.zeros(d)) for _ in range(n_experts))
        self.scales = nn.ParameterDict({
            "pre": nn.Parameter(torch.ones(d)),
            "post": nn.Parameter(torch.full((d,), 0.5)),
        })
        self.acts = nn.ModuleDict([["lrelu", nn.LeakyReLU()], ["prelu", nn.PReLU()]])
        self.gate = nn.Linear(d, n_experts)
        self.tail = nn.ModuleList()
        for i in range(2):
            self.tail.append(nn.Linear(d, d if i == 0 else 1))

    def forward(self, x, choice):
        x = x * self.scales["pre"]
        g = self.gate(x).softmax(dim=-1)
        outs = [torch.addmm(b, x, w) for w, b in zip(self.w, self.b)]
        x = torch.einsum("ne,end->nd", g, torch.stack(outs))
        x = self.acts[choice](x) * self.scales["post"]
        for i, layer in enumerate(self.tail):
            x = layer(x)
            if i < len(self.tail) - 1:
                x = torch.tanh(x)
        return x


torch.manual_seed(30)
torch.set_default_dtype(torch.float64)
model = Experts(3, 2)
optimizer = torch.optim.Adamax(model.parameters(), lr=0.02)
x, y = torch.randn(9, 3), torch.randn(9, 1)
for i in range(4):
    out = model(x, "prelu" if i % 2 == 0 else "lrelu")
    loss = torch.mean((out - y) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("iter", i, "loss", loss.item())
