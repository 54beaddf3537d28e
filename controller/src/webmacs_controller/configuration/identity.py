"""Which instance of those that are here is meant by one that is wanted: its name may be another one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webmacs_controller.configuration.settings import InstanceSettings, Refusal
from webmacs_controller.measuring.loop import Loop


@dataclass(slots=True, eq=False)
class Member:
    """One instance of the configuration. `settings` are those it has, `error` says which that are wanted it has not;
    `loop` is None while it is disabled, or could never be made."""

    settings: InstanceSettings
    error: str = ""
    loop: Loop | None = None


def matched(wanted: Iterable[InstanceSettings | Refusal], members: Mapping[str, Member]) -> dict[str, Member]:
    """By the names that are wanted: who has the same `public_id`; of the others, who has the same name."""
    by_id = {member.settings.public_id: member for member in members.values() if member.settings.public_id}
    found: dict[str, Member] = {}
    left = []
    for one in wanted:
        member = by_id.get(one.public_id) if isinstance(one, InstanceSettings) else None
        if member is None:
            left.append(one.name)
        else:
            found[one.name] = member
    taken = set(found.values())
    namesakes = {name: members[name] for name in left if name in members}
    return found | {name: member for name, member in namesakes.items() if member not in taken}
