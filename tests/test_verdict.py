"""Numbers in, two sentences out."""

import numpy as np

from dacompare.statistics import paired_interval
from dacompare.summary import summarise
from dacompare.verdict import verdict
from tests.invented_rows import BASE, rows_of, shifted


def told(**accuracies):
    return verdict(summarise(rows_of(**accuracies)))


def test_adaptation_helps():
    said = told(
        source_only=BASE,
        sa=shifted(0.01, -0.02, 0.0, 0.01, -0.02),
        dann=shifted(0.08, 0.09, 0.07, 0.10, 0.08),
        train_on_target=[0.63] * 5,
    )
    assert said["code"] == "helps"
    assert said["text"] == (
        "Adaptation helps: DANN, the better of 2 methods, reaches 48.4 % on the target, 8.4 points above source-only "
        "(95 % interval for both at once 6.6 to 10.2, better in 5 of 5 seeds). That covers 37 % of the gap to training "
        "on target labels; subspace alignment makes no clear difference (−0.4 points, −2.8 to 2.0)."
    )
    assert said["basis"] == ["summary[2].vs_source_only", "summary[1].vs_source_only", "summary[2].gap_covered"]


def test_repetitions_are_called_what_they_are():
    rows = summarise(rows_of(source_only=BASE, dann=shifted(0.08, 0.09, 0.07, 0.10, 0.08)))
    assert "better in 5 of 5 draws)" in verdict(rows, repeats="draw")["text"]


def test_adaptation_hurts():
    said = told(
        source_only=BASE, sa=shifted(-0.1, -0.11, -0.1, -0.1, -0.1), dann=shifted(-0.08, -0.09, -0.07, -0.1, -0.08)
    )
    assert said["code"] == "hurts"
    assert said["text"].startswith(
        "Adaptation hurts, even at its best: DANN, the better of 2 methods, reaches 31.6 % on the target, 8.4 points"
    )
    assert "(95 % interval for both at once −10.2 to −6.6, better in 0 of 5 seeds)" in said["text"]
    assert "Subspace alignment also hurts (−10.2 points" in said["text"]
    assert "gap" not in said["text"]


def test_no_clear_difference():
    said = told(source_only=BASE, dann=shifted(0.05, -0.04, 0.03, -0.02, 0.01))
    assert said["code"] == "unclear"
    assert said["text"].startswith(
        "No clear difference: DANN reaches 40.6 % on the target, 0.6 points above source-only"
    )
    assert "better in 3 of 5 seeds" in said["text"]


def many(*differences):
    """Return the verdict on many methods, each given by its differences to source-only."""
    rows = rows_of(source_only=BASE)
    for i, own in enumerate(differences):
        rows += [{**row, "method": f"m{i}", "label": f"Method {i}"} for row in rows_of(dann=shifted(*own))]
    return verdict(summarise(rows))


NOISE = (0.001, -0.001, 0.002, -0.002, 0.0)


def test_the_best_of_many_is_judged_as_that():
    lucky = (0.02, 0.05, 0.03, 0.06, 0.01)
    alone, among = many(lucky), many(lucky, *[NOISE] * 12)
    assert alone["code"] == "helps"
    assert "(95 % interval 0.8 to 6.0, better" in alone["text"]
    assert among["code"] == "unclear"
    assert "Method 0, the best of 13 methods, reaches" in among["text"]
    assert "95 % interval for all 13 at once −2." in among["text"]
    assert (
        "Alone its interval is 0.8 to 6.0 and it would seem to help, but the best of 13 may look better"
        in among["text"]
    )


def test_methods_without_effect_are_seldom_called_helpful(rng):
    """Twelve methods that change nothing: of a hundred pages, about five may say that adaptation helps."""
    drawn = rng.normal(0, 0.02, size=(400, 12, 5))
    best = [max(page, key=np.mean) for page in drawn]
    alone, among = ([paired_interval(own, [0.0] * 5, n_intervals=n)[0] > 0 for own in best] for n in (1, 12))
    assert np.mean(alone) > 0.15
    assert np.mean(among) < 0.05


def test_many_others_are_counted_and_two_are_named():
    better, worse = (0.1, 0.11, 0.1, 0.1, 0.1), (-0.1, -0.11, -0.1, -0.1, -0.1)
    said = many(tuple(2 * d for d in better), better, better, worse, NOISE, NOISE)["text"]
    assert said.endswith("of the other 5, judged alike, 2 help, 1 hurts and 2 make no clear difference.")
    alike = many(tuple(2 * d for d in better), *[NOISE] * 4)["text"]
    assert alike.endswith("of the other 4, judged alike, none makes a clear difference.")
    assert many(*[better] * 5)["text"].endswith("of the other 4, judged alike, all help.")
    assert "method 1 also helps" in many(better, tuple(d / 2 for d in better), worse)["text"]


