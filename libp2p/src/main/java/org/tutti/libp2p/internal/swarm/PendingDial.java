package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialBackoffException;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.swarm.WrongPeerException;
import org.tutti.libp2p.time.Timer;
import org.tutti.libp2p.transport.CapableConnection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One dial under way: attempts at several addresses of one peer, of which the first to finish its
/// handshake wins. When each begins is decided by [DialSchedule].
///
/// Threads: whoever wants the connection waits in `await`, on a thread of their own. Each attempt
/// has a virtual thread of the swarm's, which goes on with the next address after a failure; the
/// winner's goes on to run the connection. The timer's thread starts attempts whose time has come.
/// Whatever decides the dial interrupts the threads of the other attempts, and a connection of
/// theirs is closed. The lock of this object guards everything that changes; nothing blocks and
/// nobody else's code runs under it.
final class PendingDial {
    /// Attempts of one dial at once, as in go (`DefaultPerPeerRateLimit`).
    static final int MAX_UNDER_WAY = 8;

    /// When to ask again for a place among the attempts of all dials.
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /// How a dial ended.
    private sealed interface Outcome {
        record Connected(Connection connection) implements Outcome {}

        record Failed(SwarmException cause) implements Outcome {}

        /// The gater, a behaviour, a transport or we have a defect.
        record Defect(Throwable cause) implements Outcome {}
    }

    /// An address that is being dialled, or was.
    private static final class Attempt {
        final Multiaddr address;
        final boolean counted;
        @Nullable IOException failure;

        /// @param counted whether it has a place among the attempts of all dials
        Attempt(Multiaddr address, boolean counted) {
            this.address = address;
            this.counted = counted;
        }
    }

    /// What to do once the lock is released.
    ///
    /// @param due to be started
    /// @param wake when the timer is to look next
    private record Step(List<Attempt> due, OptionalLong wake) {}

    /// Where a thread begins.
    private interface First {
        /// @return nothing if there is nothing to do
        @Nullable Attempt get() throws SwarmException;
    }

    private final Swarm swarm;
    private final Dialer dialer;
    private final PeerId peer;
    private final DialOptions options;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// How many wait for it; the dial is given up when nobody does.
    private int waiting = 1;

    /// Who decided how it ends: from then on nobody else does.
    private @Nullable Thread decider;

    /// Threads of attempts that were started and have not ended.
    private int running;

    /// Those of them that are to be interrupted once the dial is decided.
    private final Set<Thread> threads = new HashSet<>();

    /// Absent before it has begun, and once all is over.
    private @Nullable DialSchedule schedule;

    /// Whether names are being looked up: there may be more to dial.
    private boolean resolving;

    /// Addresses that are in the schedule, or were.
    private final Set<Multiaddr> scheduled = new HashSet<>();

    private final List<DialFailedException.Attempt> undiallable = new ArrayList<>();
    private boolean gated;

    /// Nanoseconds until the first address may be dialled that failed before; 0 if there is none.
    private long backoff;

    /// In the order in which they were started.
    private final List<Attempt> attempts = new ArrayList<>();

    /// When the timer is to look next, if it is.
    private OptionalLong wake = OptionalLong.empty();

    PendingDial(Swarm swarm, Dialer dialer, PeerId peer, DialOptions options) {
        this.swarm = swarm;
        this.dialer = dialer;
        this.peer = peer;
        this.options = options;
    }

    PeerId peer() {
        return peer;
    }

    // For those who wait.

    /// Whether its outcome is one to somebody with these options: the same addresses, those that
    /// failed before included or not, and no connection of one's own wanted.
    boolean answers(DialOptions wanted) {
        return !wanted.isFurtherConnection()
                && wanted.onlyAddresses().equals(options.onlyAddresses())
                && (!wanted.ignoresBackoff() || options.ignoresBackoff());
    }

    /// Counts one more who waits.
    ///
    /// @return false if the dial is decided already: its end can be waited for, and no more
    synchronized boolean join() {
        if (decider == null) {
            waiting++;
        }
        return decider == null;
    }

