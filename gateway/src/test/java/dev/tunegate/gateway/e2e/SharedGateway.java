package dev.tunegate.gateway.e2e;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the {@link RunningGateway} of this test run: started when the first test asks, closed after the last.
 * Postgres and a trainer take seconds to start, and the tests ask for nothing that another test could take away.
 */
public final class SharedGateway implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningGateway.class;
    }

    @Override
    public RunningGateway resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(SharedGateway.class))
                .computeIfAbsent(RunningGateway.class, key -> RunningGateway.start(), RunningGateway.class);
    }
}
