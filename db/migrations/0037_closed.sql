-- While a new version has to prove itself nobody gets in, so that nothing is lost where it goes back.
alter table private.settings add column closed text;
comment on column private.settings.closed is
    'Why nobody gets in, in a sentence: requests, logins and values are refused with 503, and controllers keep what '
    'they measure. Null: open.';
