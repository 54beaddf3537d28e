-- Which version of its configuration each controller was told last, and when: beside the one that it is to have, this
-- says whether a change has arrived. In controllers, whose row a hello writes anyway: a transaction that changes a
-- configuration may be long, and must not hold up who says hello.
alter table private.controllers
    add column told_version int,
    add column told_at      timestamptz;
