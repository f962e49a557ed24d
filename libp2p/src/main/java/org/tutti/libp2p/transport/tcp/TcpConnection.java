package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.multiformats.Multiaddr;
import org.tutti.libp2p.transport.RawConnection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/// One connected socket. One reader and one writer at a time; `close` from any thread.
final class TcpConnection implements RawConnection {
    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;
    private final boolean dialer;
    private final Multiaddr localAddress;
    private final Multiaddr remoteAddress;

    TcpConnection(Socket socket, boolean dialer) throws IOException {
        this.socket = socket;
        this.input = socket.getInputStream();
        this.output = socket.getOutputStream();
        this.dialer = dialer;
        this.localAddress =
                TcpAddress.multiaddr((InetSocketAddress) socket.getLocalSocketAddress());
        this.remoteAddress =
                TcpAddress.multiaddr((InetSocketAddress) socket.getRemoteSocketAddress());
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return input.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        output.write(source, offset, length);
    }

    @Override
    public Multiaddr localAddress() {
        return localAddress;
    }

    @Override
    public Multiaddr remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean isDialer() {
        return dialer;
    }

    @Override
    public void setReadTimeout(Duration timeout) throws IOException {
        // Zero is for ever for a socket too; what is left of a millisecond must not become that.
        long millis = timeout.isZero() ? 0 : Math.max(1, timeout.toMillis());
        socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    @Override
    public String toString() {
        return localAddress + (dialer ? " -> " : " <- ") + remoteAddress;
    }
}
