package org.tutti.bitcoin.script;

import org.tutti.base.Bytes;

/// The output scripts that have an address, and how to tell them apart.
public final class Scripts {
    private Scripts() {}

    /// Pay to Taproot (BIP341): `OP_1 <32-byte output key>`.
    public static Bytes p2tr(Bytes outputKey) {
        return witnessProgram(1, outputKey.requireLength(32, "Taproot output key"));
    }

    /// Pay to witness key hash (BIP141): `OP_0 <20-byte hash>`.
    public static Bytes p2wpkh(Bytes keyHash) {
        return witnessProgram(0, keyHash.requireLength(20, "key hash"));
    }

    /// Pay to witness script hash (BIP141): `OP_0 <32-byte hash>`.
    public static Bytes p2wsh(Bytes scriptHash) {
        return witnessProgram(0, scriptHash.requireLength(32, "script hash"));
    }

    /// Pay to public key hash: `OP_DUP OP_HASH160 <20-byte hash> OP_EQUALVERIFY OP_CHECKSIG`.
    public static Bytes p2pkh(Bytes keyHash) {
        return Bytes.concat(
                Bytes.fromHex("76a914"),
                keyHash.requireLength(20, "key hash"),
                Bytes.fromHex("88ac"));
    }

    /// Pay to script hash (BIP16): `OP_HASH160 <20-byte hash> OP_EQUAL`.
    public static Bytes p2sh(Bytes scriptHash) {
        return Bytes.concat(
                Bytes.fromHex("a914"),
                scriptHash.requireLength(20, "script hash"),
                Bytes.fromHex("87"));
    }

    /// A witness program: `OP_version <program>` (BIP141).
    ///
    /// @param version 0 to 16
    /// @param program 2 to 40 bytes
    public static Bytes witnessProgram(int version, Bytes program) {
        if (version < 0 || version > 16 || program.length() < 2 || program.length() > 40) {
            throw new IllegalArgumentException(
                    "no witness program: version " + version + ", " + program.length() + " bytes");
        }
        byte opcode = (byte) (version == 0 ? 0 : 0x50 + version);
        return Bytes.concat(Bytes.wrap(new byte[] {opcode, (byte) program.length()}), program);
    }

    /// Whether a script is a witness program of any version.
    public static boolean isWitnessProgram(Bytes script) {
        int length = script.length();
        if (length < 4 || length > 42 || script.get(1) != length - 2) {
            return false;
        }
        int opcode = script.get(0);
        return opcode == 0 || (opcode >= 0x51 && opcode <= 0x60);
    }

    public static boolean isP2tr(Bytes script) {
        return script.length() == 34 && script.get(0) == 0x51 && script.get(1) == 32;
    }

    public static boolean isP2pkh(Bytes script) {
        return script.length() == 25
                && script.slice(0, 3).equals(Bytes.fromHex("76a914"))
                && script.slice(23, 25).equals(Bytes.fromHex("88ac"));
    }

    public static boolean isP2sh(Bytes script) {
        return script.length() == 23
                && script.slice(0, 2).equals(Bytes.fromHex("a914"))
                && script.get(22) == (byte) 0x87;
    }

    /// Whether nobody can ever spend the output: it starts with OP_RETURN.
    public static boolean isUnspendable(Bytes script) {
        return !script.isEmpty() && script.get(0) == 0x6a;
    }
}
