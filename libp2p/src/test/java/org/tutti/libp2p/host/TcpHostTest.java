package org.tutti.libp2p.host;

import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

class TcpHostTest extends HostContract {
    private final Multiaddr nobody = unusedPort();

    @Override
    RawTransport transport() {
        return new TcpTransport();
    }

    @Override
    Multiaddr anyAddress() {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    }

    @Override
    Multiaddr nobody() {
        return nobody;
    }

    private static Multiaddr unusedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + socket.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
