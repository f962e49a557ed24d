package org.tutti.lightclient.store;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.store.StoreFolder.StoreFile;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// A folder that loses at a crash all that was not forced: names, and bytes of files. Records what
/// is done, and can be full.
final class MemoryFolder implements StoreFolder {
    /// What a file has, and what of it is on disk.
    private static final class Content {
        byte[] cached = new byte[0];
        byte[] durable = new byte[0];
        boolean named;
    }

    private final Map<String, Content> contents = new HashMap<>();
    private final Map<String, Content> replaced = new HashMap<>();
    final List<String> log = new ArrayList<>();

    /// How many bytes may still be written.
    long room = Long.MAX_VALUE;

    /// What every write fails with.
    @Nullable Supplier<IOException> failure;

    /// The machine crashes: only what was forced is left.
    void crash() {
        contents.putAll(replaced);
        replaced.clear();
        contents.values().removeIf(content -> !content.named);
        contents.values().forEach(content -> content.cached = content.durable);
    }

    byte[] bytes(String name) {
        return Objects.requireNonNull(contents.get(name)).cached.clone();
    }

    void put(String name, byte[] bytes) {
        Content content = contents.computeIfAbsent(name, _ -> new Content());
        content.cached = bytes.clone();
        content.durable = content.cached;
        content.named = true;
    }

    /// A copy of what this process sees, without what it recorded.
    MemoryFolder copy() {
        MemoryFolder copy = new MemoryFolder();
        contents.forEach((name, content) -> copy.put(name, content.cached));
        return copy;
    }

    @Override
    public StoreFile open(String name) {
        return new File(name, contents.computeIfAbsent(name, _ -> new Content()));
    }

    /// Before [#forceNames] a crash leaves the old file.
    @Override
    public void rename(String name, String newName) {
        log.add("rename " + name + " to " + newName);
        Content content = Objects.requireNonNull(contents.remove(name));
        Content old = contents.put(newName, content);
        if (old != null) {
            replaced.put(newName, old);
        }
    }

    @Override
    public void forceNames() {
        replaced.clear();
        log.add("force names");
        contents.values().forEach(content -> content.named = true);
    }

    @Override
    public void close() {
        // No lock.
    }

    private final class File implements StoreFile {
        private final String name;
        private final Content content;

        File(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public long size() {
            return content.cached.length;
        }

        @Override
        public void read(long at, ByteBuffer target) throws IOException {
            if (at + target.remaining() > content.cached.length) {
                throw new EOFException();
            }
            target.put(content.cached, (int) at, target.remaining());
        }

        @Override
        public void write(long at, ByteBuffer source) throws IOException {
            if (failure != null) {
                throw failure.get();
            }
            int count = (int) Math.min(room, source.remaining());
            log.add("write " + name + " from " + at);
            byte[] written =
                    Arrays.copyOf(
                            content.cached, Math.max(content.cached.length, (int) at + count));
            int wanted = source.remaining();
            source.get(written, (int) at, count);
            content.cached = written;
            room -= count;
            if (count < wanted) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            if (failure != null) {
                throw failure.get();
            }
            log.add("truncate " + name + " to " + size);
            content.cached = Arrays.copyOf(content.cached, (int) size);
        }

        @Override
        public ByteBuffer map(long at, int length) {
            return ByteBuffer.wrap(Arrays.copyOfRange(content.cached, (int) at, (int) at + length))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void force() throws IOException {
            if (failure != null) {
                throw failure.get();
            }
            log.add("force " + name);
            content.durable = content.cached;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
