package org.tutti.libp2p.multiformats;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;

/// Text that says in its first character which base the rest is in (multiformats/multibase).
///
/// Every base that the multibase test files use. `proquint` and `base45`, drafts without test
/// files, are refused like any unknown prefix.
@SuppressWarnings("ImmutableEnumChecker") // the functions belong to stateless bases
public enum Multibase {
    BASE2("0", new BitBase("01", 0, false)),
    BASE8("7", new BitBase("01234567", 0, false)),
    BASE10("9", new BaseX("0123456789", false)),
    BASE16("f", new BitBase(Alphabets.HEX, 0, true)),
    BASE16_UPPER("F", new BitBase(upper(Alphabets.HEX), 0, true)),
    BASE32("b", new BitBase(Alphabets.RFC4648_32, 0, true)),
    BASE32_UPPER("B", new BitBase(upper(Alphabets.RFC4648_32), 0, true)),
    BASE32_PAD("c", new BitBase(Alphabets.RFC4648_32, 8, true)),
    BASE32_PAD_UPPER("C", new BitBase(upper(Alphabets.RFC4648_32), 8, true)),
    BASE32_HEX("v", new BitBase(Alphabets.RFC4648_32_HEX, 0, true)),
    BASE32_HEX_UPPER("V", new BitBase(upper(Alphabets.RFC4648_32_HEX), 0, true)),
    BASE32_HEX_PAD("t", new BitBase(Alphabets.RFC4648_32_HEX, 8, true)),
    BASE32_HEX_PAD_UPPER("T", new BitBase(upper(Alphabets.RFC4648_32_HEX), 8, true)),
    BASE32_Z("h", new BitBase("ybndrfg8ejkmcpqxot1uwisza345h769", 0, false)),
    BASE36("k", new BaseX(Alphabets.THIRTY_SIX, true)),
    BASE36_UPPER("K", new BaseX(upper(Alphabets.THIRTY_SIX), true)),
    BASE58_FLICKR(
            "Z", new BaseX("123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", false)),
    BASE58_BTC("z", new BaseX("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false)),
    BASE64("m", new BitBase(Alphabets.SIXTY_FOUR, 0, false)),
    BASE64_PAD("M", new BitBase(Alphabets.SIXTY_FOUR, 4, false)),
    BASE64_URL("u", new BitBase(Alphabets.SIXTY_FOUR_URL, 0, false)),
    BASE64_URL_PAD("U", new BitBase(Alphabets.SIXTY_FOUR_URL, 4, false)),
    BASE256_EMOJI("🚀", new EmojiBase());

    /// The longest text that [#decode] looks at.
    public static final int MAX_TEXT = 4096;

    private final String prefix;
    private final Function<byte[], String> encoder;
    private final Function<CharSequence, byte[]> decoder;
    private final Function<CharSequence, byte[]> lenientDecoder;

    Multibase(String prefix, BitBase base) {
        this(prefix, base::encode, base::decode, text -> base.decode(text, false));
    }

    Multibase(String prefix, BaseX base) {
        this(prefix, base::encode, base::decode, base::decode);
    }

    Multibase(String prefix, EmojiBase base) {
        this(prefix, base::encode, base::decode, base::decode);
    }

    Multibase(
            String prefix,
            Function<byte[], String> encoder,
            Function<CharSequence, byte[]> decoder,
            Function<CharSequence, byte[]> lenientDecoder) {
        this.prefix = prefix;
        this.encoder = encoder;
        this.decoder = decoder;
        this.lenientDecoder = lenientDecoder;
    }

    /// The character that announces this base.
    public String prefix() {
        return prefix;
    }

    /// The name in the multibase table, such as `base32hexpadupper`.
    public String tableName() {
        return name().replace("_", "").toLowerCase(Locale.ROOT);
    }

    /// The bytes in this base, with its prefix.
    public String encode(byte[] bytes) {
        return prefix + encoder.apply(bytes);
    }

    /// The bytes in this base, without its prefix.
    public String encodeBare(byte[] bytes) {
        return encoder.apply(bytes);
    }

    /// The bytes of text in this base that carries no prefix.
    ///
    /// @throws MultiformatException if it is not text of this base, or too long
    public byte[] decodeBare(String text) {
        requireShort(text);
        return decoder.apply(text);
    }

    /// As `decodeBare`, but takes a last digit that says more than the bytes hold.
    ///
    /// @throws MultiformatException if it is not text of this base, or too long
    public byte[] decodeBareLeniently(String text) {
        requireShort(text);
        return lenientDecoder.apply(text);
    }

    /// The base that the first character announces.
    ///
    /// @throws MultiformatException if no base has this prefix
    public static Multibase of(String text) {
        return Arrays.stream(values())
                .filter(base -> text.startsWith(base.prefix))
                .findFirst()
                .orElseThrow(() -> malformed("unknown multibase prefix"));
    }

    /// The bytes of text that starts with its prefix.
    ///
    /// @throws MultiformatException if the prefix is unknown or the rest is not in its base
    public static byte[] decode(String text) {
        requireShort(text);
        Multibase base = of(text);
        return base.decoder.apply(text.substring(base.prefix.length()));
    }

    private static void requireShort(String text) {
        if (text.length() > MAX_TEXT) {
            throw malformed("text of " + text.length() + " characters, at most " + MAX_TEXT);
        }
    }

    private static String upper(String alphabet) {
        return alphabet.toUpperCase(Locale.ROOT);
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.MULTIBASE, message);
    }

    /// Enum constants cannot refer to constants of their own enum; these can be.
    private static final class Alphabets {
        static final String HEX = "0123456789abcdef";
        static final String RFC4648_32 = "abcdefghijklmnopqrstuvwxyz234567";
        static final String RFC4648_32_HEX = "0123456789abcdefghijklmnopqrstuv";
        static final String THIRTY_SIX = "0123456789abcdefghijklmnopqrstuvwxyz";
        static final String SIXTY_FOUR =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        static final String SIXTY_FOUR_URL =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    }
}
