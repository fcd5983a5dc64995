"""Texts that change lists, dictionaries, sets, objects and arrays in place: what is read is what runs, or it is refused."""

from __future__ import annotations

HEAD = """import numpy as np
x = np.array([0.5, -0.3])
y = 0.7
w1 = np.array([0.2, 0.4])
w2 = np.array([0.6, -0.1])
w3 = np.array([-0.5, 0.8])
"""

READ: dict[str, str] = {
    "reverse": """
ws=[w1,w2]
ws.reverse()
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "pop": """
ws=[w1,w2,w3]
ws.pop()
h=x
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "pop0": """
ws=[w1,w2,w3]
u=ws.pop(0)
h=x*u*u
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "insert": """
ws=[w1,w2]
ws.insert(0,w3)
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "extend": """
ws=[w1]
ws.extend([w2,w3])
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "del": """
ws=[w1,w2,w3]
del ws[1]
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "delslice": """
ws=[w1,w2,w3]
del ws[1:]
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "slice": """
ws=[w1,w2,w3]
ws[1:]=[w3]
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "iadd": """
ws=[w1]
vs=ws
ws+=[w2,w3]
h=x
for k,w in enumerate(vs): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "imul": """
ws=[w1]
ws*=2
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "update": """
p={'a':w1}
p.update({'a':w2,'b':w3})
loss=np.sum(np.tanh(x*p['a'])*p['b'])
""",
    "update kw": """
p={'a':w1}
p.update(a=w2)
loss=np.sum(np.tanh(x*p['a']))
""",
    "dpop": """
p={'a':w1,'b':w2}
u=p.pop('a')
q=p.setdefault('b',w3)
r=p.setdefault('c',w3)
loss=np.sum(np.tanh(x*u)*q*r)
""",
    "dclear": """
p={'a':w1}
p.clear()
p['z']=w2
h=x
for k in p: h=np.tanh(h*p[k])
loss=np.sum(h)
""",
    "numlist": """
ks=[1.0,2.0]
ks.append(3.0)
ks.reverse()
h=x
for k in ks: h=np.tanh(h*k+w1)
loss=np.sum(h)
""",
    "mixlist": """
h=[0.5]
h.append(np.sum(np.tanh(w1*h[-1])))
h.append(np.sum(np.tanh(w2*h[-1])))
loss=h[-1]*h[0]
""",
    "alias in dict": """
z=x*w1
g={'z':z}
z += w2
loss=np.sum(np.tanh(g['z']))
""",
    "alias from dict": """
z=x*w1
g={'z':z}
g['z'] += w2
loss=np.sum(np.tanh(z))
""",
    "alias tuple": """
z=x*w1
cache=(z,w2)
z *= w2
loss=np.sum(np.tanh(cache[0]))
""",
    "copy in dict": """
z=x*w1
g={'z':z.copy()}
z += w2
loss=np.sum(np.tanh(g['z']))
""",
    "double": """
a = b = np.zeros(2)
a += w1
loss=np.sum(np.tanh(b+x*w2))
""",
    "double eq": """
a = b = x*w1
a += w1
loss=np.sum(np.tanh(b+x*w2))
""",
    "nonlocal": """
def f():
    s = x*w1
    def g():
        nonlocal s
        s = s*w2
    g()
    return s
loss=np.sum(np.tanh(f()))
""",
    "class attr": """
class P:
    k = 2.0
P.k = 3.0
loss=np.sum(np.tanh(P.k*x*w1))
""",
    "self alias": """
class P:
    def f(self, v):
        self.a = v
        return v*2
p=P()
v=x*w1
q=p.f(v)
v += w2
loss=np.sum(np.tanh(p.a))
""",
    "fn mutate": """
def add(l, w):
    l.append(w)
ws=[w1]
add(ws,w2)
h=x
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "fn pop": """
def last(l):
    return l.pop()
ws=[w1,w2]
u=last(ws)
h=x*u
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "remove": """
ks=[1.0,2.0]
ks.remove(1.0)
h=x
for k in ks: h=np.tanh(h*k+w1)
loss=np.sum(h)
""",
    "sort": """
ks=[3.0,1.0,2.0]
ks.sort()
h=x
for k in ks: h=np.tanh(h*k+w1)
loss=np.sum(h)
""",
    "next": """
it=iter([w1,w2])
a=next(it)
b=next(it)
loss=np.sum(np.tanh(x*a)*b)
""",
    "intkey": """
p={}
for k in range(2): p[k]=w1*(k+1)
loss=np.sum(np.tanh(x*p[0])*p[1])
""",
    "tuplekey": """
p={}
p[0,1]=w1
loss=np.sum(np.tanh(x*p[0,1]))
""",
    "slot": """
class N:
    def __init__(self):
        self.ls=[]
    def add(self,w):
        self.ls.append(w)
    def f(self,v):
        for k,w in enumerate(self.ls): v=np.tanh(v*w+k)
        return v
n=N()
n.add(w1)
n.add(w2)
n.ls.reverse()
loss=np.sum(n.f(x))
""",
    "array in list": """
ws=[w1.copy(), w2]
ws[0] += 1
loss=np.sum(np.tanh(x*ws[0])*w1)
""",
    "swap": """
ws=[w1,w2]
ws[0],ws[1]=ws[1],ws[0]
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "fill": """
z=x*w1
z.fill(2.0)
loss=np.sum(np.tanh(z+w2))
""",
    "np.add out": """
z=x*w1
np.add(z,w2,out=z)
loss=np.sum(np.tanh(z))
""",
    "del name": """
h=x*w1
del h
h=x*w2
loss=np.sum(np.tanh(h))
""",
    "global": """
c = w1
def f():
    global c
    c = w2
f()
loss=np.sum(np.tanh(x*c))
""",
    "exchange": """
a, b = w1, w2
a, b = b, a
loss=np.sum(np.tanh(x*a)*(b+1))
""",
    "chained": """
ws=[w1,w2]
ws = ws[::-1]
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "closed copy": """
def f(v):
    r=v.copy()
    r[v<0]=0
    return r
z=x*w1
q=f(z)
loss=np.sum(np.tanh(z)*q+q)
""",
    "closed array": """
def f(v):
    r=np.array(v,copy=True)
    r[v<0]=0
    return r
z=x*w1
q=f(z)
loss=np.sum(np.tanh(z)*q+q)
""",
    "closed noncopy": """
def f(v):
    v[v<0]=0
    return v
z=x*w1
q=f(z)
loss=np.sum(np.tanh(z)*q+q)
""",
    "same copy": """
z=x*w1
z=z.copy()
z+=1
loss=np.sum(np.tanh(z))
""",
    "deque": """
from collections import deque
d=deque([w1])
d.appendleft(w2)
h=x
for k,w in enumerate(d): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
    "attr index": """
class P:
    def __init__(self):
        self.a = x*w1
p=P()
p.a[0] = 5.0
loss=np.sum(np.tanh(p.a))
""",
    "while": """
ws=[]
while len(ws)<3:
    ws.append(w1)
h=x
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "set": """
s={1,2}
s.add(3)
h=x
for k in s: h=np.tanh(h*w1+k)
loss=np.sum(h)
""",
    "popexpr": """
ws=[w1,w2]
h=x
while ws:
    h=np.tanh(h*ws.pop())
loss=np.sum(h)
""",
    "listcomp alias": """
ls=[[0.0]*2]*2
ls[0][1]=3.0
loss=np.sum(np.tanh(x*w1*ls[1][1]))
""",
    "view change": """
z=x*w1
v=z[:1]
v += 1.0
loss=np.sum(np.tanh(z))
""",
    "ravel": """
z=x*w1
v=z.ravel()
v += 1.0
loss=np.sum(np.tanh(z))
""",
    "shuffle": """
import random
ws=[w1,w2]
random.Random(3).shuffle(ws)
h=x
for k,w in enumerate(ws): h=np.tanh(h*w+k)
loss=np.sum(h)
""",
}
"""Changes that are followed."""

