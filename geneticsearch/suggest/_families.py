"""The space of each family of estimators. Where the numbers come from: docs/guide/unknown_ranges.rst."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from geneticsearch.space import (
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    SubsetDistribution,
    UniformDistribution,
)
from geneticsearch.suggest._data import Data

Alternatives = Sequence[dict[str, Any]]
Family = Callable[[Data], dict[str, Any] | Alternatives]
"""Returns the space of an estimator for some data; several dicts are alternatives."""

WHOLE = 1


def near(median: float, factor: float, low: float, high: float, q: int | None = None) -> Any:
    """Return a positive number, two thirds of the time within a factor of the median."""
    if q is not None and low >= high:
        return [int(high)]
    return LogNormalDistribution(
        _rounded(math.log(median)), _rounded(math.log(factor)), q, _rounded(low), _rounded(high)
    )


def _rounded(x: float) -> float:
    """Return three digits of a number, which is all that a suggestion means; whole numbers as they are."""
    return x if isinstance(x, int) else float(f"{x:.3g}")


def _up_to(most: int, limit: int | None) -> int:
    """Return a bound that the data allow."""
    return most if limit is None else max(1, min(most, limit))


def _weights(data: Data) -> dict[str, Any]:
    """Return the class weights, worth a try only where classes are unequal."""
    return {"class_weight": [None, "balanced"]} if data.is_imbalanced else {}


# ------------------------------------------------------------------------------------------------------------- kernels


def _kernels(data: Data, name: str, values: Callable[[float], Any], **common: Any) -> Alternatives:
    """Return the kernels; `values` makes the distribution of the regularization, given how far it may go."""
    gamma = near(data.gamma, 5, data.gamma / 1000, data.gamma * 100)
    polynomial = {"degree": [2, 3], "coef0": UniformDistribution(0, 1)}
    return [
        {"kernel": ["rbf"], name: values(1e4), "gamma": gamma, **common},
        {"kernel": ["poly"], name: values(1e3), "gamma": gamma, **polynomial, **common},
        {"kernel": ["linear"], name: values(1e2), **common},  # more takes long, and rarely changes anything
    ]


def svc(data: Data) -> Alternatives:
    return _kernels(data, "C", lambda high: near(3, 10, 1e-3, high), **_weights(data))


def svr(data: Data) -> Alternatives:
    scale = data.spread
    epsilon = near(0.05 * scale, 4, 1e-4 * scale, scale)
    return _kernels(data, "C", lambda high: near(3 * scale, 10, 1e-3 * scale, high * scale), epsilon=epsilon)


def kernel_ridge(data: Data) -> Alternatives:
    return _kernels(data, "alpha", lambda _: near(0.1, 15, 1e-6, 1e3))


# -------------------------------------------------------------------------------------------------------------- linear


def logistic_regression(data: Data) -> Alternatives:
    common = {"C": near(1, 10, 1e-4, 1e4), **_weights(data)}
    return [
        {"solver": ["lbfgs"], **common},
        {
            "solver": ["saga"],
            "penalty": ["elasticnet"],
            "l1_ratio": UniformDistribution(0, 1),
            **common,
            # By default it warns that it has not converged; converged further, its log loss is rather worse.
            "max_iter": [1000],
            "tol": [3e-3],
        },
    ]


def linear_svc(data: Data) -> dict[str, Any]:
    return {"C": near(0.3, 10, 1e-5, 1e3), **_weights(data)}


def linear_svr(data: Data) -> dict[str, Any]:
    scale = data.spread
    return {"C": near(scale, 10, 1e-4 * scale, 1e3 * scale), "epsilon": near(0.05 * scale, 4, 1e-4 * scale, scale)}


def ridge(data: Data) -> dict[str, Any]:
    return {"alpha": near(1, 20, 1e-5, 1e5)}


def lasso(data: Data) -> dict[str, Any]:
    scale = data.spread
    return {"alpha": near(0.02 * scale, 7, 1e-5 * scale, scale)}


def elastic_net(data: Data) -> dict[str, Any]:
    return {**lasso(data), "l1_ratio": UniformDistribution(0.01, 1)}


def sgd_classifier(data: Data) -> Alternatives:
    common = {
        "loss": ["hinge", "log_loss", "modified_huber"],
        "alpha": near(1e-3, 10, 1e-7, 1),
        "average": [False, True],
        **_weights(data),
    }
    return _penalties(common)


def sgd_regressor(data: Data) -> Alternatives:
    return _penalties({"alpha": near(1e-3, 10, 1e-7, 1), "average": [False, True]})


def _penalties(common: dict[str, Any]) -> Alternatives:
    return [
        {"penalty": ["l2"], **common},
        {"penalty": ["elasticnet"], "l1_ratio": UniformDistribution(0, 1), **common},
    ]


def generalized_linear(data: Data) -> dict[str, Any]:
    return {"alpha": near(1e-2, 15, 1e-6, 1e3)}


def quantile_regressor(data: Data) -> dict[str, Any]:
    return {"alpha": near(1e-2, 10, 1e-5, 10)}


def huber(data: Data) -> dict[str, Any]:
    return {"epsilon": UniformDistribution(1.05, 3), "alpha": near(1e-3, 10, 1e-7, 10)}


def lda(data: Data) -> dict[str, Any]:
    return {"solver": ["lsqr"], "shrinkage": UniformDistribution(0, 1)}


def qda(data: Data) -> dict[str, Any]:
    return {"reg_param": UniformDistribution(0, 1)}


def pls(data: Data) -> dict[str, Any]:
    most = min(_up_to(30, data.n_features), data.n_samples)
    return {"n_components": UniformDistribution(1, most, q=WHOLE) if most > 1 else [1]}


# ----------------------------------------------------------------------------------------------- neighbors, naive Bayes


def neighbors(data: Data) -> dict[str, Any]:
    return {
        "n_neighbors": near(7, 2.5, 1, min(100, data.n_samples), WHOLE),
        "weights": ["uniform", "distance"],
        "p": [1, 2],
    }


def gaussian_nb(data: Data) -> dict[str, Any]:
    return {"var_smoothing": LogUniformDistribution(1e-10, 1)}


def discrete_nb(data: Data) -> dict[str, Any]:
    return {"alpha": near(0.3, 6, 1e-4, 30), "fit_prior": [True, False]}


# --------------------------------------------------------------------------------------------------------------- trees


def _leaf(most: int, data: Data) -> Any:
    return near(2, 2.5, 1, _up_to(most, data.n_samples // 4), WHOLE)


def tree_classifier(data: Data) -> dict[str, Any]:
    return {
        "criterion": ["gini", "entropy"],
        "max_depth": near(8, 2, 1, 30, WHOLE),
        "min_samples_leaf": _leaf(50, data),
        **_weights(data),
    }


def tree_regressor(data: Data) -> dict[str, Any]:
    return {"max_depth": near(8, 2, 1, 30, WHOLE), "min_samples_leaf": _leaf(50, data)}


def forest_classifier(data: Data) -> dict[str, Any]:
    """Return no number of trees: more are never worse, only slower."""
    usual = 1 / math.sqrt(data.n_features or 20)
    return {
        "max_features": near(usual, 2.2, min(usual, 0.05), 1),
        "min_samples_leaf": near(1.3, 2, 1, _up_to(20, data.n_samples // 4), WHOLE),
        "criterion": ["gini", "entropy"],
        "bootstrap": [True, False],
        **_weights(data),
    }


def forest_regressor(data: Data) -> dict[str, Any]:
    return {
        "max_features": UniformDistribution(0.1, 1),
        "min_samples_leaf": near(1.3, 2, 1, _up_to(20, data.n_samples // 4), WHOLE),
        "bootstrap": [True, False],
    }


def histogram_boosting(data: Data) -> dict[str, Any]:
    return {
        "learning_rate": near(0.08, 2.5, 0.005, 1),
        "max_iter": near(120, 2, 10, 1000, WHOLE),
        "max_leaf_nodes": near(16, 2.2, 3, 255, WHOLE),
        "min_samples_leaf": near(15, 2.2, 1, _up_to(200, data.n_samples // 4), WHOLE),
        "l2_regularization": near(0.1, 20, 1e-6, 1e3),
        "max_features": UniformDistribution(0.1, 1),
    }


def gradient_boosting(data: Data) -> dict[str, Any]:
    return {
        "learning_rate": near(0.08, 2.5, 0.005, 1),
        "n_estimators": near(120, 2, 10, 1000, WHOLE),
        "max_depth": UniformDistribution(1, 8, q=WHOLE),
        "min_samples_leaf": _leaf(50, data),
        "subsample": UniformDistribution(0.4, 1),
        "max_features": UniformDistribution(0.1, 1),
    }


def ada_boost(data: Data) -> dict[str, Any]:
    return {"n_estimators": near(80, 2, 10, 500, WHOLE), "learning_rate": near(0.6, 3, 0.01, 3)}


def bagging(data: Data) -> dict[str, Any]:
    return {"max_samples": UniformDistribution(0.3, 1), "max_features": UniformDistribution(0.3, 1)}


def xgboost(data: Data) -> dict[str, Any]:
    return {
        "learning_rate": near(0.1, 2.5, 0.005, 1),
        "n_estimators": near(150, 2, 10, 1000, WHOLE),
        "max_depth": near(5, 1.7, 1, 14, WHOLE),
        "min_child_weight": near(1, 4, 0.01, 100),
        "subsample": UniformDistribution(0.4, 1),
        "colsample_bytree": UniformDistribution(0.2, 1),
        "reg_lambda": near(1, 10, 1e-3, 1e3),
        "reg_alpha": near(0.01, 20, 1e-5, 100),
    }


def lightgbm(data: Data) -> dict[str, Any]:
    return {
        "learning_rate": near(0.08, 2.5, 0.005, 1),
        "n_estimators": near(120, 2, 10, 1000, WHOLE),
        "num_leaves": near(16, 2.2, 3, 255, WHOLE),
        "min_child_samples": near(15, 2.2, 1, _up_to(200, data.n_samples // 4), WHOLE),
        "subsample": UniformDistribution(0.4, 1),
        "subsample_freq": [1],
        "colsample_bytree": UniformDistribution(0.2, 1),
        "reg_lambda": near(0.1, 20, 1e-6, 1e3),
    }


def catboost(data: Data) -> dict[str, Any]:
    return {
        "learning_rate": near(0.06, 2.2, 0.005, 0.5),
        "iterations": near(300, 2, 20, 2000, WHOLE),
        "depth": UniformDistribution(2, 10, q=WHOLE),
        "l2_leaf_reg": near(3, 3, 0.1, 100),
        "random_strength": near(1, 4, 0.01, 20),
    }


# -------------------------------------------------------------------------------------------------------------- neural


def mlp(data: Data) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": SequenceDistribution(near(50, 2, 4, 256, WHOLE), 1, 3),
        "activation": ["relu", "tanh"],
        "alpha": near(1e-3, 15, 1e-7, 30),
        "learning_rate_init": near(3e-3, 3, 1e-4, 0.1),
    }


# --------------------------------------------------------------------------------------------------------- transformers


def nothing(data: Data) -> dict[str, Any]:
    """Known, and nothing to tune."""
    return {}


def pca(data: Data) -> dict[str, Any]:
    """Return the share of the variance to keep, which no number of features makes impossible."""
    return {"n_components": UniformDistribution(0.5, 0.9999)}


def components(data: Data) -> dict[str, Any]:
    most = _up_to(200, data.n_features and min(data.n_features - 1, data.n_samples))
    return {"n_components": LogUniformDistribution(min(2, most - 1), most, q=WHOLE) if most > 2 else [most]}


def k_best(data: Data) -> dict[str, Any]:
    most = data.n_features or 10
    return {"k": LogUniformDistribution(1, most, q=WHOLE) if most > 1 else [1]}


def percentile(data: Data) -> dict[str, Any]:
    return {"percentile": UniformDistribution(5, 100, q=WHOLE)}


def by_test(data: Data) -> dict[str, Any]:
    return {"alpha": LogUniformDistribution(1e-4, 0.5)}


def from_model(data: Data) -> dict[str, Any]:
    return {"threshold": ["0.1*mean", "0.5*mean", "median", "mean", "1.5*mean"]}


def elimination(data: Data) -> dict[str, Any]:
    return {"n_features_to_select": UniformDistribution(0.1, 1)}


def select_columns(data: Data) -> dict[str, Any]:
    return {"columns": SubsetDistribution(range(data.n_features))} if data.n_features else {}


def polynomial(data: Data) -> dict[str, Any]:
    return {"degree": [1, 2], "interaction_only": [False, True]}


def spline(data: Data) -> dict[str, Any]:
    return {"n_knots": UniformDistribution(3, 10, q=WHOLE), "degree": [1, 2, 3]}


def bins(data: Data) -> dict[str, Any]:
    return {"n_bins": UniformDistribution(2, 20, q=WHOLE), "strategy": ["uniform", "quantile"]}


def quantile(data: Data) -> dict[str, Any]:
    return {"output_distribution": ["uniform", "normal"]}


def simple_imputer(data: Data) -> dict[str, Any]:
    return {"strategy": ["mean", "median"]}


def knn_imputer(data: Data) -> dict[str, Any]:
    return {"n_neighbors": near(5, 2, 1, min(30, data.n_samples), WHOLE), "weights": ["uniform", "distance"]}


def counts(data: Data) -> dict[str, Any]:
    return {"ngram_range": [(1, 1), (1, 2)], "min_df": [1, 2, 3], "max_df": UniformDistribution(0.5, 1)}


def tf_idf(data: Data) -> dict[str, Any]:
    return {**counts(data), "sublinear_tf": [False, True]}


def calibration(data: Data) -> dict[str, Any]:
    return {"method": ["sigmoid", "isotonic"]}


FAMILIES: dict[str, Family] = {
    "sklearn.SVC": svc,
    "sklearn.SVR": svr,
    "sklearn.LinearSVC": linear_svc,
    "sklearn.LinearSVR": linear_svr,
    "sklearn.KernelRidge": kernel_ridge,
    "sklearn.LogisticRegression": logistic_regression,
    "sklearn.Ridge": ridge,
    "sklearn.RidgeClassifier": ridge,
    "sklearn.Lasso": lasso,
    "sklearn.ElasticNet": elastic_net,
    "sklearn.SGDClassifier": sgd_classifier,
    "sklearn.SGDRegressor": sgd_regressor,
    "sklearn.HuberRegressor": huber,
    "sklearn.PoissonRegressor": generalized_linear,
    "sklearn.GammaRegressor": generalized_linear,
    "sklearn.TweedieRegressor": generalized_linear,
    "sklearn.QuantileRegressor": quantile_regressor,
    "sklearn.LinearDiscriminantAnalysis": lda,
    "sklearn.QuadraticDiscriminantAnalysis": qda,
    "sklearn.PLSRegression": pls,
    "sklearn.KNeighborsClassifier": neighbors,
    "sklearn.KNeighborsRegressor": neighbors,
    "sklearn.GaussianNB": gaussian_nb,
    "sklearn.MultinomialNB": discrete_nb,
    "sklearn.ComplementNB": discrete_nb,
    "sklearn.BernoulliNB": discrete_nb,
    "sklearn.CategoricalNB": discrete_nb,
    "sklearn.DecisionTreeClassifier": tree_classifier,
    "sklearn.DecisionTreeRegressor": tree_regressor,
    "sklearn.RandomForestClassifier": forest_classifier,
    "sklearn.RandomForestRegressor": forest_regressor,
    "sklearn.ExtraTreesClassifier": forest_classifier,
    "sklearn.ExtraTreesRegressor": forest_regressor,
    "sklearn.HistGradientBoostingClassifier": histogram_boosting,
    "sklearn.HistGradientBoostingRegressor": histogram_boosting,
    "sklearn.GradientBoostingClassifier": gradient_boosting,
    "sklearn.GradientBoostingRegressor": gradient_boosting,
    "sklearn.AdaBoostClassifier": ada_boost,
    "sklearn.AdaBoostRegressor": ada_boost,
    "sklearn.BaggingClassifier": bagging,
    "sklearn.BaggingRegressor": bagging,
    "sklearn.MLPClassifier": mlp,
    "sklearn.MLPRegressor": mlp,
    "sklearn.CalibratedClassifierCV": calibration,
    "xgboost.XGBClassifier": xgboost,
    "xgboost.XGBRegressor": xgboost,
    "lightgbm.LGBMClassifier": lightgbm,
    "lightgbm.LGBMRegressor": lightgbm,
    "catboost.CatBoostClassifier": catboost,
    "catboost.CatBoostRegressor": catboost,
    "sklearn.PCA": pca,
    "sklearn.TruncatedSVD": components,
    "sklearn.NMF": components,
    "sklearn.SelectKBest": k_best,
    "sklearn.SelectPercentile": percentile,
    "sklearn.SelectFpr": by_test,
    "sklearn.SelectFdr": by_test,
    "sklearn.SelectFwe": by_test,
    "sklearn.SelectFromModel": from_model,
    "sklearn.RFE": elimination,
    "geneticsearch.SelectColumns": select_columns,
    "sklearn.PolynomialFeatures": polynomial,
    "sklearn.SplineTransformer": spline,
    "sklearn.KBinsDiscretizer": bins,
    "sklearn.QuantileTransformer": quantile,
    "sklearn.SimpleImputer": simple_imputer,
    "sklearn.KNNImputer": knn_imputer,
    "sklearn.CountVectorizer": counts,
    "sklearn.TfidfVectorizer": tf_idf,
    "sklearn.LinearRegression": nothing,
    "sklearn.DummyClassifier": nothing,
    "sklearn.DummyRegressor": nothing,
    "sklearn.LogisticRegressionCV": nothing,
    "sklearn.RidgeCV": nothing,
    "sklearn.RidgeClassifierCV": nothing,
    "sklearn.LassoCV": nothing,
    "sklearn.ElasticNetCV": nothing,
    "sklearn.BayesianRidge": nothing,
}
"""By package and class."""
