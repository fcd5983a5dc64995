"""Layers written out: an LSTM cell of one's own, and a layer norm without nn.LayerNorm."""
import torch
import torch.nn as nn
from torch.nn import Parameter, init

torch.manual_seed(404)
torch.set_default_dtype(torch.float64)


class MyLayerNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(size))
        self.b_2 = nn.Parameter(torch.zeros(size))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        std = x.std(-1, keepdim=True)
        return self.a_2 * (x - mean) / (std + self.eps) + self.b_2


class MyLSTM(nn.Module):
    def __init__(self, input_sz, hidden_sz):
        super().__init__()
        self.hidden_size = hidden_sz
        self.W = Parameter(torch.Tensor(input_sz, hidden_sz * 4))
        self.U = Parameter(torch.Tensor(hidden_sz, hidden_sz * 4))
        self.bias = Parameter(torch.Tensor(hidden_sz * 4))
        self.init_weights()

    def init_weights(self):
        stdv = 1.0 / self.hidden_size ** 0.5
        for weight in self.parameters():
            weight.data.uniform_(-stdv, stdv)

    def forward(self, x, init_states=None):
        bs, seq_sz, _ = x.size()
        hidden_seq = []
        HS = self.hidden_size
        if init_states is None:
            h_t, c_t = torch.zeros(bs, HS).to(x.device), torch.zeros(bs, HS).to(x.device)
        else:
            h_t, c_t = init_states
        for t in range(seq_sz):
            x_t = x[:, t, :]
            gates = x_t @ self.W + h_t @ self.U + self.bias
            i_t, f_t, g_t, o_t = (
                torch.sigmoid(gates[:, :HS]),
                torch.sigmoid(gates[:, HS:HS * 2]),
                torch.tanh(gates[:, HS * 2:HS * 3]),
                torch.sigmoid(gates[:, HS * 3:]),
            )
            c_t = f_t * c_t + i_t * g_t
            h_t = o_t * torch.tanh(c_t)
            hidden_seq.append(h_t.unsqueeze(0))
        hidden_seq = torch.cat(hidden_seq, dim=0)
        hidden_seq = hidden_seq.transpose(0, 1).contiguous()
        return hidden_seq, (h_t, c_t)


class Maxout(nn.Module):
    def __init__(self, d_in, d_out, pieces=2):
        super().__init__()
        self.weight = Parameter(torch.empty(pieces, d_out, d_in))
        self.shift = Parameter(torch.zeros(pieces, d_out))
        init.xavier_normal_(self.weight)

    def forward(self, x):
        z = torch.tensordot(x, self.weight, dims=([-1], [-1])) + self.shift
        return z.max(dim=-2).values


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = MyLSTM(2, 3)
        self.norm = MyLayerNorm(3)
        self.maxout = Maxout(3, 2)
        self.temperature = Parameter(torch.tensor(1.5))

    def forward(self, x):
        seq, _ = self.lstm(x)
        return self.maxout(self.norm(seq[:, -1])) / self.temperature


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(6, 4, 2)
y = (x.sum(dim=(1, 2)) > 0).long()
for epoch in range(5):
    optimizer.zero_grad()
    logits = net(x)
    log_probs = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    loss = -log_probs[torch.arange(len(y)), y].mean()
    loss.backward()
    optimizer.step()
    print(epoch, float(loss.detach()))
