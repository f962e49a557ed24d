package org.tutti.libp2p.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

@Timeout(60)
class MemoryNetworkTest {
    private static final Multiaddr ANY = Multiaddr.parse("/memory/0");
    private static final Duration SOON = Duration.ofSeconds(10);

    private final MemoryNetwork network = new MemoryNetwork();
    private final RawTransport transport = network.transport();

    private RawConnection dial(RawListener listener) throws IOException {
        return transport.dial(listener.addresses().getFirst(), SOON);
    }

    private static void assertCode(Callable<?> work, Code code) {
        assertThatThrownBy(work::call)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static <T> FutureTask<T> async(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    @Test
    void twoEndsSeeOneAnothersAddresses() throws Exception {
        try (RawListener listener = transport.listen(ANY);
                RawConnection alice = dial(listener);
                RawConnection bob = listener.accept()) {
            assertThat(alice.remoteAddress()).isEqualTo(listener.addresses().getFirst());
            assertThat(bob.localAddress()).isEqualTo(alice.remoteAddress());
            assertThat(bob.remoteAddress()).isEqualTo(alice.localAddress());
            assertThat(alice.isDialer()).isTrue();
            assertThat(bob.isDialer()).isFalse();
        }
    }

    @Test
    void aReadGivesAtMostOneChunk() throws Exception {
        RawTransport tiny = new MemoryNetwork(2).transport();
        try (RawListener listener = tiny.listen(ANY);
                RawConnection alice = tiny.dial(listener.addresses().getFirst(), SOON);
                RawConnection bob = listener.accept()) {
            alice.write(new byte[] {1, 2, 3}, 0, 3);
            byte[] read = new byte[10];
            assertThat(bob.read(read, 0, 10)).isEqualTo(2);
            assertThat(bob.read(read, 2, 8)).isEqualTo(1);
            assertThat(Arrays.copyOf(read, 3)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void aWriterWaitsWhileTheWindowIsFullAndNothingIsLost() throws Exception {
        byte[] sent = new byte[3 * MemoryNetwork.WINDOW + 7];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31);
        }
        try (RawListener listener = transport.listen(ANY);
                RawConnection alice = dial(listener);
                RawConnection bob = listener.accept()) {
            FutureTask<Boolean> writing =
                    async(() -> {
                        alice.write(sent, 0, sent.length);
                        return true;
                    });
            byte[] read = new byte[sent.length];
            Frames.readFully(bob, read, 0, read.length);
            assertThat(Arrays.equals(read, sent)).isTrue();
            assertThat(writing.get()).isTrue();
        }
    }

    @Test
    void whatWasWrittenBeforeTheEndIsStillRead() throws Exception {
        try (RawListener listener = transport.listen(ANY)) {
            RawConnection alice = dial(listener);
            RawConnection bob = listener.accept();
            alice.write(new byte[] {1}, 0, 1);
            alice.close();
            byte[] one = new byte[1];
            assertThat(bob.read(one, 0, 1)).isEqualTo(1);
            assertThat(bob.read(one, 0, 1)).isEqualTo(-1);
            assertThatThrownBy(() -> bob.write(one, 0, 1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingWakesAReaderAndAWaitingAccept() throws Exception {
        RawListener listener = transport.listen(ANY);
        RawConnection alice = dial(listener);
        listener.accept();
        FutureTask<Integer> reading = async(() -> alice.read(new byte[1], 0, 1));
        FutureTask<RawConnection> accepting = async(listener::accept);
        alice.close();
        listener.close();
        assertThatThrownBy(reading::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(accepting::get).hasCauseInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aPortIsTakenUntilItsListenerIsClosed() throws Exception {
        Multiaddr five = Multiaddr.parse("/memory/5");
        try (RawListener listener = transport.listen(five)) {
            assertThat(listener.addresses()).containsExactly(five);
            assertCode(() -> transport.listen(five), Code.ADDRESS_IN_USE);
        }
        assertCode(() -> transport.dial(five, SOON), Code.REFUSED);
        transport.listen(five).close();
    }

    @Test
    void aListenerWithoutRoomRefuses() throws Exception {
        try (RawListener listener = transport.listen(ANY)) {
            for (int i = 0; i < MemoryNetwork.BACKLOG; i++) {
                dial(listener);
            }
            assertCode(() -> dial(listener), Code.REFUSED);
            listener.accept();
            assertThat(dial(listener).isDialer()).isTrue();
        }
    }

    @Test
    void networksDoNotReachOneAnother() throws Exception {
        try (RawListener listener = transport.listen(ANY)) {
            RawTransport other = new MemoryNetwork().transport();
            assertCode(() -> other.dial(listener.addresses().getFirst(), SOON), Code.REFUSED);
        }
    }

    @Test
    void otherKindsOfAddressesAreNotHandled() {
        Multiaddr tcp = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
        assertThat(transport.handles(tcp)).isFalse();
        assertThat(transport.handles(ANY)).isTrue();
        assertCode(() -> transport.listen(tcp), Code.UNSUPPORTED_ADDRESS);
    }
}
