target_number = 42      # 우리가 맞추고 싶은 "정답"

guess = np.random.randn()   # 랜덤하게 시작하는 예측값 (정답을 모르니까 대충 추측)

learning_rate = 0.1     # 한 번에 얼마만큼 이동할지 (기울기를 얼마나 반영할지)

for i in range(500):
    # 오차 계산
    loss = 0.5 * (guess - target_number) ** 2
        # 손실(Loss) = 예측값과 정답 사이의 차이(오차)를 계산
        # 수식: MSE (Mean Squared Error) 형식
        # 0.5는 미분 시 깔끔하게 사라지도록 관습적으로 붙임

    # 역전파 (기울기 계산)
    grad = (guess - target_number)
    # 📌 역전파 단계 (기울기 계산)
    # 오차를 줄이기 위해 어느 방향으로 움직일지 결정
    # 여기서는 loss를 guess에 대해 미분한 값이야

    # 업데이트 (guess 업데이트)
    guess -= learning_rate * grad
    # 🔥 경사하강법(Gradient Descent)
    # 기울기 방향으로 guess를 조금 수정!
    # learning_rate가 너무 크면 튕기고, 작으면 너무 느림

    # epoch 5마다 예측값과 손실 출력
    if i % 50 == 0:
        print(f'epoch {i} | 예측값: {guess} , 손실: {loss}')
        # 📢 50번마다 중간 결과 출력
        # → guess가 점점 42에 가까워지고, loss는 줄어드는 걸 볼 수 있어!



# 최종 예측값 guess 출력
print(f'최종 예측값: {guess}')
