package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Page;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The events of every job, numbered per job from 1 without gaps. */
public final class EventLog {
    private final Database database;

    public EventLog(Database database) {
        this.database = database;
    }

    /** A job's events, newest first, one more than the page holds where there is one. */
    public Future<List<Event>> list(String jobId, Page page) {
        return database.query("events.list", jobId, page.after(), page.rows())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Event::of)
                        .toList());
    }

    /** Adds events in the transaction of what they tell about. */
    public static Future<Void> append(SqlConnection connection, String jobId, NewEvent... events) {
        return append(connection, jobId, List.of(events));
    }

    /** The same for a batch. */
    public static Future<Void> append(SqlConnection connection, String jobId, List<NewEvent> events) {
        if (events.isEmpty()) {
            return Future.succeededFuture();
        }
        ArrayNode batch = Json.MAPPER.createArrayNode();
        for (NewEvent event : events) {
            batch.addObject()
                    .put("id", Ids.random("ftevent-", 24))
                    .put("level", event.level())
                    .put("type", event.type())
                    .put("message", event.message())
                    .<JsonNode>set("data", event.data());
        }
        return Database.query(connection, "events.append", jobId, batch.toString())
                .mapEmpty();
    }

    /** Finds which of these steps already have their metrics event. */
    public static Future<Set<Integer>> reportedSteps(SqlConnection connection, String jobId, List<Integer> steps) {
        return Database.query(connection, "events.reported_steps", jobId, steps.toArray(new Integer[0]))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getInteger("step"))
                        .collect(Collectors.toSet()));
    }
}
