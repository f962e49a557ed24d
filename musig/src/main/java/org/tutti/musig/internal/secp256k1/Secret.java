package org.tutti.musig.internal.secp256k1;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The one owner of a slot of [SecretSlots], and what makes it safe to share between threads: a
/// count of the calls that read it now, and a mark that it was closed. Whoever leaves last after
/// the mark wipes the slot and gives it back, exactly once.
///
/// State: `users` counts the readers; [#CLOSED] is added when closing. A new reader is refused once
/// CLOSED is set. The transition to exactly CLOSED happens once, because after the mark the count
/// only falls.
public final class Secret {
    private static final int CLOSED = 1 << 30;

    private static final VarHandle USERS = users();

    private final SecretSlots slots;
    private final int place;
    private final MemorySegment slot;
    private volatile int users; // written through USERS alone

    private static VarHandle users() {
        try {
            return MethodHandles.lookup().findVarHandle(Secret.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Takes a slot.
    ///
    /// @throws SecretSlots.SlotsExhaustedException if the pool's bound is reached
    public Secret(SecretSlots slots) {
        this.slots = slots;
        this.place = slots.take();
        this.slot = slots.slot(place);
    }

    /// The slot, to be read until the [#release()] that must follow; null if the secret is gone.
    public @Nullable MemorySegment acquire() {
        while (true) {
            int now = users;
            if (now >= CLOSED) {
                return null;
            }
            if (USERS.compareAndSet(this, now, now + 1)) {
                return slot;
            }
        }
    }

    /// Ends a successful [#acquire()].
    public void release() {
        if ((int) USERS.getAndAdd(this, -1) == CLOSED + 1) {
            slots.giveBack(place, slot);
        }
    }

    /// The slot for its only use, after which it is gone: null if it was already consumed or
    /// closed, or if another thread is reading it. The winner must call [#consumed()].
    public @Nullable MemorySegment consume() {
        return USERS.compareAndSet(this, 0, CLOSED + 1) ? slot : null;
    }

    /// Wipes the slot and gives it back, after a successful [#consume()] and once. The state stays
    /// as it is: no other thread can acquire or consume it.
    public void consumed() {
        slots.giveBack(place, slot);
    }

    /// No reader from now on; wiped at once, or when the last reader leaves. Idempotent.
    public void close() {
        while (true) {
            int now = users;
            if (now >= CLOSED) {
                return;
            }
            if (USERS.compareAndSet(this, now, now + CLOSED)) {
                if (now == 0) {
                    slots.giveBack(place, slot);
                }
                return;
            }
        }
    }

    /// Whether it was closed or consumed.
    public boolean isClosed() {
        return users >= CLOSED;
    }

    /// Says nothing of the content.
    @Override
    public String toString() {
        return "Secret[redacted]";
    }
}
