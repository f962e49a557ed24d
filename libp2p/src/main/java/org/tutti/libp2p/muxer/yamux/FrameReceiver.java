package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;

/// The reader of a connection: takes frames apart, tells the engine, and puts payload where it
/// belongs. It never writes to the connection, because two readers that both wait for the other to
/// read would wait for ever.
final class FrameReceiver implements Runnable {
    private final YamuxConnection connection;
    private final InputBuffer input;

    FrameReceiver(YamuxConnection connection, SecureConnection source) {
        this.connection = connection;
        this.input = new InputBuffer(source);
    }

    @Override
    public void run() {
        try {
            while (input.fill(Header.SIZE)) {
                Header header = Header.decode(input.data(), input.position());
                input.skip(Header.SIZE);
                receive(header);
                if (input.available() < Header.SIZE) {
                    connection.writeElsewhere();
                }
            }
            connection.end(
                    new CloseReason(Code.REMOTE_CLOSED, "the remote closed the connection"), false);
        } catch (IOException e) {
            connection.end(CloseReason.transportFailed(e), false);
        } catch (RuntimeException e) {
            connection.end(
                    new CloseReason(Code.TRANSPORT_FAILED, "internal error: " + e, e), false);
        }
    }

    private void receive(Header header) throws IOException {
        YamuxOutput.@Nullable Terminate terminate = null;
        connection.lock.lock();
        try {
            for (YamuxOutput action : connection.engine.receive(header, connection.now())) {
                switch (action) {
                    case YamuxOutput.Deliver deliver -> deliver(deliver);
                    case YamuxOutput.Discard discard -> discard(discard.length());
                    case YamuxOutput.Terminate t -> terminate = t;
                    case YamuxOutput.Send ignored -> connection.perform(action);
                    case YamuxOutput.Accept ignored -> connection.perform(action);
                    case YamuxOutput.RemoteEnd ignored -> connection.perform(action);
                    case YamuxOutput.RemoteReset ignored -> connection.perform(action);
                    case YamuxOutput.LocalReset ignored -> connection.perform(action);
                    case YamuxOutput.Writable ignored -> connection.perform(action);
                    case YamuxOutput.Acknowledged ignored -> connection.perform(action);
                    case YamuxOutput.RoundTrip ignored -> connection.perform(action);
                }
            }
            if (connection.outbound.isFlooded(connection.config.maxFrame())) {
                terminate =
                        new YamuxOutput.Terminate(
                                Code.FLOOD,
                                Header.PROTOCOL_ERROR,
                                "the remote makes us answer and does not read");
            }
        } finally {
            connection.lock.unlock();
        }
        if (terminate != null) {
            connection.terminate(terminate);
        }
    }

    /// With the connection.lock held, which is released while the connection is read.
    private void deliver(YamuxOutput.Deliver deliver) throws IOException {
        YamuxStream stream = connection.streams.get(deliver.streamId());
        int left = deliver.length();
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            if (stream != null && !stream.readClosed && stream.failure == null) {
                stream.received.add(input.data(), input.position(), count);
                stream.readable.signal();
            }
            input.skip(count);
            left -= count;
        }
    }

    private void discard(int length) throws IOException {
        int left = length;
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            input.skip(count);
            left -= count;
        }
    }

    private void requireInput() throws IOException {
        if (input.available() > 0) {
            return;
        }
        connection.lock.unlock();
        try {
            if (!input.fill(1)) {
                throw new IOException("the connection ended within a frame");
            }
        } finally {
            connection.lock.lock();
        }
    }
}
