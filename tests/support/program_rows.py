"""The pieces of random programs, as text with holes: what people write in such files, one row a way to write it.

A hole is ``$`` and a kind, with a digit where a row has several of one kind; the same hole is the same thing.

| hole | filled by |
|---|---|
| ``$A $R $V $B`` | an array; of two axes; of one axis; of the shape of ``$A``, ``$M`` or ``$Q`` |
| ``$M $Q $U`` | an array to change in place; of two axes; of one axis |
| ``$Z`` | a number computed from arrays |
| ``$N $S $L $D $C`` | a plain number, a text, a list or tuple of arrays, a dictionary, a callable of one array |
| ``$O`` | an object with attributes |
| ``$K $I $J`` | a float, 0 or 1, an integer from -2 to 3 |
| ``$E $X`` | an expression; one of the shape of ``$A``, ``$M`` or ``$Q`` |
| ``$Y`` | a condition |
| ``$t $n $f $c $i $l $d $s $o`` | a name to assign to: array, number, function, class, loop variable, list, dictionary, text, object |
| ``$p`` | a name of an argument or a local |
| ``$np`` | the library |
| ``$BODY $RET`` | statements; what a function returns |
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """A statement with holes, in which library it is written, and what its local names stand for in its body."""

    family: str
    text: str
    library: str = ""
    binds: dict[str, str] = field(default_factory=dict)


def rows(family: str, text: str, library: str = "") -> list[Row]:
    """Make a row of each paragraph of a text."""
    return [Row(family, part.strip("\n"), library) for part in text.split("\n\n") if part.strip()]


def lines(text: str) -> list[str]:
    """Return the rows of one line."""
    return [line for line in text.splitlines() if line]


NUMBERS = ("0.5", "1.5", "2.0", "-0.3", "0.25", "3.0", "-1.0", "0.1")

# the oracle computes in float64, where a cast to it gives the same tensor and not a copy: casts stand among values only

ENTRYWISE = lines("""
$A * $K
$A + $B
$A - $B
$A * $B
$A * $A
-$A
$A ** 2
$A / $K
$K - $A
$A * $N
$A / (1.5 + $B ** 2)
$np.tanh($A)
$np.exp(-$A)
$np.sin($A)
$np.cos($A) * $B
$np.sqrt($A ** 2 + 1)
$np.log($A ** 2 + 1)
1 / (1 + $np.exp(-$A))
$np.where($A > $B, $A, $B)
$np.abs($A)
$A * ($A > 0)
$A + $Z
$A * $A.shape[0]
$A * len($A)
$A * float($N)
$C($A)
""")

ENTRYWISE_ONLY = {
    "numpy": lines("""
np.maximum($A, 0)
np.minimum($A, $B)
np.maximum($A, $B * 0.5)
np.clip($A, -0.5, 0.5)
np.clip($A, None, 0.4)
np.square($A)
np.where($A > 0, $A, 0.1 * $A)
np.add($A, $B)
np.multiply($A, $K)
np.subtract($K, $A)
np.zeros_like($A)
np.full_like($A, $K)
np.cumsum($A, axis=0)
np.flip($A, axis=0)
np.roll($A, 1, axis=0)
np.sign($A) * $B
np.power($A, 2)
$A.clip(-0.4, 0.6)
"""),
    "torch": lines("""
torch.relu($A)
F.relu($A)
torch.clamp($A, -0.5, 0.5)
torch.clamp($A, min=0)
$A.clamp(max=0.4)
torch.maximum($A, $B)
torch.sigmoid($A)
$A.sigmoid()
$A.tanh()
$A.exp()
$A.pow(2)
$A.abs()
torch.mul($A, $K)
torch.add($A, $B, alpha=2)
$A.add($B)
torch.zeros_like($A)
torch.full_like($A, $K)
torch.where($A > 0, $A, 0.1 * $A)
F.softplus($A)
F.leaky_relu($A, 0.2)
F.softmax($A, dim=-1)
F.elu($A)
$A.double()
$A.to(torch.float64)
torch.square($A)
"""),
}

SHAPED = lines("""
$R @ $R2.T
$R.T @ $R2
$R @ $V
$V @ $R
$np.outer($V, $V2)
$R[$J]
$R[:, $I]
$A[1:]
$A[:-1]
$A[::2]
$R.T
$A.reshape(-1)
$A.ravel()
$R.reshape($R.shape[1], $R.shape[0])
$A[None]
$A[..., 0]
$A[..., None]
$V[:, None]
$V[None, :] * $V2[:, None]
$R[:, 1:]
$R[1:, :2]
$R[[1, 0]]
$R[:, [0, -1]]
$R[[0, 1], [1, 0]]
$A.sum(0)
$np.sum($R, 1)
$R.mean(0)
$R.sum()
$A.mean()
$np.stack([$A, $B])
$np.matmul($R, $R2.T)
$R.T[0]
$R[0][1:]
$R[-1, ::2]
$V[$V > 0]
$V - $V.mean()
$R[0] * $R[1]
$L[0]
$L[-1] * 2
sum($L)
sum($V)
$np.tril($R)
$np.diag($R)
""")

SHAPED_ONLY = {
    "numpy": lines("""
