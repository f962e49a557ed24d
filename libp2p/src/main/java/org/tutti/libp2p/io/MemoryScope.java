package org.tutti.libp2p.io;

/// The part that one connection has in a budget of memory. Whoever keeps bytes because of what the
/// remote sends, or does not read, reserves them first, as they lie in memory (go-libp2p calls this
/// a resource scope). Safe for all threads; every method returns at once.
public interface MemoryScope {
    /// What happens where the budget is used up.
    enum Priority {
        /// Work goes on without, slower: a larger window, a larger buffer. Never takes the last
        /// quarter of a budget.
        OPTIONAL,
        /// Bytes of the remote have no other place.
        NEEDED
    }

    /// What holds the bytes, asked when others need them.
    interface Holder {
        /// Bytes that are reserved and hold nothing, from any thread: room in windows.
        long spareBytes();

        /// Others need memory, and this connection holds most: let some of it go. Returns at once,
        /// and is called while locks are held: what takes them runs on a thread of its own.
        void shed();
    }

    /// Reserves memory.
    ///
    /// @return false if there is none; nothing is reserved then
    boolean reserve(long bytes, Priority priority);

    /// Gives back what was reserved.
    void release(long bytes);

    /// What is reserved now.
    long used();

    /// Says what holds the bytes: called once, before the first reservation of the muxer.
    void attach(Holder holder);

    /// Says that a stream was reset, or the connection closed, because there was no memory.
    void refused();

    /// Without a bound.
    static MemoryScope unlimited() {
        return UnlimitedMemory.INSTANCE;
    }
}
