package org.tutti.libp2p.transport.tcp;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/// The listening sockets of one transport. IPv4 and IPv6 are kept apart, so that `/ip4/0.0.0.0` and
/// `/ip6/::` can be open on one port, and an address of one family is not answered at the other.
///
/// The JDK offers no `IPV6_V6ONLY`: a socket that it binds to `::` takes the port of all IPv4
/// addresses, too. So:
/// - `0.0.0.0` gets a socket of the IPv4 family; the usual one would be bound to `::`.
/// - Where `::` and an IPv4 address meet on one port, both bear `SO_REUSEPORT` while the second is
///   bound. Linux gives each connection to the socket of its own family. From then on a program of
///   the same user that asks for `SO_REUSEPORT` could share the port; no other can, and ours asks
///   only beside sockets of its own.
/// - What comes to `::` from an IPv4 address all the same is closed, unless a listener of ours on
///   that address is open: a system may give it to either.
///
/// Safe for all threads; the lock guards `open`, and binding happens under it.
final class TcpListeners {
    /// Connections that the operating system keeps for us before we accept them.
    private static final int BACKLOG = 256;

    private final List<ServerSocket> open = new ArrayList<>();

    /// Binds a socket.
    ///
    /// @throws BindException if the port is taken
    synchronized ServerSocket bind(InetAddress host, int port) throws IOException {
        open.removeIf(ServerSocket::isClosed);
        ServerSocket bound;
        try {
            bound = bind(host, port, false);
        } catch (BindException e) {
            List<ServerSocket> others = overlapping(host, port);
            if (others.isEmpty() || isTaken(host, port)) {
                throw e;
            }
            bound = bindBeside(others, host, port);
        }
        open.add(bound);
        return bound;
    }

    private static ServerSocket bind(InetAddress host, int port, boolean reusePort)
            throws IOException {
        ServerSocket server = create(host);
        try {
            server.setReuseAddress(true);
            if (reusePort) {
                server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            server.bind(new InetSocketAddress(host, port), BACKLOG);
            if (reusePort) {
                server.setOption(StandardSocketOptions.SO_REUSEPORT, false);
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static ServerSocket create(InetAddress host) throws IOException {
        return host instanceof Inet4Address && host.isAnyLocalAddress()
                ? ServerSocketChannel.open(StandardProtocolFamily.INET).socket()
                : new ServerSocket();
    }

    /// Ours that share this port with the address through the dual stack alone.
    private List<ServerSocket> overlapping(InetAddress host, int port) {
        return open.stream()
                .filter(s -> s.getLocalPort() == port)
                .filter(s ->
                        isIp6Wildcard(host)
                                ? s.getInetAddress() instanceof Inet4Address
                                : host instanceof Inet4Address && isIp6Wildcard(s.getInetAddress()))
                .toList();
    }

    /// Whether one of ours has the port for addresses of the same family: the system would let both
    /// have it.
    private boolean isTaken(InetAddress host, int port) {
        return open.stream()
                .filter(s -> s.getLocalPort() == port)
                .map(ServerSocket::getInetAddress)
                .filter(a -> a instanceof Inet4Address == host instanceof Inet4Address)
                .anyMatch(a -> a.equals(host) || a.isAnyLocalAddress() || host.isAnyLocalAddress());
    }

    private static ServerSocket bindBeside(List<ServerSocket> others, InetAddress host, int port)
            throws IOException {
        try {
            for (ServerSocket other : others) {
                other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            return bind(host, port, true);
        } catch (UnsupportedOperationException e) {
            BindException taken =
                    new BindException("this system cannot separate IPv6 from IPv4 on one port");
            taken.initCause(e);
            throw taken;
        } finally {
            for (ServerSocket other : others) {
                if (other.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                    other.setOption(StandardSocketOptions.SO_REUSEPORT, false);
                }
            }
        }
    }

    /// Whether the socket is bound to `::`.
    static boolean isIp6Wildcard(InetAddress address) {
        return address instanceof Inet6Address && address.isAnyLocalAddress();
    }

    /// Whether a connection to this IPv4 address of ours is wanted.
    synchronized boolean listensOn(InetAddress ip4, int port) {
        return open.stream()
                .filter(s -> !s.isClosed() && s.getLocalPort() == port)
                .map(ServerSocket::getInetAddress)
                .anyMatch(
                        a -> a instanceof Inet4Address && (a.isAnyLocalAddress() || a.equals(ip4)));
    }
}
