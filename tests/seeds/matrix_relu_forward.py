import numpy as np
# ReLU 함수 정의
def relu(x):return np.maximum(0,x)
# 입력층 데이터(1*3)
x = np.array([[0.5, 0.8, 0.2]])
# 은닉층 가중치(3*2), 편향(1*2)
w1 = np.array([
    [1.0, -1.0],
    [0.0, 2.0],
    [1.0, 0.5]
])

b1 = np.array([[0.1, 0.2]])
# 은닉층 계산
z1 = x@ w1 + b1
a1 = relu(z1)
# 출력층 가중치(2*1), 편향(1*1)
w2 = np.array([
    [2.0],
    [-1.0]
])

b2 = np.array([[0.5]])
# 출력층 계산
z2 = a1 @ w2 + b2
y_pred = relu(z2)
# 결과 출력
print("입력 벡터 x:", x)
print("은닉층 선형 출력 z1:", z1)
print("은닉층 활성화 a1 (ReLU):", a1)
print("출력층 선형 출력 z2:", z2)
print("최종 예측 y_pred (ReLU):", y_pred)
