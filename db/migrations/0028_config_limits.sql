-- What no controller could read would keep it from reading anything that it is told at its hello.

alter table private.plugin_instances
    add constraint "config must have no number beyond 1e308" check (
        not jsonb_path_exists(config, '$.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))')),
    add constraint "config must have at most 20 levels" check (not jsonb_path_exists(config, '$.**{20}')),
    add constraint "secrets must have no number beyond 1e308" check (
        not jsonb_path_exists(secrets, '$.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))')),
    add constraint "secrets must have at most 20 levels" check (not jsonb_path_exists(secrets, '$.**{20}'));
