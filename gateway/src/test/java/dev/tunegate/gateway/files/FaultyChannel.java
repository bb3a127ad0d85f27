package dev.tunegate.gateway.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file on a disk that writes little at a time, loses bytes or breaks, and that notes down what was asked of it. */
final class FaultyChannel extends FileChannel {
    /** The most that one call writes, as the system may: it need not write all that it is given. */
    private static final int SHORT = 1000;

    private final FileChannel file;
    private final List<String> calls;
    private final Fault fault;

    enum Fault {
        NONE,
        /** The last of what is written never gets to the disk, and nobody says so. */
        LOST_BYTE,
        FAILED_FLUSH
    }

    FaultyChannel(FileChannel file, List<String> calls, Fault fault) {
        this.file = file;
        this.calls = calls;
        this.fault = fault;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        calls.add("write");
        int length = Math.min(SHORT, bytes.remaining());
        int kept = fault == Fault.LOST_BYTE && length == bytes.remaining() ? length - 1 : length;
        file.write(bytes.slice(bytes.position(), kept));
        bytes.position(bytes.position() + length);
        return length;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        calls.add("flush");
        if (fault == Fault.FAILED_FLUSH) {
            throw new IOException("Input/output error");
        }
        file.force(metaData);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        calls.add("close");
        file.close();
    }

    @Override
    public int read(ByteBuffer dst) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long newPosition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel src, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer src, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