    /// Waits for the connection.
    ///
    /// @throws InterruptedIOException if this thread is interrupted; the dial goes on if others
    ///   wait for it
    Connection await() throws IOException {
        Outcome result;
        try {
            result = outcome.get();
        } catch (InterruptedException e) {
            leave();
            throw interrupted();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return switch (result) {
            case Outcome.Connected(Connection connection) -> connection;
            case Outcome.Failed(SwarmException cause) -> throw cause;
            case Outcome.Defect(Throwable cause) ->
                    throw new IllegalStateException("dialling " + peer + " failed", cause);
        };
    }

    /// Waits until none of its attempts runs any more.
    void awaitEnd() throws IOException {
        try {
            ended.get();
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while dialling");
    }

    private void leave() {
        synchronized (this) {
            waiting--;
        }
        // Unless somebody has joined since.
        decide(true);
    }

    /// Gives the dial up: the swarm is being closed.
    void close() {
        if (decide()) {
            outcome.complete(new Outcome.Failed(new SwarmClosedException()));
        }
    }

    // Its course.

    /// Begins to dial.
    ///
    /// @param addresses names not resolved yet
    void start(Supplier<List<Multiaddr>> addresses) {
        synchronized (this) {
            running++;
        }
        startThread(() -> begin(addresses));
    }

    /// Ends it before it was started, with a connection that is open already.
    void finish(Connection open) {
        boolean mine = decide();
        end();
        if (mine) {
            outcome.complete(new Outcome.Connected(open));
        }
    }

    private void startThread(First first) {
        swarm.tasks().start("libp2p-outbound", () -> run(first));
    }

    /// The life of one thread.
    private void run(First first) {
        Outcome result = interruptible() ? outcomeFrom(first) : null;
        // First it no longer counts as under way, then it becomes known how it ended.
        exit();
        if (result != null) {
            outcome.complete(result);
            if (result instanceof Outcome.Connected(SwarmConnection connection)) {
                swarm.run(connection);
            }
        }
    }

    /// From now on whoever decides the dial interrupts this thread.
    ///
    /// @return false if it is decided already
    private synchronized boolean interruptible() {
        if (decider != null) {
            return false;
        }
        threads.add(Thread.currentThread());
        return true;
    }

    private void exit() {
        boolean last;
        synchronized (this) {
            threads.remove(Thread.currentThread());
            running--;
            last = running == 0 && decider != null;
        }
        if (last) {
            end();
        }
    }

    private void end() {
        synchronized (this) {
            // The winner's thread keeps this object for as long as its connection lives.
            attempts.clear();
            undiallable.clear();
            scheduled.clear();
            schedule = null;
        }
        dialer.ended(this);
        ended.complete(null);
    }

    /// Makes this thread the one that decides how the dial ends, and ends all other attempts.
    ///
    /// @return whether it is the one
    private boolean decide() {
        return decide(false);
    }

    /// @param onlyUnwanted not while somebody waits
    private boolean decide(boolean onlyUnwanted) {
        List<Thread> others = List.of();
        synchronized (this) {
            if (onlyUnwanted && waiting > 0) {
                return false;
            }
            if (decider == null) {
                decider = Thread.currentThread();
                threads.remove(decider);
                others = List.copyOf(threads);
            } else if (!decider.equals(Thread.currentThread())) {
                return false;
            }
        }
        others.forEach(Thread::interrupt);
        return true;
    }

    /// @return how the dial ended, if this thread has decided it
    private @Nullable Outcome outcomeFrom(First first) {
        try {
            SwarmConnection connection = dialFrom(first.get());
            return connection == null ? null : new Outcome.Connected(connection);
        } catch (SwarmException e) {
            if (decide()) {
                if (!(e instanceof DialBackoffException)) {
                    swarm.dialFailed(peer, e);
                }
                return new Outcome.Failed(e);
            }
        } catch (RuntimeException | Error e) {
            if (decide()) {
                return new Outcome.Defect(e);
            }
        }
        return null;
    }

    /// @return nothing if it is for other threads to go on, or the dial is decided
    private @Nullable SwarmConnection dialFrom(@Nullable Attempt first) throws SwarmException {
        Attempt attempt = first;
        while (attempt != null) {
            CapableConnection upgraded;
            try {
                upgraded = dial(attempt);
            } catch (GatedException | LimitExceededException | SwarmClosedException e) {
                // Ours to answer for, and the same at every address.
                throw e;
            } catch (IOException e) {
                attempt = afterFailure(attempt, e);
                continue;
            }
            if (decide()) {
                return dialer.register(upgraded);
            }
            upgraded.muxed().close();
            return null;
        }
        return null;
    }

    private CapableConnection dial(Attempt attempt) throws IOException {
        try {
            return dialer.dial(peer, attempt.address);
        } finally {
            if (attempt.counted) {
                dialer.releaseFurther();
            }
        }
    }

    /// Decides what is dialled: addresses without names at once, names once they are looked up.
    private @Nullable Attempt begin(Supplier<List<Multiaddr>> addresses) throws SwarmException {
        List<Multiaddr> all = ready(addresses.get());
        List<Multiaddr> named = all.stream().filter(AddressResolver::isNamed).toList();
        synchronized (this) {
            schedule = new DialSchedule(MAX_UNDER_WAY, timer().nanoTime());
            resolving = !named.isEmpty();
        }
        schedule(all.stream().filter(a -> !AddressResolver.isNamed(a)).toList());
        if (!named.isEmpty()) {
            swarm.tasks().start("libp2p-names", () -> lookUp(named));
        }
        return next();
    }

    /// Looks names up, and dials what they stand for. It does not count as an attempt: a dial that
    /// is decided does not wait for a name server.
    private void lookUp(List<Multiaddr> named) {
        List<RuntimeException> defects = new ArrayList<>();
        if (interruptible()) {
            try {
                swarm.config().names().resolve(peer, named, this::resolved);
            } catch (RuntimeException e) {
                defects.add(e);
            }
        }
        boolean over;
        boolean last;
        synchronized (this) {
            resolving = false;
            over = decider != null;
            last = over && running == 0;
            threads.remove(Thread.currentThread());
            running += over ? 0 : 1;
        }
        if (last) {
            end();
        } else if (!over) {
            run(() -> {
                if (!defects.isEmpty()) {
                    throw defects.getFirst();
                }
                return next();
            });
        }
    }

    /// One name is looked up.
    ///
    /// @return whether another is wanted
    private boolean resolved(AddressResolver.Resolved resolved) {
        synchronized (this) {
            if (decider != null) {
                // Interrupted, most likely: it says nothing about the name.
                return false;
            }
        }
        for (AddressResolver.Failure failure : resolved.failures()) {
            fail(failure.address(), failure.cause());
            dialer.failed(peer, failure.address().withoutPeerId());
        }
        schedule(ready(resolved.addresses()));
        startDue();
        return true;
    }

    private void fail(Multiaddr address, IOException cause) {
        synchronized (this) {
            undiallable.add(new DialFailedException.Attempt(address, cause));
        }
    }

    /// Puts what may be dialled where its time will come.
    private void schedule(List<Multiaddr> addresses) {
        List<Multiaddr> allowed = new ArrayList<>();
        for (Multiaddr address : addresses) {
            if (!dialer.handles(address)) {
                fail(address, Dialer.unsupported(address));
            } else if (swarm.config().gater().allowDial(peer, address)) {
                allowed.add(address);
            } else {
                synchronized (this) {
                    gated = true;
                }
            }
        }
        synchronized (this) {
            if (schedule == null) {
                return;
            }
            int room = swarm.limits().maxAddressesPerDial() - scheduled.size();
            List<Multiaddr> news =
                    allowed.stream().distinct().filter(a -> !scheduled.contains(a)).toList();
            List<DialRanker.Ranked> ranked =
                    DialRanker.rank(news).stream().limit(Math.max(0, room)).toList();
            ranked.forEach(r -> scheduled.add(r.address()));
            schedule.add(ranked, timer().nanoTime());
        }
    }

    /// Without the addresses that failed a short while ago.
    private List<Multiaddr> ready(List<Multiaddr> addresses) {
        if (options.ignoresBackoff()) {
            return addresses;
        }
        List<Multiaddr> ready = new ArrayList<>();
        for (Multiaddr address : addresses) {
            long left = dialer.backoffLeft(peer, address);
            if (left == 0) {
                ready.add(address);
            } else {
                synchronized (this) {
                    backoff = backoff == 0 ? left : Math.min(backoff, left);
                }
            }
        }
        return ready;
    }

    private @Nullable Attempt afterFailure(Attempt attempt, IOException cause)
            throws SwarmException {
        synchronized (this) {
            if (decider != null || schedule == null) {
                // Interrupted, most likely: it says nothing about the address.
                return null;
            }
            attempt.failure = cause;
        }
        dialer.failed(peer, attempt.address);
        synchronized (this) {
            if (schedule != null) {
                schedule.failed(timer().nanoTime());
            }
        }
        return next();
    }

    /// Starts what is due.
    ///
    /// @return the first of it, for this thread
    /// @throws SwarmException if nothing is left, and nothing under way
    private @Nullable Attempt next() throws SwarmException {
        Step step;
        synchronized (this) {
            if (decider != null || schedule == null) {
                return null;
            }
            if (schedule.isOver()) {
                if (resolving) {
                    return null;
                }
                throw failure();
            }
            step = step(schedule);
            running += Math.max(0, step.due.size() - 1);
        }
        step.due.stream().skip(1).forEach(a -> startThread(() -> a));
        setTimer(step.wake);
        return step.due.isEmpty() ? null : step.due.getFirst();
    }

    /// On the timer's thread.
    private void tick() {
        synchronized (this) {
            wake = OptionalLong.empty();
        }
        startDue();
    }

    /// Starts what is due, on threads of its own.
    private void startDue() {
        Step step;
        synchronized (this) {
            if (decider != null || schedule == null) {
                return;
            }
            step = step(schedule);
            running += step.due.size();
        }
        step.due.forEach(a -> startThread(() -> a));
        setTimer(step.wake);
    }

    /// With the lock held.
    private Step step(DialSchedule todo) {
        List<Attempt> due = new ArrayList<>(1);
        long now = timer().nanoTime();
        OptionalLong next = OptionalLong.empty();
        while (todo.isDue(now)) {
            // The first always may, so that no dial waits for another.
            boolean further = todo.underWay() > 0;
            if (further && !dialer.takeFurther()) {
                next = OptionalLong.of(now + RETRY_NANOS);
                break;
            }
            Attempt attempt = new Attempt(todo.next(now).orElseThrow(), further);
            attempts.add(attempt);
            due.add(attempt);
        }
        if (next.isEmpty()) {
            next = todo.wakeAt();
        }
        if (next.isEmpty() || (wake.isPresent() && wake.getAsLong() - next.getAsLong() <= 0)) {
            return new Step(due, OptionalLong.empty());
        }
        wake = next;
        return new Step(due, next);
    }

    private void setTimer(OptionalLong at) {
        if (at.isPresent()) {
            timer().schedule(Duration.ofNanos(at.getAsLong() - timer().nanoTime()), this::tick);
        }
    }

    private Timer timer() {
        return swarm.config().timer();
    }

    /// With the lock held: why it came to nothing.
    private SwarmException failure() {
        List<DialFailedException.Attempt> all =
                Stream.concat(
                                undiallable.stream(),
                                attempts.stream()
                                        .filter(a -> a.failure != null)
                                        .map(PendingDial::described))
                        .toList();
        if (backoff > 0 && all.isEmpty()) {
            return new DialBackoffException(peer, Duration.ofNanos(backoff));
        }
        if (gated && all.isEmpty()) {
            return new GatedException(peer);
        }
        if (all.size() == 1 && all.getFirst().cause() instanceof WrongPeerException wrong) {
            return wrong;
        }
        return new DialFailedException(peer, all);
    }

    private static DialFailedException.Attempt described(Attempt attempt) {
        IOException cause = attempt.failure;
        return new DialFailedException.Attempt(
                attempt.address, cause == null ? new IOException("given up") : cause);
    }
}
