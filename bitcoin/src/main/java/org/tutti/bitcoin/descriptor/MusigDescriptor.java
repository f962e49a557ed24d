package org.tutti.bitcoin.descriptor;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapTweak;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// The descriptor of keys that sign together, without scripts: `tr(musig(KEY,KEY,…))`, or with
/// steps after it where all keys are extended ones, as `tr(musig(xpub,xpub)/<0;1>/*)` (BIP390,
/// BIP389). Bitcoin Core imports it.
///
/// Keys may be compressed public keys or extended public keys, each with an origin, and extended
/// ones with numbers of unhardened children; a key may be there twice. Private keys are not taken.
///
/// @param text without the checksum
/// @param keys that are aggregated, sorted (BIP390)
/// @param steps after the aggregate
public record MusigDescriptor(String text, List<PublicKey> keys, List<Step> steps) {
    /// The longest text that is read: more than 100 extended keys with their origins.
    public static final int MAX_LENGTH = 32_768;

    /// Most alternatives of one step (BIP389).
    public static final int MAX_ALTERNATIVES = 16;

    private static final String HEAD = "tr(musig(";

    public MusigDescriptor {
        keys = List.copyOf(keys);
        steps = List.copyOf(steps);
    }

    /// A step of derivation.
    public sealed interface Step {}

    /// One of several numbers, of which there is one for each of the paths; most often there is
    /// one.
    record Numbers(List<Long> all) implements Step {
        Numbers {
            all = List.copyOf(all);
        }
    }

    /// Any number.
    record Wildcard() implements Step {}

    /// Reads a descriptor.
    ///
    /// @param descriptor with its checksum or without
    /// @throws DescriptorException if it is none of this form, or its checksum is another's
    public static MusigDescriptor parse(String descriptor) throws DescriptorException {
        if (descriptor.length() > MAX_LENGTH) {
            throw new DescriptorException("a descriptor of " + descriptor.length() + " characters");
        }
        String text = DescriptorChecksum.remove(descriptor);
        int end = text.indexOf(')');
        if (!text.startsWith(HEAD) || end < 0 || !text.endsWith(")") || end == text.length() - 1) {
            throw new DescriptorException("not a descriptor of the form tr(musig(…))");
        }
        List<Step> steps = steps(text.substring(end + 1, text.length() - 1));
        List<PublicKey> keys = new ArrayList<>();
        for (String key : text.substring(HEAD.length(), end).split(",", -1)) {
            keys.add(key(key, !steps.isEmpty()));
        }
        return new MusigDescriptor(text, KeySort.sort(keys), steps);
    }

    private static List<Step> steps(String text) throws DescriptorException {
        List<Step> steps = new ArrayList<>();
        if (text.isEmpty()) {
            return steps;
        }
        if (!text.startsWith("/")) {
            throw new DescriptorException("something else after the keys");
        }
        String[] parts = text.substring(1).split("/", -1);
        boolean several = false;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (part.equals("*") && i == parts.length - 1) {
                steps.add(new Wildcard());
            } else if (part.startsWith("<") && part.endsWith(">") && !several) {
                // BIP389: once in a descriptor's key.
                several = true;
                steps.add(alternatives(part.substring(1, part.length() - 1)));
            } else {
                steps.add(new Numbers(List.of(number(part))));
            }
        }
        return steps;
    }

    private static Numbers alternatives(String text) throws DescriptorException {
        List<Long> all = new ArrayList<>();
        for (String one : text.split(";", -1)) {
            all.add(number(one));
        }
        if (all.size() < 2
                || all.size() > MAX_ALTERNATIVES
                || new HashSet<>(all).size() < all.size()) {
            throw new DescriptorException("not a choice of different numbers: <" + text + ">");
        }
        return new Numbers(all);
    }

    /// BIP328: an aggregate has no hardened child.
    private static long number(String text) throws DescriptorException {
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) >= DerivationPath.HARDENED) {
            throw new DescriptorException("not an unhardened number: " + text);
        }
        return Long.parseLong(text);
    }

    private static PublicKey key(String text, boolean derived) throws DescriptorException {
        String key = text;
        if (key.startsWith("[")) {
            int end = key.indexOf(']');
            // BIP380: eight hex digits, then steps that may be hardened.
            if (end < 0
                    || !key.substring(1, end).matches("[0-9a-fA-F]{8}(/[0-9]{1,10}['h]?){0,255}")) {
                throw new DescriptorException("not the origin of a key: " + text);
            }
            key = key.substring(end + 1);
        }
        try {
            if (!derived && key.matches("[0-9a-fA-F]{66}")) {
                return PublicKey.parse(Bytes.fromHex(key));
            }
            String[] parts = key.split("/", -1);
            ExtendedPublicKey extended = ExtendedPublicKey.parse(parts[0]);
            for (int i = 1; i < parts.length; i++) {
                extended = extended.child(number(parts[i])).key();
            }
            return extended.publicKey();
        } catch (KeyException | IllegalArgumentException e) {
            throw new DescriptorException(
                    derived ? "not an extended public key" : "not a public key", e);
        }
    }

    /// How many paths it has (BIP389): of `<0;1>` the first is what others pay to, the second is
    /// for change.
    public int paths() {
        return steps.stream()
                .mapToInt(step -> step instanceof Numbers(List<Long> all) ? all.size() : 1)
                .max()
                .orElse(1);
    }

    /// Whether it has an address for every number.
    public boolean isRanged() {
        return steps.stream().anyMatch(Wildcard.class::isInstance);
    }

    /// A scriptPubKey.
    ///
    /// @param path below [#paths]
    /// @param index from 0; without meaning if it is not ranged
    public Script script(int path, int index) {
        if (path < 0 || path >= paths() || index < 0) {
            throw new IllegalArgumentException("no script " + path + ", " + index);
        }
        long[] numbers =
                steps.stream()
                        .mapToLong(step ->
                                switch (step) {
                                    case Numbers(List<Long> all) ->
                                            all.get(all.size() == 1 ? 0 : path);
                                    case Wildcard _ -> index;
                                })
                        .toArray();
        KeyAggContext aggregate = KeyAggContext.of(keys);
        try {
            KeyAggContext derived =
                    aggregate.withPlainTweaks(
                            Bip328.derive(aggregate.aggregateKey(), DerivationPath.of(numbers))
                                    .tweaks());
            return Script.of(TapTweak.output(derived.xOnlyKey(), Optional.empty()).scriptPubKey());
        } catch (KeyException e) {
            // Less likely than 2^-127.
            throw new IllegalArgumentException("no key for number " + index, e);
        }
    }

    /// With its checksum, as Bitcoin Core imports it.
    public String toText() {
        try {
            return DescriptorChecksum.add(text);
        } catch (DescriptorException e) {
            throw new IllegalStateException(e); // It was read from such characters.
        }
    }

    @Override
    public String toString() {
        return toText();
    }
}
