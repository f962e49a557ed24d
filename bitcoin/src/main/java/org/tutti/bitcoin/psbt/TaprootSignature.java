package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.musig.schnorr.SchnorrSignature;

/// A signature as a Taproot witness has it: 64 bytes for [SighashType#DEFAULT], otherwise 65 with
/// the type at the end (BIP341).
public record TaprootSignature(SchnorrSignature signature, SighashType type) {
    /// The witness item, 64 or 65 bytes.
    public Bytes bytes() {
        return type == SighashType.DEFAULT
                ? signature.bytes()
                : Bytes.concat(signature.bytes(), Bytes.wrap(new byte[] {(byte) type.value()}));
    }

    static TaprootSignature read(WireReader in) throws DecodeException {
        SchnorrSignature signature = new SchnorrSignature(in.bytes(SchnorrSignature.BYTES));
        if (in.remaining() == 0) {
            return new TaprootSignature(signature, SighashType.DEFAULT);
        }
        int value = in.u8();
        // BIP341: with 65 bytes, "if hash_type is 0x00, fail"; nor may it be any that is undefined.
        SighashType type =
                SighashType.of(value)
                        .filter(known -> known != SighashType.DEFAULT)
                        .orElseThrow(() ->
                                new DecodeException(
                                        DecodeException.Code.BAD_VALUE,
                                        "no sighash type at the end of a signature: " + value));
        return new TaprootSignature(signature, type);
    }
}
