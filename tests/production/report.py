"""What was counted, as a table for bench/RESULTS.md, and what of it is wrong."""

from typing import Any

KINDS = ("page", "REST", "writing", "sidecar", "values", "stream")
HEAD = f"| what was done | {' | '.join(KINDS)} | measured |"


def table(found: dict[str, Any]) -> str:
    """The longest time without a right answer, in seconds."""
    lines = [HEAD, f"|{' --- |' * (len(KINDS) + 2)}"]
    for blow in found["blows"]:
        figures = [*(blow["interruptions"][kind] for kind in KINDS), blow["measured"]]
        lines.append(f"| {blow['name']} | {' | '.join(f'{figure:.1f}' for figure in figures)} |")
    lines += ["", "| | right | refused | cut | wrong |", "| --- | --- | --- | --- | --- |"]
    for kind, answers in found["answers"].items():
        refused, cut = (_sum(answers[key]) for key in ("refused", "cut"))
        lines.append(f"| {kind} | {answers['good']:,} | {refused} | {cut} | {len(answers['wrong'])} |")
    lines += ["", *(f"- {name}: {number:,}" for name, number in found["count"].items())]
    return "\n".join(lines)


def problems(found: dict[str, Any]) -> list[str]:
    """What must not be."""
    count = found["count"]
    wrong = [text for answers in found["answers"].values() for text in answers["wrong"]]
    wrong += found["gateway"]
    wrong += [f"The page is wrong: {name}" for name, right in found["page"].items() if not right]
    if count["different values stored"] != count["values acknowledged"]:
        wrong.append(f"Values were lost: {count}")
    if count["values stored"] != count["different values stored"]:
        wrong.append(f"Values are stored twice: {count}")
    if count["log entries lost"] or count["log entries twice"]:
        wrong.append(f"Log entries were lost, or are there twice: {count}")
    return wrong


def _sum(kinds: dict[str, int]) -> str:
    total = sum(kinds.values())
    said = ", ".join(f"{name.removeprefix('refused: ')} {number}" for name, number in kinds.items())
    return f"{total} ({said})" if total else "0"
