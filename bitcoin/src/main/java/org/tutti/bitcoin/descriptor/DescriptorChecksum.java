package org.tutti.bitcoin.descriptor;

/// The checksum of a descriptor (BIP380): `#` and eight characters of the Bech32 alphabet.
public final class DescriptorChecksum {
    /// Characters of a checksum.
    public static final int LENGTH = 8;

    /// BIP380: the characters of a descriptor, in three groups of 32; case and digits that are
    /// often mixed up lie in different groups.
    private static final String INPUT =
            "0123456789()[],'/*abcdefgh@:$%{}"
                    + "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
                    + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";

    private static final String OUTPUT = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static final long[] GENERATOR = {
        0xf5dee51989L, 0xa9fdca3312L, 0x1bab10e32dL, 0x3706b1677aL, 0x644d626ffdL
    };

    private DescriptorChecksum() {}

    /// The text with its checksum.
    ///
    /// @param text without one
    /// @throws DescriptorException if a character is in no descriptor
    public static String add(String text) throws DescriptorException {
        return text + "#" + of(text);
    }

    /// The text without its checksum, if it has one.
    ///
    /// @throws DescriptorException if the checksum is of another text, or has another length
    public static String remove(String text) throws DescriptorException {
        int hash = text.indexOf('#');
        if (hash < 0) {
            var _ = of(text);
            return text;
        }
        String content = text.substring(0, hash);
        if (!text.substring(hash + 1).equals(of(content))) {
            throw new DescriptorException("the checksum is not that of the descriptor");
        }
        return content;
    }

    private static String of(String text) throws DescriptorException {
        long c = 1;
        int group = 0;
        int groups = 0;
        for (int i = 0; i < text.length(); i++) {
            int at = INPUT.indexOf(text.charAt(i));
            if (at < 0) {
                throw new DescriptorException("character " + (i + 1) + " is in no descriptor");
            }
            c = step(c, at & 31);
            group = group * 3 + (at >> 5);
            groups++;
            if (groups == 3) {
                c = step(c, group);
                group = 0;
                groups = 0;
            }
        }
        if (groups > 0) {
            c = step(c, group);
        }
        for (int i = 0; i < LENGTH; i++) {
            c = step(c, 0);
        }
        c ^= 1;
        StringBuilder checksum = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            checksum.append(OUTPUT.charAt((int) (c >> (5 * (LENGTH - 1 - i))) & 31));
        }
        return checksum.toString();
    }

    private static long step(long c, int value) {
        int top = (int) (c >>> 35);
        long next = ((c & 0x7ffffffffL) << 5) ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            if ((top >> i & 1) != 0) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }
}
