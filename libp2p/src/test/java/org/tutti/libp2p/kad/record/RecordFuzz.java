package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.SignedEnvelope;

import java.util.List;

/// What strangers send as values of a DHT: only a typed refusal leaves a parser, and a record has
/// one encoding.
public final class RecordFuzz {
    /// What can be tried.
    enum Target {
        ENVELOPE,
        /// An envelope with a record in it.
        SEALED,
        /// What Alice would sign, if she signed it.
        PAYLOAD,
        PUBLIC_KEY,
        KEY
    }

    private static final RecordValidators VALIDATORS =
            RecordValidators.of(new PublicKeyValidator(), RecordFixtures.VALIDATOR);

    private static Target target = Target.SEALED;

    private RecordFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        Bytes bytes = Bytes.of(input);
        try {
            switch (what) {
                case ENVELOPE -> {
                    SignedEnvelope envelope = SignedEnvelope.decode(bytes);
                    require(
                            SignedEnvelope.decode(envelope.encode()).equals(envelope),
                            "another envelope was written");
                }
                case SEALED -> sealed(bytes);
                case PAYLOAD ->
                        sealed(
                                new SignedEnvelope(
                                                RecordFixtures.ALICE.publicKey(),
                                                SignedRecord.PAYLOAD_TYPE,
                                                bytes,
                                                Bytes.EMPTY)
                                        .encode());
                case PUBLIC_KEY ->
                        VALIDATORS.validate(
                                PublicKeyValidator.keyOf(RecordFixtures.id(RecordFixtures.ALICE)),
                                bytes,
                                RecordFixtures.NOW);
                case KEY -> VALIDATORS.validate(bytes, Bytes.EMPTY, RecordFixtures.NOW);
            }
        } catch (InvalidRecordException | EnvelopeException _) {
            // Typed: that is the point.
        }
    }

    private static void sealed(Bytes bytes) throws InvalidRecordException {
        SignedRecord.Sealed read = SignedRecord.read(bytes);
        require(
                SignedRecord.read(
                                new SignedEnvelope(
                                                read.envelope().key(),
                                                read.envelope().payloadType(),
                                                read.envelope().payload(),
                                                read.envelope().signature())
                                        .encode())
                        .record()
                        .equals(read.record()),
                "two encodings");
        VALIDATORS.select(read.record().key(), List.of(bytes, bytes));
    }

    static List<byte[]> seeds(Target what) {
        byte[] sealed =
                RecordFixtures.record(RecordFixtures.ALICE, RecordFixtures.MILLIS, "two rooms")
                        .seal(RecordFixtures.ALICE)
                        .toArray();
        byte[] tombstone =
                RecordFixtures.tombstone(RecordFixtures.ALICE, RecordFixtures.MILLIS)
                        .seal(RecordFixtures.ALICE)
                        .toArray();
        return switch (what) {
            case ENVELOPE, SEALED -> List.of(sealed, tombstone);
            case PAYLOAD -> List.of(payload(sealed), payload(tombstone));
            case PUBLIC_KEY -> List.of(RecordFixtures.ALICE.publicKey().toProtobuf().toArray());
            case KEY ->
                    List.of(
                            RecordFixtures.keyOf(RecordFixtures.ALICE).toArray(),
                            PublicKeyValidator.keyOf(RecordFixtures.id(RecordFixtures.ALICE))
                                    .toArray());
        };
    }

    private static byte[] payload(byte[] sealed) {
        try {
            return SignedEnvelope.decode(Bytes.of(sealed)).payload().toArray();
        } catch (EnvelopeException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