REFUSED: dict[str, str] = {
    "bad item": """
p={'a':w1}
p['a']=np.roots(w2)
loss=np.sum(np.tanh(x*p['a']))
""",
    "bad append": """
ws=[w1]
ws.append(np.roots(w2))
h=x
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "bad list item": """
ws=[w1,w2]
ws[1]=np.roots(w2)
h=x
for w in ws: h=np.tanh(h*w)
loss=np.sum(h)
""",
    "bad add": """
class N:
    def __init__(self):
        self.ls=[]
    def add(self,w):
        self.ls.append(w)
    def f(self,v):
        for k,w in enumerate(self.ls): v=np.tanh(v*w+k)
        return v
n=N()
n.add(w1)
n.add(np.roots(w2))
loss=np.sum(n.f(x))
""",
    "cond": """
def f(v):
    l=[v]
    if np.sum(v)>0:
        l.append(w1)
        return np.sum(l[0]*l[-1])
    return np.sum(l[0]+l[-1])
loss=np.tanh(f(x*w1))
""",
    "sortarr": """
z=x*w1
z.sort()
loss=np.sum(np.tanh(z*w2))
""",
    "add.at": """
z=x*w1
np.add.at(z,[0,0],w2)
loss=np.sum(np.tanh(z))
""",
    "round": """
loss=np.sum(np.round(x*w1*10))+np.sum(w1**2)
""",
    "add.at2": """
z=np.zeros((3,2))
np.add.at(z,np.array([0,2,0]),np.outer(np.ones(3),x*w1))
loss=np.sum(np.tanh(z))
""",
}
"""Changes that cannot be followed: the loss that needs them is refused."""
