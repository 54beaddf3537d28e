"""`python -m bench` measures everything and writes RESULTS.md; `python -m bench ingest latency` only these groups.

Each group is a module with `measure(stack)`; a part of the groups leaves RESULTS.md as it is.
"""

import sys
from collections.abc import Callable

from bench import (
    access,
    controller,
    crossings,
    deliveries,
    export,
    faults,
    gateway,
    history,
    imports,
    ingest,
    latency,
    logins,
    page,
    reads,
    rules,
    sizes,
    space,
    stalled,
    wal,
)
from bench.facts import facts
from bench.report import Row, table, write
from bench.stack import Stack, throw_away

GROUPS: dict[str, Callable[[Stack], list[Row]]] = {
    "latency": latency.measure,
    "ingest": ingest.measure,
    "rules": rules.measure,
    "crossings": crossings.measure,
    "deliveries": deliveries.measure,
    "stalled": stalled.measure,
    "logins": logins.measure,
    "space": space.measure,
    "wal": wal.measure,
    "faults": faults.measure,
    "controller": controller.measure,
    "access": access.measure,
    "reads": reads.measure,
    "gateway": gateway.measure,
    "history": history.measure,
    "sizes": sizes.measure,
    "page": page.measure,
    "export": export.measure,
    "import": imports.measure,
}


def main(chosen: list[str]) -> None:
    """Measure the chosen groups, or all."""
    unknown = set(chosen) - set(GROUPS)
    if unknown:
        sys.exit(f"There is no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}.")
    results: dict[str, list[Row]] = {}
    with throw_away() as stack:
        described = facts(stack)
        print(described)
        for name in chosen or GROUPS:
            print(f"\n## {name}\n", flush=True)
            results[name] = GROUPS[name](stack)
            print(table(results[name]), flush=True)
    if not chosen:
        write(described, results)


if __name__ == "__main__":
    main(sys.argv[1:])
