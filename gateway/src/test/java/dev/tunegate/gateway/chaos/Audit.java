package dev.tunegate.gateway.chaos;

import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.db.Database;

/** Has a database note every state that a job goes through, by means that no gateway knows of. */
final class Audit {
    private Audit() {}

    static void install(Database database) {
        await(database.pool().query("""
                create table seen_states (
                    number bigint generated always as identity primary key,
                    job_id text not null,
                    before text,
                    after  text not null
                );
                create function note_state() returns trigger language plpgsql as $$
                begin
                    insert into seen_states (job_id, before, after)
                    values (new.id, case when tg_op = 'UPDATE' then old.status end, new.status);
                    return null;
                end $$;
                create trigger note_first_state after insert on jobs
                    for each row execute function note_state();
                create trigger note_state after update on jobs
                    for each row when (old.status <> new.status) execute function note_state();
                """).execute());
    }
}