def test_a_row_that_clearly_helps_leads_before_one_of_a_higher_mean():
    sure, unsure = shifted(0.1, 0.11, 0.1, 0.1, 0.1), shifted(0.5, 0.0, 0.4, -0.1, 0.3)
    said = told(source_only=BASE, sa=sure, dann=unsure)
    assert said["code"] == "helps"
    assert said["text"].startswith(
        "Adaptation helps: Subspace alignment, of 2 methods the best whose interval lies above 0, reaches 50.2 % "
        "on the target, 10.2 points above source-only (95 % interval for both at once 9.5 to 10.9, "
        "better in 5 of 5 seeds)."
    )
    assert said["text"].count("DANN") == 1
    assert "DANN stands higher (+22.0 points), but its interval, " in said["text"]
    assert said["text"].endswith(", holds 0.")


def test_several_of_a_higher_mean_are_counted():
    sure, unsure = (0.1, 0.11, 0.1, 0.1, 0.1), (0.5, 0.0, 0.4, -0.1, 0.3)
    said = many(unsure, sure, unsure, NOISE, NOISE, NOISE)
    assert said["code"] == "helps"
    assert "2 stand higher (the highest by +22.0 points, " in said["text"]
    assert said["text"].endswith(
        "but their intervals hold 0; of the other 3, judged alike, none makes a clear difference."
    )


def test_a_higher_row_of_one_seed_has_no_interval_to_speak_of():
    sure = shifted(0.1, 0.11, 0.1, 0.1, 0.1)
    said = told(source_only=BASE, sa=sure, dann=[0.9, None, None, None, None])
    assert (said["code"], "holds 0" in said["text"]) == ("helps", False)
    assert "DANN differs by +" in said["text"]


def test_many_methods_of_one_seed_have_a_range():
    rows = rows_of(source_only=[0.4])
    rows += [{**row, "method": f"m{i}"} for i in range(5) for row in rows_of(dann=[0.38 + 0.02 * i])]
    assert "The other 4 differ by −2.0 to +4.0 points." in verdict(summarise(rows))["text"]


def test_together_means_the_rows_one_could_use():
    entries = summarise(
        rows_of(source_only=BASE, dann=shifted(*NOISE), sa_oracle=shifted(*NOISE), sa=[0.5] + [None] * 4)
    )
    joint = {e["method"]: (e["vs_source_only"] or {}).get("ci95_joint") for e in entries}
    assert joint["dann"] == list(entries[1]["vs_source_only"]["ci95"])  # alone: sa has one seed, and no interval
    assert joint["sa-oracle"] is joint["sa"] is joint["source-only"] is None


def test_the_best_helps_and_another_hurts():
    said = told(source_only=BASE, sa=shifted(-0.1, -0.11, -0.1, -0.1, -0.1), dann=shifted(0.1, 0.11, 0.1, 0.1, 0.1))
    assert said["code"] == "helps"
    assert "subspace alignment hurts (−10.2 points, −10.9 to −9.5)" in said["text"]


def test_one_seed_cannot_tell():
    said = told(source_only=[0.4], sa=[0.41], dann=[0.6], train_on_target=[0.9])
    assert said["code"] == "unclear"
    assert said["text"].startswith(
        "One seed cannot tell: DANN, the better of 2 methods, reaches 60.0 % on the target, 20.0 points above"
    )
    assert "Subspace alignment differs by +1.0 points" in said["text"]


def test_equal_means_are_level():
    assert "level with source-only" in told(source_only=[0.4, 0.5], dann=[0.5, 0.4])["text"]


def test_without_target_labels_the_verdict_says_what_cannot_be_known():
    summary = summarise(rows_of(source_only=[0.4], dann=[0.5]))
    said = verdict(summary, target_labels=False, picks=["dann"])
    assert said["code"] == "unlabelled"
    assert "cannot be known" in said["text"]
    assert "DANN first: a hint, no proof" in said["text"]
    assert not any(character.isdigit() for character in said["text"])


def test_an_oracle_is_never_in_the_verdict():
    without = told(source_only=BASE, dann=shifted(0.1, 0.11, 0.1, 0.1, 0.1))
    beside = told(source_only=BASE, dann=shifted(0.1, 0.11, 0.1, 0.1, 0.1), sa_oracle=[0.99] * 5)
    assert beside["text"] == without["text"]


