package org.tutti.musig.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// A bounded pool of small off-heap slots for secrets: the garbage collector never copies them, and
/// they are wiped when given back.
///
/// Slots are cut from slabs that live as long as the process. A stale reference can therefore never
/// point into memory that is gone; that nobody reads another owner's slot is [Secret]'s business.
///
/// Threads: any. The lock guards the free list and the count; nothing blocks under it.
public final class SecretSlots {
    /// Bytes in a slot.
    public static final int SLOT_BYTES = 256;

    private static final int SLOTS_PER_SLAB = 64;

    private final int maximum;
    private final String what;
    private final Object lock = new Object();
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private int cut;

    /// A pool of at most `maximum` live slots; `what` names them in errors.
    public SecretSlots(int maximum, String what) {
        this.maximum = maximum;
        this.what = what;
    }

    /// A slot of zeros.
    ///
    /// @throws SlotsExhaustedException if `maximum` slots are in use
    MemorySegment take() {
        synchronized (lock) {
            MemorySegment slot = free.poll();
            if (slot != null) {
                return slot;
            }
            if (cut >= maximum) {
                throw new SlotsExhaustedException(maximum, what);
            }
            int count = Math.min(SLOTS_PER_SLAB, maximum - cut);
            MemorySegment slab = Arena.global().allocate((long) count * SLOT_BYTES, 64);
            for (int i = 1; i < count; i++) {
                free.add(slab.asSlice((long) i * SLOT_BYTES, SLOT_BYTES));
            }
            cut += count;
            return slab.asSlice(0, SLOT_BYTES);
        }
    }

    /// Wipes the slot and takes it back. Only its one owner may call this, once.
    void giveBack(MemorySegment slot) {
        slot.fill((byte) 0);
        synchronized (lock) {
            free.push(slot);
        }
    }

    /// Slots in use now.
    public int live() {
        synchronized (lock) {
            return cut - free.size();
        }
    }

    /// More secrets alive at once than the pool's bound.
    public static final class SlotsExhaustedException extends IllegalStateException {
        private SlotsExhaustedException(int maximum, String what) {
            super("at most " + maximum + " " + what + " may be alive at once");
        }
    }
}
