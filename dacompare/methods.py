"""List every method that a recipe may name, and how each is built.

A *deep* method trains a network and gives features. A *shallow* one takes another row's features. A *bound* uses
target labels and shows what could be reached: it is drawn apart and never ranked. To add a method, write it in
``deep/`` or ``shallow/`` and add one line to :data:`METHODS`.

A method from elsewhere becomes a row in the same way. Any estimator with ``fit(X, y, X_target=...)`` and ``transform``
will do, a class written in a notebook included::

    from dacompare.methods import METHODS, Method
    METHODS["mine"] = Method("Mine", "shallow", lambda row, seed: MyAligner(**row["params"]), adapts=True)
    compare(transfer, methods=["source-only", "mine"])
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dacompare.names import check_name

NO_NETWORK = "none"
"""``[network] name`` of a comparison on features as they are."""
KINDS = ("deep", "shallow", "bound")


@dataclass(frozen=True)
class Method:
    """One line of the comparison.

    Parameters
    ----------
    label : str
        As the report prints it.
    kind : {"deep", "shallow", "bound"}
        See the module's docstring.
    build : callable
        deep and bound: (network settings, training settings, seed) -> estimator with ``fit(X, y, X_target=...)``.
        shallow: (row settings, seed) -> the same kind of estimator, for features.
    adapts : bool
        Whether it looks at (unlabelled) target rows: only such a row can win the comparison.
    sweeps : bool
        Whether a shallow method is scored at every dimension of a range, and picks one without target labels.
    estimator : str
        Class in ``dacompare.shallow`` whose parameters a recipe may set in ``[method.params]``; "" where there is none,
        and `build` knows what it takes.
    """

    label: str
    kind: str
    build: Callable[..., Any]
    adapts: bool
    sweeps: bool = False
    estimator: str = ""

    def __post_init__(self) -> None:
        check_name("kind", self.kind, KINDS)

    @property
    def draws(self) -> bool:
        """Whether the seed may change what the method does: False only where its estimator takes no random state."""
        known = self.parameters()
        return known is None or "random_state" in known

    def parameters(self) -> list[str] | None:
        """Return the names that ``[method.params]`` may set; None where only `build` knows."""
        if not self.estimator:
            return None
        from dacompare import shallow as room

        return list(inspect.signature(getattr(room, self.estimator)).parameters)


def _network_settings(network: Mapping[str, Any], training: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Translate the recipe's words into the estimators' parameters."""
    options = {key: network[key] for key in ("domain_hidden", "padding", "dropout") if network.get(key) is not None}
    same = ("learning_rate", "schedule", "momentum", "weight_decay", "clip_gradient", "input_scale")
    return {
        "network": network.get("name") or "auto",
        "network_options": options,
        "init": network["init"],
        "max_steps": training["steps"],
        "batch_size": training["batch"],
        "precision": training["precision"],
        "threads": training["threads"],
        "device": training["device"],
        "monitor_every": training.get("monitor_every") or None,
        "random_state": seed,
        **{key: training[key] for key in same},
    }


def build_source_only(network: Mapping[str, Any], training: Mapping[str, Any], seed: int) -> Any:
    """Build the network that sees labelled rows of one domain only, or what stands for it where there is none."""
    if network.get("name") == NO_NETWORK:
        from dacompare.shallow import RawFeatures

        return RawFeatures(random_state=seed)
    from dacompare.deep import SourceOnlyClassifier

    return SourceOnlyClassifier(**_network_settings(network, training, seed))


def build_dann(network: Mapping[str, Any], training: Mapping[str, Any], seed: int) -> Any:
    """Build the domain-adversarial network."""
    from dacompare.deep import DANNClassifier

    return DANNClassifier(
        adaptation_factor=training["adaptation_factor"],
        gamma=training["gamma"],
        domain_loss_weight=training["domain_loss_weight"],
        **_network_settings(network, training, seed),
    )


def build_svm(row: Mapping[str, Any], seed: int) -> Any:
    """Build what leaves the features as they are: the row is the classifier that all rows share, without adaptation."""
    from dacompare.shallow import RawFeatures

    return RawFeatures(random_state=seed)


def build_subspace_alignment(row: Mapping[str, Any], seed: int) -> Any:
    """Build subspace alignment with a linear SVM: at every dimension of the sweep, or at a given one."""
    from dacompare.shallow import SubspaceSweep

    fixed = row["n_components"]
    low, high = row["sweep"] if fixed == "sweep" else (fixed, fixed)
    return SubspaceSweep((low, high), validator=row["validator"], C=row["C"], random_state=seed)


