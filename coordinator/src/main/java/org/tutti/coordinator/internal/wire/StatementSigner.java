package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.coordinator.pb.AdvertPb;
import org.tutti.coordinator.pb.BodyPb;
import org.tutti.coordinator.pb.ConsentPb;
import org.tutti.coordinator.pb.ContactPb;
import org.tutti.coordinator.pb.HeldPb;
import org.tutti.coordinator.pb.JoinPb;
import org.tutti.coordinator.pb.LeafPb;
import org.tutti.coordinator.pb.LeavePb;
import org.tutti.coordinator.pb.MemberPb;
import org.tutti.coordinator.pb.MessagePb;
import org.tutti.coordinator.pb.ProposalPb;
import org.tutti.coordinator.pb.RefusePb;
import org.tutti.coordinator.pb.RequestPb;
import org.tutti.coordinator.pb.RetirePb;
import org.tutti.coordinator.pb.SealPb;
import org.tutti.coordinator.pb.StatementPb;
import org.tutti.coordinator.pb.SuccessionPb;
import org.tutti.coordinator.pb.WithdrawPb;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Makes this node's statements, signed by its identity and its signing key. Does not close the
/// key: its creator does. Threads: any.
public final class StatementSigner {
    static final int VERSION = 1;

    private final PrivateKey identity;
    private final SecretKey key;
    private final Bytes network;
    private final SecureRandom random;

    /// @param network 32 bytes that name the chain
    public StatementSigner(PrivateKey identity, SecretKey key, Bytes network, SecureRandom random) {
        this.identity = identity;
        this.key = key;
        this.network = network.requireLength(32, "network");
        this.random = random;
    }

    /// The signing key that speaks.
    public PublicKey publicKey() {
        return key.publicKey();
    }

    /// A contact.
    public Contact contact(
            Optional<Bytes> inboxKey, List<Multiaddr> addresses, long sequence, Instant notAfter) {
        ContactPb.Builder pb = ContactPb.newBuilder();
        inboxKey.ifPresent(k -> pb.setInboxKey(ProtobufBytes.toProtobuf(k)));
        addresses.forEach(a -> pb.addAddresses(ProtobufBytes.toProtobuf(Bytes.of(a.toBytes()))));
        Signed signed =
                sign(Kind.CONTACT, Optional.empty(), sequence, notAfter, b -> b.setContact(pb));
        return new Contact(signed.header, inboxKey, addresses, signed.envelope);
    }

    /// A request.
    ///
    /// @throws IllegalArgumentException if a tree of it is none
    public Invitation request(InvitationDraft draft, long sequence) {
        byte[] salt = new byte[32];
        random.nextBytes(salt);
        List<PublicKey> keys =
                draft.keyOrder() == KeyOrder.SORTED ? KeySort.sort(draft.keys()) : draft.keys();
        RequestPb.Builder pb =
                RequestPb.newBuilder()
                        .setSalt(ProtobufBytes.toProtobuf(Bytes.wrap(salt)))
                        .setKeyOrder(RequestFields.encode(draft.keyOrder()))
                        .setAmount(draft.forPeople().amount())
                        .setType(draft.forPeople().type())
                        .setDescription(draft.forPeople().description())
                        .setPurpose(draft.forPeople().purpose())
                        .setElection(RequestFields.encode(draft.election()))
                        .setBirthday(draft.birthday());
        keys.forEach(k -> pb.addKeys(ProtobufBytes.toProtobuf(k.bytes())));
        draft.messages().forEach(m -> pb.addMessages(encode(m)));
        Optional<Invitation.PsbtReference> psbt =
                draft.psbt().isEmpty() ? Optional.empty() : Optional.of(reference(draft.psbt()));
        psbt.ifPresent(
                p -> pb.setPsbtHash(ProtobufBytes.toProtobuf(p.hash())).setPsbtLength(p.length()));
        Instant notAfter = Instant.ofEpochMilli(sequence).plus(draft.lifetime());
        Signed signed =
                sign(Kind.REQUEST, Optional.empty(), sequence, notAfter, b -> b.setRequest(pb));
        return new Invitation(
                RequestId.of(signed.body),
                signed.header,
                keys,
                draft.keyOrder(),
                draft.messages(),
                draft.forPeople().amount(),
                draft.forPeople().type(),
                draft.forPeople().description(),
                draft.forPeople().purpose(),
                psbt,
                draft.election(),
                draft.birthday(),
                signed.envelope);
    }

