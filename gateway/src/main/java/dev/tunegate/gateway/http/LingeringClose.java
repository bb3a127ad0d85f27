package dev.tunegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection of whose client more may be under way. Would it be closed at once, the kernel would answer what comes
 * then with a reset, at which the client's own kernel throws our last answer away.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a connection that cannot be closed is closed already
final class LingeringClose extends ChannelDuplexHandler {
    private final Duration longest;
    private boolean isNeeded;
    private boolean isClosing;
    private long dropped;

    LingeringClose(Duration longest) {
        this.longest = longest;
    }

    /** From now on nothing that comes is of use to anybody. */
    void expectMore() {
        isNeeded = true;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isClosing || !isNeeded || !(ctx.channel() instanceof DuplexChannel channel) || !channel.isActive()) {
            ctx.close(promise);
            return;
        }
        isClosing = true;
        channel.shutdownOutput();
        channel.config().setAutoRead(true);
        ctx.executor().schedule(() -> ctx.close(promise), longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (!isClosing) {
            super.channelRead(ctx, message);
            return;
        }
        dropped += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
        ReferenceCountUtil.release(message);
        if (dropped > BodyStream.MOST_DRAINED) {
            ctx.channel().config().setAutoRead(false);
        }
    }
}
