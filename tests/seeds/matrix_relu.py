import numpy as np

# ReLU 함수와 도함수 정의
def relu(x):
  return np.maximum(0, x)

def relu_deriv(x):
  return (x > 0).astype(float)
# 입력층 데이터(1*3)
x = np.array([[0.5, 0.8, 0.2]])
# 정답값
y = np.array([[1.0]])
# 은닉층 가중치(3*2), 편향(1*2)
w1 = np.array([
    [1.0, -1.0],
    [0.0, 2.0],
    [1.0, 0.5]
])

b1 = np.array([[0.1, 0.2]])
# 출력층 가중치(2*1), 편향(1*1)
w2 = np.array([
    [2.0],
    [-1.0]
])

b2 = np.array([[0.5]])
# 순전파 계산
z1 = x@ w1 + b1
a1 = relu(z1)
z2 = a1 @ w2 + b2
y_pred = relu(z2)
# 손실함수
loss = 0.5 * (y_pred - y) ** 2
# --- 역전파 ---
# 출력층 계산
# dL_dW2 = dL_dy * dy_dz2 * dz2_dW2
dL_dy = y_pred - y                     # dL/dy_pred
dy_dz2 = relu_deriv(z2)                # ReLU 미분
dz2 = dL_dy * dy_dz2                   # dL/dz2 (1,1)

dw2 = a1.T @ dz2                       # (2,1)
db2 = dz2                              # (1,1)

# 은닉층 계산
dz1 = dz2 @ w2.T * relu_deriv(z1)      # (1,2)
dw1 = x.T @ dz1                        # (3,2)
db1 = dz1                              # (1,2)

# 가중치 및 편향 업데이트
lr =0.1

w1 -= lr * dw1
b1 -= lr * db1
w2 -= lr * dw2
b2 -= lr * db2
# 두 번째 순전파
z1_2 = x @ w1 + b1
a1_2 = relu(z1_2)
z2_2 = a1_2 @ w2 + b2
y_pred_2 = relu(z2_2)
loss_2 = 0.5  * (y_pred_2 - y) ** 2

# 결과 출력
print("---순전파---")
print("z1:", z1)
print("a1:", a1)
print("z2:", z2)
print("y_pred:", y_pred)
print("loss:", loss.item())

print("\n---역전파---")
print("dw2:", dw2)
print("db2:", db2)
print("dw1:", dw1)
print("db1:", db1)

print("\n---업데이트 후---")
print("W1:", w1)
print("b1:", b1)
print("W2:", w2)
print("b2:", b2)

print("\n---두 번째 순전파---")
print("z1:", z1_2)
print("a1:", a1_2)
print("z2:", z2_2)
print("y_pred:", y_pred_2)
print("loss:", loss_2.item())
