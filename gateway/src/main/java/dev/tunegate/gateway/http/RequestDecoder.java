package dev.tunegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's decoder, stricter: a head has its time and not too many lines, and what leaves open where a request ends is
 * refused. A proxy in front might see the end elsewhere, and take one client's words for another's request (request
 * smuggling: RFC 9112, sections 6.1 and 11.2).
 */
final class RequestDecoder extends VertxHttpRequestDecoder {
    /** Apache's httpd takes as many. A short line takes fifty times its bytes in memory. */
    static final int MOST_HEADERS = 100;

    private final Duration headDeadline;
    private final Consumer<String> atBrokenBody;
    private final LingeringClose closing;
    private @Nullable Future<?> deadline;
    private boolean isInBody;
    private boolean isRefused;
    private int lines;

    /** @param atBrokenBody hears what is wrong with a body whose head was in order */
    RequestDecoder(
            HttpServerOptions options, Duration headDeadline, LingeringClose closing, Consumer<String> atBrokenBody) {
        super(options);
        this.closing = closing;
        this.headDeadline = headDeadline;
        this.atBrokenBody = atBrokenBody;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // After each read the other connections have their turn: one that floods does not hold them up.
        if (ctx.channel().config().getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator reads) {
            reads.maxMessagesPerRead(1);
        }
        awaitHead(ctx);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        stopWaiting();
        super.handlerRemoved0(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stopWaiting();
        super.channelInactive(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        super.channelRead(ctx, message);
        if (!isInBody && actualReadableBytes() > 0) {
            awaitHead(ctx);
        }
    }

    /** From now on the next request's head has its time. */
    void awaitHead(ChannelHandlerContext ctx) {
        if (deadline == null && !isInBody) {
            deadline = ctx.executor().schedule(() -> late(ctx), headDeadline.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a connection that cannot be closed is closed already
    private void late(ChannelHandlerContext ctx) {
        deadline = null;
        if (ctx.channel().config().isAutoRead()) {
            ctx.close();
        } else { // it is we who do not read, as long as the answer before is not done
            awaitHead(ctx);
        }
    }

    private void stopWaiting() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (isRefused) { // nothing behind what was not understood can be
            in.skipBytes(in.readableBytes());
            return;
        }
        int before = out.size();
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest head) {
                headEnds(head);
            } else if (out.get(i) instanceof HttpContent content) {
                if (content.decoderResult().isFailure()) {
                    refuse();
                    out.remove(i--);
                    atBrokenBody.accept(ApiError.quoted(
                            String.valueOf(content.decoderResult().cause().getMessage())));
                    content.release();
                } else if (content instanceof LastHttpContent) {
                    isInBody = false;
                }
            }
        }
    }

    private void headEnds(HttpRequest head) {
        stopWaiting();
        lines = 0;
        isInBody = true;
        String fault = head.decoderResult().isSuccess() ? faultOf(head) : null;
        if (fault != null) {
            head.setDecoderResult(DecoderResult.failure(new AmbiguousRequest(fault)));
        }
        if (head.decoderResult().isFailure()) {
            refuse();
        }
    }

    /** Nothing that still comes is decoded. */
    void refuse() {
        isRefused = true;
        closing.expectMore();
    }

    private static @Nullable String faultOf(HttpRequest head) {
        HttpHeaders headers = head.headers();
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty()) {
            if (!head.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                return "only HTTP/1.1 has Transfer-Encoding";
            }
            if (codings.size() > 1 || !codings.get(0).strip().equalsIgnoreCase("chunked")) {
                return "Transfer-Encoding can be 'chunked', once, and nothing else";
            }
            if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                return "it has both Transfer-Encoding and Content-Length";
            }
        }
        return headers.getAll(HttpHeaderNames.HOST).size() > 1 ? "it has more than one Host" : null;
    }

    /** Netty would drop the length and go on. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new AmbiguousRequest("it has both Transfer-Encoding and Content-Length");
    }

    /** Called once for each line of a head. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (++lines > MOST_HEADERS) {
            throw new TooLongHttpHeaderException("more than " + MOST_HEADERS + " header lines");
        }
        return super.splitHeaderName(line, start, length);
    }

    /** It is not clear what the request is, and so it is none. The message says why. */
    static final class AmbiguousRequest extends RuntimeException {
        AmbiguousRequest(String why) {
            super(why, null, false, false);
        }
    }
}
