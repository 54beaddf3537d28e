"""Two instances that have the same device are one too many."""

from collections.abc import Iterable

from webmacs_controller.measuring.instance import Instance


def second_holders(instances: Iterable[Instance | None]) -> dict[str, str]:
    """Why instances cannot be, by their names: one that comes earlier holds the same."""
    holders: dict[str, str] = {}
    problems: dict[str, str] = {}
    for instance in filter(None, instances):
        if taken := sorted(instance.holds & holders.keys()):
            more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            problems[instance.name] = f"config: {taken[0]}{more} is held by the instance {holders[taken[0]]!r}"
        else:
            holders |= dict.fromkeys(instance.holds, instance.name)
    return problems
