package org.tutti.regtest;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.units.Weight;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The fixture's blocks in a file, in the order in which they were mined, so that it can be killed
/// and started again: each is a length of four bytes, big-endian, and the block as Bitcoin writes
/// it. What a killed process wrote in part is cut off. Nothing is forced: a fixture loses blocks
/// with the machine alone.
///
/// Not safe for threads: [RegtestNode] guards it.
final class BlockFile implements AutoCloseable {
    private static final int LENGTH_BYTES = 4;

    private final FileChannel file;

    private BlockFile(FileChannel file) {
        this.file = file;
    }

    /// Makes the file if it is missing.
    static BlockFile open(Path path) throws IOException {
        return new BlockFile(
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    /// All that were written whole. What is appended follows them.
    ///
    /// @throws IOException also if the file is not one of these
    List<Block> readAll() throws IOException {
        List<Block> blocks = new ArrayList<>();
        long end = 0;
        file.position(0);
        while (true) {
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);
            if (!fill(length)) {
                break;
            }
            int bytes = length.getInt(0);
            if (bytes < 0 || bytes > Weight.MAX_BLOCK.units()) {
                throw new IOException("a block of " + bytes + " bytes: not a file of blocks");
            }
            ByteBuffer block = ByteBuffer.allocate(bytes);
            if (!fill(block)) {
                break;
            }
            blocks.add(parse(Bytes.wrap(block.array())));
            end = file.position();
        }
        file.truncate(end);
        file.position(end);
        return blocks;
    }

    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    private static Block parse(Bytes bytes) throws IOException {
        try {
            return Block.parse(bytes);
        } catch (DecodeException e) {
            throw new IOException("not a file of blocks: " + e.getMessage(), e);
        }
    }

    void append(Block block) throws IOException {
        byte[] bytes = block.serialize().toArray();
        ByteBuffer record = ByteBuffer.allocate(LENGTH_BYTES + bytes.length);
        record.putInt(bytes.length).put(bytes).flip();
        while (record.hasRemaining()) {
            file.write(record);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
