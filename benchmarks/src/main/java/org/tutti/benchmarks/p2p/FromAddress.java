package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;

/// TCP that dials from a local address of one's choice, as connections of many hosts do.
///
/// @param source on this machine, such as 127.0.0.7
record FromAddress(InetAddress source) implements RawTransport {
    @Override
    public boolean handles(Multiaddr address) {
        return new TcpTransport().handles(address);
    }

    @Override
    public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
        String host = address.component(Protocol.IP4).orElseThrow().text();
        int port = Integer.parseInt(address.component(Protocol.TCP).orElseThrow().text());
        // Without this the JDK looks for a SOCKS proxy of the system's, at each dial.
        Socket socket = new Socket(Proxy.NO_PROXY);
        try {
            socket.setTcpNoDelay(true);
            socket.bind(new InetSocketAddress(source, 0));
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral(host), port),
                    (int) timeout.toMillis());
            return new Connected(
                    socket,
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    Multiaddr.parse("/ip4/" + source.getHostAddress() + "/tcp/" + port),
                    address.withoutPeerId());
        } catch (IOException e) {
            socket.close();
            throw new TransportException(
                    TransportException.Code.FAILED, address, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public RawListener listen(Multiaddr address) throws IOException {
        throw new TransportException(
                TransportException.Code.UNSUPPORTED_ADDRESS, address, "it only dials");
    }

    private record Connected(
            Socket socket,
            InputStream input,
            OutputStream output,
            Multiaddr localAddress,
            Multiaddr remoteAddress)
            implements RawConnection {
        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return input.read(target, offset, length);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            output.write(source, offset, length);
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            try {
                socket.setSoTimeout((int) timeout.toMillis());
            } catch (IOException e) {
                // It is closed.
            }
        }

        @Override
        public boolean isDialer() {
            return true;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }
}