    /// The hash and length by which a request names its transaction.
    public static Invitation.PsbtReference reference(Bytes psbt) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(psbt.toArray());
            return new Invitation.PsbtReference(Bytes.wrap(hash), psbt.length());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessagePb encode(RequestedMessage message) {
        MessagePb.Builder pb =
                MessagePb.newBuilder().setHash(ProtobufBytes.toProtobuf(message.hash()));
        switch (message.tweak()) {
            case RequestedMessage.None _ -> pb.setTweak(MessagePb.Tweak.TWEAK_NONE);
            case RequestedMessage.KeyPath(List<RequestedMessage.Leaf> tree) -> {
                pb.setTweak(MessagePb.Tweak.TWEAK_BIP341_KEY_PATH);
                for (RequestedMessage.Leaf leaf : tree) {
                    pb.addTree(
                            LeafPb.newBuilder()
                                    .setDepth(leaf.depth())
                                    .setVersion(leaf.leaf().version())
                                    .setScript(ProtobufBytes.toProtobuf(leaf.leaf().script())));
                }
            }
        }
        return pb.addAllPath(message.path()).build();
    }

    /// A join.
    public Join join(Invitation request, long sequence) {
        Signed signed =
                sign(
                        Kind.JOIN,
                        Optional.of(request.id().bytes()),
                        sequence,
                        request.header().notAfter(),
                        b -> b.setJoin(JoinPb.getDefaultInstance()));
        return new Join(signed.header, signed.envelope);
    }

    /// A refusal.
    public Refusal refuse(Invitation request, long sequence, String code, String reason) {
        Signed signed =
                sign(
                        Kind.REFUSE,
                        Optional.of(request.id().bytes()),
                        sequence,
                        request.header().notAfter(),
                        b -> b.setRefuse(RefusePb.newBuilder().setCode(code).setReason(reason)));
        return new Refusal(signed.header, code, reason, signed.envelope);
    }

    /// A withdrawal.
    public Withdrawal withdraw(Invitation request, long sequence, String reason) {
        Signed signed =
                sign(
                        Kind.WITHDRAW,
                        Optional.of(request.id().bytes()),
                        sequence,
                        request.header().notAfter(),
                        b -> b.setWithdraw(WithdrawPb.newBuilder().setReason(reason)));
        return new Withdrawal(signed.header, reason, signed.envelope);
    }

    /// A proposal.
    public Proposal proposal(ProposalDraft draft, long sequence) {
        byte[] salt = new byte[32];
        random.nextBytes(salt);
        List<Proposal.Member> members = byKey(draft.members());
        List<Proposal.Member> leaving =
                byKey(draft.after().map(ProposalDraft.After::leaving).orElse(List.of()));
        int epoch = draft.after().map(ProposalDraft.After::epoch).orElse(1);
        Optional<Bytes> previous = draft.after().map(ProposalDraft.After::previous);
        ProposalPb.Builder pb =
                ProposalPb.newBuilder()
                        .setSalt(ProtobufBytes.toProtobuf(Bytes.wrap(salt)))
                        .setName(draft.name())
                        .setEpoch(epoch)
                        .setBirthday(draft.birthday())
                        .setForm(GroupFields.encode(draft.form()));
        previous.ifPresent(id -> pb.setPrevious(ProtobufBytes.toProtobuf(id)));
        members.forEach(member -> pb.addMembers(encode(member)));
        leaving.forEach(member -> pb.addLeaving(encode(member)));
        Instant notAfter = Instant.ofEpochMilli(sequence).plus(draft.lifetime());
        Signed signed =
                sign(Kind.PROPOSAL, Optional.empty(), sequence, notAfter, b -> b.setProposal(pb));
        return new Proposal(
                ProposalId.of(signed.body),
                signed.header,
                draft.name(),
                members,
                epoch,
                draft.birthday(),
                draft.form(),
                previous,
                leaving,
                signed.envelope);
    }

    private static List<Proposal.Member> byKey(List<Proposal.Member> members) {
        return members.stream().sorted(Comparator.comparing(Proposal.Member::key)).toList();
    }

