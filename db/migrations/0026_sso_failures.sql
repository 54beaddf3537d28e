-- Logins by a provider that were refused are failed logins too. Often nobody knows whose.

alter table private.login_failures
    drop constraint "reason: wrong_password, unknown_user, not_approved or disabled",
    drop constraint "only an unknown user has no user_id",

    add constraint "reason must be one that api.login_failures names" check (
        reason in ('wrong_password', 'unknown_user', 'not_approved', 'disabled', 'sso_refused')),
    add constraint "only an unknown user, or one of a provider, has no user_id" check (
        reason = 'sso_refused' or (user_id is null) = (reason = 'unknown_user'));
