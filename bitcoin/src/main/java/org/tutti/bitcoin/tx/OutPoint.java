package org.tutti.bitcoin.tx;

import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Txid;

/// Which output of which transaction.
///
/// @param txid the transaction that made the output
/// @param vout its index there, 0 to 2^32 - 1
public record OutPoint(Txid txid, long vout) {
    /// Bytes when serialised.
    public static final int LENGTH = 36;

    /// What the only input of a coinbase names.
    public static final OutPoint COINBASE = new OutPoint(Txid.ZERO, 0xffff_ffffL);

    /// @throws IllegalArgumentException if `vout` does not fit 32 bits
    public OutPoint {
        if (vout < 0 || vout > 0xffff_ffffL) {
            throw new IllegalArgumentException("not an output index: " + vout);
        }
    }

    static OutPoint read(WireReader in) throws DecodeException {
        return new OutPoint(Txid.read(in), in.u32());
    }

    /// 36 bytes: the txid, then the index.
    public void write(WireWriter out) {
        txid.write(out);
        out.u32(vout);
    }

    /// `txid:vout`, the transaction id as people write it.
    @Override
    public String toString() {
        return txid + ":" + vout;
    }
}
