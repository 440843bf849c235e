"""Suggested spaces and first candidates."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_iris, load_wine, make_regression
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, StackingClassifier, VotingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from geneticsearch import (
    GeneticSearchCV,
    LogNormalDistribution,
    SelectColumns,
    SubsetDistribution,
    register_space,
    suggest_initial,
    suggest_space,
)
from geneticsearch.space import Space
from geneticsearch.suggest._data import Data
from geneticsearch.suggest._families import FAMILIES
from geneticsearch.suggest._parts import Part, _registered
from geneticsearch.suggest._portfolio import _portfolios, members_of

KNOWN = {
    name: kind
    for name, kind in all_estimators()
    if f"sklearn.{name}" in FAMILIES and FAMILIES[f"sklearn.{name}"].__name__ != "nothing"
}
RANKER = {"SelectFromModel": {"estimator": LogisticRegression()}, "RFE": {"estimator": LogisticRegression()}}
X, y = load_wine(return_X_y=True)


class Unknown(ClassifierMixin, BaseEstimator):
    def __init__(self, level=0.5):
        self.level = level

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def names_of(space):
    return {name for one in (space if isinstance(space, list) else [space]) for name in one}


@pytest.fixture
def registry():
    before = dict(_registered)
    yield
    _registered.clear()
    _registered.update(before)


def test_the_table_names_estimators_that_there_are():
    there = {f"sklearn.{name}" for name, _ in all_estimators()}
    assert not {name for name in FAMILIES if name.startswith("sklearn.")} - there


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("has_data", [False, True])
def test_every_estimator_takes_all_that_is_suggested_for_it(name, has_data):
    estimator = KNOWN[name](**RANKER.get(name, {}))
    X, y = load_iris(return_X_y=True) if has_data else (None, None)
    space = Space(suggest_space(estimator, X, y))
    first = suggest_initial(estimator, X, y)
    drawn = [params for alternative in space.examples(n=3) for params in alternative]
    for params in [*first, *drawn]:
        space.encode(params)
        clone(estimator).set_params(**params)._validate_params()


@pytest.mark.parametrize("estimator", [KNeighborsClassifier(), SVC(), LogisticRegression(), DecisionTreeClassifier()])
def test_what_is_suggested_for_few_samples_can_be_fitted(estimator):
    rows = np.r_[0:6, 60:66, 140:146]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search = GeneticSearchCV(estimator, "auto", n_iter=25, cv=2, random_state=0).fit(X[rows], y[rows])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_parts_are_found_by_their_nested_names():
    columns = ColumnTransformer(
        [("number", make_pipeline(StandardScaler(), PCA()), [0, 1]), ("word", OneHotEncoder(), [2])]
    )
    union = FeatureUnion([("few", SelectKBest()), ("crossed", PolynomialFeatures())])
    stack = StackingClassifier(
        [("svc", SVC()), ("tree", DecisionTreeClassifier())], final_estimator=LogisticRegression()
    )
    found = names_of(suggest_space(make_pipeline(columns, union, stack), X, y))
    assert {
        "columntransformer__number__pca__n_components",
        "featureunion__few__k",
        "featureunion__crossed__degree",
        "stackingclassifier__svc__C",
        "stackingclassifier__tree__max_depth",
        "stackingclassifier__final_estimator__C",
    } <= found


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (MultiOutputRegressor(TransformedTargetRegressor(Ridge())), {"estimator__regressor__alpha"}),
        (CalibratedClassifierCV(LinearSVC()), {"method", "estimator__C"}),
        (OneVsRestClassifier(LinearSVC()), {"estimator__C"}),
        (AdaBoostClassifier(GaussianNB()), {"n_estimators", "learning_rate", "estimator__var_smoothing"}),
        (VotingRegressor([("a", Ridge()), ("b", LinearRegression())]), {"a__alpha"}),
    ],
    ids=["targets", "calibration", "classes", "boosting", "voting"],
)
def test_what_is_wrapped_is_found(estimator, expected):
    assert names_of(suggest_space(estimator)) == expected


def test_columns_are_chosen_where_their_number_is_known():
    pipeline = make_pipeline(SelectColumns(), StandardScaler(), Ridge())
    assert suggest_space(pipeline, X)["selectcolumns__columns"] == SubsetDistribution(range(13))
    assert suggest_initial(pipeline, X)[0]["selectcolumns__columns"] == tuple(range(13))
    assert names_of(suggest_space(pipeline)) == {"ridge__alpha"}
    GeneticSearchCV(pipeline, "auto", n_iter=12, random_state=0).fit(X, y)


def test_an_estimator_that_only_ranks_features_is_left_alone():
    pipeline = make_pipeline(SelectFromModel(DecisionTreeClassifier()), Ridge())
    assert names_of(suggest_space(pipeline)) == {"selectfrommodel__threshold", "ridge__alpha"}


def test_parameters_of_one_alternative_are_not_in_the_others():
    by_kernel = {space["kernel"][0]: set(space) for space in suggest_space(SVC())}
    assert by_kernel == {
        "rbf": {"kernel", "C", "gamma"},
        "poly": {"kernel", "C", "gamma", "degree", "coef0"},
        "linear": {"kernel", "C"},
    }


def test_what_users_have_set_stays():
    assert names_of(suggest_space(SVC(kernel="linear"))) == {"C"}
    assert names_of(suggest_space(SVC(kernel="sigmoid"))) == {"C"}
    assert names_of(suggest_space(SVC(C=7, gamma=0.1, kernel="poly"))) == {"degree", "coef0"}
    assert all("C" not in params for params in suggest_initial(SVC(C=7)))


def test_how_long_users_let_fits_take_decides_for_no_alternative():
    ridge, net = suggest_space(LogisticRegression(max_iter=5000))
    assert ridge["solver"] == ["lbfgs"]
    assert net["solver"] == ["saga"]
    assert "max_iter" not in net


@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
def test_logistic_regression_of_scaled_columns_does_not_warn(scoring):
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        GeneticSearchCV(pipeline, "auto", n_iter=20, cv=3, scoring=scoring, random_state=0).fit(X, y)


def test_a_search_inside_a_pipeline_is_left_to_tune_itself():
    inner = GridSearchCV(SVC(), {"C": [1, 10]})
    assert list(suggest_space(make_pipeline(SelectKBest(), inner))) == ["selectkbest__k"]


def test_bounds_and_scales_come_from_the_data():
    assert suggest_space(KNeighborsClassifier(), X[:30], y[:30])["n_neighbors"].high == 10
    assert suggest_space(KNeighborsClassifier())["n_neighbors"].high == 100
    assert suggest_space(make_pipeline(SelectKBest(), Ridge()), X)["selectkbest__k"].high == 13
    scaled = suggest_space(make_pipeline(StandardScaler(), SVC()), X, y)[0]["svc__gamma"]
    assert scaled.ppf(0.5) == pytest.approx(1 / 13, rel=0.01)
    bare = suggest_space(SVC(), X, y)[0]["gamma"]
    assert bare.ppf(0.5) == pytest.approx(1 / (13 * X.var()), rel=0.01)
    X_r, y_r = make_regression(random_state=0)
    small, large = (suggest_space(SVR(), X_r, scale * y_r)[0]["C"].ppf(0.5) for scale in (1, 1000))
    assert large == pytest.approx(1000 * small, rel=0.05)


def test_class_weights_are_worth_a_try_where_classes_are_unequal():
    assert "class_weight" not in names_of(suggest_space(SVC(), X, y))
    unequal = np.r_[y[:100], np.zeros(400)]
    assert "class_weight" in names_of(suggest_space(SVC(), None, unequal))


def test_data_need_not_be_numbers():
    words = ["a b", "b c", "c d"] * 10
    space = suggest_space(make_pipeline(TfidfVectorizer(), LogisticRegression()), words, [0, 1, 0] * 10)
    assert "tfidfvectorizer__ngram_range" in names_of(space)


@pytest.mark.parametrize(
    ("data", "n_samples", "n_features"),
    [
        (X, 178, 13),
        (X.tolist(), 178, 13),
        (csr_array(X), 178, 13),
        (["a b", "c"], 2, None),
        (None, 900, None),
    ],
    ids=["array", "list", "sparse", "texts", "none"],
)
def test_sizes_of_all_kinds_of_data(data, n_samples, n_features):
    known = Data.of(data, None)
    assert (known.n_samples, known.n_features) == (max(1, n_samples // 3), n_features)
    assert known.variance == (pytest.approx(X.var()) if n_features else 1.0)


def test_a_table_with_texts_has_a_size():
    table = pytest.importorskip("pandas").DataFrame(X).assign(word="a")
    assert (Data.of(table, y).n_features, Data.of(table, y).variance) == (14, 1.0)


@pytest.mark.parametrize(
    ("package", "name", "expected"),
    [
        ("xgboost", "XGBClassifier", {"learning_rate", "min_child_weight"}),
        ("lightgbm", "LGBMRegressor", {"learning_rate", "num_leaves"}),
        ("catboost", "CatBoostClassifier", {"learning_rate", "depth"}),
    ],
)
def test_other_packages_are_known_by_name(package, name, expected):
    def init(self, learning_rate=None, min_child_weight=None, num_leaves=31, depth=None):
        self.learning_rate, self.min_child_weight = learning_rate, min_child_weight
        self.num_leaves, self.depth = num_leaves, depth

    estimator = type(name, (Unknown,), {"__init__": init, "__module__": f"{package}.sklearn"})()
    assert names_of(suggest_space(estimator)) == expected
    assert names_of(suggest_initial(estimator)) == expected


class Derived(Unknown):
    pass


def test_an_unknown_estimator_says_how_to_register_a_space(registry):
    with pytest.raises(ValueError, match=r"No space is known for Unknown.*`register_space\(Unknown, \{\.\.\.\}\)`"):
        suggest_space(make_pipeline(StandardScaler(), Unknown()))
    register_space(Unknown, {"level": LogNormalDistribution(low=0, high=1)})
    assert names_of(suggest_space(make_pipeline(StandardScaler(), Derived()))) == {"derived__level"}
    middle = LogNormalDistribution(low=0, high=1).ppf(0.5)
    assert suggest_initial(Derived()) == [{"level": middle}, {"level": 0.5}]
    register_space(Unknown, {"level": loguniform(0.6, 0.9)})
    assert suggest_initial(Derived()) == []  # the default is not among these
    register_space(Derived, {})
    with pytest.raises(ValueError, match="must be something to tune"):
        suggest_space(Derived())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Unknown(), {}), "`estimator_class` must be a class"),
        ((Unknown, 3), "`space` must be a dict or a list of dicts"),
    ],
)
def test_a_wrong_registration_says_what_is_wrong(arguments, message):
    with pytest.raises(TypeError, match=message):
        register_space(*arguments)


@pytest.mark.parametrize("estimator", [3, SVC])
def test_what_is_no_estimator_is_refused(estimator):
    with pytest.raises(TypeError, match="`estimator` must be an estimator object"):
        suggest_space(estimator)


def test_parameters_that_a_portfolio_does_not_know_have_their_defaults():
    spaces = [{"solver": ["lbfgs"]}, {"solver": ["saga"], "penalty": ["elasticnet"], "fit_intercept": [False, True]}]
    found = members_of(Part("", LogisticRegression(), spaces, "LogisticRegression"))
    saga = {"solver": "saga", "penalty": "elasticnet", "fit_intercept": True}
    assert all(params in ({"solver": "lbfgs"}, saga) for params in found)
    assert saga in found


def test_other_words_than_auto_are_refused():
    with pytest.raises(ValueError, match=r"`param_distributions` must be 'auto', a dict .* got 'automatic'"):
        GeneticSearchCV(SVC(), "automatic").fit(X, y)


def test_an_automatic_search_begins_with_the_defaults_and_the_portfolio():
    pipeline = make_pipeline(StandardScaler(), SVC())
    search = GeneticSearchCV(pipeline, "auto", n_iter=20, cv=3, random_state=0).fit(X, y)
    first = suggest_initial(pipeline, X, y)
    assert search.cv_results_["params"][: len(first)] == first
    assert [one.origin for one in search.history_][: len(first) + 1] == ["portfolio"] * len(first) + ["initial"]
    assert search.param_distributions == "auto"
    assert search.param_distributions_ == suggest_space(pipeline, X, y)
    assert first[0] == {"svc__kernel": "rbf", "svc__C": 1.0, "svc__gamma": pytest.approx(1 / 13, rel=0.01)}
    clone(search).fit(X, y)


def test_without_a_portfolio_a_search_begins_with_the_middle_and_the_defaults():
    space = suggest_space(GradientBoostingClassifier(), X, y)
    middle, default = suggest_initial(GradientBoostingClassifier(), X, y)
    assert middle == {name: values.ppf(0.5) for name, values in space.items()}
    known = GradientBoostingClassifier().get_params()
    assert default == {**{name: known[name] for name in space}, "max_features": 1.0}
    search = GeneticSearchCV(GradientBoostingClassifier(), "auto", n_iter=3, cv=2, random_state=0).fit(X, y)
    assert [one.origin for one in search.history_] == ["portfolio", "portfolio", "initial"]


def test_the_middle_is_not_tried_twice_where_it_is_the_default():
    assert suggest_initial(Ridge()) == [{"alpha": pytest.approx(1)}]


def test_what_transforms_for_others_begins_with_its_defaults():
    pipeline = make_pipeline(PCA(), MLPClassifier())
    middle, default = suggest_initial(pipeline, X, y)
    assert middle["pca__n_components"] == default["pca__n_components"]
    assert middle["mlpclassifier__hidden_layer_sizes"] == (50,)
    assert default["mlpclassifier__hidden_layer_sizes"] == (100,)


def test_given_candidates_come_before_the_portfolio_and_constraints_hold():
    given = {"n_neighbors": 3, "weights": "distance", "p": 1}
    search = GeneticSearchCV(
        KNeighborsClassifier(),
        "auto",
        n_iter=15,
        random_state=0,
        initial=given,
        constraints=lambda params: params["weights"] == "distance",
    ).fit(X, y)
    assert search.history_[0].origin == "given"
    assert search.history_[0].params == given
    assert search.history_[1].origin == "portfolio"
    assert {one.params["weights"] for one in search.history_} == {"distance"}


def test_an_automatic_search_is_resumed(tmp_path):
    def search(n_iter):
        return GeneticSearchCV(
            KNeighborsClassifier(), "auto", n_iter=n_iter, random_state=0, checkpoint=tmp_path / "search.sqlite"
        ).fit(X, y)

    search(5)
    resumed = search(25)
    whole = GeneticSearchCV(KNeighborsClassifier(), "auto", n_iter=25, random_state=0).fit(X, y)
    assert resumed.cv_results_["params"] == whole.cv_results_["params"]
    assert resumed.cv_results_["origin"].tolist() == whole.cv_results_["origin"].tolist()


def test_portfolios_lie_in_the_spaces_of_their_families():
    for name, members in _portfolios().items():
        (family,) = [family for key, family in FAMILIES.items() if key.partition(".")[2] == name]
        assert members
        assert len(suggest_initial(KNOWN[name]())) > len(members) / 2, family