def test_rows_left_out_are_named():
    said = told(source_only=BASE, dann=[0.5, 0.52, 0.49, 0.51, None], sa=[None] * 5)
    assert said["text"].endswith("Left out, as nothing was measured: DANN in 1 seed, Subspace alignment in 5 seeds.")
    assert "better in 4 of 4 seeds" in said["text"]


def test_nothing_to_judge():
    assert told(source_only=BASE)["code"] == "unclear"
    assert told(dann=BASE)["text"] == "Nothing can be judged: no adapted method was measured beside source-only."


def test_a_gap_that_cannot_be_given_has_its_reason():
    said = told(source_only=BASE, dann=shifted(0.1, 0.11, 0.1, 0.1, 0.1), train_on_target=shifted(0.005, 0, 0, 0, 0))
    assert "Its share of the gap is not given: the gap is below 1 point" in said["text"]


def test_accuracies_close_to_chance_are_called_that():
    rows = [
        {
            "method": m,
            "label": m,
            "kind": "deep",
            "oracle": False,
            "seed": s,
            "status": "ok",
            "target_accuracy": a + s / 1000,
        }
        for s in (0, 1)
        for m, a in (("source-only", 0.10), ("dann", 0.12))
    ]
    summed = summarise(rows)
    assert "close to chance (10.0 %)" in verdict(summed, chance=0.1)["text"]
    assert "chance" not in verdict(summed, chance=0.05)["text"]
    assert "chance" not in verdict(summed)["text"]


def test_seeds_that_are_copies_are_no_replications():
    """Nothing depends on the seed without a network: many copies of one measurement must not look like many."""
    said = told(source_only=[0.4] * 7, sa=[0.45] * 7)
    assert said["code"] == "unclear"
    assert said["text"] == (
        "Nothing varies, so that nothing can be judged: Subspace alignment reaches 45.0 % on the target, 5.0 points "
        "above source-only, and by as much in each of 7 seeds. Where each seed draws source rows of its own"
        " (source_per_class), something may vary."
    )
    versus = summarise(rows_of(source_only=[0.4] * 7, sa=[0.45] * 7))[1]["vs_source_only"]
    assert versus["ci95"] is versus["ci95_joint"] is versus["p_value"] is None


def test_a_row_of_one_seed_is_named_and_judges_nothing():
    bad, good = shifted(-0.1, -0.11, -0.1, -0.1, -0.1), shifted(0.1, 0.11, 0.1, 0.1, 0.1)
    hurt = told(source_only=BASE, sa=bad, dann=[0.6] + [None] * 4)
    assert hurt["code"] == "hurts"
    assert hurt["text"].startswith("Adaptation hurts, even at its best: Subspace alignment reaches")
    assert "DANN differs by +20.0 points in one seed, and is not judged" in hurt["text"]
    helped = told(source_only=BASE, sa=good, dann=[0.6] + [None] * 4)
    assert helped["text"].startswith("Adaptation helps: Subspace alignment reaches 50.2 %")
    assert "at once" not in helped["text"]


def test_what_is_0_in_print_is_no_clear_difference():
    tiny = [b + d for b, d in zip(BASE, (1e-4, 1.1e-4, 1e-4, 1e-4, 1e-4), strict=True)]
    said = told(source_only=BASE, dann=tiny)
    assert said["code"] == "unclear"
    assert "level with source-only" in said["text"]
    assert told(source_only=[0.1 + 0.2] * 3, dann=[0.3] * 3)["code"] == "unclear"


def test_close_to_chance_is_said_of_what_is_close_to_chance():
    good, near = shifted(0.4, 0.41, 0.4, 0.39, 0.4), shifted(-0.3, -0.29, -0.3, -0.31, -0.3)

    def of(chance, **accuracies):
        return verdict(summarise(rows_of(**accuracies)), chance=chance)["text"]

    assert "chance" not in of(0.1, source_only=good, dann=near)  # source-only is far above it
    assert "close to chance (10.0 %)" in of(0.1, source_only=near, dann=near)
    far = of(0.947, source_only=BASE, dann=good)
    assert far.endswith("To name the largest class for every row would be right more often: 94.7 %.")
    assert "of use" not in far


def test_draws_are_left_out_as_draws():
    rows = summarise(rows_of(source_only=BASE, dann=[0.5, 0.52, 0.49, 0.51, None]))
    assert verdict(rows, repeats="draw")["text"].endswith("DANN in 1 draw.")


