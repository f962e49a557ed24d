package org.tutti.bitcoin.address;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;

import java.io.ByteArrayOutputStream;

/// Witness programs as bech32 (version 0) and bech32m (version 1 and above), BIP173 and BIP350.
final class SegwitAddress {
    private SegwitAddress() {}

    /// The scriptPubKey that the address encodes.
    static Script decode(String text, String hrp) throws AddressException {
        Bech32 bech32 = Bech32.decode(text);
        if (!bech32.hrp().equals(hrp)) {
            throw new AddressException(
                    "the address starts with " + bech32.hrp() + ", this network's with " + hrp);
        }
        byte[] data = bech32.data().toArray();
        if (data.length == 0 || data[0] > 16) {
            throw new AddressException("no witness version");
        }
        int version = data[0];
        Bytes program = toBytes(data);
        requireLength(version, program);
        // BIP350: version 0 uses bech32, "version 1 and higher" bech32m.
        Bech32.Encoding expected = version == 0 ? Bech32.Encoding.BECH32 : Bech32.Encoding.BECH32M;
        if (bech32.encoding() != expected) {
            throw new AddressException("witness version " + version + " needs " + expected);
        }
        return Script.witnessProgram(version, program);
    }

    private static void requireLength(int version, Bytes program) throws AddressException {
        int length = program.length();
        if (length < 2 || length > 40) {
            throw new AddressException("a witness program has 2 to 40 bytes, not " + length);
        }
        if (version == 0 && length != 20 && length != 32) {
            throw new AddressException("version 0 has 20 or 32 bytes, not " + length);
        }
    }

    /// @param script a witness program
    static String encode(Script script, String hrp) {
        int version = script.witnessVersion();
        Bech32.Encoding encoding = version == 0 ? Bech32.Encoding.BECH32 : Bech32.Encoding.BECH32M;
        return new Bech32(hrp, toFives(version, script.witnessProgram()), encoding).encode();
    }

    /// Groups of five bits after the version, as bytes. BIP173: "any incomplete group at the end
    /// MUST be 4 bits or less, MUST be all zeroes".
    private static Bytes toBytes(byte[] fives) throws AddressException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int held = 0;
        int bits = 0;
        for (int i = 1; i < fives.length; i++) {
            held = (held << 5 | fives[i]) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                out.write(held >>> bits);
            }
        }
        if (bits >= 5 || (held & ((1 << bits) - 1)) != 0) {
            throw new AddressException("the padding at the end is not zero, or too long");
        }
        return Bytes.wrap(out.toByteArray());
    }

    private static Bytes toFives(int version, Bytes program) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(version);
        int held = 0;
        int bits = 0;
        for (byte b : program.toArray()) {
            held = (held << 8 | (b & 0xff)) & 0xfff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                out.write(held >>> bits & 31);
            }
        }
        if (bits > 0) {
            out.write(held << (5 - bits) & 31);
        }
        return Bytes.wrap(out.toByteArray());
    }
}
