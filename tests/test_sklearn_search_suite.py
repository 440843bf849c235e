"""scikit-learn's own tests of its searches, run on `GeneticSearchCV`.

The tests are read from the installed scikit-learn, so that each version is held to its own. Only two names differ:
`GeneticSearchCV` stands in for `RandomizedSearchCV`, and a subclass that calls its space `param_grid` stands in for
`GridSearchCV`.
"""

import ast
import sys
import types
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sklearn

from geneticsearch import GeneticSearchCV

SOURCE = Path(sklearn.__file__).parent / "model_selection" / "tests" / "test_search.py"
if not SOURCE.exists():
    pytest.skip("this scikit-learn was installed without its tests", allow_module_level=True)

# Warnings are scikit-learn's own affair here: its tests say themselves which ones they expect.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

# Tests that never meet a search class.
LEFT_OUT = {
    "test_validate_parameter_input": "tests ParameterGrid and ParameterSampler",
    "test_parameter_grid": "tests ParameterGrid",
    "test_param_sampler": "tests ParameterSampler",
    "test_parameters_sampler_replacement": "tests ParameterSampler",
    "test__custom_fit_no_run_search": "tests direct subclasses of BaseSearchCV",
    "test_yield_masked_array_for_each_param": "tests a private helper of scikit-learn",
    "test_yield_masked_array_no_runtime_warning": "tests a private helper of scikit-learn",
}

# Tests of what is GridSearchCV's or RandomizedSearchCV's alone; one that passes after all is an error. A key is a test,
# or one of its parametrized cases.
EXPECTED_TO_FAIL = {
    "test_grid_search_bad_param_grid": "pins the wording of ParameterGrid's messages",
    "test_grid_search_classifier_all_fits_fail": "lists one value three times, which counts once here",
    "test_callable_multimetric_clf_all_fits_fail": "lists one value three times, which counts once here",
    "test_grid_search_cv_splits_consistency": "lists each value twice and wants two candidates of it",
    "test_custom_run_search": "compares all columns with those of a bare BaseSearchCV, which has no ancestry",
    "test_search_cv_results_none_param": "scores one sample per fold by R2; that no score is a number is an error here",
    "test_unsupported_sample_weight_scorer": "all scoring fails, which is an error here",
    "test_search_with_2d_array": "pins which candidates RandomizedSearchCV draws from random_state=0",
}

EXTRA_COLUMNS = ("generation", "species", "parents", "origin")


class GeneticGridSearchCV(GeneticSearchCV):
    """`GeneticSearchCV` with the constructor of `GridSearchCV`."""

    def __init__(
        self,
        estimator,
        param_grid,
        *,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        return_train_score=False,
    ):
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    @property
    def param_distributions(self):
        return self.param_grid

    @param_distributions.setter
    def param_distributions(self, value):
        self.param_grid = value


class _StandIns(ast.NodeTransformer):
    """Import the stand-ins instead of the searches, and drop the marks that only scikit-learn's own runs know."""

    known_marks = frozenset({"filterwarnings", "parametrize", "skip", "skipif", "usefixtures", "xfail"})

    def visit_ImportFrom(self, node):
        names = {"RandomizedSearchCV": "GeneticSearchCV", "GridSearchCV": "GeneticGridSearchCV"}
        kept = [alias for alias in node.names if alias.name not in names]
        replaced = [ast.alias(names[alias.name], alias.name) for alias in node.names if alias.name in names]
        node.names = kept
        stand_ins = ast.ImportFrom(__name__, replaced, 0) if replaced else None
        return [n for n in (node if kept else None, stand_ins and ast.copy_location(stand_ins, node)) if n]

    def visit_FunctionDef(self, node):
        node.decorator_list = [d for d in node.decorator_list if self._mark(d) in self.known_marks | {None}]
        for decorator in node.decorator_list:
            if self._mark(decorator) == "parametrize":  # pytest 9 warns of cases that come from a generator
                decorator.args[1] = ast.Call(ast.Name("list", ast.Load()), [decorator.args[1]], [])
        return node

    @staticmethod
    def _mark(decorator):
        name = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        return name.removeprefix("pytest.mark.") if name.startswith("pytest.mark.") else None


def borrow():
    """Return scikit-learn's test module, loaded under a new name with the searches replaced."""
    module = types.ModuleType("borrowed_test_search")
    module.__file__ = str(SOURCE)
    sys.modules[module.__name__] = module
    tree = ast.fix_missing_locations(_StandIns().visit(ast.parse(SOURCE.read_text(encoding="utf-8"))))
    exec(compile(tree, module.__file__, "exec"), vars(module))
    module.check_cv_results_keys = partial(module.check_cv_results_keys, extra_keys=EXTRA_COLUMNS)
    return module


borrowed = borrow()
globals().update(
    {
        name: value
        for name, value in vars(borrowed).items()
        if name.startswith("test_") and callable(value) and name not in LEFT_OUT
    }
)


@pytest.fixture
def enable_slep006():
    """Enable metadata routing; a fixture of this name is scikit-learn's until 1.5."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture(autouse=True)
def expect_to_fail(request):
    for name in (request.node.name, request.function.__name__):
        if name in EXPECTED_TO_FAIL:
            request.applymarker(pytest.mark.xfail(reason=EXPECTED_TO_FAIL[name], strict=True))


def test_the_stand_ins_stood_in():
    assert borrowed.RandomizedSearchCV is GeneticSearchCV
    assert issubclass(borrowed.GridSearchCV, GeneticSearchCV)
    assert sklearn.model_selection.GridSearchCV is not borrowed.GridSearchCV


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_never_meets_a_search(name):
    test = getattr(borrowed, name, None)
    if test is None:
        pytest.skip("not in this version of scikit-learn")
    used = test.__code__.co_names
    assert not {"GridSearchCV", "RandomizedSearchCV"} & set(used)
