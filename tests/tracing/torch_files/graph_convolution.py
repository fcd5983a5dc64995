import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.parameter import Parameter

torch.manual_seed(72)
torch.set_default_dtype(torch.float64)

# two communities of friends
edges = torch.tensor([[0, 1], [1, 2], [0, 2], [2, 3], [3, 4], [4, 5], [3, 5], [5, 6], [4, 6]]).t()
n = 7
labels = torch.tensor([0, 0, 0, 1, 1, 1, 1])
idx_train = torch.tensor([0, 2, 4, 6])
features = torch.eye(n)[:, :5] + 0.1 * torch.randn(n, 5)

adj = torch.zeros(n, n)
adj[edges[0], edges[1]] = 1
adj = adj + adj.T
adj += torch.eye(n)
d_inv_sqrt = torch.diag(adj.sum(1).pow(-0.5))
adj_norm = d_inv_sqrt @ adj @ d_inv_sqrt


class GraphConvolution(nn.Module):
    """Multiplication by the normalized adjacency matrix."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = Parameter(torch.empty(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.empty(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1. / self.weight.size(1) ** 0.5
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.spmm(adj, support) if adj.is_sparse else torch.mm(adj, support)
        return output if self.bias is None else output + self.bias


class SAGE(nn.Module):
    """Sum over neighbours by index_add, attention over edges by scatter."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.lin = nn.Linear(in_features, out_features, bias=False)
        self.att = Parameter(torch.randn(2 * out_features))

    def forward(self, x, edge_index):
        src, dst = edge_index
        h = self.lin(x)
        e = F.leaky_relu((torch.cat([h[src], h[dst]], dim=1) * self.att).sum(1), 0.2).exp()
        norm = torch.zeros(x.size(0)).scatter_add(0, dst, e)
        alpha = e / norm[dst]
        out = torch.zeros_like(h)
        out.index_add_(0, dst, alpha.unsqueeze(1) * h[src])
        return out + h


class GNN(nn.Module):
    def __init__(self, nfeat, nhid, nclass, dropout):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.sage = SAGE(nhid, nhid)
        self.gc2 = GraphConvolution(nhid, nclass, bias=False)
        self.dropout = dropout

    def forward(self, x, adj, edge_index):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        x = F.elu(self.sage(x, edge_index))
        return F.log_softmax(self.gc2(x, adj), dim=1)


model = GNN(5, 4, 2, dropout=0.3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=5e-4)
both = torch.cat([edges, edges.flip(0)], dim=1)
for epoch in range(4):
    model.train()
    optimizer.zero_grad()
    output = model(features, adj_norm, both)
    loss_train = F.nll_loss(output[idx_train], labels[idx_train])
    loss_train.backward()
    optimizer.step()

    model.eval()
    output = model(features, adj_norm, both)
    acc = (output.argmax(1) == labels).double().mean()
    print('Epoch: {:04d}'.format(epoch + 1), 'loss_train: {:.4f}'.format(loss_train.item()), 'acc: {:.4f}'.format(acc))
