package dev.tunegate.gateway.chaos;

import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.db.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** What must hold of the rows that a run leaves behind. Each rule is a query for what breaks it. */
final class Records {
    private static final Map<String, String> RULES = new TreeMap<>(Map.of(
            "a job ends", """
                select id || ' is still ' || status from jobs
                where status not in ('succeeded', 'failed', 'cancelled')""",
            "a job fails only for its workers, and only where they were lost", """
                select id || ' failed: ' || error::text from jobs
                where status = 'failed' and not (error ->> 'code' = 'worker_lost' and 2 <= (
                    select count(*) from events
                    where job_id = jobs.id and message like 'The worker stopped answering%'))""",
            "an order makes one job", """
                select (metadata ->> 'order') || ' made ' || string_agg(id, ', ') from jobs
                group by metadata ->> 'order' having count(*) > 1""",
            "events are numbered without a gap", """
                select jobs.id || ' has ' || count(seq) || ' events, numbered ' || coalesce(min(seq), 0) || ' to '
                       || coalesce(max(seq), 0) || ', and has given out ' || last_seq
                from jobs left join events on job_id = jobs.id
                group by jobs.id
                having count(distinct seq) <> last_seq or count(seq) <> last_seq or max(seq) <> last_seq
                    or min(seq) <> 1""",
            "steps come once each, in order", """
                select job_id || ' has step ' || step || ' behind step ' || before
                from (select job_id, step, coalesce(lag(step) over (partition by job_id order by seq), 0) as before
                      from events where step is not null) as steps
                where step <> before + 1""",
            "a succeeded job has all its steps", """
                select jobs.id || ' has ' || count(step) || ' steps' from jobs left join events on job_id = jobs.id
                where status = 'succeeded' and metadata ? 'steps'
                group by jobs.id having count(step) <> (metadata ->> 'steps')::integer""",
            "the same training comes to the same losses, whatever interrupts it", """
                select recipe || ' had at step ' || step || ' the losses ' || string_agg(distinct loss, ', ')
                from (select metadata ->> 'recipe' as recipe, step, data ->> 'train_loss' as loss
                      from events join jobs on jobs.id = job_id where step is not null) as losses
                group by recipe, step having count(distinct loss) > 1""",
            "states follow each other as the API says", """
                select job_id || ' went from ' || coalesce(before, 'nothing') || ' to ' || after
                from (select *, lag(after) over (partition by job_id order by number) as last from seen_states) as steps
                where before is distinct from last
                   or (coalesce(before, ''), after) not in (
                       ('', 'validating_files'),
                       ('validating_files', 'queued'), ('validating_files', 'failed'), ('validating_files', 'cancelled'),
                       ('queued', 'running'), ('queued', 'paused'), ('queued', 'failed'), ('queued', 'cancelled'),
                       ('running', 'queued'), ('running', 'paused'), ('running', 'succeeded'), ('running', 'failed'),
                       ('running', 'cancelled'),
                       ('paused', 'queued'), ('paused', 'failed'), ('paused', 'cancelled'))""",
            "a job that has ended has no work left", """
                select subject || ' still has ' || kind || ' ' || state from tasks join jobs on jobs.id = subject
                where finished_at is not null and (ended_at is null or lease_owner is not null)""",
            "a model's adapter has a row", """
                select models.id || ' has the adapter ' || adapter_blob || ' that no row tells of' from models
                where deleted_at is null and adapter_blob not in (select id from job_blobs)"""));

    private final Database database;

    Records(Database database) {
        this.database = database;
    }

    /** What breaks a rule, each with the rule. */
    List<String> findings() {
        List<String> findings = new ArrayList<>();
        RULES.forEach((rule, query) -> column(query).forEach(broken -> findings.add(rule + ": " + broken)));
        return findings;
    }

    /** The first column of a query. */
    List<String> column(String query) {
        return StreamSupport.stream(
                        await(database.pool().query(query).execute()).spliterator(), false)
                .map(row -> row.getString(0))
                .toList();
    }

    /** Bytes that a row vouches for. */
    record Bytes(String what, String blob, long count, String sha256) {}

    /** The bytes of files and models; what nothing names any more may be gone before its row is. */
    List<Bytes> bytes() {
        return StreamSupport.stream(await(database.pool().query("""
                        select 'file ' || id as what, blob_id, bytes, sha256 from files where deleted_at is null
                        union all
                        select 'model ' || models.id, job_blobs.id, bytes, sha256
                        from models join job_blobs on job_blobs.id = adapter_blob where deleted_at is null
                        """).execute()).spliterator(), false)
                .map(row -> new Bytes(
                        row.getString("what"), row.getString("blob_id"), row.getLong("bytes"), row.getString("sha256")))
                .toList();
    }
}
