-- The figures an alarm engineer asks for, as ANSI/ISA-18.2-2016, clause 16 (monitoring and
-- assessment), and EEMUA 191 name them. What is counted over a time is counted over the
-- last 30 days, which ISA-18.2 wants at least; hours as far back as the journal goes. People read.

create view api.alarms_per_hour with (security_invoker) as
    select date_bin('1 hour', happened_at, '2001-01-01 00:00:00+00') as hour,
           count(*) filter (where not silent) as announced,
           count(*) filter (where silent) as silent
    from private.alarm_journal
    where step = 'raised'
    group by date_bin('1 hour', happened_at, '2001-01-01 00:00:00+00');
comment on view api.alarms_per_hour is
    'How many alarms were raised in each hour, by the measurements'' time; no row where there were none. ISA-18.2: for '
    'one operator 6 an hour are likely to be acceptable on average, 12 are the most that can be managed.';
comment on column api.alarms_per_hour.hour is 'Begin of the hour, in UTC.';
comment on column api.alarms_per_hour.announced is
    'Alarms that people were told of; one that comes again counts again.';
comment on column api.alarms_per_hour.silent is 'Alarms that were shelved or suppressed.';


create view private.recent_raises with (security_invoker) as
    select a.rule_id, a.event_id, coalesce(r.name, a.name) as name, coalesce(r.severity, a.severity) as severity,
           j.happened_at, j.silent
    from private.alarm_journal j
    join private.alarms a on a.id = j.alarm_id
    left join private.rules r on r.id = a.rule_id
    where j.step = 'raised' and j.happened_at > now() - interval '30 days';
comment on view private.recent_raises is
    'Every raising of an alarm in the last 30 days. Rules that were deleted are told apart by their names.';


create view api.most_frequent_alarms with (security_invoker) as
    select rule_id, event_id, name, severity, count(*) as raised,
           count(*) / sum(count(*)) over ()::double precision as share, max(happened_at) as last_raised_at
    from private.recent_raises
    where not silent
    group by rule_id, event_id, name, severity
    order by raised desc, name
    limit 10;
comment on view api.most_frequent_alarms is
    'The ten alarms that were announced most often in the last 30 days. ISA-18.2: together they should be 1 to 5 % of '
    'all; those that are more should be mended.';
comment on column api.most_frequent_alarms.rule_id is 'Number of the rule; null: it was deleted.';
comment on column api.most_frequent_alarms.event_id is 'Number of the event; null: it was removed.';
comment on column api.most_frequent_alarms.name is 'Name of the rule.';
comment on column api.most_frequent_alarms.severity is 'low, medium, high or critical.';
comment on column api.most_frequent_alarms.raised is 'How often it was announced.';
comment on column api.most_frequent_alarms.share is 'Its part of all that were announced, from 0 to 1.';
comment on column api.most_frequent_alarms.last_raised_at is 'When it was last announced, by the measurement''s time.';


create view api.standing_alarms with (security_invoker) as
    select id, rule_id, event_id, name, severity, state, silenced_by, last_raised_at as active_since,
           extract(epoch from now() - last_raised_at)::double precision as active_seconds,
           last_raised_at < now() - interval '24 hours' as stale
    from private.alarms
    where state in ('active_unacknowledged', 'active_acknowledged');
comment on view api.standing_alarms is
    'Alarms whose condition holds now, and which of them are stale: since more than 24 hours (ISA-18.2, EEMUA 191). '
    'There should be fewer than 5 stale ones on any day.';
comment on column api.standing_alarms.id is 'Number of the alarm.';
comment on column api.standing_alarms.rule_id is 'Number of the rule; null: it was deleted.';
comment on column api.standing_alarms.event_id is 'Number of the event; null: it was removed.';
comment on column api.standing_alarms.name is 'Name of the rule.';
comment on column api.standing_alarms.severity is 'low, medium, high or critical.';
comment on column api.standing_alarms.state is 'active_unacknowledged or active_acknowledged.';
comment on column api.standing_alarms.silenced_by is 'shelved or suppressed; null: it is announced.';
comment on column api.standing_alarms.active_since is 'Since when its condition holds, by the measurement''s time.';
comment on column api.standing_alarms.active_seconds is 'For how long, in seconds.';
comment on column api.standing_alarms.stale is 'Whether that is more than 24 hours.';


create view api.chattering_alarms with (security_invoker) as
    select rule_id, event_id, name, severity, count(*) filter (where in_a_minute >= 3) as chatters,
           max(in_a_minute) as most_in_a_minute, max(happened_at) filter (where in_a_minute >= 3) as last_chattered_at
    from (
        -- silent ones too: what chatters has to be mended, not hidden
        select *, count(*) over (partition by rule_id, event_id, name order by happened_at
                                 range between interval '1 minute' preceding and current row) as in_a_minute
        from private.recent_raises
    ) counted
    group by rule_id, event_id, name, severity
    having max(in_a_minute) >= 3;
comment on view api.chattering_alarms is
    'Alarms that were raised three times or more within a minute (ISA-18.2) in the last 30 days. There should be none: '
    'a deadband, a delay or a cooldown ends it.';
comment on column api.chattering_alarms.rule_id is 'Number of the rule; null: it was deleted.';
comment on column api.chattering_alarms.event_id is 'Number of the event; null: it was removed.';
comment on column api.chattering_alarms.name is 'Name of the rule.';
comment on column api.chattering_alarms.severity is 'low, medium, high or critical.';
comment on column api.chattering_alarms.chatters is
    'How often it was raised for the third time or more within a minute.';
comment on column api.chattering_alarms.most_in_a_minute is 'The most raisings within a minute.';
comment on column api.chattering_alarms.last_chattered_at is 'When it last chattered, by the measurements'' time.';


create view api.alarm_response with (security_invoker) as
    select a.severity, a.rule_id, coalesce(r.name, a.name) as name, count(*) as acknowledged,
           percentile_cont(0.5) within group (order by j.waited_seconds) as median_seconds,
           percentile_cont(0.95) within group (order by j.waited_seconds) as p95_seconds
    from private.alarm_journal j
    join private.alarms a on a.id = j.alarm_id
    left join private.rules r on r.id = a.rule_id
    where j.step = 'acknowledged' and not j.silent and j.happened_at > now() - interval '30 days'
    group by grouping sets ((a.severity), (a.severity, a.rule_id, coalesce(r.name, a.name)));
comment on view api.alarm_response is
    'How long alarms waited until somebody acknowledged them, in the last 30 days: a row for each severity, with no '
    'name, and one for each rule.';
comment on column api.alarm_response.severity is 'low, medium, high or critical.';
comment on column api.alarm_response.rule_id is
    'Number of the rule; null: it was deleted, or all rules of the severity.';
comment on column api.alarm_response.name is 'Name of the rule; null: all rules of the severity.';
comment on column api.alarm_response.acknowledged is 'How many were acknowledged.';
comment on column api.alarm_response.median_seconds is 'Half of them waited no longer, in seconds.';
comment on column api.alarm_response.p95_seconds is '95 % of them waited no longer, in seconds.';

grant select on api.alarms_per_hour, api.most_frequent_alarms, api.standing_alarms, api.chattering_alarms,
    api.alarm_response, private.recent_raises to webmacs_viewer;
