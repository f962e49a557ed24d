package org.tutti.libp2p.internal.time;

/// Gives the carrier thread to others after a bounded number of frames and bytes. For one thread at
/// a time.
///
/// A virtual thread keeps its carrier until it blocks, and one that reads a connection never blocks
/// while the remote sends faster than it reads: it would hold up every other connection of the
/// process. A turn costs about a microsecond; this many frames cost ten, this many bytes thirty.
public final class Turn {
    public static final int MAX_FRAMES = 128;
    public static final int MAX_BYTES = 128 * 1024;

    private final int maxFrames;
    private int frames;
    private int bytes;

    public Turn() {
        this(MAX_FRAMES);
    }

    /// @param maxFrames how many make a turn, where each costs more than a frame
    public Turn(int maxFrames) {
        this.maxFrames = maxFrames;
    }

    /// One more frame was handled, or one more piece was read.
    public void frame() {
        frames++;
        if (frames >= maxFrames) {
            end();
        }
    }

    /// So many bytes more were read.
    public void bytes(int count) {
        bytes += count;
        if (bytes >= MAX_BYTES) {
            end();
        }
    }

    /// The thread has just waited: others had their turn.
    public void waited() {
        frames = 0;
        bytes = 0;
    }

    // Fairness depends on the yield; what the thread does is right without it.
    @SuppressWarnings("ThreadPriorityCheck")
    private void end() {
        frames = 0;
        bytes = 0;
        Thread.yield();
    }
}
