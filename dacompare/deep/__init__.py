"""Train networks on two domains: the only room that imports torch.

A network has three parts (Ganin & Lempitsky 2015, section 3): the *feature extractor*, the *label predictor* that
classifies source rows, and the *domain classifier* that tries to tell the two domains apart. Between extractor and
domain classifier sits a *gradient reversal*: it passes features on unchanged and sends back the gradient times −λ, so
that one ordinary descent step trains the domain classifier to separate the domains and the extractor to mix them.

The files, in the order in which the data goes through them: `inputs` (arrays → tensors), `networks`, `batches`,
`schedules`, `gradient_reversal`, `training` (the loop), `checkpoint` (its state in a file), `health` (what can go
wrong), `estimators`, `saving`.
"""

from dacompare.deep.checkpoint import Checkpoint
from dacompare.deep.estimators import DANNClassifier, SourceOnlyClassifier
from dacompare.deep.gradient_reversal import GradientReversal, reverse_gradient
from dacompare.deep.networks import NETWORKS, Network
from dacompare.deep.saving import load_network
from dacompare.deep.schedules import adaptation_factor, learning_rate

__all__ = [
    "NETWORKS",
    "Checkpoint",
    "DANNClassifier",
    "GradientReversal",
    "Network",
    "SourceOnlyClassifier",
    "adaptation_factor",
    "learning_rate",
    "load_network",
    "reverse_gradient",
]
