"""Fits a logistic regression: numbers imputed and scaled, categories one-hot.

Steward runs this with the training rows at hand. Anything that ends with job.save(model) or an ONNX file at job.model will do.
"""

import numpy
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
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
model = make_pipeline(columns, LogisticRegression(C=float(job.params["strength"]), random_state=job.seed))
model.fit(X, y)

answers = model.predict_proba(held_X)[:, 1]
job.report(1, of=1, auc=roc_auc_score(held_y, answers), log_loss=log_loss(held_y, answers))
job.save(model)
