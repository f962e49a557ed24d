package org.tutti.libp2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

@Timeout(20)
@SuppressWarnings("try") // closing early and twice is what is tested
class TcpTransportTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final TcpTransport tcp = new TcpTransport();

    @Test
    void itHandlesTcpAddressesByNumberAndByName() {
        assertThat(tcp.handles(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"))).isTrue();
        assertThat(tcp.handles(Multiaddr.parse("/ip6/::1/tcp/1"))).isTrue();
        assertThat(tcp.handles(Multiaddr.parse("/dns4/localhost/tcp/1"))).isTrue();
        assertThat(tcp.handles(Multiaddr.parse("/dns6/localhost/tcp/1"))).isTrue();
        assertThat(
                        tcp.handles(
                                Multiaddr.parse(
                                        "/ip4/1.2.3.4/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")))
                .isTrue();
        assertThat(tcp.handles(Multiaddr.parse("/ip4/127.0.0.1/udp/1"))).isFalse();
        assertThat(tcp.handles(Multiaddr.parse("/ip4/127.0.0.1/tcp/1/ws"))).isFalse();
        assertThat(tcp.handles(Multiaddr.parse("/ip4/127.0.0.1"))).isFalse();
    }

    @Test
    void bothEndsKnowBothAddressesAndThePortIsResolved() throws Exception {
        try (RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
            Multiaddr address = listener.addresses().getFirst();
            assertThat(address.component(Protocol.TCP).orElseThrow().text()).isNotEqualTo("0");
            try (RawConnection alice = tcp.dial(address, SOON);
                    RawConnection bob = listener.accept()) {
                assertThat(alice.remoteAddress()).isEqualTo(address);
                assertThat(bob.localAddress()).isEqualTo(address);
                assertThat(bob.remoteAddress()).isEqualTo(alice.localAddress());
                assertThat(alice.isDialer()).isTrue();
                assertThat(bob.isDialer()).isFalse();
                alice.write(new byte[] {1, 2}, 0, 2);
                byte[] received = new byte[2];
                Frames.readFully(bob, received, 0, 2);
                assertThat(received).containsExactly(1, 2);
                alice.close();
                alice.close();
                assertThat(bob.read(received, 0, 1)).isEqualTo(-1);
            }
        }
    }

    @Test
    void aNameIsResolvedToTheFamilyItAsksFor() throws Exception {
        try (RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
            String port =
                    listener.addresses().getFirst().component(Protocol.TCP).orElseThrow().text();
            tcp.dial(Multiaddr.parse("/dns4/localhost/tcp/" + port), SOON).close();
            listener.accept().close();
        }
        assertCode(
                () -> tcp.dial(Multiaddr.parse("/dns4/nobody.invalid/tcp/1"), SOON),
                Code.UNRESOLVABLE);
    }

    @Test
    void quickExchangesAndDeadlinesGoTogether() throws Exception {
        try (RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
                RawConnection alice = tcp.dial(listener.addresses().getFirst(), SOON);
                RawConnection bob = listener.accept()) {
            Thread echo =
                    Thread.ofVirtual()
                            .start(() -> {
                                byte[] buffer = new byte[10];
                                try {
                                    for (int n; (n = bob.read(buffer, 0, 10)) > 0; ) {
                                        bob.write(buffer, 0, n);
                                    }
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            });
            byte[] buffer = new byte[10];
            for (int i = 0; i < 1000; i++) {
                alice.write(buffer, 0, 1);
                assertThat(alice.read(buffer, 0, 10)).isEqualTo(1);
            }
            alice.setReadTimeout(Duration.ofMillis(20));
            assertThatThrownBy(() -> alice.read(buffer, 0, 1))
                    .isInstanceOf(SocketTimeoutException.class);
            alice.setReadTimeout(Duration.ZERO);
            alice.write(buffer, 0, 1);
            assertThat(alice.read(buffer, 0, 10)).isEqualTo(1);
            alice.close();
            echo.join();
        }
    }

    @Test
    void closingWakesABlockedReaderAndABlockedAccept() throws Exception {
        RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
        RawConnection alice = tcp.dial(listener.addresses().getFirst(), SOON);
        RawConnection bob = listener.accept();
        FutureTask<Integer> reading = new FutureTask<>(() -> alice.read(new byte[1], 0, 1));
        FutureTask<RawConnection> accepting = new FutureTask<>(listener::accept);
        Thread.ofVirtual().start(reading);
        Thread.ofVirtual().start(accepting);
        alice.close();
        listener.close();
        listener.close();
        assertThatThrownBy(reading::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(accepting::get).hasCauseInstanceOf(ClosedChannelException.class);
        bob.close();
    }

    @Test
    void aPortInUseIsSaidWithTheAddress() throws Exception {
        try (RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
            Multiaddr address = listener.addresses().getFirst();
            assertThatThrownBy(() -> tcp.listen(address))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(Code.ADDRESS_IN_USE);
                                assertThat(e.address()).isEqualTo(address);
                            })
                    .hasMessageContaining(address.toString());
        }
    }

    @Test
    void runningOutOfDescriptorsIsToldFromOtherFailures() {
        Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
        for (String text : new String[] {"Too many open files", "Too many open files in system"}) {
            assertThat(TcpTransport.explain(address, new SocketException(text)).code())
                    .isEqualTo(Code.DESCRIPTORS);
        }
        assertThat(TcpTransport.explain(address, new SocketException("Broken pipe")).code())
                .isEqualTo(Code.FAILED);
    }

    @Test
    void nobodyThereIsRefused() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertCode(
                () -> tcp.dial(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port), SOON), Code.REFUSED);
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpByTheDeadline() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + full.getLocalPort());
            // The backlog takes a few connections; behind it the system drops what comes.
            assertCode(
                    () -> {
                        while (true) {
                            tcp.dial(address, Duration.ofMillis(100));
                        }
                    },
                    Code.TIMEOUT);
        }
    }

    @Test
    void anAddressOfAnotherKindIsOurFault() {
        assertCode(
                () -> tcp.dial(Multiaddr.parse("/ip4/127.0.0.1/udp/1"), SOON),
                Code.UNSUPPORTED_ADDRESS);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void assertCode(Work work, Code code) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