np.dot($R, $V)
np.dot($R, $R2.T)
$R.dot($V)
np.sum($R, axis=0)
np.sum($R, axis=1, keepdims=True)
$R.sum(axis=-1, keepdims=True) + $R
$R.mean(axis=0, keepdims=True) * 2
np.mean($R, axis=(0, 1))
$R.var(axis=0)
$R.var(ddof=1)
$R.std(axis=1, ddof=1)
np.var($R, 1, ddof=1)
np.max($R, axis=1)
$R.max(axis=0)
np.amax($R, axis=1)[0]
$R.min()
$R.prod(axis=0)
np.concatenate([$V, $V2])
np.concatenate([$R, $R2], axis=0)
np.vstack([$V, $V])
np.hstack([$V, $V2])
np.column_stack([$V, $V])
np.stack([$V, $V], axis=1)
np.expand_dims($A, 0)
np.squeeze($A[None])
np.swapaxes($R, 0, 1)
np.transpose($R)
np.reshape($R, -1)
$R.reshape(-1, order='F')
np.ravel($R, order='F')
$R.flatten('F')
$A[::-1]
$R[:, ::-1]
np.split($R, [1], axis=0)[1]
np.split($R, [1], axis=1)[0]
np.array_split($V, 2)[1]
$R[np.arange(2), [0, 1]]
np.array($L)
np.array([$V * 2, $V])
np.asarray([$Z, $Z * 2])
np.mean($L, axis=0)
np.sum([$V, $V], axis=0)
np.linalg.norm($V)
np.linalg.norm($R, axis=1)
np.linalg.norm($V, 1)
np.sum($V, initial=$K)
np.full((2, 2), 2.7, dtype=int) * $Z
np.full(2, 1.7) + $Z
np.linspace(0, 1, 3, endpoint=False) * $Z
np.arange(0.5, 3) * $Z
np.arange(3, dtype=float) * $Z
np.eye(2, 3, k=1) * $Z
np.einsum('ij,ij->i', $R, $R)
np.einsum('ij,j->i', $R, $V)
np.repeat($V, 2)
np.tile($V, 2)
np.pad($V, 1)
np.pad($V, (1, 0), constant_values=0.5)
np.average($V)
np.trapezoid($V)
np.diff($V)
np.cumsum($R)
np.array([[1, 2], [3, 4]], dtype=float)[0] * $Z
$R.argmax(axis=1) * $Z
$R[:, np.newaxis, 0]
np.add.reduce($R, axis=0)
np.sort($V)
np.trace($R)
np.triu($R, 1)
np.where($R > 0, $R, $V)
np.kron($V, $V2)
np.moveaxis($R[None], 0, -1)
np.atleast_2d($V)
"""),
    "torch": lines("""
