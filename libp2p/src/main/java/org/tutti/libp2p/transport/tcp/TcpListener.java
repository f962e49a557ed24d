package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A bound server socket.
final class TcpListener implements RawListener {
    /// What a failed accept waits before the next: running out of file descriptors lasts a while,
    /// and must not end the listener or use a whole core.
    private static final long PAUSE_NANOS = 50_000_000;

    private final ServerSocket server;
    private final Multiaddr address;
    private final long lookoutNanos;

    TcpListener(ServerSocket server, long lookoutNanos) {
        this.lookoutNanos = lookoutNanos;
        this.server = server;
        this.address = TcpAddress.multiaddr((InetSocketAddress) server.getLocalSocketAddress());
    }

    @Override
    public RawConnection accept() throws IOException {
        while (true) {
            Socket socket = null;
            try {
                socket = server.accept();
                socket.setTcpNoDelay(true);
                return new TcpConnection(socket, false, lookoutNanos);
            } catch (IOException | IllegalArgumentException e) {
                if (server.isClosed()) {
                    throw new ClosedChannelException();
                }
                if (socket != null) {
                    socket.close();
                } else {
                    LockSupport.parkNanos(this, PAUSE_NANOS);
                }
            }
        }
    }

    @Override
    public List<Multiaddr> addresses() {
        return List.of(address);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    @Override
    public String toString() {
        return "listener on " + address;
    }
}
