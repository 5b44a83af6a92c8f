"""Adapt features by classical methods: arrays in, arrays out.

One method per file, the paper's formula as a function first, the estimator that remembers what was learned second.
Estimators take the target in ``fit(X, y, X_target=...)``; without it there is no adaptation.
"""

from dacompare.shallow.adapter import SampleDomainAligner, SampleDomainWeighting
from dacompare.shallow.common_subspace import CommonSubspace, common_subspace
from dacompare.shallow.correlation_alignment import CorrelationAlignment, correlation_alignment
from dacompare.shallow.dlid import InterpolatedPath, interpolated_path
from dacompare.shallow.domain_invariant_projection import DomainInvariantProjection, domain_invariant_projection
from dacompare.shallow.domain_scaling import DomainScaling, domain_scaling
from dacompare.shallow.geodesic import subspace_disagreement
from dacompare.shallow.geodesic_flow_kernel import GeodesicFlowKernel, geodesic_flow_features, geodesic_flow_kernel
from dacompare.shallow.kernel_mean_matching import KernelMeanMatching, kernel_mean_matching_weights
from dacompare.shallow.landmark_flow import LandmarkFlowKernel
from dacompare.shallow.landmark_selection import LandmarkSelection, select_landmarks
from dacompare.shallow.linear_svm import (
    CLASSIFIERS,
    WideLinearSVC,
    in_row_space,
    linear_svm,
    shared_classifier,
)
from dacompare.shallow.marginalised_denoising import MarginalisedDenoising, marginalised_denoising
from dacompare.shallow.newton_svm import NewtonSVC
from dacompare.shallow.optimal_transport import OptimalTransport, optimal_transport
from dacompare.shallow.raw_features import RawFeatures
from dacompare.shallow.row_norm_scaler import RowNormScaler, rms_row_norm
from dacompare.shallow.sampling_geodesic_flow import SamplingGeodesicFlow, sampling_geodesic_flow
from dacompare.shallow.subspace_alignment import SubspaceAlignment, subspace_alignment
from dacompare.shallow.subspace_sweep import SubspaceSweep, subspace_sweep
from dacompare.shallow.transfer_component_analysis import TransferComponentAnalysis, transfer_component_analysis

__all__ = [
    "CLASSIFIERS",
    "CommonSubspace",
    "CorrelationAlignment",
    "DomainInvariantProjection",
    "DomainScaling",
    "GeodesicFlowKernel",
    "InterpolatedPath",
    "KernelMeanMatching",
    "LandmarkFlowKernel",
    "LandmarkSelection",
    "MarginalisedDenoising",
    "NewtonSVC",
    "OptimalTransport",
    "RawFeatures",
    "RowNormScaler",
    "SampleDomainAligner",
    "SampleDomainWeighting",
    "SamplingGeodesicFlow",
    "SubspaceAlignment",
    "SubspaceSweep",
    "TransferComponentAnalysis",
    "WideLinearSVC",
    "common_subspace",
    "correlation_alignment",
    "domain_invariant_projection",
    "domain_scaling",
    "geodesic_flow_features",
    "geodesic_flow_kernel",
    "in_row_space",
    "interpolated_path",
    "kernel_mean_matching_weights",
    "linear_svm",
    "marginalised_denoising",
    "optimal_transport",
    "rms_row_norm",
    "sampling_geodesic_flow",
    "select_landmarks",
    "shared_classifier",
    "subspace_alignment",
    "subspace_disagreement",
    "subspace_sweep",
    "transfer_component_analysis",
]
