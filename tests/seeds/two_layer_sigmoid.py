import torch

x = torch.tensor([[0.5, 0.8]])  # shape : (1, 2)
y_true = torch.tensor([[1.0]])  # shape : (1, 1)

print(f"x.size = {x.size()}, y.true_size = {y_true.size()}")

# 가중치/편향 초기화
W1 = torch.tensor([[0.1, 0.3],
                    [0.2, 0.4]], requires_grad= False)  # 입력(2) -> 은닉노드 (2) 각각 가중치 행렬
b1 = torch.tensor([0.1, 0.2], requires_grad= False) # 은닉층 편향 백터

print(W1)
print(b1)

# 가중치/편향 초기화
W2 = torch.tensor([[0.5],
                    [0.6]], requires_grad= False)  # 은닉(2) -> 출력(1) 가중치 행렬, shape : (2,1)
b2 = torch.tensor([0.3], requires_grad= False) # 출력층 편향 스칼라, shape : (1,1)

# 출력노드가 1개이므로 편향도 1개임.

print(W2)
print(b2)

# 시그모이드 활성화 함수 : 입력을 0~1로 압축해서 반환 (비선형성 부여)
def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


# 시그모이드 미분 함수  : 역전파에서 기울기 계산에 사용
def sigmoid_deriv(x):
    s = sigmoid(x)      # 순전파 시그모아드 출력값 s를 미분 계산
    return s * (1 - s)  # sigmoid'(x) = s * (1 - s)  => 기울기 계산

z1 = x @ W1 + b1    # 첫번째 은닉층 선형 결합 : (1,2) @ (2,2) + (1,2) = shape : (1,2)

a1 = sigmoid(z1)    # 첫번째 은닉층 활성화 함수 : (1,2)

z2 = a1 @ W2 + b2   # 출력층 선형 결합 : (1,2) @ (2,1) + (1,1) = shape : (1,1)

a2 = sigmoid(z2)    # 출력층 활성화함수 : 0~1 사이값으로 반환. shape : (1,1)

print(z1)
print(a1)
print(z2)
print(a2)

# 역전파

# MSE 평균제곱오차로 손실 계산 (0.5를 곱한건 미분시 2가 상쇄되어 깔끔하게 약분된다. 기울기 계산 단순화)
loss = 0.5 * (y_true - a2) ** 2

# 기울기 계산
delta2 = (a2 - y_true) * sigmoid_deriv(z2)  # 출력층 오차항 = (손실의 미분)*(시그모이드 미분) -> shape : (1,1)

dW2 = a1.T @ delta2     # W2 기울기 : (a1 전치) @ (z2에 대한 기울기) -> shape : (2,1)

db2 = delta2    # b2 기울기 : 출력층 편향을 그대로 delta2가 된다. -> (1,1)

print(delta2)
print(dW2)
print(db2)

delta1 = delta2 @ W2.T * sigmoid_deriv(z1)  # 은닉층의 오차항(delta) = 출력층 오차가중치전파((출력층의 오차항(delta) * 가중치(w2)) * 시그모이드 미분)

dW1 = x.T @ delta1  # W1의 기울기 = 입력층의 입력값과 은닉층의 오차항의 내적

db1 = delta1    # b1의 기울기 = 은닉층의 오차항

print(delta1)
print(dW1)
print(db1)

print("출력층 기울기 dW2", dW2) # 출력층 가중치 (W2) 에 대한 기울기 계산
print("은닉층 기울기 dW1", dW1) # 은닉층 가중치 (W1) 에 대한 기울기 계산
print("은닉층 편향 기울기 db1", db1) # 은닉층 편향 (b1) 에 대한 기울기 계산
