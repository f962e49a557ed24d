package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The way of a peer's message until it is found valid or not, the same for all engines.
///
/// An id says nothing of a message before its signature is good: whoever sends other bytes under
/// the id of a message that is on its way must not keep that one out. So nothing is remembered as
/// seen before, and copies with other bytes wait to be checked if the first is bad. Copies with the
/// same bytes share what becomes of the first.
public final class Incoming {
    /// What all messages under verification and validation may take; one more is dropped, as if it
    /// had not come.
    public static final int MAX_MEMORY = 16 << 20;

    /// The most copies with other bytes that wait.
    static final int MAX_ALTERNATIVES = 4;

    /// The most peers that are remembered to have sent the same bytes under verification.
    static final int MAX_SENDERS = SeenCache.MAX_FORWARDERS;

    private record Alternative(PeerId from, Message message) {}

    private static final class Checked {
        final Message message;
        final List<PeerId> senders = new ArrayList<>(2);
        final Deque<Alternative> alternatives;

        Checked(PeerId from, Message message, Deque<Alternative> alternatives) {
            this.message = message;
            this.alternatives = alternatives;
            senders.add(from);
        }
    }

    private record Pending(PeerId from, Message message) {}

    /// What became of a message whose signature was checked.
    ///
    /// @param culprits who sent the bytes whose signature is bad; empty if it is good
    /// @param again what to do next, if anything
    /// @param isNew whether it is good, and waits for the validators now
    public record Verified(
            List<PeerId> culprits, PubsubOutput.@Nullable Verify again, boolean isNew) {}

    /// A message that the validators have judged.
    ///
    /// @param forwarders all who sent it, as far as they are remembered, the first included
    public record Judged(PeerId first, Message message, Set<PeerId> forwarders) {}

    private final SeenCache seen;
    private final Map<Bytes, Checked> checking = new HashMap<>();
    private final Map<Bytes, Pending> pending = new HashMap<>();

    private long memory;

    public Incoming(SeenCache seen) {
        this.seen = seen;
    }

    /// A message that has not been seen.
    ///
    /// @return what to do; null if it waits, shares what becomes of another, or there is no room
    public PubsubOutput.@Nullable Verify received(PeerId from, Bytes id, Message message) {
        Checked other = checking.get(id);
        if (other == null) {
            if (!reserve(message)) {
                return null;
            }
            checking.put(id, new Checked(from, message, new ArrayDeque<>(0)));
            return new PubsubOutput.Verify(from, id, message);
        }
        if (other.message.equals(message)) {
            if (other.senders.size() < MAX_SENDERS && !other.senders.contains(from)) {
                other.senders.add(from);
            }
        } else if (other.alternatives.size() < MAX_ALTERNATIVES && reserve(message)) {
            other.alternatives.add(new Alternative(from, message));
        }
        return null;
    }

    private boolean reserve(Message message) {
        if (memory + message.memory() > MAX_MEMORY) {
            return false;
        }
        memory += message.memory();
        return true;
    }

    /// Whether it is being verified.
    public boolean isChecked(Bytes id) {
        return checking.containsKey(id);
    }

    /// @param valid whether signature and fields are good
    public Verified verified(Bytes id, boolean valid, long now) {
        Checked checked = checking.remove(id);
        if (checked == null) {
            return new Verified(List.of(), null, false);
        }
        if (!valid) {
            memory -= checked.message.memory();
            Alternative next = checked.alternatives.poll();
            if (next == null) {
                return new Verified(List.copyOf(checked.senders), null, false);
            }
            // Its memory is reserved already.
            checking.put(id, new Checked(next.from, next.message, checked.alternatives));
            return new Verified(
                    List.copyOf(checked.senders),
                    new PubsubOutput.Verify(next.from, id, next.message),
                    false);
        }
        checked.alternatives.forEach(a -> memory -= a.message.memory());
        if (seen.get(id) != null) {
            // Our own, published in the meantime.
            memory -= checked.message.memory();
            return new Verified(List.of(), null, false);
        }
        Message message = checked.message;
        SeenCache.Entry entry = seen.add(id, message.fromBytes(), message.sequenceNumber(), now);
        checked.senders.forEach(sender -> seen.forwardedBy(entry, sender));
        Pending before = pending.put(id, new Pending(checked.senders.getFirst(), message));
        // One whose id was forgotten while it was validated.
        memory -= before == null ? 0 : before.message.memory();
        return new Verified(List.of(), null, true);
    }

    /// @return null if nothing waits for validation under this id
    public @Nullable Judged validated(Bytes id, ValidationResult result, long now) {
        Pending judged = pending.remove(id);
        if (judged == null) {
            return null;
        }
        memory -= judged.message.memory();
        SeenCache.Entry entry = seen.get(id);
        if (entry == null) {
            // Pushed out by others that came since.
            return new Judged(judged.from, judged.message, Set.of(judged.from));
        }
        entry.decide(
                switch (result) {
                    case ACCEPT -> SeenCache.Status.VALID;
                    case REJECT -> SeenCache.Status.INVALID;
                    case IGNORE -> SeenCache.Status.IGNORED;
                },
                now);
        return new Judged(judged.from, judged.message, entry.forwarders());
    }

    /// How many bytes the messages on their way take.
    public long memory() {
        return memory;
    }
}
