package org.tutti.lightclient.headers;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.List;

/// Headers one after the other as they are sent, 80 bytes each: no object per header.
public final class HeaderBatch {
    private final byte[] bytes;

    private HeaderBatch(byte[] bytes) {
        this.bytes = bytes;
    }

    public static HeaderBatch of(List<BlockHeader> headers) {
        WireWriter out = new WireWriter(headers.size() * BlockHeader.LENGTH);
        headers.forEach(header -> header.write(out));
        return new HeaderBatch(out.toArray());
    }

    /// Takes over an array that is not changed afterwards.
    ///
    /// @param bytes a multiple of 80 bytes
    /// @throws IllegalArgumentException if there are others
    public static HeaderBatch wrap(byte[] bytes) {
        if (bytes.length % BlockHeader.LENGTH != 0) {
            throw new IllegalArgumentException(
                    bytes.length + " bytes are not headers of " + BlockHeader.LENGTH + " bytes");
        }
        return new HeaderBatch(bytes);
    }

    /// How many headers there are.
    public int size() {
        return bytes.length / BlockHeader.LENGTH;
    }

    /// The header at `index`, from 0 on.
    ///
    /// @throws IndexOutOfBoundsException if there is none
    public BlockHeader get(int index) {
        return RawHeader.parse(Bytes.of(bytes, offset(index), offset(index + 1)));
    }

    /// Where in [#bytes] the header begins.
    int offset(int index) {
        return index * BlockHeader.LENGTH;
    }

    byte[] bytes() {
        return bytes;
    }
}