def shallow(label: str, name: str, *, narrow: bool = False, **defaults: Any) -> Method:
    """Return the line of an estimator in ``dacompare.shallow``, whose parameters a recipe may set.

    Parameters
    ----------
    label : str
    name : str
        Of the class.
    narrow : bool
        Whether `n_components` may not exceed the columns: its default is then cut to as many as there are.
    **defaults
        Where they differ from the class's own.
    """

    def build(row: Mapping[str, Any], seed: int) -> Any:
        from dacompare import shallow as room

        estimator = getattr(room, name)
        own = dict(defaults)
        if narrow and "n_features" in row:
            own["n_components"] = min(own["n_components"], row["n_features"])
        chosen = {**own, **row.get("params", {})}
        if "random_state" in inspect.signature(estimator).parameters:
            chosen.setdefault("random_state", seed)
        return estimator(**chosen)

    return Method(label, "shallow", build, adapts=True, estimator=name)


METHODS: dict[str, Method] = {
    "source-only": Method("Source only", "deep", build_source_only, adapts=False),
    "svm": Method("Linear SVM on the features", "shallow", build_svm, adapts=False),
    "sa": Method("Subspace alignment", "shallow", build_subspace_alignment, adapts=True, sweeps=True),
    "sa-fixed": shallow("Subspace alignment, one dimension", "SubspaceAlignment", narrow=True, n_components=20),
    "pca": shallow("Principal components, not aligned", "CommonSubspace", narrow=True, n_components=20),
    "gfk": shallow("Geodesic flow kernel", "GeodesicFlowKernel"),
    "sgf": shallow("Sampling geodesic flow", "SamplingGeodesicFlow"),
    "tca": shallow("Transfer component analysis", "TransferComponentAnalysis", n_components=20),
    "dip": shallow("Domain-invariant projection", "DomainInvariantProjection", narrow=True, n_components=20),
    # 1, as in the paper, suits columns of variance 1; rows of length 1 have columns of about 1/100.
    "coral": shallow("CORAL", "CorrelationAlignment", regularisation=0.01),
    "zscore": shallow("Standardised domain by domain", "DomainScaling"),
    "ot": shallow("Optimal transport", "OptimalTransport"),
    "msda": shallow("Marginalised denoising (mSDA)", "MarginalisedDenoising"),
    "dlid": shallow("Interpolated path (after DLID)", "InterpolatedPath"),
    "kmm": shallow("Kernel mean matching", "KernelMeanMatching"),
    "landmarks": shallow("Landmark selection", "LandmarkSelection"),
    "landmark-gfk": shallow("Geodesic flow kernels of landmarks", "LandmarkFlowKernel"),
    "dann": Method("DANN", "deep", build_dann, adapts=True),
    "train-on-target": Method("Train on target", "bound", build_source_only, adapts=False),
}


def adapts(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a recipe's row looks at target rows: by its method, or by the features that it starts from.

    Parameters
    ----------
    row : dict
        With ``name``, and where it has them ``method`` and ``features``.
    rows : sequence of dict
        All rows of the recipe, among them those whose features are meant.

    Examples
    --------
    >>> rows = [{"name": "source-only"}, {"name": "dann"}, {"name": "svm"}, {"name": "after", "method": "svm"}]
    >>> rows[3]["features"] = "dann"
    >>> [adapts(row, rows) for row in rows]
    [False, True, False, True]
    """
    base = next((other for other in rows if other["name"] == row.get("features")), None)
    return method_of(row).adapts or (base is not None and adapts(base, rows))


def method_of(row: Mapping[str, Any]) -> Method:
    """Return the method of a recipe's row: the one that it names, or that it is named after.

    Raises
    ------
    TypeError
        Where something else than a :class:`Method` was put into METHODS.
    """
    name = row.get("method", row["name"])
    method = METHODS[name]
    if not isinstance(method, Method):
        raise TypeError(
            f"METHODS[{name!r}] must be a Method, got {method!r:.80}; write"
            ' Method("Mine", "shallow", lambda row, seed: MyAligner(), adapts=True)'
        )
    return method


PAPER = ("source-only", "sa", "dann", "train-on-target")
"""The four rows of Table 1 in Ganin & Lempitsky 2015: what is compared unless somebody asks for more."""
