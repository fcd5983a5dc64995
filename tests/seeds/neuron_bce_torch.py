# torch 버전
# 1. 변수 선언
x = torch.tensor(3.5) # 입력
y = torch.tensor(0.0)   # 타겟(정답)
w = torch.tensor(2.0, requires_grad=True) # 출력층 가중치(미분 대상)
b = torch.tensor(1.0, requires_grad=True) # 출력층 절편(미분 대상)

# 2. 순전파
# - F.sigmoid(z)
# - F.binary_cross_entropy(y_hat, y)
z = w * x + b
y_hat = F.sigmoid(z)
loss = F.binary_cross_entropy(y_hat, y)
print(f'순전파 : y_hat={y_hat}, loss={loss}')

# 3. 역전파 (기울기 계산)
loss.backward()

# 4. w/b 기울기 확인
print(f'역전파 : w기울기={w.grad.item()}')
print(f'역전파 : b기울기={b.grad.item()}')
