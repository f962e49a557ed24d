package org.tutti.libp2p.kad.record;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.hash.TaggedHash;
import org.tutti.libp2p.internal.pb.SignedRecordPb;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A record of one author in a DHT, on its own behind a key that only this author can fill
/// (`docs/protocol.md`, "Signed record").
///
/// @param network 1 to 64 bytes: which network of peers it is for
/// @param namespace 1 to 32 of `a`–`z`, `0`–`9`, `-`
/// @param author whose key signs it
/// @param name 1 to 64 bytes: which of the author's records in this namespace
/// @param sequence milliseconds since 1970, when it was made: the highest of a key counts
/// @param expires whole milliseconds; after the sequence, by at most [#MAX_LIFETIME]
/// @param value at most [#MAX_VALUE] bytes; empty for a tombstone, which says that there is no such
///   record any more, and lives exactly as long as any record before it could
public record SignedRecord(
        Bytes network,
        String namespace,
        PeerId author,
        Bytes name,
        long sequence,
        Instant expires,
        Optional<Bytes> value) {
    /// The longest time between a record's sequence and its expiry.
    public static final Duration MAX_LIFETIME = Duration.ofDays(2);

    /// How far ahead of ours the clock of an author may be.
    public static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    /// The longest value, in bytes.
    public static final int MAX_VALUE = 4_096;

    /// The longest sealed record, in bytes: room for an RSA key of 4,096 bits and its signature.
    /// With the 20 closer peers of an answer it fits into rust's 16 KiB.
    public static final int MAX_SEALED = 6_144;

    public static final int MAX_NETWORK = 64;
    public static final int MAX_NAME = 64;

    static final String DOMAIN = "tutti-dht-record";
    static final Bytes PAYLOAD_TYPE =
            Bytes.wrap("/tutti/dht/1/record".getBytes(StandardCharsets.US_ASCII));
    static final int VERSION = 1;

    /// Beyond the year 280,000: what fits into a number of JSON, and never overflows.
    private static final long MAX_MILLIS = (1L << 53) - 1;

    public SignedRecord {
        requireWithin(network, MAX_NETWORK, "network");
        RecordValidators.requireNamespace(namespace);
        requireWithin(name, MAX_NAME, "name");
        if (sequence <= 0 || sequence > MAX_MILLIS) {
            throw new IllegalArgumentException("sequence " + sequence);
        }
        Duration lifetime = Duration.between(Instant.ofEpochMilli(sequence), expires);
        if (lifetime.isNegative()
                || lifetime.isZero()
                || lifetime.compareTo(MAX_LIFETIME) > 0
                || !expires.equals(Instant.ofEpochMilli(expires.toEpochMilli()))) {
            throw new IllegalArgumentException("a record lives " + lifetime + ", at most 48 hours");
        }
        // So it outlives whatever came before it: that has a lower sequence, and expires within
        // 48 hours of it.
        if (value.isEmpty() && !lifetime.equals(MAX_LIFETIME)) {
            throw new IllegalArgumentException("a tombstone lives 48 hours, not " + lifetime);
        }
        if (value.isPresent() && value.get().length() > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "value of " + value.get().length() + " bytes, at most " + MAX_VALUE);
        }
    }

    private static void requireWithin(Bytes bytes, int most, String what) {
        if (bytes.isEmpty() || bytes.length() > most) {
            throw new IllegalArgumentException(
                    what + " of " + bytes.length() + " bytes, not 1 to " + most);
        }
    }

    /// A record with a value.
    ///
    /// @param lifetime more than nothing, at most [#MAX_LIFETIME]; whole milliseconds
    public static SignedRecord of(
            Bytes network,
            String namespace,
            PeerId author,
            Bytes name,
            long sequence,
            Duration lifetime,
            Bytes value) {
        return new SignedRecord(
                network,
                namespace,
                author,
                name,
                sequence,
                Instant.ofEpochMilli(sequence).plus(lifetime),
                Optional.of(value));
    }

    /// A tombstone: it replaces a record that its author has withdrawn.
    public static SignedRecord tombstone(
            Bytes network, String namespace, PeerId author, Bytes name, long sequence) {
        return new SignedRecord(
                network,
                namespace,
                author,
                name,
                sequence,
                Instant.ofEpochMilli(sequence).plus(MAX_LIFETIME),
                Optional.empty());
    }

    public boolean isTombstone() {
        return value.isEmpty();
    }

    /// Until when a replica remembers it, and a reader its sequence: every record of this key with
    /// a lower sequence has expired by then.
    public Instant rememberedUntil() {
        return Instant.ofEpochMilli(sequence).plus(MAX_LIFETIME);
    }

    /// The key that it belongs under.
    public Bytes key() {
        return keyOf(network, namespace, author, name);
    }

    /// The key of an author's record: `/NAMESPACE/` and 32 bytes.
    ///
    /// @param name 1 to 64 bytes
    /// @throws IllegalArgumentException if network, namespace or name is out of bounds
    public static Bytes keyOf(Bytes network, String namespace, PeerId author, Bytes name) {
        requireWithin(network, MAX_NETWORK, "network");
        requireWithin(name, MAX_NAME, "name");
        RecordValidators.requireNamespace(namespace);
        return RecordValidators.keyOf(
                namespace,
                new TaggedHash("tutti/dht/record")
                        .with(VERSION)
                        .withLength(network)
                        .withLength(ascii(namespace))
                        .withLength(author.multihash())
                        .withLength(name)
                        .hash());
    }

    /// Signs the record: the value to put under its key.
    ///
    /// @throws IllegalArgumentException if `key` is not the author's
    public Bytes seal(PrivateKey key) {
        if (!author.matches(key.publicKey())) {
            throw new IllegalArgumentException("record of " + author + " sealed by someone else");
        }
        return SignedEnvelope.seal(key, DOMAIN, PAYLOAD_TYPE, encode()).encode();
    }

    /// Reads what [#seal] wrote and checks that the author signed it. Whether it belongs under a
    /// key, and is of this time, is for [SignedRecordValidator] to say.
    ///
    /// @throws InvalidRecordException if it is not a record, or not signed by its author
    public static SignedRecord open(Bytes sealed) throws InvalidRecordException {
        Sealed read = read(sealed);
        read.verify();
        return read.record();
    }

    /// A record whose signature nobody has looked at yet.
    record Sealed(SignedRecord record, SignedEnvelope envelope) {
        /// @throws InvalidRecordException unless the author signed it
        void verify() throws InvalidRecordException {
            if (!envelope.signer().equals(record.author)) {
                throw new InvalidRecordException(
                        Code.SIGNATURE,
                        "record of " + record.author + " signed by " + envelope.signer());
            }
            try {
                envelope.verify(DOMAIN, PAYLOAD_TYPE);
            } catch (EnvelopeException e) {
                throw new InvalidRecordException(Code.SIGNATURE, String.valueOf(e.getMessage()));
            }
        }
    }

    /// Reads without judging the signature.
    ///
    /// @throws InvalidRecordException if it is not a record in its one encoding
    static Sealed read(Bytes sealed) throws InvalidRecordException {
        if (sealed.length() > MAX_SEALED) {
            throw new InvalidRecordException(
                    Code.TOO_LARGE,
                    "record of " + sealed.length() + " bytes, at most " + MAX_SEALED);
        }
        try {
            SignedEnvelope envelope = SignedEnvelope.decode(sealed);
            // One encoding, or strangers could pad what the author signed, or make many of one.
            if (!envelope.encode().equals(sealed)) {
                throw malformed("an envelope in another encoding than ours");
            }
            if (!envelope.payloadType().equals(PAYLOAD_TYPE)) {
                throw malformed("an envelope of something else");
            }
            return new Sealed(decode(envelope.payload()), envelope);
        } catch (EnvelopeException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static SignedRecord decode(Bytes payload) throws InvalidRecordException {
        try {
            SignedRecordPb message = SignedRecordPb.parseFrom(payload.toArray());
            if (message.getVersion() != VERSION) {
                throw new InvalidRecordException(
                        Code.VERSION,
                        "record of version " + Integer.toUnsignedString(message.getVersion()));
            }
            Optional<Bytes> value =
                    message.getTombstone()
                            ? Optional.empty()
                            : Optional.of(ProtobufBytes.fromProtobuf(message.getValue()));
            SignedRecord record =
                    new SignedRecord(
                            ProtobufBytes.fromProtobuf(message.getNetwork()),
                            message.getNamespace(),
                            new PeerId(ProtobufBytes.fromProtobuf(message.getAuthor())),
                            ProtobufBytes.fromProtobuf(message.getName()),
                            message.getSequence(),
                            Instant.ofEpochMilli(message.getExpiry()),
                            value);
            if (!record.encode().equals(payload)) {
                throw malformed("a record in another encoding than ours");
            }
            return record;
        } catch (InvalidProtocolBufferException e) {
            throw malformed("not a record");
        } catch (MultiformatException e) {
            throw malformed("no peer id as author");
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    /// The payload that is signed.
    private Bytes encode() {
        SignedRecordPb.Builder message =
                SignedRecordPb.newBuilder()
                        .setVersion(VERSION)
                        .setNetwork(ProtobufBytes.toProtobuf(network))
                        .setNamespace(namespace)
                        .setAuthor(ProtobufBytes.toProtobuf(author.multihash()))
                        .setName(ProtobufBytes.toProtobuf(name))
                        .setSequence(sequence)
                        .setExpiry(expires.toEpochMilli())
                        .setTombstone(value.isEmpty());
        value.ifPresent(v -> message.setValue(ProtobufBytes.toProtobuf(v)));
        return Bytes.wrap(message.build().toByteArray());
    }

    private static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static InvalidRecordException malformed(String message) {
        return new InvalidRecordException(Code.MALFORMED, message);
    }
}
