package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A group with all its keys, and the messages that its members would sign.
public final class GroupFixture implements AutoCloseable {
    /// The time at which requests are made.
    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /// The network of all groups made here.
    public static final Bytes NETWORK = Bytes.fromHex("99".repeat(32));

    /// What all members agree on.
    public static final Bytes TERMS = Bytes.fromHex("7e");

    /// A signer with its keys.
    ///
    /// @param identity signs envelopes
    /// @param key signs messages
    /// @param boot of its process
    public record Owner(
            Member member, PrivateKey identity, SecretKey key, SignerGroup group, Bytes boot) {
        public EnvelopeSigner envelopeSigner() {
            return new EnvelopeSigner(member, identity, group, boot);
        }

        /// The same signer in another process.
        public Owner restarted() {
            Bytes other = Bytes.wrap(TaggedHash.of("boot", boot.toArray()).slice(0, 16).toArray());
            return new Owner(member, identity, key, group, other);
        }

        /// By this signer's key for this peer's id.
        public KeyAttestation attest(Member peer) {
            return KeyAttestation.make(
                    key,
                    RequestGroup.of(group),
                    peer.peerId(),
                    NOW.toEpochMilli(),
                    NOW.plus(Duration.ofDays(30)),
                    new byte[32]);
        }

        public KeyAttestation attestation() {
            return attest(member);
        }
    }

    public final SignerGroup group;
    public final SeededRandom random;
    private final List<Owner> owners = new ArrayList<>();

    public GroupFixture(int members, long seed) {
        random = new SeededRandom(seed);
        List<PrivateKey> identities = new ArrayList<>();
        List<SecretKey> keys = new ArrayList<>();
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            identities.add(Keys.generate(KeyType.ED25519, random));
            keys.add(SecretKey.generate(random));
            candidates.add(
                    new SignerGroup.Candidate(
                            identities.get(i).publicKey().peerId(),
                            keys.get(i).publicKey(),
                            List.of()));
        }
        try {
            group = SignerGroup.of(NETWORK, 7, candidates);
        } catch (GroupException e) {
            throw new IllegalStateException(e);
        }
        for (int i = 0; i < members; i++) {
            Member member = group.member(identities.get(i).publicKey().peerId()).orElseThrow();
            owners.add(new Owner(member, identities.get(i), keys.get(i), group, random(16)));
        }
        owners.sort(Comparator.comparingInt(owner -> owner.member().index()));
    }

    public Owner owner(int index) {
        return owners.get(index);
    }

    /// That of each signer for its own peer id, in signer order.
    public List<KeyAttestation> attestations() {
        return owners.stream().map(Owner::attestation).toList();
    }

    public List<Bytes> keys() {
        return group.signingKeys().stream().map(key -> key.bytes()).toList();
    }

    public Bytes random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /// A request of this member for so many signatures, valid for half an hour.
    public SigningRequest request(int requester, int messages) {
        return request(requester, messages, NOW, NOW.plus(Duration.ofMinutes(30)));
    }

    public SigningRequest request(int requester, int messages, Instant created, Instant expires) {
        List<MessageToSign> list = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            list.add(new MessageToSign(random(32), KeyTweak.keyPathOnly()));
        }
        return request(requester, created, expires, list);
    }

    public SigningRequest request(
            int requester, Instant created, Instant expires, List<MessageToSign> messages) {
        return RequestCodec.create(
                RequestGroup.of(group),
                owner(requester).member().peerId(),
                random(32),
                created,
                new SigningRequestDraft(
                        messages, "test", Bytes.EMPTY, Duration.between(created, expires)));
    }

    /// A request with any content.
    public static SigningRequest requestOf(
            RequestGroup group,
            PeerId requester,
            Bytes salt,
            Instant created,
            Instant expires,
            List<MessageToSign> messages,
            String purpose,
            Bytes context) {
        return RequestCodec.create(
                group,
                requester,
                salt,
                created,
                new SigningRequestDraft(
                        messages, purpose, context, Duration.between(created, expires)));
    }

    /// A group by these keys, which need not be valid.
    public static RequestGroup groupOf(long epoch, List<Bytes> keys) {
        return new RequestGroup(NETWORK, Bytes.wrap(new byte[32]), epoch, keys);
    }

    /// As a message would be that came on this member's stream.
    public static Inbound from(Inbound message, Member sender) {
        return switch (message) {
            case Inbound.Challenged m ->
                    new Inbound.Challenged(
                            m.group(), m.author(), m.challenge(), sender, m.envelope());
            case Inbound.Answered m ->
                    new Inbound.Answered(m.group(), m.author(), m.answer(), sender, m.envelope());
            case Inbound.Greeting _,
                    Inbound.Request _,
                    Inbound.Statement _,
                    Inbound.Consented _,
                    Inbound.HandOverAsked _,
                    Inbound.HandedOver _ ->
                    message;
        };
    }

    /// This signer's agreement to these terms.
    public Terms terms(int index, Bytes text) {
        return Terms.make(owner(index).key(), RequestGroup.of(group), text, random(32).toArray());
    }

    /// This signer's first hello, which remembers nothing.
    public Inbound.Greeting hello(int index) {
        return hello(index, Optional.empty());
    }

    /// This signer's first hello.
    public Inbound.Greeting hello(int index, Optional<Inbound.Statement> remembered) {
        return owner(index)
                .envelopeSigner()
                .greet(remembered, 1, terms(index, TERMS), false, Bytes.EMPTY);
    }

    /// An envelope of any domain, type and payload.
    public static Bytes envelope(PrivateKey author, String domain, String type, Bytes payload) {
        Bytes payloadType =
                Bytes.wrap(("/tutti/sign/2/" + type).getBytes(StandardCharsets.US_ASCII));
        return SignedEnvelope.seal(author, domain, payloadType, payload).encode();
    }

    @Override
    public void close() {
        owners.forEach(owner -> owner.key().close());
    }
}
