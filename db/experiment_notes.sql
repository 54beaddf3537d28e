-- Notes of experiments: what people saw, and when. Everyone reads, operators write and change
-- or delete their own; administrators those of all.

create view api.experiment_notes with (security_invoker) as
    select id, experiment_id, noted_at, text, author, user_id, created_at from private.experiment_notes;
comment on view api.experiment_notes is 'What people noted of an experiment.';
comment on column api.experiment_notes.id is 'Number, in the order of writing.';
comment on column api.experiment_notes.experiment_id is 'Number of the experiment.';
comment on column api.experiment_notes.noted_at is 'The moment that it is about. Now, if not given.';
comment on column api.experiment_notes.text is '1 to 10000 characters.';
comment on column api.experiment_notes.author is 'Name of who wrote it, as it was then.';
comment on column api.experiment_notes.user_id is
    'Number of the user who wrote it; null: a login of psql, or a user who was deleted.';
comment on column api.experiment_notes.created_at is 'When it was entered.';

grant select on private.experiment_notes, api.experiment_notes to webmacs_viewer, webmacs_controller;
grant insert (experiment_id, noted_at, text), update (noted_at, text), delete
    on private.experiment_notes, api.experiment_notes to webmacs_operator;

create policy "everyone reads" on private.experiment_notes for select to webmacs_viewer, webmacs_controller
    using (true);
create policy "operators write" on private.experiment_notes for insert to webmacs_operator with check (true);
create policy "authors change" on private.experiment_notes for update to webmacs_operator
    using (user_id = (select access.user_id()));
create policy "authors delete" on private.experiment_notes for delete to webmacs_operator
    using (user_id = (select access.user_id()));
create policy "administrators do everything" on private.experiment_notes to webmacs_admin
    using (true) with check (true);

create trigger stamp_author_name before insert on private.experiment_notes
    for each row execute function private.stamp_author_name();
