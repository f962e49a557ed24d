package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.HandlerFailed;
import org.tutti.libp2p.swarm.HandlerStillRunning;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamHandler;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a host does for the handlers of inbound streams, and to them.
@Timeout(60)
class HandlersTest {
    private final MemoryHosts hosts = new MemoryHosts();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        hosts.close();
    }

    private Host listen(String protocol, StreamHandler handler) throws IOException {
        return hosts.start(hosts.builder().handler(protocol, handler));
    }

    private Connection connect(Host to) throws IOException {
        return hosts.start(hosts.builder()).connect(MemoryHosts.addressOf(to));
    }

    /// Lazily, because our consent to a protocol travels with what its handler writes first.
    private static Stream openAndWrite(Connection connection, String protocol) throws IOException {
        Stream stream = connection.openStreamLazily(protocol);
        stream.write(new byte[] {1}, 0, 1);
        return stream;
    }

    @Test
    void anExceptionIsAnEventAndResetsItsStream() throws Exception {
        IllegalStateException fault = new IllegalStateException("on purpose");
        Host bob =
                listen(
                        "/fail/1",
                        stream -> {
                            throw fault;
                        });
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Connection connection = connect(bob);
        Stream stream = connection.openStreamLazily("/fail/1");
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        HandlerFailed event = MemoryHosts.next(events, HandlerFailed.class);
        assertThat(event.protocol()).isEqualTo("/fail/1");
        assertThat(event.cause()).isSameAs(fault);
        assertThat(bob.connections(event.peer())).hasSize(1);
    }

    @Test
    void anErrorIsToldAsWell() throws Exception {
        AssertionError fault = new AssertionError("on purpose");
        Host bob =
                listen(
                        "/fail/1",
                        stream -> {
                            throw fault;
                        });
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream stream = connect(bob).openStreamLazily("/fail/1");
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause()).isSameAs(fault);
    }

    @Test
    void aPeerThatSaysNothingDoesNotKeepAHandler() throws Exception {
        Host bob =
                hosts.start(
                        hosts.builder()
                                .handlerReadTimeout(Duration.ofMillis(20))
                                .handler("/listen/1", stream -> stream.inputStream().read()));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream stream = connect(bob).openStreamLazily("/listen/1");
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                .isInstanceOf(SocketTimeoutException.class);
    }

    /// Behaviours, and handlers that are added later, are no exception.
    @Test
    void theLimitCountsForEveryWayToAnswer() throws Exception {
        Host bob = hosts.start(hosts.builder().handlerReadTimeout(Duration.ofMillis(20)));
        bob.handle("/later/1", stream -> stream.inputStream().read());
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream stream = connect(bob).openStreamLazily("/later/1");
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).protocol()).isEqualTo("/later/1");
    }

    @Test
    void aHandlerMayWaitForLongerThanTheDefault() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        BlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        Host bob =
                hosts.start(
                        hosts.builder()
                                .handlerReadTimeout(Duration.ofMillis(20))
                                .handler(
                                        "/patient/1",
                                        stream -> {
                                            stream.setReadTimeout(Duration.ZERO);
                                            heard.add(stream.inputStream().read());
                                            waiting.countDown();
                                            heard.add(stream.inputStream().read());
                                        })
                                .handler("/impatient/1", stream -> stream.inputStream().read()));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Connection connection = connect(bob);
        Stream patient = openAndWrite(connection, "/patient/1");
        waiting.await();
        Stream impatient = connection.openStreamLazily("/impatient/1");
        assertThatThrownBy(() -> impatient.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        // It began later, and its time is over.
        assertThat(MemoryHosts.next(events, HandlerFailed.class).protocol())
                .isEqualTo("/impatient/1");
        patient.write(new byte[] {2}, 0, 1);
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(2);
        patient.close();
    }

    @Test
    void closingInterruptsAHandlerThatWaitsForSomethingElse() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Host bob =
                listen(
                        "/wait/1",
                        stream -> {
                            begun.countDown();
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
        openAndWrite(connect(bob), "/wait/1");
        begun.await();
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        bob.close();
        assertThat(interrupted.getCount()).isZero();
        assertThat(bob.runningThreads()).isZero();
        assertThat(events).noneMatch(HandlerStillRunning.class::isInstance);
    }

    @Test
    void closingNamesAHandlerThatDoesNotEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Host bob =
                listen(
                        "/stubborn/1",
                        stream -> {
                            begun.countDown();
                            while (release.getCount() > 0) {
                                try {
                                    release.await();
                                } catch (InterruptedException e) {
                                    // It does not care.
                                }
                            }
                        });
        Connection connection = connect(bob);
        openAndWrite(connection, "/stubborn/1");
        begun.await();
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        bob.close();
        HandlerStillRunning event = MemoryHosts.next(events, HandlerStillRunning.class);
        assertThat(event.protocol()).isEqualTo("/stubborn/1");
        assertThat(bob.runningThreads()).isPositive();
    }

    @Test
    void aHandlerMayCloseItsOwnHost() throws Exception {
        BlockingQueue<Boolean> interrupted = new LinkedBlockingQueue<>();
        Host[] bob = new Host[1];
        bob[0] =
                listen(
                        "/stop/1",
                        stream -> {
                            bob[0].close();
                            interrupted.add(Thread.currentThread().isInterrupted());
                        });
        openAndWrite(connect(bob[0]), "/stop/1");
        assertThat(interrupted.poll(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void whatFailsBecauseTheHostIsClosedIsNoNews() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Host bob =
                listen(
                        "/read/1",
                        stream -> {
                            stream.inputStream().read();
                            begun.countDown();
                            stream.inputStream().read();
                        });
        openAndWrite(connect(bob), "/read/1");
        begun.await();
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        bob.close();
        assertThat(bob.runningThreads()).isZero();
        assertThat(events).noneMatch(HandlerFailed.class::isInstance);
    }
}
