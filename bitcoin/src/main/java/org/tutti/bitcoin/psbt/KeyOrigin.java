package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.musig.keys.DerivationPath;

import java.util.ArrayList;
import java.util.List;

/// Where a key comes from: the master key, and the steps from it (BIP32).
///
/// @param fingerprint 4 bytes, the beginning of HASH160 of the master key
/// @param path from the master key to the key
public record KeyOrigin(Bytes fingerprint, DerivationPath path) {
    /// Bytes of a fingerprint.
    public static final int FINGERPRINT_BYTES = 4;

    private static final int STEP_BYTES = 4;

    /// @throws IllegalArgumentException for a fingerprint of another length
    public KeyOrigin {
        fingerprint.requireLength(FINGERPRINT_BYTES, "a fingerprint");
    }

    /// BIP174: "<4 byte fingerprint> <32-bit little endian uint path element>*".
    static KeyOrigin read(WireReader in) throws DecodeException {
        Bytes fingerprint = in.bytes(FINGERPRINT_BYTES);
        if (in.remaining() > STEP_BYTES * DerivationPath.MAX_STEPS) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    "more than " + DerivationPath.MAX_STEPS + " derivation steps");
        }
        List<Long> steps = new ArrayList<>();
        while (in.remaining() > 0) {
            steps.add(in.u32());
        }
        return new KeyOrigin(fingerprint, new DerivationPath(steps));
    }

    void write(WireWriter out) {
        out.bytes(fingerprint);
        path.steps().forEach(out::u32);
    }
}
