package org.tutti.bitcoin.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.Arrays;
import java.util.HexFormat;

/// A script: the bytes of its opcodes and pushes, immutable, compared by content.
///
/// Any bytes are a script, well-formed or not. Asked for are the standard forms of outputs, those
/// that have an address (BIP16, BIP141, BIP341); what a script means when it is run is the
/// interpreter's. A block has thousands of scripts, therefore each is one object around its array.
public final class Script implements Comparable<Script> {
    /// No opcodes: what an input that spends a segwit output carries as its `scriptSig`.
    public static final Script EMPTY = new Script(new byte[0]);

    private static final int OP_0 = 0x00;
    private static final int OP_1 = 0x51;
    private static final int OP_16 = 0x60;
    private static final int OP_RETURN = 0x6a;

    /// `OP_DUP OP_HASH160` and a push of 20 bytes.
    private static final byte[] P2PKH_START = {0x76, (byte) 0xa9, 20};

    /// `OP_EQUALVERIFY OP_CHECKSIG`.
    private static final byte[] P2PKH_END = {(byte) 0x88, (byte) 0xac};

    /// `OP_HASH160` and a push of 20 bytes.
    private static final byte[] P2SH_START = {(byte) 0xa9, 20};

    /// `OP_EQUAL`.
    private static final byte[] P2SH_END = {(byte) 0x87};

    private final byte[] code;

    private Script(byte[] code) {
        this.code = code;
    }

    public static Script of(Bytes code) {
        return code.isEmpty() ? EMPTY : new Script(code.toArray());
    }

    /// @throws IllegalArgumentException if the text is not an even number of hex digits
    public static Script fromHex(String hex) {
        return new Script(HexFormat.of().parseHex(hex));
    }

    /// A CompactSize length and that many bytes.
    ///
    /// @param what which script, for the message when the bytes are not there
    public static Script read(WireReader in, String what) throws DecodeException {
        byte[] code = in.varArray(what);
        return code.length == 0 ? EMPTY : new Script(code);
    }

    /// Pay to Taproot (BIP341): `OP_1 <32-byte output key>`.
    public static Script p2tr(Bytes outputKey) {
        return witnessProgram(1, outputKey.requireLength(32, "Taproot output key"));
    }

    /// Pay to witness key hash (BIP141): `OP_0 <20-byte hash>`.
    public static Script p2wpkh(Bytes keyHash) {
        return witnessProgram(0, keyHash.requireLength(20, "key hash"));
    }

    /// Pay to witness script hash (BIP141): `OP_0 <32-byte hash>`.
    public static Script p2wsh(Bytes scriptHash) {
        return witnessProgram(0, scriptHash.requireLength(32, "script hash"));
    }

    /// Pay to public key hash: `OP_DUP OP_HASH160 <20-byte hash> OP_EQUALVERIFY OP_CHECKSIG`.
    public static Script p2pkh(Bytes keyHash) {
        return around(P2PKH_START, keyHash.requireLength(20, "key hash"), P2PKH_END);
    }

    /// Pay to script hash (BIP16): `OP_HASH160 <20-byte hash> OP_EQUAL`.
    public static Script p2sh(Bytes scriptHash) {
        return around(P2SH_START, scriptHash.requireLength(20, "script hash"), P2SH_END);
    }

    /// A witness program: `OP_version <program>` (BIP141).
    ///
    /// @param version 0 to 16
    /// @param program 2 to 40 bytes
    /// @throws IllegalArgumentException if version or length are outside of that
    public static Script witnessProgram(int version, Bytes program) {
        if (version < 0 || version > 16 || program.length() < 2 || program.length() > 40) {
            throw new IllegalArgumentException(
                    "not a witness program: version "
                            + version
                            + ", "
                            + program.length()
                            + " bytes");
        }
        byte opcode = (byte) (version == 0 ? OP_0 : OP_1 + version - 1);
        return around(new byte[] {opcode, (byte) program.length()}, program, new byte[0]);
    }

    private static Script around(byte[] start, Bytes middle, byte[] end) {
        byte[] code = Arrays.copyOf(start, start.length + middle.length() + end.length);
        middle.copyTo(code, start.length);
        System.arraycopy(end, 0, code, start.length + middle.length(), end.length);
        return new Script(code);
    }

    /// Whether it is a witness program of any version.
    public boolean isWitnessProgram() {
        return code.length >= 4
                && code.length <= 42
                && code[1] == code.length - 2
                && (code[0] == OP_0 || (code[0] >= OP_1 && code[0] <= OP_16));
    }

    /// The version of a witness program, 0 to 16.
    ///
    /// @throws IllegalStateException if it is not a witness program
    public int witnessVersion() {
        requireWitnessProgram();
        return code[0] == OP_0 ? 0 : code[0] - OP_1 + 1;
    }

    /// The 2 to 40 bytes that a witness program pushes.
    ///
    /// @throws IllegalStateException if it is not a witness program
    public Bytes witnessProgram() {
        requireWitnessProgram();
        return slice(2, code.length);
    }

    private void requireWitnessProgram() {
        if (!isWitnessProgram()) {
            throw new IllegalStateException("not a witness program: " + this);
        }
    }

    public boolean isP2tr() {
        return code.length == 34 && code[0] == OP_1 && code[1] == 32;
    }

    public boolean isP2pkh() {
        return code.length == 25 && startsWith(P2PKH_START) && endsWith(P2PKH_END);
    }

    public boolean isP2sh() {
        return code.length == 23 && startsWith(P2SH_START) && endsWith(P2SH_END);
    }

    /// Whether nobody can ever spend the output: it starts with OP_RETURN.
    public boolean isUnspendable() {
        return code.length > 0 && code[0] == OP_RETURN;
    }

    private boolean startsWith(byte[] start) {
        return code.length >= start.length
                && Arrays.equals(code, 0, start.length, start, 0, start.length);
    }

    private boolean endsWith(byte[] end) {
        int from = code.length - end.length;
        return from >= 0 && Arrays.equals(code, from, code.length, end, 0, end.length);
    }

    /// Whether the script starts with these bytes.
    public boolean startsWith(Bytes start) {
        return startsWith(start.toArray());
    }

    public int length() {
        return code.length;
    }

    public boolean isEmpty() {
        return code.length == 0;
    }

    /// The bytes in `[from, to)`.
    public Bytes slice(int from, int to) {
        return Bytes.of(code, from, to);
    }

    /// All bytes, without copying.
    public Bytes bytes() {
        return Bytes.wrap(code);
    }

    /// A CompactSize length, then the bytes.
    public void write(WireWriter out) {
        out.compactSize(code.length).bytes(code);
    }

    /// Bytes when serialised with their length.
    public int size() {
        return WireWriter.compactSizeLength(code.length) + code.length;
    }

    public String toHex() {
        return HexFormat.of().formatHex(code);
    }

    /// Unsigned lexicographic order, a shorter prefix first.
    @Override
    public int compareTo(Script other) {
        return Arrays.compareUnsigned(code, other.code);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Script script && Arrays.equals(code, script.code);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(code);
    }

    /// Lower-case hex.
    @Override
    public String toString() {
        return toHex();
    }
}
