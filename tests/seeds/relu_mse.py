def relu(x):
    return np.maximum(0, x)

def mse_loss(y_hat, y):
    return np.mean((y_hat - y) ** 2)

def relu_derivative(x):
    return (x > 0).astype(float)

def mse_loss_derivative(y_hat, y):
    return 2 * (y_hat - y)

# 변수선언
x = np.array([3.5])
y = np.array([10.0])

w1 = np.array([2.0])
b1 = np.array([1.0])

w2 = np.array([1.5])
b2 = np.array([0.5])

# 순전파
z1 = w1 * x + b1
h = relu(z1)
z2 = w2 * h + b2 # 예측값
loss = mse_loss(z2, y)
print(f'순전파: y_hat={z2}, loss={loss}')



# 역전파
# - 출력층 w2, b2
dL_dz2 = mse_loss_derivative(z2, y)

dz2_dw2 = h
dz2_db2 = 1

dL_dw2 = dL_dz2 * dz2_dw2
dL_db2 = dL_dz2 * dz2_db2

# w2, b2 기울기
print(f'출력층 w2 기울기: {dL_dw2}')
print(f'출력층 b2 기울기: {dL_db2}')


# 은닉층 w1, b1
dz2_dh = w2
dh_dz1 = relu_derivative(z1)

dL_dz1 = dL_dz2 * dz2_dh * dh_dz1
dz1_dw1 = x
dz1_db1 = 1

dL_dw1 = dL_dz1 * dz1_dw1
dL_db1 = dL_dz1 * dz1_db1


# w1, b1 기울기
print(f'은닉층 w1 기울기: {dL_dw1}')
print(f'은닉층 b1 기울기 : {dL_db1}')
