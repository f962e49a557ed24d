package org.tutti.coordinator.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.pb.BodyPb;
import org.tutti.coordinator.pb.ConsentPb;
import org.tutti.coordinator.pb.ContactPb;
import org.tutti.coordinator.pb.JoinPb;
import org.tutti.coordinator.pb.LeafPb;
import org.tutti.coordinator.pb.MemberPb;
import org.tutti.coordinator.pb.MessagePb;
import org.tutti.coordinator.pb.ProposalPb;
import org.tutti.coordinator.pb.RequestPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTree;
import org.tutti.signing.request.KeyTweak;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What a reader takes, and every reason why it refuses.
class StatementReaderTest {
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final StatementReader reader =
            new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT);
    private final Invitation request =
            alice.signer.request(alice.draft(bob.publicKey()), Crafted.NOW.toEpochMilli());

    private static final Bytes SOME_HASH = Bytes.fromHex("33".repeat(32));
    private static final SchnorrSignature SIGNATURE =
            new SchnorrSignature(Bytes.fromHex("44".repeat(64)));
    private final Proposal proposal =
            alice.signer.proposal(
                    new ProposalDraft(
                            "savings",
                            List.of(alice.member(), bob.member()),
                            GroupForm.EXTENDED,
                            7,
                            Duration.ofDays(14)),
                    Crafted.NOW.toEpochMilli());

    private static GroupKey extended() {
        try (ExtendedPrivateKey key =
                ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.TESTNET)) {
            return GroupKey.Extended.ofMaster(key.neuter());
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private Bytes changedProposal(UnaryOperator<ProposalPb.Builder> change) throws Exception {
        return alice.changed(
                Kind.PROPOSAL,
                proposal.envelope(),
                body -> body.setProposal(change.apply(body.getProposal().toBuilder())));
    }

    private Bytes changedConsent(UnaryOperator<ConsentPb.Builder> change) throws Exception {
        return bob.changed(
                Kind.CONSENT,
                bob.signer.consent(proposal, extended(), "rules", SIGNATURE, millis()).envelope(),
                body -> body.setConsent(change.apply(body.getConsent().toBuilder())));
    }

    private Statement read(Bytes envelope) throws MessageException {
        return reader.read(envelope, Crafted.NOW);
    }

    private void refused(Bytes envelope, Code code) {
        assertThatThrownBy(() -> read(envelope))
                .isInstanceOfSatisfying(
                        MessageException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Bytes changedRequest(UnaryOperator<RequestPb.Builder> change) throws Exception {
        return alice.changed(
                Kind.REQUEST,
                request.envelope(),
                body -> body.setRequest(change.apply(body.getRequest().toBuilder())));
    }

    private long millis() {
        return Crafted.NOW.toEpochMilli();
    }

    @Test
    void everyKindIsReadAsItWasMade() throws Exception {
        Contact contact =
                alice.signer.contact(
                        Optional.of(Bytes.fromHex("33".repeat(32))),
                        List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")),
                        millis(),
                        Crafted.NOW.plus(Duration.ofDays(30)));
        assertThat(read(contact.envelope())).isEqualTo(contact);
        assertThat(read(request.envelope())).isEqualTo(request);
        var join = bob.signer.join(request, millis());
        assertThat(read(join.envelope())).isEqualTo(join);
        var refusal = bob.signer.refuse(request, millis(), "NO", "not today");
        assertThat(read(refusal.envelope())).isEqualTo(refusal);
        var withdrawal = alice.signer.withdraw(request, millis(), "done otherwise");
        assertThat(read(withdrawal.envelope())).isEqualTo(withdrawal);
        assertThat(read(proposal.envelope())).isEqualTo(proposal);
        for (GroupKey key : List.of(extended(), new GroupKey.Bare(extended().key()))) {
            Consent consent = bob.signer.consent(proposal, key, "small sums", SIGNATURE, millis());
            assertThat(read(consent.envelope())).isEqualTo(consent);
        }
        Seal seal = bob.signer.seal(proposal.id(), SOME_HASH, SIGNATURE, millis());
        assertThat(read(seal.envelope())).isEqualTo(seal);
        Held held = bob.signer.held(proposal.id(), SOME_HASH, millis());
        assertThat(read(held.envelope())).isEqualTo(held);
        var refused = bob.signer.refuse(proposal, millis(), "NO", "no");
        assertThat(read(refused.envelope())).isEqualTo(refused);
    }

    @Test
    void everythingOfARequestIsInItsId() throws Exception {
        Bytes other = changedRequest(r -> r.setBirthday(r.getBirthday() + 1));
        assertThat(((Invitation) read(other)).id()).isNotEqualTo(request.id());
        Bytes elected = changedRequest(r -> r.setElection(RequestPb.Election.ELECTION_LAST));
        assertThat(((Invitation) read(elected)).id()).isNotEqualTo(request.id());
    }

    @Test
    void whatIsTooLongIsNotLookedAt() {
        refused(Bytes.wrap(new byte[50_001]), Code.TOO_LARGE);
        Bytes long_ =
                alice.signer
                        .contact(
                                Optional.empty(),
                                Collections.nCopies(
                                        8, Multiaddr.parse("/dns4/" + "a".repeat(240) + "/tcp/1")),
                                millis(),
                                Crafted.NOW.plusSeconds(60))
                        .envelope();
        assertThat(long_.length()).isLessThan(4_096);
        StatementReader strict =
                new StatementReader(
                        Crafted.NETWORK,
                        new MessageLimits(
                                50_000,
                                1,
                                2_000,
                                10,
                                10,
                                10,
                                Duration.ofDays(14),
                                Duration.ofDays(30),
                                Duration.ofMinutes(5)));
        assertThatThrownBy(() -> strict.read(long_, Crafted.NOW))
                .isInstanceOfSatisfying(
                        MessageException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    void nobodyCanPadWhatAnotherSigned() throws Exception {
        Bytes padded = Bytes.concat(request.envelope(), Bytes.fromHex("7a03616263"));
        refused(padded, Code.MALFORMED);
        refused(request.envelope().slice(0, request.envelope().length() - 1), Code.MALFORMED);
        refused(Bytes.EMPTY, Code.MALFORMED);
        refused(
                alice.seal(Crafted.ascii("/tutti/other"), Kind.DOMAIN, Bytes.EMPTY, sixtyFour()),
                Code.MALFORMED);
        refused(
                alice.seal(Kind.JOIN.payloadType(), Kind.DOMAIN, Bytes.EMPTY, Bytes.EMPTY),
                Code.MALFORMED);
    }

    private static Bytes sixtyFour() {
        return Bytes.wrap(new byte[64]);
    }

    @Test
    void anotherVersionNetworkOrKindIsRefused() throws Exception {
        Bytes join = bob.signer.join(request, millis()).envelope();
        refused(bob.changed(Kind.JOIN, join, b -> b.setVersion(2)), Code.WRONG_VERSION);
        refused(
                bob.changed(Kind.JOIN, join, b -> b.setNetwork(ByteString.copyFrom(new byte[32]))),
                Code.WRONG_NETWORK);
        refused(
                bob.changed(Kind.JOIN, join, b -> b.setContact(ContactPb.getDefaultInstance())),
                Code.WRONG_KIND);
    }

    @Test
    void anAttestationCountsForNothingButWhatItWasMadeFor() throws Exception {
        Bytes contact =
                alice.signer
                        .contact(
                                Optional.empty(),
                                List.of(),
                                millis(),
                                Crafted.NOW.plus(Duration.ofDays(1)))
                        .envelope();
        BodyPb body = Crafted.body(contact);
        // The same body as a join, with the signature that was made for a contact.
        BodyPb asJoin =
                body.toBuilder()
                        .setSubject(ProtobufBytes.toProtobuf(request.id().bytes()))
                        .setJoin(JoinPb.getDefaultInstance())
                        .build();
        refused(alice.sign(Kind.JOIN, Kind.CONTACT.tag(), asJoin), Code.BAD_SIGNATURE);
        // A group's attestation has another tag yet.
        refused(alice.sign(Kind.JOIN, "tutti/attestation", asJoin), Code.BAD_SIGNATURE);
        // And a join of another request is one of another request.
        Invitation other = alice.signer.request(alice.draft(bob.publicKey()), millis());
        assertThat(read(bob.signer.join(other, millis()).envelope()).header().subject())
                .contains(other.id().bytes())
                .isNotEqualTo(Optional.of(request.id()));
    }

    @Test
    void whatItBelongsToIsThereWhereItHasToBe() throws Exception {
        Bytes join = bob.signer.join(request, millis()).envelope();
        refused(bob.changed(Kind.JOIN, join, BodyPb.Builder::clearSubject), Code.MALFORMED);
        refused(
                alice.changed(
                        Kind.REQUEST,
                        request.envelope(),
                        b -> b.setSubject(ProtobufBytes.toProtobuf(request.id().bytes()))),
                Code.MALFORMED);
    }

    @Test
    void onlyItsAuthorAndItsKeySayIt() throws Exception {
        Bytes join = bob.signer.join(request, millis()).envelope();
        // Mallory seals what Bob's key signed.
        refused(alice.sign(Kind.JOIN, Kind.JOIN.tag(), Crafted.body(join)), Code.BAD_IDENTITY);
        // Mallory's identity says that Bob's key speaks through it.
        Bytes claimed =
                alice.changed(
                        Kind.JOIN,
                        alice.signer.join(request, millis()).envelope(),
                        b -> b.setKey(ProtobufBytes.toProtobuf(bob.publicKey().bytes())));
        refused(claimed, Code.BAD_SIGNATURE);
        // Another domain.
        BodyPb body = Crafted.body(join);
        refused(
                bob.seal(
                        Kind.JOIN.payloadType(),
                        "tutti-sign-request",
                        Bytes.wrap(body.toByteArray()),
                        sixtyFour()),
                Code.BAD_IDENTITY);
    }

    @Test
    void timesCountWithTheSkewOfAClock() throws Exception {
        Instant now = Crafted.NOW;
        Bytes early = bob.signer.join(request, now.plusSeconds(300).toEpochMilli()).envelope();
        assertThat(read(early)).isNotNull();
        refused(
                bob.signer.join(request, now.plusSeconds(301).toEpochMilli()).envelope(),
                Code.BAD_TIMES);
        Bytes contact =
                bob.signer
                        .contact(Optional.empty(), List.of(), millis(), now.plusMillis(1))
                        .envelope();
        assertThat(read(contact)).isNotNull();
        assertThatThrownBy(() -> reader.read(contact, now.plusMillis(1)))
                .isInstanceOfSatisfying(
                        MessageException.class, e -> assertThat(e.code()).isEqualTo(Code.EXPIRED));
        refused(
                bob.signer
                        .contact(
                                Optional.empty(),
                                List.of(),
                                millis(),
                                now.plus(Duration.ofDays(30)).plusMillis(1))
                        .envelope(),
                Code.BAD_TIMES);
        InvitationDraft draft = alice.draft(bob.publicKey());
        InvitationDraft fortnight =
                new InvitationDraft(
                        draft.keys(),
                        draft.keyOrder(),
                        draft.messages(),
                        draft.psbt(),
                        draft.forPeople(),
                        draft.election(),
                        0,
                        Duration.ofDays(14).plusMillis(1));
        refused(alice.signer.request(fortnight, millis()).envelope(), Code.BAD_TIMES);
        refused(
                bob.changed(
                        Kind.JOIN,
                        bob.signer.join(request, millis()).envelope(),
                        b -> b.setSequence(-1)),
                Code.MALFORMED);
        // It counted when it was taken: a restart reads it again.
        assertThat(reader.readAgain(contact)).isNotNull();
    }

    @Test
    void theKeysAreThoseOfOneGroupInTheOrderThatIsNamed() throws Exception {
        refused(changedRequest(r -> r.clearKeys()), Code.LIMIT);
        List<ByteString> keys = Crafted.body(request.envelope()).getRequest().getKeysList();
        refused(
                changedRequest(r -> r.clearKeys().addKeys(keys.get(1)).addKeys(keys.get(0))),
                Code.BAD_KEYS);
        refused(
                changedRequest(r -> r.clearKeys().addAllKeys(List.of(keys.get(0), keys.get(0)))),
                Code.DUPLICATE_KEY);
        byte[] parity = keys.get(0).toByteArray();
        parity[0] ^= 1;
        refused(
                changedRequest(r ->
                        r.addKeys(ByteString.copyFrom(parity))
                                .setKeyOrder(RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN)),
                Code.DUPLICATE_KEY);
        refused(changedRequest(r -> r.addKeys(ByteString.copyFrom(new byte[33]))), Code.MALFORMED);
        refused(
                changedRequest(r -> r.setKeyOrder(RequestPb.KeyOrder.KEY_ORDER_UNSPECIFIED)),
                Code.BAD_KEYS);
        // A request by somebody who is none of the signers.
        Crafted mallory = new Crafted();
        Bytes foreign =
                mallory.changed(
                        Kind.REQUEST,
                        mallory.signer.request(mallory.draft(bob.publicKey()), millis()).envelope(),
                        b -> b.setRequest(b.getRequest().toBuilder().clearKeys().addAllKeys(keys)));
        refused(foreign, Code.BAD_KEYS);
        Bytes given =
                changedRequest(r ->
                        r.clearKeys()
                                .addKeys(keys.get(1))
                                .addKeys(keys.get(0))
                                .setKeyOrder(RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN));
        Invitation asGiven = (Invitation) read(given);
        assertThat(asGiven.keyOrder()).isEqualTo(KeyOrder.AS_GIVEN);
        assertThat(asGiven.keys().stream().map(PublicKey::bytes).toList())
                .containsExactly(
                        ProtobufBytes.fromProtobuf(keys.get(1)),
                        ProtobufBytes.fromProtobuf(keys.get(0)));
        // What has an address has sorted keys.
        refused(
                alice.changed(
                        Kind.REQUEST,
                        given,
                        b ->
                                b.setRequest(
                                        b.getRequest().toBuilder()
                                                .setPsbtHash(ByteString.copyFrom(new byte[32]))
                                                .setPsbtLength(1))),
                Code.BAD_KEYS);
    }

    @Test
    void countsAndTextsHaveLimits() throws Exception {
        refused(changedRequest(RequestPb.Builder::clearMessages), Code.LIMIT);
        MessagePb message = Crafted.body(request.envelope()).getRequest().getMessages(0);
        refused(
                changedRequest(r -> r.addAllMessages(Collections.nCopies(256, message))),
                Code.LIMIT);
        refused(changedRequest(r -> r.setType("x".repeat(33))), Code.LIMIT);
        refused(changedRequest(r -> r.setDescription("x".repeat(1_001))), Code.LIMIT);
        refused(changedRequest(r -> r.setPurpose("x".repeat(65))), Code.LIMIT);
        refused(changedRequest(r -> r.setPurpose("\u202e")), Code.MALFORMED);
        refused(changedRequest(r -> r.setSalt(ByteString.EMPTY)), Code.MALFORMED);
        refused(changedRequest(r -> r.setAmount(-1)), Code.MALFORMED);
        refused(
                changedRequest(r -> r.setElection(RequestPb.Election.ELECTION_UNSPECIFIED)),
                Code.MALFORMED);
        refused(
                changedRequest(r ->
                        r.setPsbtHash(ByteString.copyFrom(new byte[32]))
                                .setPsbtLength((1 << 20) + 1)),
                Code.LIMIT);
        refused(changedRequest(r -> r.setPsbtLength(1)), Code.MALFORMED);
        refused(bob.signer.refuse(request, millis(), "X".repeat(65), "").envelope(), Code.LIMIT);
        refused(bob.signer.refuse(request, millis(), "X", "y".repeat(513)).envelope(), Code.LIMIT);
        refused(alice.signer.withdraw(request, millis(), "y".repeat(513)).envelope(), Code.LIMIT);
        refused(
                alice.signer
                        .contact(
                                Optional.empty(),
                                Collections.nCopies(9, Multiaddr.parse("/ip4/127.0.0.1/tcp/1")),
                                millis(),
                                Crafted.NOW.plusSeconds(1))
                        .envelope(),
                Code.LIMIT);
    }

    @Test
    void tweaksComeFromWhatIsShown() throws Exception {
        TapLeaf one = TapLeaf.of(Bytes.fromHex("51"));
        TapLeaf two = TapLeaf.of(Bytes.fromHex("52"));
        TapLeaf three = TapLeaf.of(Bytes.fromHex("53"));
        InvitationDraft draft = alice.draft(bob.publicKey());
        RequestedMessage message =
                new RequestedMessage(
                        Bytes.wrap(new byte[32]),
                        new RequestedMessage.KeyPath(
                                List.of(
                                        new RequestedMessage.Leaf(1, one),
                                        new RequestedMessage.Leaf(2, two),
                                        new RequestedMessage.Leaf(2, three))),
                        List.of(0, 5));
        Invitation tweaked =
                alice.signer.request(
                        new InvitationDraft(
                                draft.keys(),
                                draft.keyOrder(),
                                List.of(message),
                                draft.psbt(),
                                draft.forPeople(),
                                draft.election(),
                                0,
                                draft.lifetime()),
                        millis());
        Invitation read = (Invitation) read(tweaked.envelope());
        assertThat(read.messages()).containsExactly(message);
        Bytes root = TapTree.branch(one, TapTree.branch(two, three)).hash();
        assertThat(read.messages().getFirst().toSign().tweak())
                .isEqualTo(new KeyTweak.Bip341KeyPath(Optional.of(root)));
        assertThat(read.messages().getFirst().toSign().path()).containsExactly(0, 5);
        LeafPb deep = LeafPb.newBuilder().setDepth(129).setVersion(0xc0).build();
        for (List<LeafPb> bad :
                List.of(
                        List.of(leaf(1)),
                        List.of(leaf(1), leaf(2)),
                        List.of(leaf(0), leaf(0)),
                        List.of(leaf(2), leaf(1), leaf(2)),
                        List.of(deep))) {
            refused(
                    changedRequest(r ->
                            r.setMessages(
                                    0,
                                    r.getMessages(0).toBuilder()
                                            .setTweak(MessagePb.Tweak.TWEAK_BIP341_KEY_PATH)
                                            .addAllTree(bad))),
                    Code.MALFORMED);
        }
        refused(
                changedRequest(
                        r -> r.setMessages(0, r.getMessages(0).toBuilder().addTree(leaf(0)))),
                Code.MALFORMED);
        refused(
                changedRequest(
                        r -> r.setMessages(0, r.getMessages(0).toBuilder().setTweakValue(9))),
                Code.MALFORMED);
        refused(
                changedRequest(r -> r.setMessages(0, r.getMessages(0).toBuilder().addPath(-1))),
                Code.MALFORMED);
        refused(
                changedRequest(r ->
                        r.setMessages(
                                0,
                                r.getMessages(0).toBuilder()
                                        .addAllPath(Collections.nCopies(9, 1)))),
                Code.MALFORMED);
        refused(
                changedRequest(r ->
                        r.setMessages(
                                0,
                                r.getMessages(0).toBuilder()
                                        .setHash(ByteString.copyFrom(new byte[31])))),
                Code.MALFORMED);
        refused(
                changedRequest(r ->
                        r.setMessages(
                                0,
                                r.getMessages(0).toBuilder()
                                        .setTweak(MessagePb.Tweak.TWEAK_BIP341_KEY_PATH)
                                        .addAllTree(Collections.nCopies(257, leaf(0))))),
                Code.LIMIT);
    }

    private static LeafPb leaf(int depth) {
        return LeafPb.newBuilder().setDepth(depth).setVersion(0xc0).build();
    }

    @Test
    void onlyWhatAnHonestPeerCannotPassOnIsHeldAgainstIt() {
        assertThat(new MessageException(Code.EXPIRED, "").isHostile()).isFalse();
        assertThat(new MessageException(Code.BAD_TIMES, "").isHostile()).isFalse();
        assertThat(new MessageException(Code.WRONG_NETWORK, "").isHostile()).isFalse();
        assertThat(new MessageException(Code.WRONG_VERSION, "").isHostile()).isFalse();
        assertThat(new MessageException(Code.BAD_SIGNATURE, "").isHostile()).isTrue();
        assertThat(new MessageException(Code.MALFORMED, "").isHostile()).isTrue();
    }

    @Test
    void aProposalNamesEachMemberOnceInOrderAndItsProposer() throws Exception {
        refused(changedProposal(p -> p.removeMembers(1)), Code.LIMIT);
        refused(
                changedProposal(p -> {
                    while (p.getMembersCount() <= Proposal.MAX_MEMBERS) {
                        p.addMembers(p.getMembers(0));
                    }
                    return p;
                }),
                Code.LIMIT);
        refused(
                changedProposal(p -> {
                    MemberPb first = p.getMembers(0);
                    return p.setMembers(0, p.getMembers(1)).setMembers(1, first);
                }),
                Code.BAD_KEYS);
        refused(changedProposal(p -> p.addMembers(p.getMembers(1))), Code.DUPLICATE_KEY);
        // The same key with the other parity, through another peer.
        Crafted carol = new Crafted();
        Bytes key = proposal.members().get(0).key().bytes();
        byte[] other = key.toArray();
        other[0] ^= 1;
        MemberPb twin =
                MemberPb.newBuilder()
                        .setKey(ByteString.copyFrom(other))
                        .setPeer(ByteString.copyFrom(carol.member().peer().toBytes()))
                        .build();
        refused(
                changedProposal(p -> {
                    List<MemberPb> members = new ArrayList<>(p.getMembersList());
                    members.add(twin);
                    members.sort(Comparator.comparing(m -> Bytes.wrap(m.getKey().toByteArray())));
                    return p.clearMembers().addAllMembers(members);
                }),
                Code.DUPLICATE_KEY);
        // Two members through one peer.
        refused(
                changedProposal(p -> {
                    MemberPb second =
                            p.getMembers(1).toBuilder().setPeer(p.getMembers(0).getPeer()).build();
                    return p.setMembers(1, second);
                }),
                Code.DUPLICATE_KEY);
        refused(
                bob.signer
                        .proposal(
                                new ProposalDraft(
                                        "savings",
                                        List.of(alice.member(), carol.member()),
                                        GroupForm.FIXED,
                                        7,
                                        Duration.ofDays(1)),
                                millis())
                        .envelope(),
                Code.BAD_KEYS);
    }

    @Test
    void theFieldsOfAProposalHaveLimits() throws Exception {
        refused(changedProposal(p -> p.setName("")), Code.MALFORMED);
        refused(changedProposal(p -> p.setName("n".repeat(65))), Code.LIMIT);
        refused(changedProposal(p -> p.setName("a\nb")), Code.MALFORMED);
        refused(changedProposal(p -> p.setSalt(ByteString.EMPTY)), Code.MALFORMED);
        refused(changedProposal(p -> p.setEpoch(0)), Code.MALFORMED);
        refused(changedProposal(p -> p.setEpoch(2)), Code.MALFORMED);
        refused(changedProposal(p -> p.setBirthday(-1)), Code.MALFORMED);
        refused(changedProposal(p -> p.setForm(ProposalPb.Form.FORM_UNSPECIFIED)), Code.MALFORMED);
        refused(changedProposal(p -> p.setFormValue(3)), Code.MALFORMED);
        refused(
                changedProposal(p -> p.setPrevious(ByteString.copyFrom(new byte[32]))),
                Code.MALFORMED);
        refused(
                changedProposal(p -> p.setEpoch(2).setPrevious(ByteString.copyFrom(new byte[31]))),
                Code.MALFORMED);
        refused(Bytes.wrap(new byte[50_001]), Code.TOO_LARGE);
        refused(
                alice.changed(
                        Kind.PROPOSAL,
                        proposal.envelope(),
                        body -> body.setSubject(ByteString.copyFrom(new byte[32]))),
                Code.MALFORMED);
        // Beyond what the largest proposal needs.
        refused(
                changedProposal(p ->
                        p.setUnknownFields(
                                UnknownFieldSet.newBuilder()
                                        .addField(
                                                99,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addLengthDelimited(
                                                                ByteString.copyFrom(
                                                                        new byte
                                                                                [Proposal
                                                                                        .MAX_BYTES]))
                                                        .build())
                                        .build())),
                Code.TOO_LARGE);
    }

    @Test
    void theLargestProposalAndConsentFit() throws Exception {
        List<Proposal.Member> members = new ArrayList<>();
        members.add(alice.member());
        while (members.size() < Proposal.MAX_MEMBERS) {
            members.add(new Crafted().member());
        }
        Proposal largest =
                alice.signer.proposal(
                        new ProposalDraft(
                                "\u4e2d".repeat(64),
                                members,
                                GroupForm.EXTENDED,
                                7,
                                Duration.ofDays(14)),
                        millis());
        assertThat(read(largest.envelope())).isEqualTo(largest);
        Consent longest =
                bob.signer.consent(
                        proposal,
                        extended(),
                        "\u4e2d".repeat(Consent.MAX_POLICY),
                        SIGNATURE,
                        millis());
        assertThat(read(longest.envelope())).isEqualTo(longest);
    }

    @Test
    void aConsentHasAKeyOfItsOriginAndTheHashOfItsRules() throws Exception {
        refused(changedConsent(c -> c.setPolicy("others")), Code.MALFORMED);
        refused(changedConsent(c -> c.setPolicy("r".repeat(1_001))), Code.LIMIT);
        refused(changedConsent(c -> c.setProof(ByteString.copyFrom(new byte[63]))), Code.MALFORMED);
        refused(
                changedConsent(c -> c.setGroupKey(ByteString.copyFrom(new byte[78]))),
                Code.MALFORMED);
        refused(
                changedConsent(c -> c.setGroupKey(ByteString.copyFrom(new byte[34]))),
                Code.MALFORMED);
        refused(changedConsent(c -> c.addOriginPath(1)), Code.MALFORMED);
        refused(
                changedConsent(c -> c.setOriginFingerprint(ByteString.copyFrom(new byte[4]))),
                Code.MALFORMED);
        refused(
                changedConsent(c ->
                        c.setGroupKey(ByteString.copyFrom(extended().key().bytes().toArray()))),
                Code.MALFORMED);
        refused(
                changedConsent(c -> c.addAllOriginPath(Collections.nCopies(17, 1))),
                Code.MALFORMED);
    }

    private final Crafted carol = new Crafted();

    /// Alice leaves.
    private Proposal following(List<Proposal.Member> members, List<Proposal.Member> leaving) {
        return alice.signer.proposal(
                new ProposalDraft(
                        "savings",
                        members,
                        GroupForm.FIXED,
                        8,
                        Duration.ofDays(14),
                        Optional.of(new ProposalDraft.After(SOME_HASH, 2, leaving))),
                millis());
    }

    @Test
    void whatIsSaidOfAGroupThatFollowsAnotherIsReadAsItWasMade() throws Exception {
        Proposal next = following(List.of(bob.member(), carol.member()), List.of(alice.member()));
        assertThat(read(next.envelope())).isEqualTo(next);
        assertThat(next.participants()).hasSize(3);
        Statement leave = alice.signer.leave(next, millis());
        assertThat(read(leave.envelope())).isEqualTo(leave);
        assertThat(next.admits(leave)).isTrue();
        assertThat(proposal.admits(leave)).isFalse();
        Succession succession =
                alice.signer.succession(next.id(), SOME_HASH, SOME_HASH, SIGNATURE, millis());
        assertThat(read(succession.envelope())).isEqualTo(succession);
        assertThat(reader.read(succession.envelope(), Crafted.NOW.plus(Duration.ofDays(3_000))))
                .isEqualTo(succession);
        // A seal under the signature of a succession is none, and the other way round.
        refused(
                alice.sign(Kind.SUCCESSION, Kind.SEAL.tag(), Crafted.body(succession.envelope())),
                Code.BAD_SIGNATURE);
        refused(
                alice.sign(Kind.SEAL, Kind.SUCCESSION.tag(), Crafted.body(succession.envelope())),
                Code.WRONG_KIND);
    }

    @Test
    void whoLeavesIsNamedOnceAndOnlyWhereAnotherGroupIsFollowed() throws Exception {
        List<Proposal.Member> two = List.of(bob.member(), carol.member());
        refused(changedProposal(p -> p.addLeaving(p.getMembers(0)).removeMembers(0)), Code.LIMIT);
        refused(changedProposal(p -> p.addLeaving(p.getMembers(0))), Code.MALFORMED);
        refused(
                following(two, List.of(alice.member(), bob.member())).envelope(),
                Code.DUPLICATE_KEY);
        refused(
                following(
                                two,
                                List.of(
                                        alice.member(),
                                        new Proposal.Member(
                                                new Crafted().publicKey(), bob.member().peer())))
                        .envelope(),
                Code.DUPLICATE_KEY);
        refused(following(two, List.of(new Crafted().member())).envelope(), Code.BAD_KEYS);
        Crafted dave = new Crafted();
        Bytes unsorted =
                alice.changed(
                        Kind.PROPOSAL,
                        following(two, List.of(alice.member(), dave.member())).envelope(),
                        body -> {
                            ProposalPb next = body.getProposal();
                            return body.setProposal(
                                    next.toBuilder()
                                            .clearLeaving()
                                            .addLeaving(next.getLeaving(1))
                                            .addLeaving(next.getLeaving(0)));
                        });
        refused(unsorted, Code.BAD_KEYS);
    }

    @Test
    void theGroupThatIsFollowedIsBoundedWhereItIsTold() throws Exception {
        for (int length : List.of(GroupDescriptor.MAX_BYTES, GroupDescriptor.MAX_BYTES + 1)) {
            byte[] question =
                    ExchangeCodec.encode(
                            new Question.Group(
                                    proposal.id(),
                                    Optional.empty(),
                                    List.of(),
                                    Optional.of(Bytes.wrap(new byte[length]))));
            if (length == GroupDescriptor.MAX_BYTES) {
                var _ = ExchangeCodec.decodeQuestion(question, MessageLimits.DEFAULT);
            } else {
                assertThatThrownBy(
                                () -> ExchangeCodec.decodeQuestion(question, MessageLimits.DEFAULT))
                        .isInstanceOfSatisfying(
                                MessageException.class,
                                e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
            }
        }
    }

    @Test
    void membersAndThoseWhoLeaveAreBoundedTogether() throws Exception {
        List<Proposal.Member> leaving = new ArrayList<>();
        leaving.add(alice.member());
        while (leaving.size() < Proposal.MAX_PARTICIPANTS - 2) {
            leaving.add(new Crafted().member());
        }
        List<Proposal.Member> members = List.of(bob.member(), carol.member());
        Proposal largest = following(members, leaving);
        assertThat(read(largest.envelope())).isEqualTo(largest);
        leaving.add(new Crafted().member());
        refused(following(members, leaving).envelope(), Code.LIMIT);
    }

    /// What attests a key for one use counts for no other: the kind is in both signatures.
    @Test
    void aStatementAboutAGroupIsReplayedAsNoOther() throws Exception {
        Bytes contact =
                alice.signer
                        .contact(Optional.empty(), List.of(), millis(), Crafted.NOW.plusSeconds(9))
                        .envelope();
        Seal seal = bob.signer.seal(proposal.id(), SOME_HASH, SIGNATURE, millis());
        for (Kind kind : Kind.values()) {
            if (kind != Kind.SEAL) {
                // The body of a seal in the envelope of another kind.
                refused(
                        bob.sign(kind, Kind.SEAL.tag(), Crafted.body(seal.envelope())),
                        Code.WRONG_KIND);
            }
            if (kind != Kind.CONTACT) {
                refused(
                        alice.sign(kind, Kind.CONTACT.tag(), Crafted.body(contact)),
                        Code.WRONG_KIND);
            }
        }
        // A seal's body under the signature of another kind is refused.
        refused(
                bob.sign(Kind.SEAL, Kind.HELD.tag(), Crafted.body(seal.envelope())),
                Code.BAD_SIGNATURE);
        refused(
                bob.sign(Kind.SEAL, Kind.CONTACT.tag(), Crafted.body(seal.envelope())),
                Code.BAD_SIGNATURE);
    }

    @Test
    void aSealCountsLongerThanAProposal() throws Exception {
        Seal seal = bob.signer.seal(proposal.id(), SOME_HASH, SIGNATURE, millis());
        assertThat(reader.read(seal.envelope(), Crafted.NOW.plus(Duration.ofDays(3_000))))
                .isEqualTo(seal);
        refused(
                bob.changed(
                        Kind.SEAL,
                        seal.envelope(),
                        body -> body.setNotAfter(body.getNotAfter() + 1)),
                Code.BAD_TIMES);
        refused(
                alice.changed(
                        Kind.PROPOSAL,
                        proposal.envelope(),
                        body -> body.setNotAfter(body.getNotAfter() + 1)),
                Code.BAD_TIMES);
    }
}