torch.mm($R, $R2.T)
torch.mv($R, $V)
torch.dot($V, $V)
$R.sum(dim=0)
torch.sum($R, dim=1, keepdim=True)
$R.sum(-1, keepdim=True) + $R
$R.mean(dim=0, keepdim=True) * 2
$R.var(0)
$R.var(0, False)
$R.var(dim=1, unbiased=False)
$R.std()
$R.std(dim=0, correction=0)
torch.var($R, 1, keepdim=True)
$R.max(dim=1)[0]
$R.max(1).values
torch.max($R, dim=1)[0][0]
$R.amax(dim=1)
$R.amax(dim=1)[0]
$R.min()
$R.prod(0)
torch.cat([$V, $V2])
torch.cat([$R, $R2], dim=0)
torch.cat(($V, $V2), 0)
torch.stack([$V, $V], dim=1)
torch.vstack([$V, $V])
$A.unsqueeze(0)
$A.unsqueeze(-1)
$A[None].squeeze(0)
$R.transpose(0, 1)
$R.permute(1, 0)
$R.t()
$R.view(-1)
$R.view($R.size(1), -1)
$R.flatten()
$R.unbind(0)[1]
$R.unbind(1)[0]
$R.chunk(2)[0]
torch.chunk($V, 2)[1]
torch.split($R, 1, dim=1)[1]
$R.split([1, 1])[1]
$V.expand(2, -1)
torch.flip($A, [0])
torch.roll($V, 1)
torch.norm($V)
torch.linalg.norm($R, dim=1)
torch.linalg.norm($R, 2)
$V.norm()
torch.cumsum($R, dim=0)
torch.logsumexp($R, dim=1)
F.log_softmax($R, dim=1)
F.mse_loss($R, $R2)
F.mse_loss($V, $V2, reduction='sum')
F.l1_loss($V, $V2)
F.cross_entropy($R, torch.tensor([0, 1]))
F.linear($R, $R2)
nn.Tanh()($A)
nn.Sigmoid()($A)
nn.Softmax(dim=1)($R)
nn.LeakyReLU(0.1)($A)
nn.Flatten(0)($R)
nn.MSELoss()($V, $V2)
torch.arange(3, dtype=torch.float64) * $Z
torch.arange(0.5, 3) * $Z
torch.full((2,), 1.7) + $Z
torch.eye(2) * $Z
torch.linspace(0, 1, 3) * $Z
torch.ones(2) * $Z
torch.stack($L)
torch.einsum('ij,j->i', $R, $V)
$R.repeat(1, 2)
$V.repeat(2)
torch.index_select($R, 0, torch.tensor([1, 0]))
$R.narrow(1, 0, 1)
$R.select(1, 0)
$R.argmax(dim=1) * $Z
torch.triu($R, diagonal=1)
$R.masked_fill($R > 0, $K)
torch.sort($V)[0]
torch.addmm($R, $R, $R[:, :$R.shape[1]].T @ $R)
$R.new_zeros(2) + $Z
"""),
}

CONDITIONS = lines("""
$N > 1
$N % 2 == 0
$S == 'relu'
$S != 'tanh'
len($S) > 3
'a' in $S
$S.startswith('r')
len($L) > 1
len($A) == 2
$A.ndim == 2
$A.shape[0] > 1
0 < $N <= 3
1 <= $N < 3 < 5
not $N
$N and $N2
$N or $N2
$N in (1, 2)
$S in ('relu', 'tanh') and $N > 0
isinstance($S, str)
$A is $B
$A is not $B
$N == 2 or $S == 'relu'
not ($N > 1 and $N2 > 1)
True
False
None is None
all(k < 3 for k in range(2))
any([$N > 5, $N2 == 1])
'k' in $D
$I
""")

INPLACE = lines("""
$M += $K
$M *= $K
$M -= $X
$M += $X
$M /= 2
$M **= 2
$M[0] = $K
$M[$J] = 0
$M[-1] *= 2
$M[0] += $K
$M[1:] = $K
$M[:1] *= -1
$M[::2] += 1
$M[:] = $X
$M[...] = $K
$M[:] = 0
$Q[0, 1] = $K
$Q[:, 0] = 0
$Q[:, 1] *= $K
$Q[0, :] += 1
$Q[0] = $Q[1]
$Q[1, 0] = $Z
$Q[0, 0] = $Q[1, 1] * 2
$Q[0][1] = $K
$Q[1:, :1] = $K
$Q[:, -1] = $Q[:, 0]
$Q[0] += $Q[1]
$Q[[0, 1], [1, 0]] = $K
$Q[[0, 1]] = $Q[[1, 0]]
$Q.T[0] = $K
$Q.T[0] += 1
$Q.reshape(-1)[1] = $K
$Q.ravel()[0] = $K
$M[$M < 0] = 0
$M[$M > 0.3] *= $K
$M[$M <= 0] = -$M[$M <= 0]
$M[($M > 0) & ($M < 0.5)] = $K
$M[~($M > 0)] = $K
$M[0], $M[1] = $K, $K2
$U[0], $U[-1] = $U[-1], $U[0]
$U[1:] = $U[:-1]
$U[1:] += $U[:-1]
$U[0] -= $U[1]
$L[0][0] = $K
""")

INPLACE_ONLY = {
    "numpy": lines("""
np.add($M, $K, out=$M)
np.multiply($M, $X, out=$M)
np.tanh($M, out=$M)
np.maximum($M, 0, out=$M)
np.clip($M, -0.5, 0.5, out=$M)
$M.clip(0, 1, out=$M)
np.exp($M, $M)
$t = np.subtract($M, $K, out=$M)
$M.fill($K)
np.copyto($M, $X)
np.fill_diagonal($Q, 0)
np.put($M, [0], $K)
$M.sort()
$M.sort(axis=0)
np.add.at($U, [0, 0], $K)
$Q.flat[0] = $K
$Q[np.arange(2), [0, 1]] -= 1
$Q[range(2), [1, 0]] = $K
$Q[np.arange(2), [1, 1]] += $K
$M[np.where($M < 0)] = 0
np.putmask($M, $M < 0, $K)
np.place($M, $M < 0, [$K])
np.sum($Q, axis=0, out=$Q[0])
np.negative($M, out=$M)
$Q[np.ix_([0, 1], [0])] = $K
$M[::-1] *= $K
$Q[..., 0] = $K
np.random.seed(0)
$M.resize($M.shape)
$M.shape = (-1,)
np.add($M, 1, out=$M, where=$M > 0)
"""),
    "torch": lines("""
