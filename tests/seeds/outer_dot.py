# np.outer() 두 행렬의 외적 -> 행렬
a = np.array([1, 2])  # (2,)
b = np.array([10, 20, 30]) # (3, )
c = np.outer(a, b) # (2,3)
print(c.shape)

# np.dot() 두행렬 내적 -> 스칼라
d = np.array([3, 4]) # (2,)
e = np.dot(a, d)
print(e)
