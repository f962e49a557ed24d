package org.tutti.lightclient.connection;

import org.tutti.base.Bytes;
import org.tutti.lightclient.wire.FrameCodec;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.WireException;
import org.tutti.lightclient.wire.WireException.Code;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;

/// Messages over a socket, blocking.
///
/// One thread reads and one thread writes; `close` may come from any thread and wakes both. Reading
/// has two deadlines: how long a peer may be silent, and how long a frame that it began may take,
/// however slowly its bytes drip. A write has no deadline, because Java's sockets do not have one:
/// the owner of the writing thread watches it and closes.
public final class WireConnection implements Closeable {
    /// How long the rest of a frame may take once its first byte is here.
    public static final Duration FRAME_DEADLINE = Duration.ofSeconds(60);

    private final Socket socket;
    private final FrameCodec codec;
    private final DeadlineInput deadlines;
    private final PushbackInputStream in;
    private final OutputStream out;
    private final Duration frameDeadline;

    public WireConnection(Socket socket, Bytes magic, InstantSource clock) throws IOException {
        this(socket, magic, clock, FRAME_DEADLINE);
    }

    /// @param frameDeadline how long the rest of a frame may take once its first byte is here
    public WireConnection(Socket socket, Bytes magic, InstantSource clock, Duration frameDeadline)
            throws IOException {
        this.socket = socket;
        this.codec = new FrameCodec(magic);
        this.deadlines = new DeadlineInput(socket, clock);
        this.in = new PushbackInputStream(deadlines, 1);
        this.out = socket.getOutputStream();
        this.frameDeadline = frameDeadline;
        socket.setTcpNoDelay(true);
    }

    /// The next message.
    ///
    /// @param silence how long to wait for its first byte
    /// @throws SocketTimeoutException if nothing came: the connection is still good
    /// @throws WireException if the peer sent wrong bytes or did not finish a frame in time
    /// @throws java.io.EOFException if the peer closed between two frames
    public P2pMessage read(Duration silence) throws IOException {
        deadlines.within(silence);
        int first = in.read();
        if (first >= 0) {
            in.unread(first);
        }
        deadlines.within(frameDeadline);
        try {
            return codec.read(in);
        } catch (SocketTimeoutException e) {
            throw new WireException(Code.STALLED, "frame not finished within " + frameDeadline);
        }
    }

    /// How many bytes were read. For the reading thread.
    public long bytesRead() {
        return deadlines.bytesRead;
    }

    /// Blocks until the operating system has taken the whole frame.
    public void write(P2pMessage message) throws IOException {
        out.write(codec.encode(message));
        out.flush();
    }

    /// Host and port of the other side, for people.
    public String remote() {
        return socket.getInetAddress().getHostAddress() + ":" + socket.getPort();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to do with it.
        }
    }

    /// A buffered socket stream whose reads together end at one instant.
    private static final class DeadlineInput extends InputStream {
        private final Socket socket;
        private final InputStream raw;
        private final InstantSource clock;
        private final byte[] buffer = new byte[16 * 1024];
        private int from;
        private int to;
        private long deadlineMillis;
        private long bytesRead;

        DeadlineInput(Socket socket, InstantSource clock) throws IOException {
            this.socket = socket;
            this.raw = socket.getInputStream();
            this.clock = clock;
        }

        void within(Duration limit) {
            deadlineMillis = clock.millis() + limit.toMillis();
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[from++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, to - from);
            System.arraycopy(buffer, from, target, offset, count);
            from += count;
            return count;
        }

        private boolean fill() throws IOException {
            if (from < to) {
                return true;
            }
            long left = deadlineMillis - clock.millis();
            if (left <= 0) {
                throw new SocketTimeoutException("deadline passed");
            }
            socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
            from = 0;
            to = Math.max(0, raw.read(buffer, 0, buffer.length));
            bytesRead += to;
            return to > 0;
        }
    }
}
