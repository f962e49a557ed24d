package org.tutti.libp2p.multiaddr;

import static org.tutti.libp2p.multiaddr.ValueCodec.require;

import org.tutti.base.Bytes;

import java.util.Arrays;

/// IP addresses as text, strictly: no name is ever looked up, no octal, no short forms.
final class IpText {
    private IpText() {}

    /// Four decimal numbers without leading zeros.
    static byte[] parse4(String text) {
        String[] parts = text.split("\\.", -1);
        require(parts.length == 4, "not an IPv4 address");
        byte[] out = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            boolean digits =
                    !part.isEmpty()
                            && part.length() <= 3
                            && part.chars().allMatch(c -> c >= '0' && c <= '9')
                            && (part.length() == 1 || part.charAt(0) != '0');
            int value = digits ? Integer.parseInt(part) : 256;
            require(value < 256, "not an IPv4 address");
            out[i] = (byte) value;
        }
        return out;
    }

    static String print4(Bytes value) {
        return (value.get(0) & 0xff)
                + "."
                + (value.get(1) & 0xff)
                + "."
                + (value.get(2) & 0xff)
                + "."
                + (value.get(3) & 0xff);
    }

    /// RFC 4291 section 2.2: eight groups, one run of zeros as "::", the last 32 bits as IPv4 if
    /// wanted.
    static byte[] parse6(String text) {
        require(text.length() <= 45, "not an IPv6 address");
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text);
            require(all.length == 16, "an IPv6 address has eight groups");
            return all;
        }
        byte[] head = groups(text.substring(0, gap));
        byte[] tail = groups(text.substring(gap + 2));
        require(head.length + tail.length <= 14, "\"::\" stands for at least one group");
        byte[] out = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, out, 16 - tail.length, tail.length);
        return out;
    }

    private static byte[] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        require(parts.length <= 8, "an IPv6 address has eight groups");
        byte[] out = new byte[18];
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') >= 0) {
                System.arraycopy(parse4(part), 0, out, at, 4);
                at += 4;
                continue;
            }
            require(
                    !part.isEmpty()
                            && part.length() <= 4
                            && part.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128),
                    "not an IPv6 address");
            int group = Integer.parseInt(part, 16);
            out[at++] = (byte) (group >>> 8);
            out[at++] = (byte) group;
        }
        require(at <= 16, "an IPv6 address has eight groups");
        return Arrays.copyOf(out, at);
    }

    /// RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as
    /// "::", addresses that map IPv4 with their last part in that form.
    static String print6(Bytes value) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (value.get(2 * i) & 0xff) << 8 | (value.get(2 * i + 1) & 0xff);
        }
        if (isMapped(groups)) {
            return "::ffff:" + print4(value.slice(12, 16));
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) {
                run++;
            }
            if (run > length) {
                start = i;
                length = run;
            }
        }
        if (start < 0) {
            return join(groups, 0, 8);
        }
        return join(groups, 0, start) + "::" + join(groups, start + length, 8);
    }

    private static boolean isMapped(int[] groups) {
        return Arrays.equals(groups, 0, 6, new int[] {0, 0, 0, 0, 0, 0xffff}, 0, 6);
    }

    private static String join(int[] groups, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i > from ? ":" : "").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
