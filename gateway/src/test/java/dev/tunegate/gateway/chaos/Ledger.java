package dev.tunegate.gateway.chaos;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What clients were told, and have a right to find again; and what they should never have been told. */
final class Ledger {
    /** The SHA-256 of the bytes of each file whose upload was answered. */
    final Map<String, String> uploads = new ConcurrentHashMap<>();

    /** The jobs whose creation was answered, by their order's mark. */
    final Map<String, String> jobs = new ConcurrentHashMap<>();

    /** The jobs whose cancellation was asked for, answered or not. */
    final Set<String> unwanted = ConcurrentHashMap.newKeySet();

    /** The jobs whose cancellation was answered. */
    final Set<String> cancelled = ConcurrentHashMap.newKeySet();

    final List<String> complaints = new CopyOnWriteArrayList<>();
}
