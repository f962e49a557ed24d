package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.security.Plain;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// Which threads a connection starts, and what does not wait for them.
@Timeout(30)
class YamuxThreadsTest {
    private final Thread test = Thread.currentThread();
    private final AtomicInteger started = new AtomicInteger();

    /// Those that the thread of the test started.
    private final List<Thread> ours = new ArrayList<>();

    private final CountDownLatch go = new CountDownLatch(1);

    private boolean startedByTest() {
        return Thread.currentThread().equals(test);
    }

    private Thread count(Runnable task) {
        started.incrementAndGet();
        Thread thread = Thread.ofVirtual().unstarted(task);
        if (startedByTest()) {
            ours.add(thread);
        }
        return thread;
    }

    /// Lets no thread run that the test starts after the reader and the timekeeper.
    private Thread hold(Runnable task) {
        return count(startedByTest() && ours.size() >= 2 ? () -> later(task) : task);
    }

    /// Lets only threads run that the test starts: the one that sleeps is counted, and never done.
    private Thread holdOthers(Runnable task) {
        return count(startedByTest() ? task : () -> later(task));
    }

    private void later(Runnable task) {
        try {
            go.await();
        } catch (InterruptedException e) {
            return;
        }
        task.run();
    }

    private static MuxedConnection open(ThreadFactory threads, RawConnection raw) {
        return muxer(threads).open(new Plain(raw), true);
    }

    private static YamuxMuxer muxer(ThreadFactory threads) {
        return new YamuxMuxer(YamuxConfig.defaults(), threads, System::nanoTime);
    }

    @Test
    void closingWritesWhatWasLeftToAThreadThatHasNotRunYet() throws Exception {
        Pipe pipe = new Pipe(1000);
        RawConnection remote = pipe.listener();
        MuxedConnection connection = open(this::hold, pipe.dialer());
        MuxedStream stream = connection.openStream();
        stream.write(new byte[1], 0, 1);
        receive(remote);
        Frames.readFully(remote, new byte[1], 0, 1);
        stream.closeWrite();
        assertThat(ours).as("reader, timekeeper and a thread that writes").hasSize(3);
        connection.close();
        assertThat(receive(remote))
                .isEqualTo(new Header(Header.WINDOW_UPDATE, Header.FIN, (int) stream.id(), 0));
        assertThat(receive(remote))
                .isEqualTo(new Header(Header.GO_AWAY, 0, 0, Header.NORMAL_TERMINATION));
        assertThatThrownBy(() -> receive(remote)).isInstanceOf(EOFException.class);
        go.countDown();
        join();
    }

    @Test
    void writingTakesAlongWhatWasLeftToAThreadThatHasNotRunYet() throws Exception {
        Pipe pipe = new Pipe(1000);
        RawConnection remote = pipe.listener();
        try (MuxedConnection connection = open(this::hold, pipe.dialer())) {
            MuxedStream first = connection.openStream();
            first.closeWrite();
            assertThat(ours).as("reader, timekeeper and a thread that writes").hasSize(3);
            MuxedStream second = connection.openStream();
            second.write(new byte[1], 0, 1);
            assertThat(receive(remote).streamId()).isEqualTo((int) first.id());
            assertThat(receive(remote).streamId()).isEqualTo((int) second.id());
            go.countDown();
        }
        join();
    }

    /// The remote has said all and left: what we still had to write cannot be written.
    @Test
    void aConnectionThatBreaksWhileWeWriteTakesNoEndAwayThatWasReceived() throws Exception {
        Pipe pipe = new Pipe(1000);
        RawConnection remote = pipe.listener();
        BreakingConnection raw = new BreakingConnection(pipe.dialer());
        try (MuxedConnection connection = open(this::hold, raw)) {
            MuxedStream stream = connection.openStream();
            stream.write(new byte[1], 0, 1);
            receive(remote);
            Frames.readFully(remote, new byte[1], 0, 1);
            byte[] last = new byte[Header.SIZE + 1];
            new Header(Header.DATA, Header.FIN, (int) stream.id(), 1).encode(last, 0);
            last[Header.SIZE] = 42;
            remote.write(last, 0, last.length);
            byte[] read = new byte[2];
            assertThat(stream.read(read, 0, 2)).isEqualTo(1);
            connection.openStream().closeWrite();
            assertThat(ours).as("reader, keep-alive and a thread that writes").hasSize(3);
            raw.broken = true;
            assertThat(stream.read(read, 0, 2)).isEqualTo(-1);
            go.countDown();
        }
        join();
    }

    @Test
    void oneThreadSleepsForTheTimekeepersOfAllConnections() throws Exception {
        YamuxMuxer muxer = muxer(this::holdOthers);
        List<MuxedConnection> connections = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            connections.add(muxer.open(new Plain(new Pipe(1000).dialer()), true));
        }
        connections.forEach(MuxedConnection::close);
        join();
        assertThat(ours).as("a reader and a timekeeper each").hasSize(6);
        assertThat(started).hasValue(7);
    }

    private void join() throws InterruptedException {
        for (Thread thread : ours) {
            thread.join();
        }
    }

    private static Header receive(RawConnection remote) throws IOException {
        byte[] frame = new byte[Header.SIZE];
        Frames.readFully(remote, frame, 0, frame.length);
        return Header.decode(frame, 0);
    }

    /// Reads go on when writes fail.
    private static final class BreakingConnection extends ForwardingConnection {
        private volatile boolean broken;

        BreakingConnection(RawConnection inner) {
            super(inner);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            if (broken) {
                throw new IOException("broken");
            }
            super.write(source, offset, length);
        }
    }
}
