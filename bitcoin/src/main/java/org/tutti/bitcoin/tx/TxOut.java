package org.tutti.bitcoin.tx;

import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;

/// An output: an amount, and the script that an input must satisfy to spend it.
public record TxOut(Sat value, Script scriptPubKey) {
    /// The least bytes an output takes: amount and empty script.
    static final int LEAST_BYTES = 8 + 1;

    /// Reads one output. An amount that cannot exist is refused here, so no later sum can overflow.
    public static TxOut read(WireReader in) throws DecodeException {
        long value = in.i64();
        if (!Sat.isValid(value)) {
            throw new DecodeException(
                    DecodeException.Code.BAD_VALUE, "not an amount of satoshis: " + value);
        }
        return new TxOut(new Sat(value), Script.read(in, "scriptPubKey"));
    }

    public void write(WireWriter out) {
        out.i64(value.value());
        scriptPubKey.write(out);
    }

    /// Bytes when serialised.
    public int size() {
        return 8 + scriptPubKey.size();
    }
}
