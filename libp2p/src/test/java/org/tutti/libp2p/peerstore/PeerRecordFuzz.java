package org.tutti.libp2p.peerstore;

import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;

import tools.jackson.databind.JsonNode;

import java.util.List;

/// Envelopes and the records in them: refused with a typed error, or read into what is written as
/// the same again. A record that a stranger signed properly may say anything.
public final class PeerRecordFuzz {
    /// What can be tried.
    enum Target {
        ENVELOPE,
        SIGNED_RECORD
    }

    private static final JsonNode GO = Vectors.json("libp2p/signed_peer_record_go.json");
    private static final PrivateKey KEY = key();

    private static Target target = Target.ENVELOPE;

    private PeerRecordFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        try {
            switch (what) {
                case ENVELOPE -> {
                    SignedEnvelope envelope = SignedEnvelope.decode(Bytes.of(input));
                    require(
                            SignedEnvelope.decode(envelope.encode()).equals(envelope),
                            "another envelope was written");
                    PeerRecord.open(envelope);
                }
                case SIGNED_RECORD -> {
                    PeerRecord record =
                            PeerRecord.open(
                                    SignedEnvelope.seal(
                                            KEY,
                                            PeerRecord.DOMAIN,
                                            PeerRecord.PAYLOAD_TYPE,
                                            Bytes.of(input)));
                    require(record.peerId().matches(KEY.publicKey()), "of another peer");
                    require(
                            PeerRecord.open(record.seal(KEY)).equals(record),
                            "another record was written");
                }
            }
        } catch (EnvelopeException _) {
            // Typed: that is the point.
        }
    }

    static List<byte[]> seeds(Target what) {
        Bytes envelope = Bytes.fromHex(GO.get("envelope_hex").asString());
        return switch (what) {
            case ENVELOPE -> List.of(envelope.toArray());
            case SIGNED_RECORD -> {
                try {
                    yield List.of(SignedEnvelope.decode(envelope).payload().toArray());
                } catch (EnvelopeException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private static PrivateKey key() {
        try {
            return Keys.privateFromProtobuf(
                    Bytes.fromHex(GO.get("private_key_protobuf_hex").asString()).toArray());
        } catch (KeyFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
