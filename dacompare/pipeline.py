"""Chain steps so that each one meets the target as the steps before it have left it."""

from collections.abc import Callable
from inspect import signature
from typing import Any, Literal

from numpy.typing import ArrayLike
from sklearn import config_context
from sklearn.base import TransformerMixin
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.metadata_routing import MetadataRouter, get_routing_for_object
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dacompare.domains.checks import columns_of
from dacompare.domains.cross_validation import warn_of_cut_target, warn_of_target_map
from dacompare.domains.unwrapping import rows_for, unwrap
from dacompare.shallow.rows import apply_in_domain, check_domain, knows_domain, maps_by_domain, takes_domain

DomainName = Literal["source", "target"]


def make_adaptation_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> "AdaptationPipeline":
    """Build an `AdaptationPipeline`; steps are named after their classes, as by scikit-learn's make_pipeline.

    Parameters
    ----------
    *steps : estimators
        In the order in which rows pass them.
    memory, verbose
        As in scikit-learn's Pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import LinearSVC
    >>> from dacompare import SubspaceAlignment
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    >>> pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(2), LinearSVC())
    >>> pipeline.fit(X, y, X_target=X[:40] + 1).predict(X + 1).shape
    (60,)
    """
    return AdaptationPipeline(make_pipeline(*steps).steps, memory=memory, verbose=verbose)


def _last_step_has(method: str) -> Callable[[Any], bool]:
    return lambda pipeline: hasattr(pipeline.steps[-1][1], method)


def _asked_as(step: Any, argument: str) -> set[str]:
    """Return the names by which a step, or any estimator within it, has asked for an argument of its fit."""
    parts = (step, *getattr(step, "get_params", dict)().values())
    with config_context(enable_metadata_routing=True):
        routings = [get_routing_for_object(part) for part in parts if not isinstance(part, type)]
    # What hands parameters on to others has no requests of its own: those of the others count.
    asked = {routing.fit.requests.get(argument) for routing in routings if hasattr(routing, "fit")}
    return {argument if request is True else request for request in asked if request}


def _every_step_transforms(pipeline: Any) -> bool:
    return all(step in (None, "passthrough") or hasattr(step, "transform") for _, step in pipeline.steps)


def _refuse_target_map_in_training(steps: list[tuple[str, Any]]) -> None:
    """Refuse steps that leave it to scikit-learn to transform what they were fitted on: it names no domain."""
    for name, step in steps:
        inherited = getattr(type(step), "fit_transform", None) in (None, TransformerMixin.fit_transform)
        if not inherited or not hasattr(step, "transform") or not takes_domain(step.transform):
            continue
        if signature(step.transform).parameters["domain"].default != "source":
            raise TypeError(
                f"the step {name!r} has no fit_transform of its own, so the next step would be trained on source rows"
                f" that went through the target's map; let {type(step).__name__} inherit from"
                " dacompare.shallow.aligner.Aligner, or give it a fit_transform(self, X, y=None, *, X_target=None) that"
                ' returns self.fit(X, y, X_target=X_target).transform(X, domain="source").'
            )