$M.add_($K)
$M.mul_($K)
$M.sub_($X)
$M.div_(2)
$M.clamp_(min=0)
$M.clamp_(-0.5, 0.5)
$M.zero_()
$M.fill_($K)
$M.copy_($X)
$M.relu_()
$M.tanh_()
$M.exp_()
$M.sigmoid_()
$M.neg_()
$M.pow_(2)
$M.masked_fill_($M < 0, $K)
$M[0].zero_()
$M[0].add_($K)
$Q[:, 0].mul_($K)
$M.view(-1)[0] = $K
$Q.t()[0].fill_($K)
$Q.t_()
$M.unsqueeze_(0)
$M.squeeze_()
torch.add($M, $K, out=$M)
torch.relu_($M)
F.relu($M, inplace=True)
F.relu_($M)
nn.ReLU(inplace=True)($M)
nn.ReLU(True)($M)
F.leaky_relu($M, 0.1, inplace=True)
$t = nn.ReLU(inplace=True)($M) + $M
$t = F.relu($M, inplace=True)
$t = $M.add_($K)
$t = $M.clamp_(min=0)
nn.init.zeros_($M)
nn.init.constant_($M, $K)
$Q.index_fill_(0, torch.tensor([0]), $K)
$Q.select(0, 1).mul_($K)
$Q.unbind(0)[0].add_($K)
$M.lerp_($X, 0.5)
torch.clamp_($M, max=0.5)
nn.Hardtanh(inplace=True)($M)
$M.requires_grad
$M.data
"""),
}

VIEWS = {
    "": lines("""
$A
$A[0]
$A[-1]
$A[$J]
$A[1:]
$A[:-1]
$A[::2]
$A[:]
$A[...]
$R[:, $I]
$R[0, :]
$R[:, 1:]
$R[1][1:]
$R.T
$R.T[0]
$R.T[1:]
$R.T.T
$A.reshape(-1)
$A.ravel()
$R.reshape($R.shape[1], -1)
$A.reshape($A.shape)
$R.T.reshape(-1)
$A[None]
$A[None, :]
$A[..., 0]
$A[..., None]
$A[None][0]
$A.squeeze()
$A[[0]]
$A[$A > 0]
$A[1:][0]
$A * 1
$A + 0
+$A
$L[0]
$L[-1]
$L[0][0]
$np.squeeze($A[None])
"""),
    "numpy": lines("""
$A[::-1]
$A[::-1][1:]
$R[::-1, ::-1]
$A.copy()
np.copy($A)
np.array($A)
np.array($A, copy=False)
np.asarray($A)
np.asarray($A, dtype=float)
np.ascontiguousarray($A)
np.asanyarray($A)
$A.astype(float)
$A.astype(float, copy=False)
$A.flatten()
$A.view()
$R.swapaxes(0, 1)
np.swapaxes($R, 0, 1)[0]
np.transpose($R)
np.transpose($R)[0]
np.reshape($A, -1)
np.ravel($R)
np.ravel($R.T)
$R.ravel(order='F')
$R.reshape(-1, order='F')
np.expand_dims($A, 0)
np.atleast_2d($A)
np.split($R, [1])[0]
np.split($R, [1], axis=1)[1]
np.array_split($V, 2)[0]
np.vsplit($R, [1])[1]
np.hsplit($R, [1])[0]
np.moveaxis($R, 0, 1)
np.broadcast_to($V, (2, len($V))).copy()
np.flip($V)
np.flipud($R)[0]
np.diagonal($R).copy()
np.squeeze($A)
np.take($A, 0, axis=0)
np.atleast_1d($A)
copy.copy($A)
copy.deepcopy($A)
np.ravel($L[0])
"""),
    "torch": lines("""
