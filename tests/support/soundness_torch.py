"""Small texts of PyTorch that are easily misread in silence: memory, modules, and what no gradient passes."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "data of a tensor that is given new memory",
        False,
        torch="""
t = torch.ones(2, 3)
v = t.detach()
t.data = torch.zeros(2, 3)
loss = (W * v).sum() + (W * W * t).sum()

t, s = torch.ones(2, 3), torch.zeros(2, 3)
t.data = s
s[0] = 9.0
loss = (W * t).sum()

a, b = torch.ones(2, 3), torch.full((2, 3), 2.0)
a.data, b.data = b.data, a.data
loss = (W * a).sum() + (W * b * b).sum()

t = torch.ones(2, 3)
t.data = t.data * 2
t[0] = 5.0
loss = (W * t).sum()

layer = nn.Linear(3, 2, bias=False)
layer.weight.data = torch.ones(2, 3)
layer.weight.data[0] = 4.0
loss = layer(W).pow(2).sum()
""",
    ),
    Kind(
        "memory that a parameter shares",
        False,
        torch="""
t = torch.ones(3)
m = nn.LayerNorm(3)
m.weight = nn.Parameter(t)
t[0] = 5.0
loss = (m(W) ** 3).sum()

t = torch.ones(3)
m, n = nn.LayerNorm(3), nn.LayerNorm(3)
m.weight = nn.Parameter(t)
n.weight = nn.Parameter(t)
m.weight.data[0] = 4.0
loss = (n(W) ** 3).sum()

a, b = nn.LayerNorm(3), nn.LayerNorm(3)
b.weight = nn.Parameter(a.weight)
nn.init.zeros_(a.weight)
loss = (b(W) ** 3).sum() + W.sum()

t = torch.ones(3)
kept = nn.ParameterList([t])
t[1] = 2.0
loss = (W * kept[0]).sum()
""",
    ),
    Kind(
        "parameters that were changed or want no gradient",
        True,
        torch="""
m = nn.LayerNorm(3)
m.weight.data[1] = 5.0
with torch.no_grad():
    for p in m.parameters():
        p.mul_(2)
loss = (m(W) ** 3).sum()

m = nn.LayerNorm(3)
for k in range(2):
    for p in m.parameters():
        p.data.mul_(2)
loss = (m(W) ** 3).sum()

m = nn.LayerNorm(3)
m.weight.detach()[0] = 5
loss = (m(W) ** 3).sum() + sum(p.pow(2).sum() for p in m.parameters()) * W.sum()

m = nn.LayerNorm(3)
m.weight.data[0] = 5
c = copy.deepcopy(m)
with torch.no_grad():
    for name, p in c.named_parameters():
        p.mul_(2)
loss = (c(W) ** 3).sum() + (m(W) ** 3).sum()

m = nn.LayerNorm(3)
m.requires_grad_(False)
loss = (m(W) ** 3).sum() + len(list(m.parameters())) * W.sum()

teacher, student = nn.LayerNorm(3), nn.LayerNorm(3)
student.weight.data.fill_(3.0)
for p in teacher.parameters():
    p.requires_grad = False
for old, new in zip(teacher.parameters(), student.parameters()):
    old.data.mul_(0.9).add_(new.data, alpha=0.1)
loss = (teacher(W) ** 3).sum()

class Kept(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.ones(3), requires_grad=False)
        self.q = torch.ones(7, requires_grad=True)
        self.r = nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(5))])
        self.s = nn.ParameterDict({"z": nn.Parameter(torch.ones(11)), "a": nn.Parameter(torch.ones(13))})
        self.hidden = [nn.Linear(2, 2)]
kept = Kept()
sizes = [p.numel() for p in kept.parameters()]
loss = W.sum() * sum(sizes) + W.pow(2).sum() * sizes[3]

class Config:
    def __init__(self):
        self.layer = nn.Linear(2, 2)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.config = Config()
        self.w = nn.Parameter(torch.ones(3))
loss = W.sum() * sum(p.numel() for p in Model().parameters())
""",
    ),
    Kind(
        "walks through a module",
        True,
        torch="""
m = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Sequential(nn.LeakyReLU(), nn.Linear(2, 2)))
loss = W.sum() * len(list(m.parameters(recurse=False))) + W.pow(2).sum() * len(list(m.modules()))

m = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
found = [name for name, p in m.named_parameters(prefix="net")]
loss = W.sum() * (5 if found == ["net.0.weight", "net.0.bias"] else 3)

m = nn.Sequential(nn.Tanh(), nn.LeakyReLU())
calls = []
m.apply(lambda part: calls.append(1))
loss = m(W).pow(2).sum() * len(calls)

same = nn.Tanh()
m = nn.Sequential(same, nn.LeakyReLU(), same)
loss = m(W).pow(2).sum() * len(list(m.children())) + W.sum() * len(list(m.named_modules()))

class Kept(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("b", torch.ones(2))
        self.register_buffer("c", torch.ones(2), persistent=False)
        self.t = torch.ones(4)
        self.w = nn.Parameter(torch.ones(3))
m = Kept()
loss = W.sum() * len(m.state_dict()) + sum(v.sum() for v in m.state_dict().values()) * (W * m.w).sum()

a, b = nn.LayerNorm(3), nn.LayerNorm(3)
a.weight.data.fill_(3.0)
b.load_state_dict(a.state_dict())
a.weight.data.fill_(4.0)
loss = (b(W) ** 3).sum()

class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.LayerNorm(3), nn.LayerNorm(3)
        self.b.weight = self.a.weight
    def forward(self, x):
        return self.b(self.a(x).pow(2))
m = copy.deepcopy(Tied())
m.a.weight.data.fill_(3.0)
loss = (m(W) ** 3).sum()

calls = []
m = nn.Tanh()
m.apply(lambda part: calls.append(2))
loss = m(W).sum() * len(calls) + W.pow(2).sum() * len(list(m.modules()))

m = nn.Sequential(nn.BatchNorm1d(3))
nn.Module.eval(m)
loss = (m(W) * torch.tensor([[1.0], [2.0]])).pow(2).sum()

class Double(nn.Module):
    def forward(self, x):
        return x * 2
class Six(Double):
    def __call__(self, x):
        return super().__call__(x) * 3
loss = Six()(W).pow(2).sum()
""",
    ),
    Kind(
        "an option of a walk, or of an activation inside a module, that is not followed",
        False,
        torch="""
m = nn.Sequential(nn.Tanh(), nn.LeakyReLU())
for part in m.modules():
    if isinstance(part, nn.LeakyReLU):
        part.negative_slope = 0.5
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
loss = W.sum() * len(list(m.named_modules(prefix="net"))[0][0])

m = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
loss = W.sum() * len(m.state_dict(prefix="net"))

m = nn.LayerNorm(3)
m.load_state_dict({"weight": torch.full((3,), 2.0)}, strict=False)
loss = (m(W) ** 3).sum()

m = nn.BatchNorm1d(3)
loss = (m(W) ** 3).sum() + len(m.state_dict()) * W.sum()
""",
    ),
    Kind(
        "running statistics after a call in training mode",
        False,
        torch="""
m = nn.BatchNorm1d(3)
m(W)
m.eval()
loss = (m(W * 2) ** 2).sum()

m = nn.BatchNorm1d(3, momentum=0.3)
for k in range(3):
    m(W * k + torch.tensor([[1.0], [2.0]]))
loss = (m.eval()(W * 2) ** 2).sum()

m = nn.BatchNorm1d(3)
m(W)
kept = copy.deepcopy(m).eval()
loss = (kept(W) ** 3).sum()

rm, rv = torch.zeros(3), torch.ones(3)
y = F.batch_norm(W, rm, rv, training=True, momentum=0.5)
loss = (y * torch.tensor([[1.0], [2.0]])).pow(3).sum() + (rm * W).sum()
""",
    ),
    Kind(
        "statistics of a batch that nothing reads later",
        True,
        torch="""
m = nn.BatchNorm1d(3)
loss = (m(W) * torch.tensor([[1.0], [2.0]])).pow(3).sum()

m = nn.BatchNorm1d(3)
m(W)
loss = (m(W) * torch.tensor([[1.0], [2.0]])).pow(3).sum() + sum(p.sum() for p in m.parameters()) * W.sum()

m = nn.BatchNorm1d(3).eval()
m(W)
loss = (m(W) ** 3).sum()

y = F.batch_norm(W, torch.zeros(3), torch.ones(3), training=True)
loss = (y * torch.tensor([[1.0], [2.0]])).pow(3).sum()
""",
    ),
    Kind(
        "a number beside an array in an index",
        True,
        torch="""
a = torch.arange(24.0).reshape(2, 3, 4)
v = a[0, :, [1, 2]]
loss = (v.T * W).sum() if v.shape[0] == 3 else W.sum() * 3

a = W[:, :, None] * torch.arange(4.0)
loss = (a[1, :, [1, 2]][0] * torch.tensor([1.0, 5.0])).sum()

a = W[:, :, None] * torch.arange(4.0)
loss = (a[torch.tensor(1), :, [1, 2]][0] * torch.tensor([1.0, 5.0])).sum()

a = torch.zeros(2, 3, 4)
a[0, :, [1, 2]] = torch.arange(6.0).reshape(3, 2)
loss = (a[:, :, :3] * W[:, :, None]).pow(2).sum()

a = W[:, :, None] * torch.arange(4.0)
loss = a[[0, 1], :, [1, 2]].pow(2).sum() + a[0, None, [1, 2]].pow(3).sum()
""",
        numpy="""
a = W[:, :, None] * np.arange(4.0)
loss = np.sum(a[1, :, [1, 2]][0] * np.array([1.0, 5.0, 7.0]))
""",
    ),
    Kind(
        "a change by an overlapping part of the same memory",
        False,
        torch="""
a = W * 1
a[:, 1:] += a[:, :-1]
loss = (a * a).sum()

a = W * 1
a[:, 1:].add_(a[:, :-1])
loss = (a * a).sum()

a = W * 1
a[:, 1:] = a[:, :-1]
loss = (a * a).sum()

a = W * 1
a[:, 1:].copy_(a[:, :-1])
loss = (a * a).sum()
""",
    ),
    Kind(
        "a change by a part of the same memory that does not overlap",
        True,
        torch="""
a = W * 1
a[0] += a[1]
a[:, 0] *= a[:, 1]
loss = (a * a).sum()

a = W * 1
a[:, 1:] += a[:, :-1].clone()
loss = (a * a).sum()

a = W * 1
b = a[:, 1:]
b += a[:, 1:]
loss = (a * a).sum()

a = W * 1
a += a
a[0] = a[1]
loss = (a * a).sum()
""",
        numpy="""
a = W * 1
a[:, 1:] += a[:, :-1]
loss = np.sum(a * a)
""",
    ),
    Kind(
        "a generator whose state is put back",
        False,
        torch="""
torch.manual_seed(0)
s = torch.get_rng_state()
a = torch.randn(3)
torch.set_rng_state(s)
b = torch.randn(3)
loss = (W * a).sum() + (W * b).pow(2).sum()

torch.manual_seed(0)
with torch.random.fork_rng():
    torch.manual_seed(5)
    a = torch.randn(3)
b = torch.randn(3)
loss = (W * a).sum() + (W * b).pow(2).sum()

torch.manual_seed(0)
s = torch.random.get_rng_state()
a = torch.randn(3)
torch.random.set_rng_state(s)
loss = (W * torch.randn(3)).pow(2).sum()

torch.manual_seed(0)
def drawn():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return torch.randn(3)
a = drawn()
loss = (W * a).sum() + (W * torch.randn(3)).pow(2).sum()
""",
    ),
    Kind(
        "a module that is changed",
        False,
        torch="""
m = nn.Tanh()
m.register_forward_hook(lambda mod, i, o: o * 2)
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Tanh())
m[0].register_forward_pre_hook(lambda mod, i: (i[0] * 2,))
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh())
for p in m: p.register_full_backward_hook(lambda m, a, b: (a[0] * 2,))
loss = m(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
M.forward = lambda self, x: x * 3
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
m = M()
m.forward = lambda x: x * 3
loss = m(W).pow(2).sum()

m = nn.Tanh()
m.forward = lambda x: x * 3
loss = m(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
m = M()
m.register_forward_hook(lambda mod, i, o: o * 2)
loss = m(W).pow(2).sum()

m = nn.Tanh()
m = nn.Linear(3, 3)
torch.nn.utils.weight_norm(m)
loss = (m(W) * 0 + W).pow(2).sum()

from torch.nn.utils import spectral_norm as sn
m = nn.Linear(3, 3)
nn.init.eye_(m.weight); nn.init.zeros_(m.bias)
sn(m)
loss = (m(W)).pow(2).sum()

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Tanh()
        self.register_forward_hook(self.hook)
    def hook(self, m, i, o): return o * 2
    def forward(self, x): return self.a(x)
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.forward = f
loss = M(lambda x: x * 3)(W).pow(2).sum()

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.forward = self.two
    def one(self, x): return x
    def two(self, x): return x * 2
loss = M()(W).pow(2).sum()

m = nn.Tanh()
torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
del m[0]
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
m.pop(0) if hasattr(m, "pop") else None
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
m.insert(0, nn.ReLU())
m._modules["1"] = nn.Identity()
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
setattr(m, "0", nn.ReLU())
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Dropout(0.5))
m[1].p = 0.0
loss = m(W).pow(2).sum()

m = nn.LeakyReLU(0.1)
m.negative_slope = 0.5
loss = m(W).pow(2).sum()

m = nn.LeakyReLU(0.1)
m.__dict__["negative_slope"] = 0.5
loss = m(W).pow(2).sum()

m = nn.Softmax(dim=0)
m.dim = 1
loss = m(W).pow(2).sum()
""",
    ),
]

CUT = """
def target(x):
    with torch.no_grad():
        return torch.tanh(x) * 0.9
loss = F.mse_loss(W, target(W))

def stats(x):
    with torch.no_grad():
        return x.mean(), x.std()
m, s = stats(W)
loss = ((W - m) / s).pow(2).sum()

@torch.no_grad()
def f(x):
    return {"a": x * 2}
loss = (f(W)["a"] * W).sum()

@torch.no_grad()
def f(x):
    return [row * 2 for row in x]
loss = (torch.stack(f(W)) * W).sum()

@torch.no_grad
def f(x, out):
    out.append(x * 2)
kept = []
f(W, kept)
loss = (kept[0] * W).sum()

@torch.no_grad()
def rows(x):
    for row in x:
        yield row * 2
loss = sum(row.sum() for row in rows(W)) + (W * W).sum()

def rows(x):
    with torch.no_grad():
        for row in x:
            yield row * 2
loss = sum(row.sum() for row in rows(W)) + (W * W).sum()

made = (row * 2 for row in W)
with torch.no_grad():
    kept = list(made)
loss = sum(row.sum() for row in kept) + (W * W).sum()

with torch.no_grad():
    z = [W * 2]
    z.append(W * 3)
loss = (z[0] + z[1] + W * W).sum()

with torch.inference_mode():
    z = W.max(dim=1)
loss = z.values.sum() + (W * W).sum()

with torch.no_grad():
    z = list(map(lambda t: t * 2, W))
loss = sum(t.sum() for t in z) + (W * W).sum()

def f():
    with torch.no_grad():
        t = W.T
    return t
loss = (f().T * W).sum()

def f():
    with torch.no_grad():
        for k in range(2):
            return W[k]
loss = (f() * W).sum()

def f(x):
    with torch.no_grad():
        try:
            raise ValueError
        except ValueError:
            y = x * 2
    return y
loss = (f(W) + W * W).sum()

with torch.set_grad_enabled(False):
    z = (W * 2,)
loss = (z[0] * W).sum()

torch.set_grad_enabled(False)
a = W * 2
torch.set_grad_enabled(True)
loss = (a * W).sum()

before = torch.is_grad_enabled()
torch.autograd.set_grad_enabled(False)
a = W * 2
torch.autograd.set_grad_enabled(before)
loss = (a * W).sum()

context = torch.no_grad()
context.__enter__()
a = W * 2
context.__exit__(None, None, None)
loss = (a * W).sum()

from contextlib import ExitStack
with ExitStack() as stack:
    stack.enter_context(torch.no_grad())
    a = W * 2
loss = (a * W).sum()

f = torch.no_grad()(lambda x: x * 2)
loss = (f(W) * W).sum()

class Kept:
    @torch.no_grad()
    def update(self, x):
        self.mean.mul_(0.9).add_(x)
    def __init__(self):
        self.mean = torch.zeros(2, 3)
kept = Kept()
kept.update(W)
loss = (kept.mean * W).sum()

def f(x, out):
    with torch.no_grad():
        out.copy_(x)
o = torch.zeros(2, 3)
f(W, o)
loss = (o * W).sum()

with torch.no_grad():
    W2 = W.view(2, 3)
loss = (W2 * W).sum()

@torch.no_grad()
def f(x):
    return x * 2
loss = torch.stack([f(x) * x for x in W]).sum()

loss = torch.stack([x.detach() * x for x in W]).sum()

loss = torch.as_tensor([row.sum() for row in W]).sum() * W.sum()

import math
loss = W.sum() * math.exp(W.sum())

import math
loss = (W / math.sqrt(W.pow(2).sum())).sum()

w = torch.zeros(2, 3)
w.data.copy_(W * 2)
loss = (w ** 2).sum() + W.sum()

w = torch.zeros(2, 3)
w.data = W * 2
loss = (w ** 2).sum() + W.sum()

w = torch.zeros(2, 3)
w.data += W
loss = (w ** 2).sum() + W.sum()

w = torch.zeros(2, 3)
w.data[0] = W[0]
loss = (w ** 2).sum() + W.sum()

w = torch.zeros(2, 3)
v = w.detach()
v.T[0] = W[:, 0]
loss = (w ** 2).sum() + W.sum()

layer = nn.Linear(3, 2, bias=False)
layer.weight.data.copy_(W)
loss = (layer(torch.ones(2, 3)) ** 2).sum() + (W * W).sum()

class Centered(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
    def forward(self, x):
        self.mean.data.mul_(0.9).add_(x.mean(0), alpha=0.1)
        return (x - self.mean) ** 2
loss = Centered()(W).sum()

W.requires_grad_(False)
a = W * W
W.requires_grad_(True)
loss = a.sum() + W.sum()

W.requires_grad = False
a = [W * W]
W.requires_grad = True
loss = a[0].sum() + W.sum()

class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.sign()
    @staticmethod
    def backward(ctx, g):
        return g
loss = (Sign.apply(W) * W).sum()

with torch.no_grad():
    z = (x * 2 for x in W)
loss = sum(t.sum() for t in z) + (W * W).sum()

with torch.no_grad():
    z = map(lambda t: t * 2, W)
loss = sum(t.sum() for t in z) + (W * W).sum()

with torch.no_grad():
    z = iter(W)
loss = next(z).sum() * 2 + (W * W).sum()

with torch.no_grad():
    z = zip(W, W)
loss = sum((a * b).sum() for a, b in z) + (W * W).sum()

with torch.no_grad():
    z = enumerate(W)
loss = sum(a.sum() for k, a in z) + (W * W).sum()

a = W * 1
a.data.fill_(2.0)
loss = (a * W).pow(2).sum()

a = W * 1
a.detach().zero_()
loss = ((a + 1) * W).pow(2).sum()

a = W * 1
with torch.no_grad():
    a[0] = 2.0
loss = (a * W).pow(2).sum()

a = W * 1
d = a.detach()
d.fill_(3.0)
loss = (a * W).sum()

a = W * 1
nn.init.zeros_(a)
loss = ((a + 2) * W).pow(2).sum()

s = torch.sigmoid(W)
s.data[0, 0] = 0.0
loss = (s + W).sum()

t = torch.ones(2, 3)
a = t * W
t.data += 1
loss = (a * t).sum()

t = torch.ones(2, 3)
a = t * W
b = t.data
b += 1
loss = (a * t).sum() + a.pow(2).sum()

t = torch.ones(2, 3)
a = (W * 2) ** t
t.data[0] += 1
loss = (a * t).sum()

t = torch.ones(2, 3)
a = t + W
t.data += 1
loss = a.pow(2).sum()

class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = None
    def forward(self, x):
        if self.w is None:
            self.w = nn.Parameter(torch.ones(x.shape[-1]) * 2)
        else:
            self.w.data += 1
        return x * self.w
m = Lazy()
loss = (m(W) ** 2).sum() + m(W).sum()

a = torch.zeros(2, 3)
a[0] = W[0]
with torch.no_grad():
    a[1] = 3.0
loss = (a * W).sum()

a = W.clone()
a[torch.tensor([0, 0]), torch.tensor([1, 1])] += torch.tensor([5.0, 7.0])
loss = (a ** 2).sum()

a = torch.zeros(3)
a[torch.tensor([0, 0, 1])] = W[0]
loss = (a ** 2).sum() + W.sum()

a = torch.zeros(3)
a[[0, 0, 1]] += W[0]
loss = (a ** 2).sum() + W.sum()

loss = F.gaussian_nll_loss(torch.zeros(2, 3), torch.ones(2, 3), W ** 2, full=True, eps=0.3)

loss = nn.GaussianNLLLoss(eps=0.3)(W, torch.zeros(2, 3), W ** 2)

v = (W ** 2) * 0.01
loss = F.gaussian_nll_loss(torch.zeros(2, 3), torch.ones(2, 3), v, eps=0.05)

torch.set_grad_enabled(False)
b = W * 3
torch.set_grad_enabled(True)
loss = torch.sum(W * b)

torch.autograd.set_grad_enabled(mode=False)
b = W * 3
torch.autograd.set_grad_enabled(mode=True)
loss = torch.sum(W * b)

before = torch.is_grad_enabled()
torch.set_grad_enabled(False)
b = W * 3
torch.set_grad_enabled(before)
loss = torch.sum(W * b)

context = torch.no_grad()
context.__enter__()
b = W * 3
context.__exit__(None, None, None)
loss = torch.sum(W * b)

from contextlib import ExitStack
stack = ExitStack()
stack.enter_context(torch.no_grad())
b = W * 3
stack.close()
loss = torch.sum(W * b)

with torch.no_grad():
    with torch.enable_grad():
        b = W * 3
loss = torch.sum(W * b)

with torch.no_grad():
    torch.set_grad_enabled(True)
    b = W * 3
loss = torch.sum(W * b)

switch = torch.set_grad_enabled
switch(False)
b = W * 3
switch(True)
loss = torch.sum(W * b)

def off():
    torch.set_grad_enabled(False)
off()
b = W * 3
torch.set_grad_enabled(True)
loss = torch.sum(W * b)

s = torch.exp(W)
t = s * 2
s.data.fill_(1.0)
loss = t.sum()

s = W * 2
t = s * s
s.data.fill_(1.0)
loss = t.sum()
"""
"""Texts in which no gradient passes a part of what the loss is computed from: refused, or as autograd has it."""

FLOWING = """
with torch.no_grad():
    n = W.shape[0]
    kept = W
loss = (W * W).sum() * n

with torch.no_grad():
    with torch.enable_grad():
        a = W * 2
loss = (a * W).sum()

context = torch.no_grad()
with context:
    n = 2 if torch.is_grad_enabled() else 3
loss = (W * W).sum() * n

torch.set_grad_enabled(False)
torch.set_grad_enabled(True)
loss = (W * W).sum()

@torch.no_grad()
def f(x):
    return x
loss = (f(W) * W).sum()

layer = nn.Linear(3, 2)
with torch.no_grad():
    layer.weight.fill_(2.0)
    layer.weight[1] *= 0
    layer.bias.zero_()
loss = (layer(W) ** 2).sum()

w = torch.zeros(2, 3)
w.data.fill_(2.0)
w.data[0] = 3.0
w.data *= 2
loss = (w * W).sum()

import math
q = torch.softmax(W @ W.T / math.sqrt(W.shape[1]), dim=-1)
loss = (q @ W).sum()

V = torch.ones(2, 3)
V.requires_grad_(False)
loss = (V * W).sum()

a = W.clamp(max=torch.tensor([0.1, 0.2, 0.2]))
loss = (a ** 2).sum()

t = torch.ones(2, 3)
t.data.fill_(3.0)
loss = (t * W).pow(2).sum()

t = torch.ones(2, 3)
with torch.no_grad():
    t.fill_(3.0)
loss = (t * W).pow(2).sum()

a = W.clone()
a[[0, 0]] = 5.0
loss = (a ** 2).sum() + W.sum()

a = W.clone()
a[[0, 1]] = W[[1, 0]]
loss = (a ** 2 * torch.tensor([[1.0], [2.0]])).sum() + W.sum()

loss = F.gaussian_nll_loss(W, torch.ones(2, 3), W ** 2 + 1)

loss = F.binary_cross_entropy(torch.sigmoid(W), torch.tensor([[0.0, 1.0, 0.3], [1.0, 0.0, 0.0]]))

kept = nn.ParameterList([nn.Parameter(torch.ones(3))])
for p in kept.parameters():
    p.data.mul_(3)
loss = (W * kept[0]).pow(2).sum()

kept = nn.ParameterDict({"a": nn.Parameter(torch.ones(3))})
kept["a"].data.mul_(3)
loss = (W * kept["a"]).pow(2).sum()
"""
"""Texts in which gradients pass, though something beside stops them."""
