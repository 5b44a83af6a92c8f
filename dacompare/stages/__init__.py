"""The stages of an experiment, one file each: train, reverse, score, align, adapt, measure, embed, show.

Each stage is a function from a transfer and settings to files in a folder of its own. The order in which they run
is known to ``experiment.py`` alone; where their results lie, and when an old result may be used again, to ``folder``.
"""
