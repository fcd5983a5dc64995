# torch 자동미분
# 변수
X = torch.tensor([[2.0, -1.0]])
y_true_index = torch.tensor([0], dtype=torch.long)
W = torch.tensor([[0.1, 0.3],
                  [0.2, -0.2],
                  [-0.1, 0.4]], requires_grad=True)
b = torch.tensor([0.0, 0.0, 0.0], requires_grad=True)

# 순전파
# - F.softmax()
# - F.cross_entropy(y_hat, y_true_index)
x = X @ W.T + b
y_hat = F.softmax(x, dim=1)
loss = F.cross_entropy(y_hat, y_true_index) # cross_entropy에는 선형출력층 결과(z)를 전달해야한다!
print(f'순전파: y_hat={y_hat}, loss={loss}')

# 역전파
loss.backward()

# w,b 기울기 확인
print(f'역전파 : w기울기={w.grad}')
print(f'역전파 : b기울기={b.grad}')