    private static MemberPb encode(Proposal.Member member) {
        return MemberPb.newBuilder()
                .setKey(ProtobufBytes.toProtobuf(member.key().bytes()))
                .setPeer(ProtobufBytes.toProtobuf(member.peer().multihash()))
                .build();
    }

    /// A consent.
    ///
    /// @param policy by which rules this member will sign, in words
    /// @param proof by the group key over [Consent#proofMessage]
    public Consent consent(
            Proposal proposal,
            GroupKey groupKey,
            String policy,
            SchnorrSignature proof,
            long sequence) {
        ConsentPb.Builder pb =
                ConsentPb.newBuilder()
                        .setGroupKey(ProtobufBytes.toProtobuf(groupKey.bytes()))
                        .setPolicyHash(ProtobufBytes.toProtobuf(Consent.policyHash(policy)))
                        .setPolicy(policy)
                        .setProof(ProtobufBytes.toProtobuf(proof.bytes()));
        switch (groupKey) {
            case GroupKey.Bare _ -> {
                // It has no origin.
            }
            case GroupKey.Extended(ExtendedPublicKey _, GroupKey.Origin origin) -> {
                pb.setOriginFingerprint(ProtobufBytes.toProtobuf(origin.fingerprint()));
                origin.path().forEach(step -> pb.addOriginPath((int) (long) step));
            }
        }
        Signed signed =
                sign(
                        Kind.CONSENT,
                        Optional.of(proposal.id().bytes()),
                        sequence,
                        proposal.header().notAfter(),
                        b -> b.setConsent(pb));
        return new Consent(
                signed.header,
                groupKey,
                Consent.policyHash(policy),
                policy,
                proof,
                signed.envelope);
    }

    /// A seal.
    ///
    /// @param descriptor its id
    /// @param signature by the group key over [Seal#message]
    public Seal seal(
            ProposalId proposal, Bytes descriptor, SchnorrSignature signature, long sequence) {
        SealPb.Builder pb =
                SealPb.newBuilder()
                        .setDescriptorId(ProtobufBytes.toProtobuf(descriptor))
                        .setSignature(ProtobufBytes.toProtobuf(signature.bytes()));
        Signed signed =
                sign(
                        Kind.SEAL,
                        Optional.of(proposal.bytes()),
                        sequence,
                        Instant.ofEpochMilli(sequence).plus(GroupFields.SEAL_LIFETIME),
                        b -> b.setSeal(pb));
        return new Seal(signed.header, descriptor, signature, signed.envelope);
    }

    /// That this member leaves, if another group follows.
    public Leave leave(Proposal proposal, long sequence) {
        Signed signed =
                sign(
                        Kind.LEAVE,
                        Optional.of(proposal.id().bytes()),
                        sequence,
                        proposal.header().notAfter(),
                        b -> b.setLeave(LeavePb.getDefaultInstance()));
        return new Leave(signed.header, signed.envelope);
    }

    /// A succession.
    ///
    /// @param previous id of the descriptor that is followed
    /// @param descriptor id of the one that follows it
    /// @param signature by the key in the previous group over [Succession#message]
    public Succession succession(
            ProposalId proposal,
            Bytes previous,
            Bytes descriptor,
            SchnorrSignature signature,
            long sequence) {
        SuccessionPb.Builder pb =
                SuccessionPb.newBuilder()
                        .setPrevious(ProtobufBytes.toProtobuf(previous))
                        .setDescriptorId(ProtobufBytes.toProtobuf(descriptor))
                        .setSignature(ProtobufBytes.toProtobuf(signature.bytes()));
        Signed signed =
                sign(
                        Kind.SUCCESSION,
                        Optional.of(proposal.bytes()),
                        sequence,
                        Instant.ofEpochMilli(sequence).plus(GroupFields.SEAL_LIFETIME),
                        b -> b.setSuccession(pb));
        return new Succession(signed.header, previous, descriptor, signature, signed.envelope);
    }

    /// That all seals are on disk.
    ///
    /// @param descriptor its id
    public Held held(ProposalId proposal, Bytes descriptor, long sequence) {
        Signed signed =
                sign(
                        Kind.HELD,
                        Optional.of(proposal.bytes()),
                        sequence,
                        Instant.ofEpochMilli(sequence).plus(GroupFields.SEAL_LIFETIME),
                        b ->
                                b.setHeld(
                                        HeldPb.newBuilder()
                                                .setDescriptorId(
                                                        ProtobufBytes.toProtobuf(descriptor))));
        return new Held(signed.header, descriptor, signed.envelope);
    }

