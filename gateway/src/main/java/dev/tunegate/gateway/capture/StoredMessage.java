package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A message of a kept request, as it was sent; its id says at which position it stands. */
public record StoredMessage(String id, ObjectNode message) {
    static String id(String completion, int position) {
        return completion + "-" + position;
    }
}
