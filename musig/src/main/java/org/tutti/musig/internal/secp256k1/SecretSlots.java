package org.tutti.musig.internal.secp256k1;

import org.tutti.musig.memory.MemoryProtection;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// A bounded pool of small off-heap slots for secrets: the garbage collector never copies them, and
/// they are wiped when given back. The system is asked never to write them to swap or to a core
/// file ([ProtectedMemory]).
///
/// Slots are cut from slabs that live as long as the process. A stale reference can therefore never
/// point into memory that is gone; [Secret] ensures that no slot is read by anyone but its owner.
///
/// Threads: any. A slab's free slots are the set bits of one word: taking clears a bit, giving back
/// sets it, each in one atomic step. Only cutting a new slab takes the lock, and nothing blocks
/// under it.
public final class SecretSlots {
    /// Bytes in a slot.
    public static final int SLOT_BYTES = 256;

    private static final int SLOTS_PER_SLAB = 64;

    private final int maximum;
    private final String what;
    private final String remedy;
    private final AtomicReferenceArray<MemorySegment> slabs;
    private final AtomicLongArray free;
    private final Object cutting = new Object();
    private volatile MemoryProtection protection = MemoryProtection.FULL; // written under the lock
    private volatile int cut; // slabs; written under the lock, after the slab itself
    private volatile int lastTakenFrom; // where to look first; any slab is right

    /// @param maximum live slots
    /// @param what names them in errors
    /// @param remedy tells in errors what to close
    public SecretSlots(int maximum, String what, String remedy) {
        this.maximum = maximum;
        this.what = what;
        this.remedy = remedy;
        int most = (maximum + SLOTS_PER_SLAB - 1) / SLOTS_PER_SLAB;
        this.slabs = new AtomicReferenceArray<>(most);
        this.free = new AtomicLongArray(most);
    }

    /// The place of a slot of zeros, which belongs to the caller from now on.
    ///
    /// @throws SlotsExhaustedException if `maximum` slots are in use
    int take() {
        while (true) {
            int slabsNow = cut;
            int start = lastTakenFrom;
            for (int i = 0; i < slabsNow; i++) {
                int slab = (start + i) % slabsNow;
                int bit = takeFrom(slab);
                if (bit >= 0) {
                    if (slab != start) {
                        lastTakenFrom = slab;
                    }
                    return slab * SLOTS_PER_SLAB + bit;
                }
            }
            cutAnother(slabsNow);
        }
    }

    private int takeFrom(int slab) {
        long now = free.get(slab);
        while (now != 0) {
            long bit = Long.lowestOneBit(now);
            if (free.compareAndSet(slab, now, now & ~bit)) {
                return Long.numberOfTrailingZeros(bit);
            }
            now = free.get(slab);
        }
        return -1;
    }

    /// Adds a slab, unless another thread has added one since `slabsSeen` were found full.
    private void cutAnother(int slabsSeen) {
        synchronized (cutting) {
            if (cut != slabsSeen) {
                return;
            }
            int slots = Math.min(SLOTS_PER_SLAB, maximum - cut * SLOTS_PER_SLAB);
            if (slots <= 0) {
                throw new SlotsExhaustedException(maximum, what, remedy);
            }
            ProtectedMemory.Pages pages = ProtectedMemory.allocate((long) slots * SLOT_BYTES);
            protection = protection.and(pages.protection());
            slabs.set(cut, pages.segment());
            free.set(cut, -1L >>> (SLOTS_PER_SLAB - slots));
            lastTakenFrom = cut;
            cut = cut + 1;
        }
    }

    /// The memory of a place that was taken.
    MemorySegment slot(int place) {
        long offset = (long) (place % SLOTS_PER_SLAB) * SLOT_BYTES;
        return slabs.get(place / SLOTS_PER_SLAB).asSlice(offset, SLOT_BYTES);
    }

    /// Wipes the slot and takes it back. Only its one owner may call this, once.
    void giveBack(int place, MemorySegment slot) {
        slot.fill((byte) 0);
        long bit = 1L << (place % SLOTS_PER_SLAB);
        long before =
                free.getAndAccumulate(place / SLOTS_PER_SLAB, bit, (now, added) -> now | added);
        if ((before & bit) != 0) {
            throw new IllegalStateException("a slot was given back twice");
        }
    }

    /// How far the system protects the slots made so far.
    public MemoryProtection protection() {
        return protection;
    }

    /// Slots in use; exact while no slot is being taken or given back.
    public int live() {
        int slabsNow = cut;
        int live = Math.min(slabsNow * SLOTS_PER_SLAB, maximum);
        for (int slab = 0; slab < slabsNow; slab++) {
            live -= Long.bitCount(free.get(slab));
        }
        return live;
    }

    /// More secrets alive at once than the pool's bound.
    public static final class SlotsExhaustedException extends IllegalStateException {
        private SlotsExhaustedException(int maximum, String what, String remedy) {
            super("at most " + maximum + " " + what + " may be alive at once: " + remedy);
        }
    }
}
