package dev.tunegate.gateway.files;

/** A request's body is not the multipart form that its content type promises. The message says what is wrong. */
final class MalformedMultipart extends RuntimeException {
    MalformedMultipart(String message) {
        super(message, null, false, false);
    }
}
