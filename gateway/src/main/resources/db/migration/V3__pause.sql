-- A paused job's worker keeps its lease until it has brought the state of the training home.
alter table jobs drop constraint lease_only_while_worked_on;
alter table jobs add constraint lease_only_while_worked_on
    check (lease_owner is null or status in ('validating_files', 'running', 'paused'));
