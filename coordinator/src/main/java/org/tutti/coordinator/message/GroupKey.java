package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.Base58Check;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A member's key in a group.
public sealed interface GroupKey {
    /// The key that signs and is aggregated.
    PublicKey key();

    /// As it is sent: 78 or 33 bytes.
    Bytes bytes();

    /// As BIP388 and Bitcoin Core write it.
    String text();

    /// Which form of a group has such keys.
    GroupForm form();

    /// An extended key (BIP32), so that the group has many addresses.
    ///
    /// @param origin where it comes from
    record Extended(ExtendedPublicKey extended, Origin origin) implements GroupKey {
        /// Bytes of an extended key (BIP32).
        public static final int BYTES = 78;

        /// @throws IllegalArgumentException if the origin is not that of the key
        public Extended {
            origin.requireOf(extended);
        }

        /// A master key.
        public static Extended ofMaster(ExtendedPublicKey master) {
            return new Extended(master, new Origin(master.fingerprint(), List.of()));
        }

        @Override
        public PublicKey key() {
            return extended.publicKey();
        }

        @Override
        public Bytes bytes() {
            try {
                return Bytes.wrap(Base58Check.decode(extended.toText()));
            } catch (KeyException e) {
                throw new IllegalStateException(e);
            }
        }

        /// Which networks its text is for.
        public ExtendedKeyVersions versions() {
            return extended.versions();
        }

        @Override
        public String text() {
            return origin.text() + extended.toText();
        }

        @Override
        public GroupForm form() {
            return GroupForm.EXTENDED;
        }
    }

    /// A key by itself: the group has one address.
    record Bare(PublicKey key) implements GroupKey {
        @Override
        public Bytes bytes() {
            return key.bytes();
        }

        @Override
        public String text() {
            return key.bytes().toHex();
        }

        @Override
        public GroupForm form() {
            return GroupForm.FIXED;
        }
    }

    /// Where an extended key comes from (BIP380 key origin).
    ///
    /// @param fingerprint of the master key, 4 bytes
    /// @param path from there, hardened from 2^31 on
    record Origin(Bytes fingerprint, List<Long> path) {
        /// Most steps of a path.
        public static final int MAX_STEPS = 16;

        private static final Pattern TEXT =
                Pattern.compile(
                        "\\[(?<fingerprint>[0-9a-f]{8})(?<path>(/[0-9]{1,10}h?){0,16})\\]"
                                + "(?<key>[0-9A-Za-z]{1,120})");

        public Origin {
            fingerprint.requireLength(4, "fingerprint");
            path = List.copyOf(path);
            if (path.size() > MAX_STEPS) {
                throw new IllegalArgumentException("an origin of " + path.size() + " steps");
            }
        }

        /// BIP32: depth, number and parent are in the key, and must not contradict its origin.
        private void requireOf(ExtendedPublicKey key) {
            boolean agrees =
                    key.depth() == path.size()
                            && (path.isEmpty()
                                    ? key.fingerprint().equals(fingerprint)
                                            && key.childNumber() == 0
                                            && key.parentFingerprint()
                                                    .equals(Bytes.wrap(new byte[4]))
                                    : key.childNumber() == path.getLast()
                                            && (path.size() > 1
                                                    || key.parentFingerprint()
                                                            .equals(fingerprint)));
            if (!agrees) {
                throw new IllegalArgumentException("an extended key of another origin");
            }
        }

        private String text() {
            StringBuilder text = new StringBuilder("[").append(fingerprint.toHex());
            for (long step : path) {
                text.append('/').append(step % DerivationPath.HARDENED);
                if (step >= DerivationPath.HARDENED) {
                    text.append('h');
                }
            }
            return text.append(']').toString();
        }
    }

    /// Reads what [#text] gives.
    ///
    /// @throws KeyException if it is no key
    /// @throws IllegalArgumentException if it is written otherwise, or has another origin
    static GroupKey parseText(String text) throws KeyException {
        if (text.length() == 2 * PublicKey.BYTES) {
            return new Bare(PublicKey.parse(Bytes.fromHex(text)));
        }
        Matcher matcher = Origin.TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a key with its origin");
        }
        DerivationPath path = DerivationPath.parse("m" + matcher.group("path"));
        return new Extended(
                ExtendedPublicKey.parse(matcher.group("key")),
                new Origin(Bytes.fromHex(matcher.group("fingerprint")), path.steps()));
    }

    /// Reads what [#bytes] gives.
    ///
    /// @param path of the origin, each number as 32 bits without sign
    /// @throws KeyException if it is no key
    /// @throws IllegalArgumentException if it has another length, or another origin
    static GroupKey parse(Bytes bytes, Bytes fingerprint, List<Integer> path) throws KeyException {
        if (bytes.length() == PublicKey.BYTES) {
            if (!fingerprint.isEmpty() || !path.isEmpty()) {
                throw new IllegalArgumentException("a bare key with an origin");
            }
            return new Bare(PublicKey.parse(bytes));
        }
        bytes.requireLength(Extended.BYTES, "a group key");
        List<Long> steps = new ArrayList<>();
        path.forEach(step -> steps.add(Integer.toUnsignedLong(step)));
        return new Extended(
                ExtendedPublicKey.parse(Base58Check.encode(bytes.toArray())),
                new Origin(fingerprint, steps));
    }
}
