package org.tutti.bitcoin.address;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.AddressPrefixes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.Base58Check;
import org.tutti.musig.keys.KeyException;

import java.util.Locale;
import java.util.stream.Stream;

/// What people write for an output script.
///
/// @param text as people write it: segwit addresses in lower case
/// @param scriptPubKey what an output that pays the address contains
public record Address(String text, Script scriptPubKey, Network network) {

    /// Reads an address of this network: base58 (P2PKH, P2SH), bech32 (segwit 0) or bech32m (segwit
    /// 1 to 16).
    ///
    /// @throws AddressException saying why it is not an address
    public static Address parse(String text, Network network) throws AddressException {
        if (looksLikeSegwit(text, network)) {
            Script script = SegwitAddress.decode(text, network.prefixes().hrp());
            return new Address(text.toLowerCase(Locale.ROOT), script, network);
        }
        return new Address(text, decodeBase58(text, network.prefixes()), network);
    }

    /// The address of a script.
    ///
    /// @throws AddressException if the script has none
    public static Address of(Script scriptPubKey, Network network) throws AddressException {
        AddressPrefixes prefixes = network.prefixes();
        if (scriptPubKey.isWitnessProgram()) {
            requireKnownVersion0(scriptPubKey);
            String text = SegwitAddress.encode(scriptPubKey, prefixes.hrp());
            return new Address(text, scriptPubKey, network);
        }
        if (scriptPubKey.isP2pkh()) {
            return base58(prefixes.p2pkh(), scriptPubKey.slice(3, 23), scriptPubKey, network);
        }
        if (scriptPubKey.isP2sh()) {
            return base58(prefixes.p2sh(), scriptPubKey.slice(2, 22), scriptPubKey, network);
        }
        throw new AddressException("this script has no address");
    }

    private static void requireKnownVersion0(Script script) throws AddressException {
        boolean version0 = script.witnessVersion() == 0;
        if (version0 && script.length() != 22 && script.length() != 34) {
            throw new AddressException("segwit version 0 has 20 or 32 bytes");
        }
    }

    private static Address base58(int version, Bytes hash, Script script, Network network) {
        Bytes payload = Bytes.concat(Bytes.wrap(new byte[] {(byte) version}), hash);
        return new Address(Base58Check.encode(payload.toArray()), script, network);
    }

    private static Script decodeBase58(String text, AddressPrefixes prefixes)
            throws AddressException {
        Bytes payload = base58(text);
        if (payload.length() != 21) {
            throw new AddressException("a base58 address has 21 bytes, not " + payload.length());
        }
        int version = payload.get(0) & 0xff;
        Bytes hash = payload.slice(1, 21);
        if (version == prefixes.p2pkh()) {
            return Script.p2pkh(hash);
        }
        if (version == prefixes.p2sh()) {
            return Script.p2sh(hash);
        }
        throw new AddressException("version byte " + version + " is not of this network");
    }

    private static Bytes base58(String text) throws AddressException {
        try {
            return Bytes.wrap(Base58Check.decode(text));
        } catch (KeyException e) {
            throw new AddressException(String.valueOf(e.getMessage()));
        }
    }

    /// Base58 has no `0`, and bech32 demands a `1` after the human-readable part: an address of any
    /// network's segwit form is recognised by its start, so that the error names the right
    /// encoding.
    private static boolean looksLikeSegwit(String text, Network ours) {
        String lower = text.toLowerCase(Locale.ROOT);
        return Stream.concat(Stream.of(ours), Network.all().stream())
                .anyMatch(network -> lower.startsWith(network.prefixes().hrp() + "1"));
    }

    @Override
    public String toString() {
        return text;
    }
}
