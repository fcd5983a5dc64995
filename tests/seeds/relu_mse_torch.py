# torch 자동미분
# 변수선언
x = torch.tensor([3.5])
y = torch.tensor([10.0])

w1 = torch.tensor([2.0], requires_grad=True)
b1 = torch.tensor([1.0], requires_grad=True)

w2 = torch.tensor([1.5], requires_grad=True)
b2 = torch.tensor([0.5], requires_grad=True)

# 순전파
z1 = w1 * x + b1
h = F.relu(z1)
z2 = w2 * h + b2 # 예측값
loss = F.mse_loss(z2, y)
print(f'순전파: y_hat={z2}, loss={loss}')


# 역전파
loss.backward()

# 기울기/절편
print(f'출력층 w2 기울기 : {w2.grad}')
print(f'출력층 b2 기울기 : {b2.grad}')

print(f'은닉층 w1 기울기: {dL_dw1}')
print(f'은닉층 b1 기울기 : {dL_db1}')
