import io

import numpy as np
import pandas as pd

CSV = """area,rooms,age,district,price
50,2,30,north,110
72,3,12,south,190
38,1,45,north,75
90,4,5,centre,320
65,3,20,centre,240
120,5,8,south,330
55,2,,north,130
80,3,15,centre,275
"""

df = pd.read_csv(io.StringIO(CSV))
df["age"] = df["age"].fillna(df["age"].median())
df = pd.get_dummies(df, columns=["district"], drop_first=True, dtype=float)
print(df.describe().loc[["mean", "std"]])

features = df.drop(columns="price")
X = ((features - features.mean()) / features.std()).values
y = (df["price"] / 100).to_numpy()

theta = np.zeros(X.shape[1])
intercept = 0.0
alpha, lam = 0.05, 0.1
history = []

for it in range(100):
    pred = X @ theta + intercept
    errors = pred - y
    mse = (errors ** 2).mean()
    cost = mse + lam * (theta ** 2).sum()      # ridge; the intercept is not penalised
    history.append({"iteration": it, "cost": cost, "mse": mse})

    grad_theta = 2 * X.T @ errors / len(y) + 2 * lam * theta
    grad_intercept = 2 * errors.mean()
    theta = theta - alpha * grad_theta
    intercept = intercept - alpha * grad_intercept

log = pd.DataFrame(history)
print(log.iloc[::25])
print(pd.Series(theta, index=features.columns).round(3))
