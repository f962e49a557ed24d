package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.List;

/// A bound server socket.
final class TcpListener implements RawListener {
    private final ServerSocket server;
    private final TcpListeners all;
    private final Multiaddr address;
    private final long lookoutNanos;

    /// Connections that are closed at once, one after the other, must not keep the thread.
    private final Turn turn = new Turn();

    /// @param all the listeners of the transport
    TcpListener(ServerSocket server, TcpListeners all, long lookoutNanos) {
        this.all = all;
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
                if (isOfAnotherFamily(socket)) {
                    socket.close();
                    turn.frame();
                    continue;
                }
                socket.setTcpNoDelay(true);
                return new TcpConnection(socket, false, lookoutNanos);
            } catch (IOException | IllegalArgumentException e) {
                if (server.isClosed()) {
                    throw new ClosedChannelException();
                }
                if (socket == null) {
                    // Out of descriptors, as a rule.
                    throw new IOException("cannot accept: " + e.getMessage(), e);
                }
                socket.close();
            }
        }
    }

    /// The JDK gives IPv4 addresses in IPv6 form as `Inet4Address`.
    private boolean isOfAnotherFamily(Socket socket) {
        return TcpListeners.isIp6Wildcard(server.getInetAddress())
                && socket.getInetAddress() instanceof Inet4Address
                && !all.listensOn(socket.getLocalAddress(), socket.getLocalPort());
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
