"""Who may do what through the REST API: the table that the database has to agree with.

A capital letter is a role that may do it with every row, a small one a role that may do it with its own rows and does
not see others: V viewer, O operator, A admin, C controller. N would be the token that may do nothing.
"""

from dataclasses import dataclass

ROLES = {"N": "anon", "V": "viewer", "O": "operator", "A": "admin", "C": "controller"}
OPERATIONS = ("select", "insert", "update", "delete")

VIEWS = """
#                     select  insert  update  delete
alarm_counts          VOA     -       -       -
alarm_journal         VOA     -       -       -
alarm_response        VOA     -       -       -
alarm_shelves         VOA     -       -       -
alarms                VOA     -       -       -
alarms_per_hour       VOA     -       -       -
api_tokens            voA     -       -       -
audit_log             A       -       -       -
audit_seals           A       -       -       -
channel_mappings      VOAc    A       A       A
chattering_alarms     VOA     -       -       -
commands              VOAc    -       -       -
controller_plugins    VOAc    -       -       -
controller_tokens     A       -       -       -
controllers           VOAc    A       A       A
dashboard_widgets     voA     -       -       -
dashboards            voA     VOA     voA     voA
datapoints            VOA     OAc     -       -
events                VOAC    A       A       -
experiment_events     VOAC    OA      -       OA
experiment_files      VOAC    -       -       OA
experiment_notes      VOAC    OA      oA      oA
experiment_storage    VOA     -       -       -
experiments           VOAC    OA      OA      OA
housekeeping          VOA     -       A       -
identities            voA     -       -       voA
interlocks            VOA     A       A       A
latest                VOA     -       -       -
login_failures        voA     -       -       -
log_entries           VOA     OAC     OA      A
measurements          VOA     -       -       -
me                    voac    -       -       -
most_frequent_alarms  VOA     -       -       -
plugin_instances      VOAc    A       A       A
plugin_package_assignments A  A       A       A
plugin_packages       A       -       -       A
retention             VOA     -       A       -
rule_actions          VOA     A       A       A
rule_states           VOA     -       -       -
rules                 VOA     A       A       A
sessions              voA     -       -       -
standing_alarms       VOA     -       -       -
storage               A       -       -       -
storage_forecast      A       -       -       -
update_bundles        A       -       -       A
update_offers         A       -       -       -
update_source         A       -       -       -
update_steps          A       -       -       -
updates               A       A       -       -
users                 voA     A       voA     A
webhook_deliveries    A       -       -       -
webhooks              A       A       A       A
"""

FUNCTIONS = """
#                   call
acknowledge_alarm   OA
approve_update      A
delete_datapoints   A
history_partitions  A
ingest              OAc
experiment_file     VOAC
experiment_summary  VOA
preview_retention   A
purge_event         A
redeliver           A
reset_alarm         OA
reset_password      A
revoke              voA
revoke_all          voA
rotate_webhook_secret A
roll_back_update    A
shelve_alarm        OA
series              VOA
set_value           OA
statistics          VOA
start_experiment    OA
stop_experiment     OA
unshelve_alarm      OA
save_rule           A
test_rule           VOA
test_webhook        A
verify_audit        A
withdraw_update     A
upload_experiment_file OA
"""


@dataclass(frozen=True)
class Case:
    """One cell of the table for one role; `rows` is all, own or none."""

    resource: str
    operation: str
    role: str
    rows: str

    def __str__(self) -> str:
        return f"{self.role}-{self.operation}-{self.resource}"


def view_cases() -> list[Case]:
    """One case for each view, operation and role."""
    return _cases(VIEWS, OPERATIONS)


def function_cases() -> list[Case]:
    """One case for each function and role."""
    return _cases(FUNCTIONS, ("call",))


def _cases(table: str, operations: tuple[str, ...]) -> list[Case]:
    lines = [line.split() for line in table.strip().splitlines() if not line.startswith("#")]
    return [
        Case(resource, operation, role, _rows(letter, cell))
        for resource, *cells in lines
        for operation, cell in zip(operations, cells, strict=True)
        for letter, role in ROLES.items()
    ]


def _rows(letter: str, cell: str) -> str:
    if letter in cell:
        return "all"
    return "own" if letter.lower() in cell else "none"
