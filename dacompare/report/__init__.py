"""Turn Results into pages and plots; nothing here trains, measures, or knows how that is done."""

from dacompare.report.confusion_display import ConfusionDisplay
from dacompare.report.distance_plot import Distance, DistanceDisplay
from dacompare.report.history_display import HistoryDisplay
from dacompare.report.index import refresh_indexes, render_index, write_index
from dacompare.report.page import render, write_report
from dacompare.report.pairs_display import DomainPairsDisplay
from dacompare.report.study import render_study, write_study
from dacompare.report.sweep_display import SubspaceSweepDisplay
from dacompare.report.tsne_display import TSNEDisplay

__all__ = [
    "ConfusionDisplay",
    "Distance",
    "DistanceDisplay",
    "DomainPairsDisplay",
    "HistoryDisplay",
    "SubspaceSweepDisplay",
    "TSNEDisplay",
    "refresh_indexes",
    "render",
    "render_index",
    "render_study",
    "write_index",
    "write_report",
    "write_study",
]