class AdaptationPipeline(Pipeline):
    """A scikit-learn pipeline whose ``fit`` takes target rows, and which knows source rows from target rows.

    ``X_target`` passes through the steps before each step that wants it: a scaler in front scales the target
    as it scales the source, and never sees it in its own ``fit``.

    Parameters
    ----------
    steps : list of (name, estimator)
        One that hands target rows on to estimators of its own, such as a plain pipeline, cannot tell them which domain
        they map, and is refused; an `AdaptationPipeline` may be a step.
    memory, verbose
        As in scikit-learn's Pipeline.

    Notes
    -----
    Cross-validation folds are *source* rows. So (1) give ``scoring=validator_scorer("source-accuracy")`` or
    another validator: the bare default score and scores by name send source rows through the target map, and mean
    nothing; (2) give ``X_target=Domain(X_target)``: scikit-learn cuts every bare array that is as long as X. Both
    mistakes are warned of where they can be seen.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import LinearSVC
    >>> from dacompare import Domain, SubspaceAlignment, validator_scorer
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    >>> pipeline = make_adaptation_pipeline(SubspaceAlignment(), LinearSVC())
    >>> grid = {"subspacealignment__n_components": [1, 2, 3]}
    >>> search = GridSearchCV(pipeline, grid, scoring=validator_scorer("reverse-svm", X_target=X + 1))
    >>> search.fit(X, y, X_target=Domain(X + 1)).predict(X + 1).shape
    (60,)
    """

    def __init__(self, steps: list[tuple[str, Any]], *, memory: Any = None, verbose: bool = False) -> None:
        super().__init__(steps, transform_input=["X_target"], memory=memory, verbose=verbose)

    def fit(self, X: Any, y: Any = None, *, X_target: Any = None, **params: Any) -> "AdaptationPipeline":
        """Fit all steps in order.

        Parameters
        ----------
        X, y : array-likes
            Source rows and their labels.
        X_target : array-like or Domain, optional
            Target rows, without labels; None means no adaptation.
        **params
            What else steps have requested by scikit-learn's metadata routing.

        Raises
        ------
        TypeError
            Where no step takes target rows, one would lose the domain or train the next one on source rows in the
            target's map, or no step has asked for a parameter.
        """
        _refuse_target_map_in_training(self.steps[:-1])
        params = self._routed(X, X_target, params)
        with config_context(enable_metadata_routing=True):
            return super().fit(unwrap(X, named=True), y, **params)

    @available_if(_every_step_transforms)
    def fit_transform(self, X: Any, y: Any = None, *, X_target: Any = None, **params: Any) -> Any:
        """Fit all steps, and return the source rows as they leave the last one."""
        _refuse_target_map_in_training(self.steps)
        params = self._routed(X, X_target, params)
        with config_context(enable_metadata_routing=True):
            return super().fit_transform(unwrap(X, named=True), y, **params)

    @available_if(_last_step_has("predict"))
    def predict(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the label of each row.

        Parameters
        ----------
        X : array-like or Domain
        domain : {"target", "source"}
            Which domain the rows come from, handed to every step that treats the two differently.
        """
        return self._finish("predict", X, domain)

    @available_if(_last_step_has("predict_proba"))
    def predict_proba(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the probability of each class, shape (n, n_classes); parameters as in ``predict``."""
        return self._finish("predict_proba", X, domain)

    @available_if(_last_step_has("predict_log_proba"))
    def predict_log_proba(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the logarithm of the probability of each class; parameters as in ``predict``."""
        return self._finish("predict_log_proba", X, domain)

    @available_if(_last_step_has("decision_function"))
    def decision_function(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the scores of the last step; parameters as in ``predict``."""
        return self._finish("decision_function", X, domain)

    @available_if(_every_step_transforms)
    def transform(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return rows as they leave the last step; parameters as in ``predict``."""
        return self._finish("transform", X, domain)

    @available_if(_last_step_has("score"))
    def score(
        self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None, *, domain: DomainName = "target"
    ) -> float:
        """Return the last step's score, for a classifier its accuracy; parameters as in ``predict``.

        In cross-validation X holds source rows, and this default is the wrong one: see the class.
        """
        Z, last = self._before_last(X, domain), self.steps[-1][1]
        named: dict[str, Any] = {"domain": domain} if takes_domain(last.score) else {}
        if sample_weight is not None:
            named["sample_weight"] = sample_weight
        return last.score(Z, y, **named)

    def _finish(self, method: str, X: Any, domain: str) -> Any:
        Z, last = self._before_last(X, domain), self.steps[-1][1]
        return Z if last in (None, "passthrough") else apply_in_domain(getattr(last, method), Z, domain)

    def _before_last(self, X: Any, domain: str) -> Any:
        check_is_fitted(self)
        check_domain(domain)
        if maps_by_domain(self):  # else both domains have one map
            warn_of_target_map(domain)
        Z = rows_for(self, X)
        for _, step in self.steps[:-1]:
            if step not in (None, "passthrough"):
                Z = apply_in_domain(step.transform, Z, domain)
        return Z

    def _routed(self, X: Any, X_target: Any, params: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of ``fit`` as scikit-learn's routing takes them."""
        self._refuse_step_parameters(params)
        self._refuse_rows_past_steps(params)
        self._saw_target = X_target is not None  # which scorers with target rows of their own ask
        if X_target is None:
            return params
        if not self._check_takers():
            if any(step in (None, "passthrough") for _, step in self.steps):  # switched off, as in a grid search
                return params
            for name, step in self.steps:
                if "X_target" in signature(step.fit).parameters:
                    raise TypeError(
                        f"the fit of the step {name!r} has X_target, but does not ask for it; write"
                        f' __metadata_request__fit = {{"X_target": True}} into the class {type(step).__name__}.'
                    )
            names = ", ".join(repr(name) for name, _ in self.steps)
            raise TypeError(
                f"no step of this pipeline ({names}) takes X_target; add one that does, such as"
                " SubspaceAlignment(), or leave X_target out."
            )
        warn_of_cut_target(X, X_target)
        return params | {"X_target": unwrap(X_target, named=columns_of(X) is not None)}

    def _refuse_step_parameters(self, params: dict[str, Any]) -> None:
        """Refuse what a plain pipeline hands to a step by its name, where the step has not asked for it."""
        with config_context(enable_metadata_routing=True):
            asked = self.get_metadata_routing().consumes("fit", params) if params else set()
        for name in params:
            step, _, parameter = name.rpartition("__")
            if name not in asked and step.split("__")[0] in self.named_steps:
                way_out = (
                    "pass X_target=..., which goes through the steps in front"
                    if parameter == "X_target"
                    else f"call set_fit_request({parameter}={name!r}) on the step {step!r}, within"
                    " sklearn.config_context(enable_metadata_routing=True)"
                )
                raise TypeError(f"no step of this pipeline has asked for {name!r}; {way_out}.")

    def _refuse_rows_past_steps(self, params: dict[str, Any]) -> None:
        """Refuse held-out source rows for a step with others in front of it, through which nothing would take them."""
        # scikit-learn takes X_target through those, by their default map; source rows may need another.
        used = [(name, step) for name, step in self.steps if step not in (None, "passthrough")]
        for name, step in used[1:] if params else ():
            for argument in sorted(_asked_as(step, "X_source_test") & set(params)):
                raise TypeError(
                    f"the step {name!r} would get {argument!r} as it is, past the steps in front of it; leave it and"
                    " its labels out (SubspaceSweep then sets a share of X aside), or fit the steps in front by"
                    f" themselves, and {type(step).__name__} on the rows that they return."
                )

    def _check_takers(self) -> bool:
        """Return whether the fit of any step takes target rows, and refuse steps that pass them on without a domain."""
        takes = False
        for name, step in self.steps:
            with config_context(enable_metadata_routing=True):
                routing = get_routing_for_object(step)
                if not routing.consumes("fit", ["X_target"]):
                    continue
            takes = True
            if isinstance(routing, MetadataRouter) and not knows_domain(step):
                raise TypeError(
                    f"the step {name!r} passes X_target on to steps of its own, but {type(step).__name__} cannot tell"
                    " them which domain they map; make them steps of this pipeline, or of a make_adaptation_pipeline"
                    " in their place, and put a search such as GridSearchCV around the whole."
                )
        return takes