def test_rows_that_never_leave_source_only_do_not_lead_where_nothing_varies():
    same = [0.4] * 3
    said = told(source_only=same, sa=same, dann=[0.6] * 3)
    assert said["text"].startswith("Nothing varies, so that nothing can be judged: DANN, the better of 2 methods")


def test_where_nothing_varies_rows_that_change_nothing_are_told_as_all_others():
    """A constant 0.0 has an interval and a constant +2.0 has none: neither judges anything."""
    same, moved = [0.4] * 3, [0.42] * 3
    said = told(source_only=same, sa=same, dann=moved)["text"]
    assert "and by as much in each of 3 seeds. Where each seed draws source rows" in said
    assert said.endswith("Subspace alignment is level with source-only.")
    assert "Subspace alignment differs by −2.0 points." in told(source_only=moved, sa=same, dann=[0.6] * 3)["text"]
    rows = rows_of(source_only=same)
    for i, value in enumerate((0.42, 0.4, 0.4, 0.4, 0.44)):
        rows += [{**row, "method": f"m{i}", "label": f"Method {i}"} for row in rows_of(dann=[value] * 3)]
    text = verdict(summarise(rows))["text"]
    assert "Method 4, the best of 5 methods," in text
    assert text.endswith("The other 4 differ by +0.0 to +2.0 points.")
    level = told(source_only=same, dann=same)
    assert (level["code"], level["text"]) == (
        "unclear",
        "Nothing varies, so that nothing can be judged: DANN reaches 40.0 % on the target, level with source-only in"
        " each of 3 seeds. Where each seed draws source rows of its own (source_per_class), something may vary.",
    )


def test_an_interval_beside_a_source_only_that_never_varies_is_one_of_the_method_alone():
    same, moved = [0.4] * 5, [0.5, 0.52, 0.49, 0.51, 0.5]
    note = "Source-only scores the same in every seed: intervals tell what a method's draws do, not other rows."
    assert told(source_only=same, sa=moved)["text"].endswith(note)
    assert note not in told(source_only=BASE, sa=moved)["text"]
    assert note not in told(source_only=same, sa=[0.5] * 5)["text"]
    drawn = verdict(summarise(rows_of(source_only=same, sa=moved)), repeats="draw")
    assert note not in drawn["text"]


def test_a_row_that_changes_nothing_stands_above_rows_that_lose():
    """What never differs from source-only has no interval worth the name, but adapting by it does not hurt."""
    said = told(source_only=BASE, sa=BASE, dann=shifted(-0.1, -0.11, -0.09, -0.1, -0.1))
    assert said["code"] == "unclear"
    assert said["text"].startswith("No clear difference: Subspace alignment, the better of 2 methods, reaches")
    assert "level with source-only in each of 5 seeds. DANN hurts (−10.0 points" in said["text"]
    gains = told(source_only=BASE, sa=BASE, dann=shifted(0.1, 0.11, 0.09, 0.1, 0.1))
    assert gains["code"] == "helps"
    assert gains["text"].startswith("Adaptation helps: DANN, the better of 2 methods, reaches")


def test_an_interval_of_a_method_that_never_varies_is_one_of_source_only():
    note = "Subspace alignment scores the same in every seed: its interval tells what source-only's draws do."
    assert told(source_only=BASE, sa=[0.9] * 5)["text"].endswith(note)
    assert note not in told(source_only=BASE, sa=shifted(0.1, 0.11, 0.09, 0.1, 0.1))["text"]


def test_a_sure_difference_of_nothing_does_not_seem_to_help():
    text = told(source_only=BASE, sa=shifted(*[0.0003, 0.0002, 0.0004, 0.0003, 0.0003]))["text"]
    assert "would seem" not in text


def test_more_than_training_on_the_target_reaches_is_said_so():
    text = told(source_only=BASE, sa=shifted(*[0.3] * 4, 0.31), train_on_target=shifted(*[0.2] * 4, 0.21))["text"]
    assert "That is more than training on target labels reaches here (" in text
    assert "of the gap" not in text


def test_methods_that_a_validator_puts_level_are_all_named():
    summary = summarise(rows_of(source_only=[None] * 3, sa=[None] * 3, dann=[None] * 3))

    def said(*picks):
        return verdict(summary, target_labels=False, picks=picks)["text"]

    assert said("dann").endswith("The validator puts DANN first: a hint, no proof.")
    level = said("dann", "sa", "source-only")
    assert level.endswith("puts DANN first, level with subspace alignment and source only: a hint, no proof.")
    assert "level with 3 others" in said("dann", "sa", "source-only", "other")
