package org.tutti.libp2p.multiaddr;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.MultiformatException.Format;
import org.tutti.libp2p.multiformats.Multihash;

import java.math.BigInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/// The shape of a component's value: its size on the wire, and its text.
///
/// @param size in bytes, or [#VARIABLE]
/// @param parser text to bytes, not yet judged
/// @param checker throws on bytes that are not a valid value, so that every value has a text form
///   that reads back
/// @param printer bytes that have passed to text
record ValueCodec(
        int size,
        Function<String, byte[]> parser,
        Consumer<Bytes> checker,
        Function<Bytes, String> printer) {
    /// Marks values that carry their length.
    static final int VARIABLE = -1;

    static final ValueCodec NONE =
            new ValueCodec(0, text -> new byte[0], ValueCodec::any, value -> "");
    static final ValueCodec IP4 =
            new ValueCodec(4, IpText::parse4, ValueCodec::any, IpText::print4);
    static final ValueCodec IP6 =
            new ValueCodec(16, IpText::parse6, ValueCodec::any, IpText::print6);
    static final ValueCodec BYTE = number(1);
    static final ValueCodec PORT = number(2);
    static final ValueCodec NUMBER = number(8);

    /// A domain or a zone: any text without a slash.
    static final ValueCodec NAME =
            new ValueCodec(VARIABLE, ValueText::utf8, ValueText::requireName, ValueText::fromUtf8);

    /// The rest of the address, with its leading slash.
    static final ValueCodec PATH =
            new ValueCodec(VARIABLE, ValueText::utf8, ValueText::requirePath, ValueText::fromUtf8);

    static final ValueCodec HTTP_PATH =
            new ValueCodec(
                    VARIABLE,
                    ValueText::percentDecode,
                    ValueCodec::requireSome,
                    ValueText::percentEncode);

    static final ValueCodec PEER =
            new ValueCodec(
                    VARIABLE,
                    text -> PeerId.parseMultihash(text).toArray(),
                    ValueCodec::requirePeer,
                    PeerId::textOf);

    /// A multihash in whatever base it comes; we write base64url, as go does.
    static final ValueCodec CERTHASH =
            new ValueCodec(
                    VARIABLE,
                    Multibase::decode,
                    Multihash::parse,
                    value -> Multibase.BASE64_URL.encode(value.toArray()));

    static final ValueCodec ONION = onion(10);
    static final ValueCodec ONION3 = onion(35);

    /// An I2P destination: its keys and certificate, at least 386 bytes.
    static final ValueCodec GARLIC64 =
            new ValueCodec(
                    VARIABLE,
                    ValueText::parseGarlic64,
                    value -> require(value.length() >= 386, "an I2P destination is longer"),
                    ValueText::printGarlic64);

    /// An I2P name: a hash of 32 bytes, or the name of an encrypted lease set, 35 and more.
    static final ValueCodec GARLIC32 =
            new ValueCodec(
                    VARIABLE,
                    ValueText::parseGarlic32,
                    value ->
                            require(
                                    value.length() == 32 || value.length() >= 35,
                                    "an I2P name has 32 bytes, or 35 and more"),
                    value -> Multibase.BASE32.encodeBare(value.toArray()));

    private static ValueCodec number(int size) {
        return new ValueCodec(
                size,
                text -> ValueText.parseDecimal(text, size),
                ValueCodec::any,
                value -> new BigInteger(1, value.toArray()).toString());
    }

    private static ValueCodec onion(int hostLength) {
        return new ValueCodec(
                hostLength + 2,
                text -> ValueText.parseOnion(text, hostLength),
                value ->
                        require(
                                value.get(hostLength) != 0 || value.get(hostLength + 1) != 0,
                                "an onion address has a port"),
                value -> ValueText.printOnion(value, hostLength));
    }

    private static void any(Bytes value) {}

    /// peer-ids.md#peer-ids knows two functions. An identity that is too long for a key is let
    /// through, as go does: it is an address, and [Multiaddr#peerId] finds no peer in it.
    private static void requirePeer(Bytes value) {
        Multihash multihash = Multihash.parse(value);
        require(
                multihash.code() == HashFunction.IDENTITY.code()
                        || (multihash.code() == HashFunction.SHA2_256.code()
                                && multihash.digest().length() == 32),
                "a peer id is an identity or a sha2-256 multihash");
    }

    private static void requireSome(Bytes value) {
        require(!value.isEmpty(), "the value is empty");
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new MultiformatException(Format.MULTIADDR, otherwise);
        }
    }
}