$A.clone()
$A.view(-1)
$A.view($A.shape)
$R.view($R.size(1), -1)
$A.flatten()
torch.flatten($A)
$R.t()
$R.t()[0]
$R.transpose(0, 1)
$R.transpose(0, 1)[1]
$R.permute(1, 0)
torch.transpose($R, 0, 1)
$R.mT
$A.unsqueeze(0)
$A.unsqueeze(-1)
torch.unsqueeze($A, 0)
$A.unsqueeze(0).squeeze(0)
$R.unbind(0)[0]
$R.unbind(1)[1]
torch.unbind($R)[0]
$R.chunk(2)[0]
$R.chunk(2, dim=1)[0]
torch.chunk($R, 2)[1]
$R.split(1)[0]
torch.split($R, 1, dim=1)[1]
$R.narrow(0, 0, 1)
$R.select(0, 1)
$R.contiguous()
$R.t().contiguous()
$R.reshape(-1)
$A.expand_as($A).clone()
$R.diagonal()
torch.squeeze($A)
$A.cpu()
torch.as_tensor($A)
torch.reshape($A, (-1,))
$R.flip(0)
$A.view_as($A)
$R.swapaxes(0, 1)
torch.index_select($R, 0, torch.tensor([0]))
torch.movedim($R, 0, 1)
"""),
}

ALIASES = rows(
    "alias",
    """
$t = $M

$t = $t2 = $M

$t, $t2 = $M, $M2

$t, ($t2, $t3) = $M, ($M2, $M)

[$t, $t2] = [$M, $M2]

$t = [$M][0]

$t = ($M, $M2)[1]

$t = {'k': $M}['k']

$t = {'k': $M, 'm': $M2}.get('m')

$t = {}.get('k', $M)

$t = $M if $Y else $M2

$t = $M if $N > 1 else $A * 2

$t = (lambda z: z)($M)

$t, *$l = [$M, $M2, $M]

*$l, $t = $M, $M2

$t, *$l, $t2 = ($M, $M2, $A, $A2)

$M, $M2 = $M2, $M

$t2 = ($t := $M) + 1

$l = [$t := $M, $t * 2]

$t = next(iter([$M, $M2]))

$t = list(zip([$M], [$M2]))[0][1]

$t = dict(k=$M)['k']

$t = $N and $M

$t = None or $M

$t = $l2 = None
$t = $M

for $t in [$M, $M2]:
    $t += $K

for $t in ($M,):
    $t[0] = $K

for $i, $t in enumerate([$M, $M2]):
    $t *= $i + 1

for $t, $t2 in zip([$M], [$M2]):
    $t += $t2

$t, $t2 = $R

$t, $t2 = $Q
$t += $K

$t = [$M for _ in range(2)]
$t[0] += $K

$l = [$M] * 2
$l[0] += $K

$l = [$M, $M2]
$l[0] = $l[0] * 2

$l = [$M, $M2]
$l[0] *= 2

$l = [$M, $M2]
$l[0], $l[1] = $l[1], $l[0]
$l[0] += $K

$t = $M
$t = $t + $K

$t = $M
$t += $K

$t = $M
$t -= $X
$M *= 2

$t = $E
$t2 = $t
$t2 += $K
$t = $t + $t2

$t = $E
$t2 = $t
$t2[0] = $K

$t = $M
del $t

def $f($p):
    return $p
$t = $f($M)
$t += $K

def $f($p):
    return $p, $p * 2
$t, $t2 = $f($M)
$t *= $K

def $f($p, $p2):
    return $p if $Y else $p2
$t = $f($M, $M2)
$t += 1

def $f($p):
    $p2 = $p
    $p2 += $K
    return $p2
$t = $f($M)

def $f($p):
    $p = $p + $K
    return $p
$t = $f($M)

def $f($p):
    $p += $K
$f($M)

def $f($p):
    $p[0] = $K
    return $p.sum()
$t = $f($M)

def $f(*args):
    args[0][0] = $K
    return args[-1]
$t = $f($M, $M2)
$t *= 2

def $f(**kw):
    kw['x'] += $K
    return kw
$d = $f(x=$M, y=$M2)
$d['y'] *= 2

def $f($p=$M):
    $p += $K
    return $p
$t = $f()
$t = $f() * 2

def $f($p, acc=[]):
    acc.append($p)
    return acc
$l = $f($M)
$l = $f($M2)

def $f():
    $M[0] = $K
$f()

def $f():
    return $M
$t = $f()
$t *= $K

$f = lambda: $M
$t = $f()
$t += 1

$t = $E
$f = lambda: $t
$t = $t * 2
$t2 = $f()

global_one = $M
global_one += 1

$t = max([$M, $M2], key=len)
$t *= $K

$t = sorted([$M, $M2], key=lambda z: len(z))[0]
$t += $K

$t = [$M, $M2][::-1][0]
$t += $K

$t = (([$M],),)[0][0][0]
$t *= 2

$t = $M.T
$t += $K

