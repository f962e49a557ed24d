package org.tutti.libp2p.multiaddr;

import static org.tutti.libp2p.multiaddr.ValueCodec.require;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.util.BigIntegers;
import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;

/// The text of component values that are not IP addresses (see [IpText] for those).
final class ValueText {
    /// RFC 3986 section 2.3.
    private static final String UNRESERVED_MARKS = "-._~";

    private ValueText() {}

    static byte[] parseDecimal(String text, int size) {
        require(
                !text.isEmpty()
                        && text.length() <= 20
                        && text.chars().allMatch(c -> c >= '0' && c <= '9'),
                "not a number");
        BigInteger value = new BigInteger(text);
        require(value.bitLength() <= 8 * size, "number out of range");
        return BigIntegers.asUnsignedByteArray(size, value);
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    static String fromUtf8(Bytes value) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(value.toArray())).toString();
        } catch (CharacterCodingException e) {
            throw new MultiformatException(
                    MultiformatException.Format.MULTIADDR, "text is not UTF-8");
        }
    }

    static void requireName(Bytes value) {
        String text = fromUtf8(value);
        require(!text.isEmpty() && text.indexOf('/') < 0, "a name is empty or has a slash");
        requirePrintable(text);
    }

    static void requirePath(Bytes value) {
        String text = fromUtf8(value);
        require(
                text.length() > 1 && text.startsWith("/") && !text.endsWith("/"),
                "a path starts with a slash and does not end with one");
        requirePrintable(text);
    }

    /// Addresses come from strangers and are printed in logs and on terminals, where control
    /// characters act.
    private static void requirePrintable(String text) {
        require(PlainText.isPlain(text), "characters in a name that are not plain text");
    }

    /// base32 of the host, a colon, the port.
    static byte[] parseOnion(String text, int hostLength) {
        int colon = text.indexOf(':');
        require(colon > 0, "an onion address has a port");
        byte[] host = Multibase.BASE32.decodeBare(text.substring(0, colon));
        require(host.length == hostLength, "an onion host has " + hostLength + " bytes");
        byte[] port = parseDecimal(text.substring(colon + 1), 2);
        return Bytes.concat(Bytes.wrap(host), Bytes.wrap(port)).toArray();
    }

    static String printOnion(Bytes value, int hostLength) {
        int port = (value.get(hostLength) & 0xff) << 8 | (value.get(hostLength + 1) & 0xff);
        return Multibase.BASE32.encodeBare(value.slice(0, hostLength).toArray()) + ":" + port;
    }

    /// I2P's base64 has '-' and '~' where RFC 4648 has '+' and '/'.
    static byte[] parseGarlic64(String text) {
        require(text.indexOf('+') < 0 && text.indexOf('/') < 0, "not I2P's base64");
        return Multibase.BASE64_PAD.decodeBare(text.replace('-', '+').replace('~', '/'));
    }

    /// go accepts, and has in its tests, names whose last digit says more than the bytes hold. It
    /// also accepts padding up to a multiple of eight digits.
    static byte[] parseGarlic32(String text) {
        int padding = text.indexOf('=');
        if (padding < 0) {
            return Multibase.BASE32.decodeBareLeniently(text);
        }
        String digits = text.substring(0, padding);
        require(
                text.length() % 8 == 0
                        && text.length() - padding < 8
                        && text.substring(padding).chars().allMatch(c -> c == '='),
                "padding to a multiple of eight digits");
        return Multibase.BASE32.decodeBareLeniently(digits);
    }

    static String printGarlic64(Bytes value) {
        return Multibase.BASE64_PAD.encodeBare(value.toArray()).replace('+', '-').replace('/', '~');
    }

    /// RFC 3986 section 2.1. A plus stands for itself.
    static byte[] percentDecode(String text) {
        byte[] in = text.getBytes(UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] != '%') {
                out.write(in[i]);
                continue;
            }
            int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
            require(high >= 0 && low >= 0, "a percent sign is followed by two hex digits");
            out.write(high << 4 | low);
            i += 2;
        }
        return out.toByteArray();
    }

    static String percentEncode(Bytes value) {
        StringBuilder text = new StringBuilder();
        for (byte b : value.toArray()) {
            boolean unreserved =
                    (b >= '0' && b <= '9')
                            || (b >= 'A' && b <= 'Z')
                            || (b >= 'a' && b <= 'z')
                            || UNRESERVED_MARKS.indexOf(b) >= 0;
            if (unreserved) {
                text.append((char) b);
            } else {
                text.append(String.format(Locale.ROOT, "%%%02X", b));
            }
        }
        return text.toString();
    }
}
