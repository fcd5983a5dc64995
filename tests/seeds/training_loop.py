import torch
import torch.nn.functional as F
# 입력 데이터와 정답
x = torch.tensor([[0.5, 0.8, 0.2]], dtype = torch.float32)
y = torch.tensor([[1.0]], dtype = torch.float32)

# 가중치 및 편향
W1 = torch.tensor([[1.0, -1.0],
                   [0.0, 2.0],
                    [1.0, 0.5]], requires_grad = True)
b1 = torch.tensor([[0.1, 0.2]], dtype = torch.float32, requires_grad = True)

W2 = torch.tensor([[2.0],
                   [-1.0]], dtype=torch.float32, requires_grad=True)

b2 = torch.tensor([[0.5]], dtype=torch.float32, requires_grad=True)

# 학습 설정
lr = 0.1
epochs = 10

print("---학습 시작---")
for epoch in range(1, epochs+1):
  # 순전파
  z1 = x @ W1 + b1
  a1 = F.relu(z1)
  z2 = a1 @ W2+ b2
  y_pred = F.relu(z2)
  loss = 0.5 * (y_pred - y) ** 2

  # 역전파
  loss.backward()

  # 파라미터 업데이트
  lr =0.1
  with torch.no_grad():
    W1 -= lr * W1.grad
    b1 -= lr * b1.grad
    W2 -= lr * W2.grad
    b2 -= lr * b2.grad

    #  기울기 초기화
    W1.grad.zero_()
    b1.grad.zero_()
    W2.grad.zero_()
    b2.grad.zero_()
  print("Epoch", epoch, "l y_pred: ", y_pred.item(), "l loss: ", loss.item())

# 두 번째 순전파
z1_2 = x @ W1 + b1
a1_2 = F.relu(z1_2)
z2_2 = a1 @ W2+ b2
y_pred_2 = F.relu(z2_2)
loss_2 = 0.5 * (y_pred_2 - y) ** 2

# 결과 출력
print("y_pred: ", y_pred_2.item())