$t = id($M) == id($M2)

$o = type('Box', (), {})()
$o.a = $M
$o.a += 1

$d = {'a': $M}
$d['a'] += $K
$d['b'] = $d['a']
$d['b'] *= 2

$t: object = $M
$t += $K

$t = $A.sum()
$t2 = $t
$t2 += $K

$t = $A.mean()
$l = [$t]
$l[0] += $K

$d = {'s': $A.sum()}
$t = $d['s']
$t *= $K

$t = $U[0]
$t += $K

$t = $Q[0, 1]
$t *= $K

$t = $Q[0][1]
$t -= 1

for $t in $U:
    $t += $K

$t, $t2 = $U[:2]
$t += $K

$l = list($U)
$l[0] += $K

def $f($p):
    $p += $K
    return $p
$t = $f($U[0])
$t2 = $f($M.sum())

def $f($p, $p2):
    $p += $p2
    return $p
$t = $A.sum()
$t2 = $f($t, 1)

$t = $A.sum()
for $i in range(2):
    $t2 = $t
    $t += $i + 1
""",
)

CONTAINERS = rows(
    "containers",
    """
$l = [$M, $A]

$l = [$M, $A * 2, $A2]

$l = []

$l = [$Z, $Z2]

$l = ($M, $A)

$l = [$M, [$M2, $A]]

$d = {'k': $M, 'm': $A}

$d = dict(k=$M, m=$A2)

$d = {}

$d = {'k': [$M, $A], 'm': {'n': $M2}}

$d = {1: $M, (0, 1): $A}

$L.append($A)

$L.append($M)

$L.extend([$A, $M])

$L.insert(0, $A)

$L.insert(-1, $M)

$t = $L.pop()

$t = $L.pop(0)

del $L[0]

del $L[-1:]

$L.reverse()

$L += [$A]

$L += $A,

$l = $L
$l.append($A)

$l = $L
$l += [$A]

$l = $L
$l = $l + [$A]

$l = $L[:]
$l.append($A)

$l = $L[:]
$l[0] += $K

$l = list($L)
$l[0] = $A

$l = $L.copy()
$l.pop()

$l = list(reversed($L))

$l = $L[::-1]

$l = $L * 2
$l[0] += 1

$l = $L + $L

$L[0:1] = [$A, $A2]

$L[1:] = []

$L[:0] = [$A]

$L[::2] = [$A] * len($L[::2])

$L[0] = $A

$L[-1] = $L[0]

$L[0] = $L[0] + 1

$L[0] += $K

$L.clear()
$L.append($A)

$l = []
for $i in range(3):
    $l.append($A * $i)

$l = [0.0] * 3
for $i in range(3):
    $l[$i] = $A.sum() * $i

$l = [None, None]
$l[0] = $M
$l[1] = $l[0]
$l[1] += $K

$l = [[$M] for _ in range(2)]
$l[0].append($A)

$l = [[]] * 2
$l[0].append($A)
$n = len($l[1])

$n = len($L)

$n = [1, 3, 3].count(3)

$t = $L[len($L) - 1]

$D['k'] = $A

$D['new'] = $M

$D['k'] += $K

$D['k'] = $D['k'] * 2

$D.update({'k': $A, 'z': $M})

$D.update(k=$A)

$D.setdefault('k', $A)

$D.setdefault('fresh', []).append($A)

$t = $D.setdefault('w', $M)
$t += $K

$t = $D.pop('k')

$t = $D.pop('none', $M)

del $D['k']

$t = $D.get('k', $A)

$t = $D.get('q', $M)

$d = $D
$d['k'] = $A

$d = dict($D)
$d['k'] = $A

$d = $D.copy()
$d['extra'] = $M

$d = {**$D, 'k': $A}

$d = $D | {'k': $A}

$n = len($D)

$l = list($D.values())

$l = list($D.keys())

$l = list($D.items())

$l = sorted($D)

for $s, $t in $D.items():
    $t += $K

for $s in $D:
    $D[$s] = $D[$s] * 2

for $t in $D.values():
    $t *= $K

$d = {}
for $i in range(3):
    $d['W' + str($i)] = $A * $i

$d = {}
for $i, $s in enumerate(['a', 'b']):
    $d[$s] = $A * ($i + 1)

$d = {}
for $i in range(2):
    $d[f'layer{$i}'] = {'w': $A * ($i + 2), 'b': $M}

$d = {}
$d[0, 1] = $M
$d[1] = $d[0, 1]
$d[1] += 1

$d = {'a': 1, 'b': 2}
$d['a'] += $d['b']

from collections import OrderedDict
$d = OrderedDict()
$d['k'] = $M
$d['m'] = $A

