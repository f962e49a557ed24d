package org.tutti.libp2p.internal.dns;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A domain name: labels of 1 to 63 bytes, at most 255 bytes in all (RFC 1035 section 3.1). Each
/// byte is a character of a label; upper case is made lower, because names are equal whatever their
/// case (section 2.3.3). The root has no label.
public record DnsName(List<String> labels) {
    static final int MAX_LENGTH = 255;
    static final int MAX_LABEL = 63;

    /// @throws IllegalArgumentException if a label or the whole is too long, or a label empty
    public DnsName {
        labels = labels.stream().map(l -> l.toLowerCase(Locale.ROOT)).toList();
        int length = 1;
        for (String label : labels) {
            if (label.isEmpty()
                    || label.length() > MAX_LABEL
                    || label.chars().anyMatch(c -> c > 0xff)) {
                throw new IllegalArgumentException("not a label of a domain name");
            }
            length += 1 + label.length();
        }
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("a domain name of " + length + " bytes");
        }
    }

    /// @param text labels between dots, with or without one at the end
    /// @throws DnsFormatException if it is no domain name
    public static DnsName parse(String text) throws DnsFormatException {
        String bare = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        try {
            return new DnsName(List.of(bare.split("\\.", -1)));
        } catch (IllegalArgumentException e) {
            throw new DnsFormatException(e.getMessage() == null ? text : e.getMessage());
        }
    }

    /// This name below `parent`.
    public DnsName below(DnsName parent) {
        List<String> all = new ArrayList<>(labels);
        all.addAll(parent.labels);
        return new DnsName(all);
    }

    byte[] bytes(int label) {
        return labels.get(label).getBytes(ISO_8859_1);
    }

    /// Labels between dots; not for parsing, because a label may have a dot in it.
    @Override
    public String toString() {
        return String.join(".", labels);
    }
}