    /// A refusal of a proposal.
    public Refusal refuse(Proposal proposal, long sequence, String code, String reason) {
        Signed signed =
                sign(
                        Kind.REFUSE,
                        Optional.of(proposal.id().bytes()),
                        sequence,
                        proposal.header().notAfter(),
                        b -> b.setRefuse(RefusePb.newBuilder().setCode(code).setReason(reason)));
        return new Refusal(signed.header, code, reason, signed.envelope);
    }

    /// A withdrawal of a proposal.
    public Withdrawal withdraw(Proposal proposal, long sequence, String reason) {
        Signed signed =
                sign(
                        Kind.WITHDRAW,
                        Optional.of(proposal.id().bytes()),
                        sequence,
                        proposal.header().notAfter(),
                        b -> b.setWithdraw(WithdrawPb.newBuilder().setReason(reason)));
        return new Withdrawal(signed.header, reason, signed.envelope);
    }

    /// An advert.
    ///
    /// @param contact how the key is reached
    public Advert advert(AdvertDraft draft, Contact contact, long sequence) {
        AdvertPb.Builder pb = AdvertFields.encode(draft.terms(), draft.vouches());
        contact.inboxKey().ifPresent(k -> pb.setInboxKey(ProtobufBytes.toProtobuf(k)));
        contact.addresses()
                .forEach(a -> pb.addAddresses(ProtobufBytes.toProtobuf(Bytes.of(a.toBytes()))));
        Instant notAfter = Instant.ofEpochMilli(sequence).plus(draft.lifetime());
        Signed signed =
                sign(Kind.ADVERT, Optional.empty(), sequence, notAfter, b -> b.setAdvert(pb));
        return new Advert(
                signed.header,
                contact.inboxKey(),
                contact.addresses(),
                draft.terms(),
                draft.vouches(),
                signed.envelope);
    }

    /// The tombstone of this key's adverts up to a sequence.
    public Retirement retire(long advertSequence, long sequence) {
        Signed signed =
                sign(
                        Kind.RETIRE,
                        Optional.empty(),
                        sequence,
                        AdvertFields.end(advertSequence),
                        b -> b.setRetire(RetirePb.newBuilder().setAdvertSequence(advertSequence)));
        return new Retirement(signed.header, advertSequence, signed.envelope);
    }

    private record Signed(Statement.Header header, Bytes body, Bytes envelope) {}

    private interface Content {
        BodyPb.Builder put(BodyPb.Builder body);
    }

    private Signed sign(
            Kind kind, Optional<Bytes> subject, long sequence, Instant notAfter, Content content) {
        Statement.Header header =
                new Statement.Header(
                        network,
                        subject,
                        identity.publicKey().peerId(),
                        key.publicKey(),
                        sequence,
                        Instant.ofEpochMilli(notAfter.toEpochMilli()));
        BodyPb.Builder pb =
                BodyPb.newBuilder()
                        .setVersion(VERSION)
                        .setNetwork(ProtobufBytes.toProtobuf(network))
                        .setAuthor(ProtobufBytes.toProtobuf(header.author().multihash()))
                        .setKey(ProtobufBytes.toProtobuf(key.publicKey().bytes()))
                        .setSequence(sequence)
                        .setNotAfter(notAfter.toEpochMilli());
        subject.ifPresent(id -> pb.setSubject(ProtobufBytes.toProtobuf(id)));
        byte[] body = content.put(pb).build().toByteArray();
        Bytes message = TaggedHash.of(kind.tag(), body);
        Bytes signature = Schnorr.sign(key, message.toArray(), random).bytes();
        Bytes payload =
                Bytes.wrap(
                        StatementPb.newBuilder()
                                .setBody(ProtobufBytes.toProtobuf(Bytes.wrap(body)))
                                .setSignature(ProtobufBytes.toProtobuf(signature))
                                .build()
                                .toByteArray());
        Bytes envelope =
                SignedEnvelope.seal(identity, Kind.DOMAIN, kind.payloadType(), payload).encode();
        return new Signed(header, Bytes.wrap(body), envelope);
    }

    @Override
    public String toString() {
        return "statements of " + key.publicKey();
    }
}
