package org.tutti.libp2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// IPv4 and IPv6 on one port.
@Timeout(30)
class TcpListenersTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final TcpTransport tcp = new TcpTransport();

    @BeforeAll
    static void needsIp6() {
        try (RawListener listener = new TcpTransport().listen(Multiaddr.parse("/ip6/::1/tcp/0"))) {
            assertThat(listener.addresses()).hasSize(1);
        } catch (IOException e) {
            assumeTrue(false, "no IPv6 here: " + e.getMessage());
        }
    }

    private static String port(RawListener listener) {
        return listener.addresses().getFirst().component(Protocol.TCP).orElseThrow().text();
    }

    private static CompletableFuture<RawConnection> accepting(RawListener listener) {
        CompletableFuture<RawConnection> accepted = new CompletableFuture<>();
        Thread unused =
                Thread.startVirtualThread(() -> {
                    try {
                        accepted.complete(listener.accept());
                    } catch (IOException e) {
                        accepted.completeExceptionally(e);
                    }
                });
        assertThat(unused).isNotNull();
        return accepted;
    }

    /// Dials and is accepted by this listener; both ends see addresses of that family.
    private void reaches(RawListener listener, String address) throws Exception {
        CompletableFuture<RawConnection> accepted = accepting(listener);
        Multiaddr dialled = Multiaddr.parse(address);
        try (RawConnection alice = tcp.dial(dialled, SOON);
                RawConnection bob = accepted.get(10, TimeUnit.SECONDS)) {
            assertThat(bob.localAddress()).isEqualTo(dialled);
            assertThat(bob.remoteAddress()).isEqualTo(alice.localAddress());
            assertThat(bob.remoteAddress().components().getFirst().protocol())
                    .isEqualTo(dialled.components().getFirst().protocol());
        }
    }

    /// On a port that nobody else has in the other family.
    private RawListener listenWhereItIsFree(String one, String other) throws Exception {
        for (int i = 0; ; i++) {
            RawListener first = tcp.listen(Multiaddr.parse(one + 0));
            try {
                tcp.listen(Multiaddr.parse(other + port(first))).close();
                return first;
            } catch (TransportException e) {
                first.close();
                if (i == 20) {
                    throw e;
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/ip4/0.0.0.0/tcp/,/ip6/::/tcp/",
        "/ip6/::/tcp/,/ip4/0.0.0.0/tcp/",
        "/ip4/127.0.0.1/tcp/,/ip6/::/tcp/",
        "/ip6/::/tcp/,/ip4/127.0.0.1/tcp/",
        "/ip4/0.0.0.0/tcp/,/ip6/::1/tcp/",
        "/ip6/::1/tcp/,/ip4/0.0.0.0/tcp/"
    })
    void bothFamiliesListenOnOnePortInEitherOrder(String one, String other) throws Exception {
        try (RawListener first = listenWhereItIsFree(one, other);
                RawListener second = tcp.listen(Multiaddr.parse(other + port(first)))) {
            assertThat(first.addresses()).containsExactly(Multiaddr.parse(one + port(first)));
            assertThat(second.addresses()).containsExactly(Multiaddr.parse(other + port(first)));
            RawListener ip4 = one.startsWith("/ip4") ? first : second;
            RawListener ip6 = one.startsWith("/ip4") ? second : first;
            for (int i = 0; i < 5; i++) {
                reaches(ip4, "/ip4/127.0.0.1/tcp/" + port(first));
                reaches(ip6, "/ip6/::1/tcp/" + port(first));
            }
        }
    }

    @Test
    void threeListenersShareAPortThroughTheDualStack() throws Exception {
        try (RawListener one = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
                RawListener two = tcp.listen(Multiaddr.parse("/ip4/127.0.0.2/tcp/" + port(one)));
                RawListener all = tcp.listen(Multiaddr.parse("/ip6/::/tcp/" + port(one)))) {
            reaches(one, "/ip4/127.0.0.1/tcp/" + port(one));
            reaches(two, "/ip4/127.0.0.2/tcp/" + port(one));
            reaches(all, "/ip6/::1/tcp/" + port(one));
        }
    }

    @Test
    void bothWildcardsGetPortsOfTheirOwnIfTheyAskForAny() throws Exception {
        try (RawListener ip4 = tcp.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"));
                RawListener ip6 = tcp.listen(Multiaddr.parse("/ip6/::/tcp/0"))) {
            reaches(ip4, "/ip4/127.0.0.1/tcp/" + port(ip4));
            reaches(ip6, "/ip6/::1/tcp/" + port(ip6));
        }
    }

    /// Else whoever allows IPv6 alone would serve IPv4 without a word.
    @Test
    void aListenerOnAllIp6AddressesServesNoIp4() throws Exception {
        try (RawListener ip6 = tcp.listen(Multiaddr.parse("/ip6/::/tcp/0"))) {
            CompletableFuture<RawConnection> accepted = accepting(ip6);
            try (RawConnection alice =
                    tcp.dial(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port(ip6)), SOON)) {
                alice.setReadTimeout(SOON);
                assertEnds(alice);
                assertThat(accepted.isDone()).isFalse();
            }
            try (RawConnection bob = tcp.dial(Multiaddr.parse("/ip6/::1/tcp/" + port(ip6)), SOON)) {
                accepted.get(10, TimeUnit.SECONDS).close();
                assertEnds(bob);
            }
        }
    }

    private static void assertEnds(RawConnection connection) {
        try {
            assertThat(connection.read(new byte[1], 0, 1)).isEqualTo(-1);
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("it stays open", e);
        } catch (IOException e) {
            // Reset, which is an end as well.
        }
    }

    @Test
    void aListenerOnAllIp4AddressesIsNotReachedByIp6() throws Exception {
        try (RawListener ip4 = tcp.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"))) {
            assertThatThrownBy(() -> tcp.dial(Multiaddr.parse("/ip6/::1/tcp/" + port(ip4)), SOON))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.REFUSED));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ip4/0.0.0.0/tcp/", "/ip6/::/tcp/", "/ip6/::1/tcp/"})
    void theSameAddressTwiceIsStillInUse(String address) throws Exception {
        try (RawListener first = tcp.listen(Multiaddr.parse(address + 0))) {
            assertInUse(tcp, address + port(first));
            assertInUse(new TcpTransport(), address + port(first));
        }
    }

    /// The system would let a second socket have it, once two bore `SO_REUSEPORT`.
    @Test
    void aSharedPortIsStillInUseForBothFamilies() throws Exception {
        try (RawListener ip4 = tcp.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"));
                RawListener ip6 = tcp.listen(Multiaddr.parse("/ip6/::/tcp/" + port(ip4)))) {
            for (String address :
                    List.of("/ip4/0.0.0.0", "/ip4/127.0.0.1", "/ip6/::", "/ip6/::1")) {
                assertInUse(tcp, address + "/tcp/" + port(ip6));
            }
            reaches(ip4, "/ip4/127.0.0.1/tcp/" + port(ip4));
        }
    }

    private static void assertInUse(TcpTransport transport, String address) {
        assertThatThrownBy(() -> transport.listen(Multiaddr.parse(address)))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.ADDRESS_IN_USE));
    }

    /// A second program, or a second host, must not share the port of the first without a word.
    @ParameterizedTest
    @CsvSource({
        "/ip4/0.0.0.0/tcp/,/ip6/::/tcp/",
        "/ip6/::/tcp/,/ip4/0.0.0.0/tcp/",
        "/ip6/::/tcp/,/ip4/127.0.0.1/tcp/"
    })
    void anotherTransportDoesNotGetAPortThatIsShared(String one, String other) throws Exception {
        TcpTransport stranger = new TcpTransport();
        try (RawListener first = tcp.listen(Multiaddr.parse(one + 0))) {
            assertInUse(stranger, other + port(first));
            try (RawListener second = tcp.listen(Multiaddr.parse(other + port(first)))) {
                assertInUse(stranger, one + port(second));
                assertInUse(stranger, other + port(second));
            }
            assertInUse(stranger, other + port(first));
        }
    }

    @Test
    void aPortOfAnotherProgramIsInUse() throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, false);
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String port = String.valueOf(other.getLocalPort());
            assertInUse(tcp, "/ip4/0.0.0.0/tcp/" + port);
            assertInUse(tcp, "/ip4/127.0.0.1/tcp/" + port);
        }
    }

    @Test
    void aPortIsFreeAgainOnceBothAreClosed() throws Exception {
        String port;
        try (RawListener ip4 = tcp.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"));
                RawListener ip6 = tcp.listen(Multiaddr.parse("/ip6/::/tcp/" + port(ip4)))) {
            port = port(ip6);
        }
        try (RawListener again = tcp.listen(Multiaddr.parse("/ip6/::/tcp/" + port))) {
            reaches(again, "/ip6/::1/tcp/" + port);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ip6/::ffff:127.0.0.1/tcp/4001", "/ip6/::ffff:7f00:1/tcp/4001"})
    void anIp4AddressInIp6FormGetsAnAnswerThatHelps(String address) {
        assertThatThrownBy(() -> tcp.listen(Multiaddr.parse(address)))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_ADDRESS))
                .hasMessageContaining("write /ip4/127.0.0.1/tcp/4001");
        assertThatThrownBy(() -> tcp.dial(Multiaddr.parse(address), SOON))
                .hasMessageContaining("write /ip4/127.0.0.1/tcp/4001");
    }
}
