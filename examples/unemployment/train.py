"""Fits a ridge regression: numbers imputed and scaled, categories one-hot."""

import numpy
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import steward

job = steward.job()
X, y = job.train()
held_X, held_y = job.validation()

categories = [at for at, feature in enumerate(job.features) if feature.type == "category"]
numbers = [at for at, feature in enumerate(job.features) if feature.type != "category"]
columns = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=numpy.float32), categories),
    ]
)
model = make_pipeline(columns, Ridge(alpha=float(job.params["alpha"]), random_state=job.seed))
model.fit(X, y)

answers = model.predict(held_X)
job.report(1, of=1, rmse=root_mean_squared_error(held_y, answers), mae=mean_absolute_error(held_y, answers))
job.save(model)
