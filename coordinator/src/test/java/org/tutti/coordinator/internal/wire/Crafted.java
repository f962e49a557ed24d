package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.pb.BodyPb;
import org.tutti.coordinator.pb.StatementPb;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A signer that says whatever a test wants, properly signed where it wants that.
public final class Crafted {
    public static final Bytes NETWORK = Bytes.fromHex("11".repeat(32));
    public static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    public final PrivateKey identity;
    public final SecretKey key;
    public final StatementSigner signer;

    public Crafted() {
        this(Keys.generate(KeyType.ED25519, RANDOM));
    }

    /// Another key that speaks through a peer.
    public Crafted(PrivateKey identity) {
        this(SecretKey.generate(RANDOM), identity);
    }

    /// A key, through another peer.
    public Crafted(SecretKey key, PrivateKey identity) {
        this.key = key;
        this.identity = identity;
        this.signer = new StatementSigner(identity, key, NETWORK, RANDOM);
    }

    public PublicKey publicKey() {
        return key.publicKey();
    }

    /// As a proposal names this signer.
    public Proposal.Member member() {
        return new Proposal.Member(publicKey(), identity.publicKey().peerId());
    }

    /// A request of one raw message by this signer and others.
    public InvitationDraft draft(PublicKey... others) {
        List<PublicKey> keys = new ArrayList<>(List.of(others));
        keys.add(publicKey());
        return new InvitationDraft(
                keys,
                KeyOrder.SORTED,
                List.of(RequestedMessage.untweaked(Bytes.fromHex("22".repeat(32)))),
                Bytes.EMPTY,
                new InvitationDraft.Description(5, "spend", "a test", "test"),
                ElectionMethod.FIRST,
                7,
                Duration.ofHours(1));
    }

    /// An advert of this signer, reached without addresses.
    public Advert advert(long sequence, Duration lifetime, TransactionType... types) {
        Contact contact =
                signer.contact(
                        Optional.empty(), List.of(), sequence, Instant.ofEpochMilli(sequence + 1));
        return signer.advert(
                new AdvertDraft(AdvertTerms.of(List.of(types)), List.of(), lifetime),
                contact,
                sequence);
    }

    /// A statement with another body, signed by this signer as the kind says.
    Bytes changed(Kind kind, Bytes envelope, UnaryOperator<BodyPb.Builder> change)
            throws Exception {
        return sign(kind, kind.tag(), change.apply(body(envelope).toBuilder()).build());
    }

    static BodyPb body(Bytes envelope) throws Exception {
        StatementPb statement =
                StatementPb.parseFrom(SignedEnvelope.decode(envelope).payload().toArray());
        return BodyPb.parseFrom(statement.getBody());
    }

    /// Any body under any tag.
    Bytes sign(Kind kind, String tag, BodyPb body) {
        byte[] bytes = body.toByteArray();
        Bytes signature = Schnorr.sign(key, TaggedHash.of(tag, bytes).toArray(), RANDOM).bytes();
        return seal(kind.payloadType(), Kind.DOMAIN, Bytes.wrap(bytes), signature);
    }

    Bytes seal(Bytes payloadType, String domain, Bytes body, Bytes signature) {
        Bytes payload =
                Bytes.wrap(
                        StatementPb.newBuilder()
                                .setBody(ProtobufBytes.toProtobuf(body))
                                .setSignature(ProtobufBytes.toProtobuf(signature))
                                .build()
                                .toByteArray());
        return SignedEnvelope.seal(identity, domain, payloadType, payload).encode();
    }

    static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Something as long as a signature.
    static Bytes ascii64() {
        return ascii("s".repeat(64));
    }
}