from collections import defaultdict
$d = defaultdict(list)
$d['x'].append($A)
$d['x'].append($M)

from collections import deque
$l = deque([$A, $M])
$l.appendleft($A2)
$t = $l.pop()

from collections import namedtuple
$c = namedtuple('$c', ['w', 'b'])
$o = $c($M, b=$A)
$t = $o.w

$n, $n2 = divmod(len($L) + 5, 3)

$t = $L[1 if len($L) > 1 else 0]

$l = [$A, $A2]
$t = $l[0]
$l[0] = $A2
$t2 = $l[0]

$l = sorted([3, 1, 2])
$n = $l[0] + $l[-1] * 10

$l = [3, 1, 2]
$l.sort(reverse=True)
$n = $l[0] * 10 + $l[1]

$l = [(2, 'b'), (1, 'a')]
$l.sort()
$n = $l[0][0]

$l = [(2, $A), (1, $M)]
$l.sort(key=lambda pair: pair[0])
$t = $l[0][1]

$l = list(range(5))
$l[1:3] = [7]
$n = sum($l)

$l = [1, 2, 3]
$l2 = $l
$l2 += [4]
$n = len($l)

$l = (1, 2)
$l2 = $l
$l2 += (3,)
$n = len($l)

$l = [1, 2, 3, 4]
$n = sum($l[::-2]) + $l[-2:][0]

$l = [5, 6]
$l.extend(range(2))
$n = $l.index(0)

$l = [1, 2, 2]
$l.remove(2)
$n = len($l) * 2 + $l.count(2)
""",
)

PLAIN = rows(
    "plain",
    """
$n = $J

$n = $N + 1

$n = $N * 2 - $N2

$n = $J // 2

$n = $J % 3

$n = -7 // 2

$n = -7 % 3

$n = 7 % -3

$n, $n2 = divmod(-7, 2)

$n = int(2.7)

$n = int(-2.7)

$n = int('12') // 5

$n = int(3.99) + int(-0.5)

$n = round(2.5)

$n = round(3.5)

$n = round(2.675, 2)

$n = round(-1.5)

$n = abs(-3) + abs(2.5)

$n = min(3, 1, 2)

$n = max([1, 5, 2])

$n = max($N, $N2)

$n = min([3, -4, 2], key=abs)

$n = max(['a', 'bbb', 'cc'], key=len).count('b')

$n = max([], default=3)

$n = sum([1, 2, 3])

$n = sum([1, 2], 10)

$n = sum(range(5))

$n = sum(k * k for k in range(4))

$n = sum(map(int, '123'))

$n = len('hello'.replace('l', ''))

$n = len('a b c'.split())

$n = len('a,b,,c'.split(','))

$n = len(set([1, 2, 2, 3]))

$n = len({1, 2} | {2, 3}) - len({1, 2} & {2, 3})

$n = sum(x for x in range(10) if x % 3 == 0)

$n = 2 ** 3 + 2 ** -1

$n = True + True

$n = (3 > 2) * 2

$n = 1 if $S == 'relu' else 2

$n = 3 if $N else 4

$n = $N or 5

$n = $N and 7

$n = 0 or 3

$n = '' or 2

$n = [] or 4

$n = not $N

$n = 1 < 2 < 3

$n = (1, 2) < (1, 3)

$n = 'abc' < 'abd'

$n = bool([]) + bool([0]) + bool('')

$n = float('1.5') + float(2)

$n = 10 / 4

$n = 7 // 2 * 2.0

$n = 5 & 3 | 8

$n = 1 << 3

$n = 6 ^ 3

$n = ~2

$n = len(str(12345))

$n = int(str(4) + '2') % 5

$n = ord('c') - ord('a')

$n = [3, 1, 2].index(2)

$n = 'hello'.find('l')

$n = 'hello'.count('l')

$n = sorted([3, 1, 2], reverse=True)[0]

$n = list(reversed([1, 2, 3]))[0]

$n = [*range(3), 10][-1]

$n = list(range(10, 0, -3))[-1]

$n = list(filter(lambda k: k > 1, [1, 2, 3]))[0]

$n = list(map(lambda k: k * 2, [1, 2]))[1]

$n = any([0, 0, 1]) + all([1, 0])

$n = [a + b for a, b in zip([1, 2], [3, 4])][1]

$n = dict(a=1, b=2)['b']

$n = {k: v for k, v in [('a', 1), ('b', 3)]}['b']

$n = list(enumerate(['a', 'b'], start=1))[1][0]

$n = len([1, 2, 3][1:])

$n = (1, 2, 3)[-1]

$n = [1, 2, 3, 4][::2][1]

