import torch
import torch.nn as nn
import torch.optim as optim


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(2, 4).double()
        self.l2 = nn.Linear(4, 1).double()

    def forward(self, x):
        return self.l2(torch.sin(self.l1(x)))


if __name__ == '__main__':
    torch.manual_seed(0)
    grid = torch.linspace(-1, 1, 5, dtype=torch.double)
    data = torch.cartesian_prod(grid, grid)
    target = (data[:, :1] * data[:, 1:]) + 0.3 * data[:, :1]

    seq = Model()
    criterion = nn.MSELoss()
    # use LBFGS as optimizer since we can load the whole data to train
    optimizer = optim.LBFGS(seq.parameters(), lr=0.8, max_iter=6, line_search_fn="strong_wolfe")
    for i in range(3):
        print('STEP: ', i)

        def closure():
            optimizer.zero_grad()
            out = seq(data)
            loss = criterion(out, target) + 1e-4 * sum((p ** 2).sum() for p in seq.parameters())
            print('loss:', loss.item())
            loss.backward()
            return loss

        optimizer.step(closure)
