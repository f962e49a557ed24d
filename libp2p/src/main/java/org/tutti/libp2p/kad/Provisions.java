package org.tutti.libp2p.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.internal.kad.records.RepublishPlan;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/// What this node provides, and tells again in time: others forget it after 48 hours.
///
/// Safe for all threads: the lock guards the plan, and is not held while others are told.
final class Provisions {
    /// How often it is looked whether something has to be told again.
    static final Duration TICK = Duration.ofMinutes(1);

    private static final int PER_TICK = 8;

    private static final System.Logger LOG = System.getLogger(Provisions.class.getName());

    /// Tells the nearest peers.
    @FunctionalInterface
    interface Teller {
        void tell(Bytes key) throws IOException;
    }

    private final BehaviourContext context;
    private final InstantSource clock;
    private final Teller teller;
    private final RepublishPlan plan;
    private boolean ticking;
    private boolean closed;

    Provisions(
            BehaviourContext context,
            InstantSource clock,
            RandomGenerator random,
            Teller teller) {
        this.context = context;
        this.clock = clock;
        this.teller = teller;
        this.plan = new RepublishPlan(RepublishPlan.INTERVAL, random);
    }

    /// The key was told just now.
    ///
    /// @throws IllegalStateException if there are too many
    synchronized void told(Bytes key) {
        plan.published(key, clock.millis());
        startTicking();
    }

    synchronized void remove(Bytes key) {
        plan.remove(key);
    }

    synchronized void close() {
        closed = true;
    }

    /// With the lock held.
    private void startTicking() {
        if (!ticking && !closed) {
            ticking = true;
            context.timer()
                    .schedule(TICK, () -> context.start("libp2p-kad-provisions", this::tick));
        }
    }

    private void tick() {
        List<Bytes> due;
        synchronized (this) {
            due = plan.due(clock.millis(), PER_TICK);
        }
        for (Bytes key : due) {
            try {
                teller.tell(key);
                synchronized (this) {
                    // Unless it was taken back meanwhile.
                    if (plan.contains(key)) {
                        plan.published(key, clock.millis());
                    }
                }
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a key could not be provided again: {0}",
                        e.getMessage());
            }
        }
        synchronized (this) {
            ticking = false;
            if (plan.size() > 0) {
                startTicking();
            }
        }
    }
}
