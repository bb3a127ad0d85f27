package dev.tunegate.gateway.http;

import java.util.Map;

/** A resource answers some of the contract's operations, by their operationId. */
@FunctionalInterface
public interface Resource {
    Map<String, Operation> operations();
}
