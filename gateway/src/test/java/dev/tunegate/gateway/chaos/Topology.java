package dev.tunegate.gateway.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What there is to break, by name: gateways that share one database and one directory of blobs, workers spread over them,
 * and the ways between.
 */
record Topology(int gatewayCount, int workerCount) {
    static final String DATABASE = "database";
    static final String DISK = "disk";

    List<String> gateways() {
        return named("gateway-", gatewayCount);
    }

    List<String> workers() {
        return named("worker-", workerCount);
    }

    List<String> processes() {
        return Stream.concat(gateways().stream(), workers().stream()).toList();
    }

    List<String> links() {
        List<String> links = new ArrayList<>();
        for (String gateway : gateways()) {
            links.add(wayOfClients(gateway));
            links.add(wayToDatabase(gateway));
        }
        workers().forEach(worker -> links.add(wayToGateway(worker)));
        return links;
    }

    String gatewayOf(String worker) {
        return gateways().get(workers().indexOf(worker) % gatewayCount);
    }

    static String wayOfClients(String gateway) {
        return "clients to " + gateway;
    }

    static String wayToDatabase(String gateway) {
        return gateway + " to " + DATABASE;
    }

    String wayToGateway(String worker) {
        return worker + " to " + gatewayOf(worker);
    }

    private static List<String> named(String prefix, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> prefix + number)
                .toList();
    }
}
