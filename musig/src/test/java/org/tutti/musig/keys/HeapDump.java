package org.tutti.musig.keys;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Every byte array on this process's heap, those that nobody refers to any more among them: the
/// JDK's own dump, read record by record (HPROF 1.0.2).
final class HeapDump {
    private static final int HEAP_DUMP = 0x0c;
    private static final int HEAP_DUMP_SEGMENT = 0x1c;
    private static final int CLASS = 0x20;
    private static final int INSTANCE = 0x21;
    private static final int OBJECTS = 0x22;
    private static final int PRIMITIVES = 0x23;
    private static final int TYPE_BYTE = 8;

    private final ByteBuffer in;
    private final Consumer<ByteBuffer> bytes;

    private HeapDump(ByteBuffer in, Consumer<ByteBuffer> bytes) {
        this.in = in;
        this.bytes = bytes;
    }

    /// @param folder where the dump stands meanwhile
    static void forEachByteArray(Path folder, Consumer<ByteBuffer> bytes) {
        Path file = folder.resolve("heap.hprof");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpHeap(file.toString(), false);
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
                new HeapDump(all, bytes).read();
            }
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        byte ofName = in.get();
        while (ofName != 0) {
            ofName = in.get();
        }
        if (in.getInt() != Long.BYTES) {
            throw new IllegalStateException("a JVM of 64 bits");
        }
        skip(Long.BYTES);
        while (in.hasRemaining()) {
            int tag = in.get();
            skip(Integer.BYTES);
            int end = in.getInt() + in.position();
            if (tag == HEAP_DUMP || tag == HEAP_DUMP_SEGMENT) {
                while (in.position() < end) {
                    record();
                }
            }
            in.position(end);
        }
    }

    private void skip(int count) {
        in.position(in.position() + count);
    }

    private void record() {
        int tag = Byte.toUnsignedInt(in.get());
        switch (tag) {
            case 0xff, 0x05, 0x07 -> skip(8);
            case 0x01 -> skip(16);
            case 0x04, 0x06 -> skip(12);
            case 0x02, 0x03, 0x08 -> skip(16);
            case CLASS -> classDump();
            case INSTANCE -> {
                skip(20);
                skip(in.getInt());
            }
            case OBJECTS -> {
                skip(12);
                skip(8 + 8 * in.getInt());
            }
            case PRIMITIVES -> primitives();
            default -> throw new IllegalStateException("record " + tag + " is not known");
        }
    }

    private void classDump() {
        skip(8 + 4 + 6 * 8 + 4);
        for (int left = in.getShort(); left > 0; left--) {
            skip(2);
            skip(size(in.get()));
        }
        for (int left = in.getShort(); left > 0; left--) {
            skip(8);
            skip(size(in.get()));
        }
        skip(9 * in.getShort());
    }

    private void primitives() {
        skip(12);
        int count = in.getInt();
        int type = in.get();
        if (type == TYPE_BYTE) {
            bytes.accept(in.slice(in.position(), count));
        }
        skip(count * size(type));
    }

    private static int size(int type) {
        return switch (type) {
            case 4, TYPE_BYTE -> 1;
            case 5, 9 -> 2;
            case 6, 10 -> 4;
            default -> 8;
        };
    }
}