$n = [[1, 2], [3, 4]][1][0]

$n = max(zip([1, 3, 2], 'abc'))[0]

$n = 1e-1 + .5

$n = 0x10 + 0b11

$n = 1_000 // 300

import math
$n = math.sqrt(2.25) + math.floor(-1.5)

import math
$n = math.ceil(1.2) * math.pi

from math import exp, log
$n = exp(0.5) + log(2.0)

import math
$n = math.prod([1, 2, 3]) + math.gcd(12, 18)

$s = 're' + 'lu'

$s = 'tanh'

$s = 'relu' if $N > 1 else 'tanh'

$s = 'ta' + 'n' * 1 + 'h'

$s = '-'.join(['a', 'b', 'c'])

$s = 'RELU'.lower()

$s = 'relu'.upper().lower()

$s = 'xrelux'.strip('x')

$s = f'{"re"}lu'

$s = 'r%slu' % 'e'

$s = '{}{}'.format('ta', 'nh')

$s = f'{3:03d}'

$s = f'{2.5:.1f}'

$s = 'a,b,c'.split(',')[1]

$s = 'hnat'[::-1]

$s = 'relu tanh'.split()[0]

$s = 'relu_layer'[:4]

$s = 'relu_1'.rsplit('_', 1)[0]

$s = 'relu'.capitalize()

$s = str(3) + 'a'

$s = 'layer' + str($N)

$s = repr('a')

$s = ''.join(reversed('uler'))

$s = ''.join(c for c in 'rxelu' if c != 'x')

$s = 'a' * 3

$s = 'tanh'.replace('t', 'T')

$s = chr(97) + 'b'

$n = len($S)

$n = len($S) * 2 + 1

$n = 4
$n += 1

$n = $N
$n += 2
$n *= 2

$n = $n2 = 3
$n = 4
$n += 1

$n, $n2 = 1, 2
$n, $n2 = $n2, $n + $n2

$n = 0
for $i in range(5):
    if $i % 2:
        continue
    $n += $i

$n = 10
while $n > 3:
    $n -= 2

$n = 1
while True:
    $n *= 2
    if $n > 10:
        break

$n = 0
for $i in range(1, 10, 3):
    $n += $i
else:
    $n += 100

$n = 0
for $i in range(10):
    if $i == 3:
        break
    $n += 1
else:
    $n = 50

$n = 0
for $i in [1, 2, 3]:
    for $i2 in [1, 2]:
        if $i2 == $i:
            break
        $n += $i2
    else:
        $n += 10

$n = sum(1 for ch in 'banana' if ch == 'a')

$l = [1, 2, 3]
$n = $l.pop() + len($l)

$d = {'a': 1}
$d['b'] = $d.get('c', 5)
$n = sum($d.values())

$d = {'lr': 0.5, 'layers': [2, 3]}
$n = $d['lr'] * $d['layers'][-1]

$d = {}
for ch in 'abca':
    $d[ch] = $d.get(ch, 0) + 1
$n = $d['a'] * 10 + len($d)

$n = 0
for ch in 'abc':
    $n += {'a': 1, 'b': 2}.get(ch, 3)

vocabulary = sorted(set('banana'))
$d = {ch: k for k, ch in enumerate(vocabulary)}
$n = $d['n']

$n, *$l = [4, 5, 6]

$n = (lambda k, m=2: k * m)(3)

$n = (lambda *a: len(a))(1, 2, 3)

if (k_walrus := len('abc')) > 2:
    $n = k_walrus * 2

assert $N == $N
$n = 4

$n = None
if $n is None:
    $n = 6

$n = 3 if None else 2

$n = 0 if '0' else 1

$n = [0, 1, 2][True]

$n = 1.0 == 1

$n = 0.1 + 0.2 > 0.3

$n = 2 if 3 in {1, 2, 3} else 1

$n = 5
del $n

$n = complex(1, 2).real

$n = float('inf') > 1e300

$n = hash(3)

$n = isinstance(True, int) + 1

$n = pow(2, 5) % 7

$n = pow(2, 5, 7)

$n = (7).bit_length()

$n = int('101', 2)

$n = int(True) + len(range(0, 10, 4))

$n = len([None] * 4)

$n = sum([[1], [2, 3]], []) [-1]

$n = next(k for k in [1, 4, 9] if k > 3)

$n = 3
match $n:
    case 1:
        $n = 10
    case 3 | 4:
        $n = 20
    case _:
        $n = 30

match $S:
    case 'relu':
        $n = 2
    case _:
        $n = 5

match (1, 2):
    case (k_matched, 2):
        $n = k_matched + 4
    case _:
        $n = 0
""",
)
