# 선형층-Sigmoid-BCELoss

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def bce_loss(y_hat, y):
    # - ((y=1일때 손실) + (y=0일때 손실))
    return -((y * np.log(y_hat)) + ((1 - y) * np.log(1 - y_hat)))

def sigmoid_derivative(x):
    """시그모이드 함수의 도함수"""
    p = sigmoid(x)
    return p*(1 - p)

def bce_loss_derivative(y_hat, y):
    """bce_loss 함수의 도함수"""
    # -((y=1일때 기울기) + (y=0일때 기울기))
    return -((y / y_hat) - ((1 - y) / (1 - y_hat)))


# 변수 선언
x = 3.5 # 입력
y = 0   # 타겟(정답)
w = 2.0 # 출력층 가중치
b = 1.0 # 출력층 절편


# 순전파
z = w * x + b # 출력층의 출력(logit)
y_hat = sigmoid(z) # 이진분류 출력층 활성화 함수(확률값)
loss = bce_loss(y_hat, y) # 이진분류 손실함수
print(f'순전파 : y_hat={y_hat}, loss={loss}')


# 역전파
dL_dyhat = bce_loss_derivative(y_hat, y)
dyhat_dz = sigmoid_derivative(z)


dz_dw = x
dz_db = 1

dL_dz = dL_dyhat * dyhat_dz
dL_dw = dL_dz * dz_dw
dL_db = dL_dz * dz_db

print(f'역전파 : w기울기 ={dL_dw}')
print(f'역전파 : b기울기 ={dL_db}')
