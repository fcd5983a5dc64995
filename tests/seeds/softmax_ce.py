# 선형출력층 - softmax - cross_entropy_loss
def softmax(x, axis=1):
    exp_x = np.exp(x - np.max(x, axis=axis)) # overflow방지 (값안정화)
    return exp_x / np.sum(exp_x, axis=axis)

def cross_entropy_loss(y_hat, y_true_index):
    print(y_hat.shape) # (n, n_classes)
    return np.mean([-np.log(y_hat_[y_true_index]) for y_hat_ in y_hat])

def cross_entropy_loss_derivative(y_hat, y_true_index):
    """
    cross_entory_loss, softmax 통합된 도함수
    """
    grad = y_hat.copy()
    grad[:, y_true_index] -= 1
    return grad

# 변수
X = np.array([[2.0, -1.0]]) # batch 차원
y_true_index = 0 # 0 1 2 클래스 중에서 0번지 클래스
# 입력2 -> 출력3 : W.shape(3,2), b.shape(3,)
W = np.array([[0.1, 0.3],
              [0.2, -0.2],
              [-0.1, 0.4]])

b = np.array([0.0, 0.0, 0.0])


# 순전파
z = X @ W.T + b
y_hat = softmax(z, axis=1)
loss = cross_entropy_loss(y_hat, y_true_index)
print(f'순전파: y_hat={y_hat}, loss={loss}')


# 역전파
dL_dz = cross_entropy_loss_derivative(y_hat, y_true_index)
print(dL_dz.shape)

# 도함수 도출
dz_dW = X
dz_db = 1


dL_dW = np.outer(dL_dz, dz_dW) # (3,) (2,) 곱해서 (3, 2)
dL_db = dL_dz * dz_db # 서로 달라서 곱셈할 수 없음


print(f'역전파 : w기울기={dL_dW}') # 3행 2열의 결과가 나옴
print(f'역전파 : b기울기={dL_db}')
