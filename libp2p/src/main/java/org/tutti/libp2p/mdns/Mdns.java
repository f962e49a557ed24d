package org.tutti.libp2p.mdns;

import org.tutti.base.TokenBucket;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Finds the peers of the local network, and is found by them, by multicast DNS.
///
/// ```java
/// try (Mdns mdns = new Mdns(host.peerId(), host::addresses, event -> {
///         if (event instanceof MdnsEvent.Discovered(PeerId peer, List<Multiaddr> addresses)) {
///             addresses.forEach(address -> host.addAddress(peer, address));
///         }
///     })) {
///     mdns.start();
///     …
/// }
/// ```
///
/// Threads: one virtual thread has the engine and calls the listener; packets reach it through a
/// queue, and what the queue cannot hold is dropped, as the network may drop it too. The lock of
/// this object guards `state`.
public final class Mdns implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Mdns.class.getName());

    /// Packets that wait: some a second are usual.
    private static final int MAX_WAITING = 256;

    /// Packets that are looked at: a burst, and then so many a second. A flood costs no more.
    private static final int BURST = 500;

    private static final int PER_SECOND = 200;

    /// How long closing waits for the goodbye to leave.
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private static final int NAME_LENGTH = 40;
    private static final String NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

    private enum State {
        NEW,
        RUNNING,
        CLOSED
    }

    private sealed interface Input {
        @SuppressWarnings("ArrayRecordComponent") // fresh for each packet, and read once
        record Packet(byte[] bytes, MdnsSource source) implements Input {}

        record Tick() implements Input {}

        record Stop() implements Input {}
    }

    private final Supplier<List<Multiaddr>> addresses;
    private final Consumer<? super MdnsEvent> listener;
    private final MdnsLink link;
    private final Timer timer;
    private final MdnsEngine engine;
    private final BlockingQueue<Input> inputs = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread loop;
    private State state = State.NEW;

    // Of the loop alone.
    private Optional<Long> scheduled = Optional.empty();

    /// On all interfaces of this machine that can multicast, by the system's time.
    ///
    /// @param addresses where this host can be reached; asked again and again
    /// @param listener told one event after the other; must not take long
    public Mdns(
            PeerId self,
            Supplier<List<Multiaddr>> addresses,
            Consumer<? super MdnsEvent> listener) {
        this(
                self,
                addresses,
                listener,
                new MulticastLink(MulticastLink.PORT),
                Timer.system(),
                new SecureRandom());
    }

    Mdns(
            PeerId self,
            Supplier<List<Multiaddr>> addresses,
            Consumer<? super MdnsEvent> listener,
            MdnsLink link,
            Timer timer,
            RandomGenerator random) {
        this.addresses = addresses;
        this.listener = listener;
        this.link = link;
        this.timer = timer;
        this.engine = new MdnsEngine(self, peerName(random));
        this.loop = Thread.ofVirtual().name("libp2p-mdns").unstarted(this::run);
    }

    private static String peerName(RandomGenerator random) {
        StringBuilder name = new StringBuilder();
        while (name.length() < NAME_LENGTH) {
            name.append(NAME_CHARACTERS.charAt(random.nextInt(NAME_CHARACTERS.length())));
        }
        return name.toString();
    }

    /// Begins to ask and to answer.
    ///
    /// @throws IOException if no interface takes it; it is closed then
    /// @throws IllegalStateException if it was started or closed before
    public void start() throws IOException {
        synchronized (this) {
            if (state != State.NEW) {
                throw new IllegalStateException("mDNS is started once");
            }
            state = State.RUNNING;
        }
        try {
            link.open((packet, source) -> inputs.offer(new Input.Packet(packet, source)));
            loop.start();
        } catch (IOException e) {
            synchronized (this) {
                state = State.CLOSED;
            }
            link.close();
            timer.close();
            throw e;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // gives the carrier back, see below
    private void run() {
        TokenBucket budget = new TokenBucket(BURST, PER_SECOND, timer.nanoTime());
        perform(engine.start(addresses.get(), timer.nanoTime()));
        schedule();
        try {
            while (true) {
                Input input = inputs.take();
                long now = timer.nanoTime();
                switch (input) {
                    case Input.Packet(byte[] bytes, MdnsSource source) -> {
                        tickIfLost(now);
                        if (budget.take(now)) {
                            perform(engine.receive(bytes, source, now));
                        }
                        // With packets always waiting, taking one never gives the carrier back.
                        Thread.yield();
                    }
                    case Input.Tick() -> {
                        scheduled = Optional.empty();
                        perform(tick(now));
                    }
                    case Input.Stop() -> {
                        perform(engine.stop());
                        return;
                    }
                }
                schedule();
            }
        } catch (InterruptedException e) {
            // Closed in a hurry: no goodbye, and others notice when the time is over.
        }
    }

    /// The queue may have been full when the timer rang: a flood must not stop the time.
    private void tickIfLost(long now) {
        if (scheduled.isPresent() && now - scheduled.get() >= 0) {
            scheduled = Optional.empty();
            perform(tick(now));
        }
    }

    private List<MdnsOutput> tick(long now) {
        List<MdnsOutput> outputs = engine.tick(addresses.get(), now);
        if (outputs.stream().anyMatch(MdnsOutput.Send.class::isInstance)) {
            link.refresh();
        }
        return outputs;
    }

    private void perform(List<MdnsOutput> outputs) {
        for (MdnsOutput output : outputs) {
            switch (output) {
                case MdnsOutput.Send(var packet) -> link.send(packet.toArray());
                case MdnsOutput.Tell(MdnsEvent event) -> tell(event);
            }
        }
    }

    private void tell(MdnsEvent event) {
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a listener of mDNS failed", e);
        }
    }

    private void schedule() {
        Optional<Long> next = engine.nextTick();
        if (next.isEmpty() || (scheduled.isPresent() && scheduled.get() - next.get() <= 0)) {
            return;
        }
        scheduled = next;
        timer.schedule(
                Duration.ofNanos(Math.max(0, next.get() - timer.nanoTime())),
                () -> inputs.offer(new Input.Tick()));
    }

    /// Says goodbye and ends. Idempotent.
    @Override
    public void close() {
        State before;
        synchronized (this) {
            before = state;
            state = State.CLOSED;
        }
        if (before != State.RUNNING) {
            timer.close();
            link.close();
            return;
        }
        // Nothing arrives any more, so that there is room for the last word.
        List<Input> dropped = new ArrayList<>();
        while (!inputs.offer(new Input.Stop())) {
            inputs.drainTo(dropped);
        }
        try {
            if (!loop.join(CLOSE_WAIT)) {
                loop.interrupt();
            }
        } catch (InterruptedException e) {
            loop.interrupt();
            Thread.currentThread().interrupt();
        }
        link.close();
        timer.close();
    }
}
