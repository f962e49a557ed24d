package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Plain TCP sockets, blocking, meant for virtual threads. Safe for all threads.
///
/// `TCP_NODELAY` is set: the layers above gather small pieces themselves, and a signing round must
/// not wait for a delayed acknowledgement.
public final class TcpTransport implements RawTransport {
    /// How many addresses of one name are tried.
    private static final int MAX_RESOLVED = 8;

    private final TcpListeners listeners = new TcpListeners();
    private final long lookoutNanos;

    /// With a lookout of 100 µs: longer than a sleeping remote takes to wake up and answer, so that
    /// one end that looks out is enough for the other to begin, too.
    public TcpTransport() {
        this(Duration.ofNanos(100_000));
    }

    /// @param lookout how long a reader that got a quick answer looks for the next one before it
    ///   sleeps; zero saves CPU time at the price of some 30 µs for each exchange
    public TcpTransport(Duration lookout) {
        this.lookoutNanos = lookout.toNanos();
    }

    @Override
    public boolean handles(Multiaddr address) {
        return TcpAddress.of(address).isPresent();
    }

    @Override
    public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
        TcpAddress wanted = require(address);
        long deadline = System.nanoTime() + timeout.toNanos();
        TransportException last = null;
        for (InetAddress host : resolve(address, wanted, timeout)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                break;
            }
            // Without this the JDK looks for a SOCKS proxy of the system's, at each dial.
            Socket socket = new Socket(Proxy.NO_PROXY);
            try {
                socket.setTcpNoDelay(true);
                socket.connect(
                        new InetSocketAddress(host, wanted.port()),
                        (int) Math.min(left, Integer.MAX_VALUE));
                return new TcpConnection(socket, true, lookoutNanos);
            } catch (IOException e) {
                socket.close();
                last = explain(address, e);
            }
        }
        throw last != null
                ? last
                : new TransportException(
                        Code.TIMEOUT, address, "no answer within " + timeout.toMillis() + " ms");
    }

    @Override
    public RawListener listen(Multiaddr address) throws IOException {
        TcpAddress wanted = require(address);
        InetAddress host = resolve(address, wanted, Duration.ofSeconds(10)).getFirst();
        try {
            return new TcpListener(listeners.bind(host, wanted.port()), listeners, lookoutNanos);
        } catch (IOException e) {
            throw explain(address, e);
        }
    }

    private static TcpAddress require(Multiaddr address) throws TransportException {
        TcpAddress wanted =
                TcpAddress.of(address)
                        .orElseThrow(() ->
                                new TransportException(
                                        Code.UNSUPPORTED_ADDRESS, address, "not a TCP address"));
        Optional<String> ip4 = TcpAddress.ip4InIp6Form(address);
        if (ip4.isPresent()) {
            throw new TransportException(
                    Code.UNSUPPORTED_ADDRESS,
                    address,
                    "an IPv4 address in IPv6 form, write /ip4/"
                            + ip4.get()
                            + "/tcp/"
                            + wanted.port());
        }
        return wanted;
    }

    /// Resolution cannot be interrupted in the JDK, so a name is looked up on a thread of its own.
    private static List<InetAddress> resolve(Multiaddr address, TcpAddress wanted, Duration timeout)
            throws IOException {
        try {
            InetAddress[] all;
            if (wanted.isName()) {
                FutureTask<InetAddress[]> lookup =
                        new FutureTask<>(() -> InetAddress.getAllByName(wanted.host()));
                Thread.ofVirtual().name("resolve").start(lookup);
                all = lookup.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } else {
                all = InetAddress.getAllByName(wanted.host());
            }
            List<InetAddress> hosts = new ArrayList<>();
            for (InetAddress host : all) {
                if (wanted.accepts(host) && hosts.size() < MAX_RESOLVED) {
                    hosts.add(host);
                }
            }
            if (!hosts.isEmpty()) {
                return hosts;
            }
        } catch (UnknownHostException | ExecutionException e) {
            // Said below, together with names that have only addresses of the other family.
        } catch (TimeoutException e) {
            throw new TransportException(Code.TIMEOUT, address, "name not resolved in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
        throw new TransportException(Code.UNRESOLVABLE, address, "name has no such address");
    }

    static TransportException explain(Multiaddr address, IOException e) {
        Code code =
                switch (e) {
                    case SocketException d when isOutOfDescriptors(d) -> Code.DESCRIPTORS;
                    case SocketTimeoutException t -> Code.TIMEOUT;
                    case BindException b -> Code.ADDRESS_IN_USE;
                    case NoRouteToHostException n -> Code.UNREACHABLE;
                    case ConnectException c -> Code.REFUSED;
                    default -> Code.FAILED;
                };
        return new TransportException(code, address, String.valueOf(e.getMessage()));
    }

    /// What the JDK passes on of EMFILE, and of ENFILE with more behind it: it has no exception of
    /// its own for either.
    private static boolean isOutOfDescriptors(SocketException e) {
        return e.getMessage() != null && e.getMessage().startsWith("Too many open files");
    }
}
