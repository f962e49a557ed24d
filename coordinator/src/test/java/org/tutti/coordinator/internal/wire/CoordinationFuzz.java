package org.tutti.coordinator.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.coordinator.pb.StatementPb;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What strangers say: only a typed refusal leaves a reader, and what it read is what was signed.
public final class CoordinationFuzz {
    /// What can be tried.
    enum Target {
        /// An envelope.
        STATEMENT,
        /// What somebody signs, properly: the first byte is the kind.
        BODY,
        QUESTION,
        ANSWER,
        /// What was encrypted to an inbox.
        DELIVERY,
        /// The group that a proposal follows.
        DESCRIPTOR,
        /// A group as another member has it.
        RECORD
    }

    private static final Crafted ALICE = new Crafted();
    private static final Crafted BOB = new Crafted();
    private static final Crafted CAROL = new Crafted();
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final MessageLimits LIMITS = MessageLimits.DEFAULT;
    private static final StatementReader READER = new StatementReader(Crafted.NETWORK, LIMITS);

    private static Target target = Target.STATEMENT;

    private CoordinationFuzz() {}

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
                case STATEMENT -> statement(bytes);
                case BODY -> {
                    if (input.length > 0) {
                        statement(signed(bytes));
                    }
                }
                case QUESTION -> {
                    Question question = ExchangeCodec.decodeQuestion(input, LIMITS);
                    require(
                            ExchangeCodec.decodeQuestion(ExchangeCodec.encode(question), LIMITS)
                                    .equals(question),
                            "another question was written");
                }
                case ANSWER -> {
                    Answer answer = ExchangeCodec.decodeAnswer(input, LIMITS);
                    require(
                            ExchangeCodec.decodeAnswer(ExchangeCodec.encode(answer), LIMITS)
                                    .equals(answer),
                            "another answer was written");
                }
                case DELIVERY -> {
                    Question.Delivery delivery = ExchangeCodec.decodeDelivery(bytes, LIMITS);
                    require(
                            ExchangeCodec.decodeDelivery(
                                            ExchangeCodec.encodeDelivery(delivery), LIMITS)
                                    .equals(delivery),
                            "another delivery was written");
                }
                case DESCRIPTOR -> {
                    GroupDescriptor read = GroupDescriptor.parse(bytes);
                    require(read.encoding().equals(bytes), "another descriptor was read");
                    require(GroupDescriptor.parse(bytes).equals(read), "read again it is another");
                    require(!read.expression().isEmpty(), "a group without a text");
                }
                case RECORD -> {
                    GroupRecord read = GroupRecord.parse(bytes);
                    require(
                            GroupRecord.parse(read.encode()).equals(read),
                            "another record was written");
                }
            }
        } catch (MessageException _) {
            // Typed: that is the point.
        }
    }

    private static Bytes signed(Bytes input) {
        Kind kind = KINDS.get((input.get(0) & 0xff) % KINDS.size());
        Bytes body = input.slice(1, input.length());
        Bytes signature =
                Schnorr.sign(
                                ALICE.key,
                                TaggedHash.of(kind.tag(), body.toArray()).toArray(),
                                new SecureRandom())
                        .bytes();
        return ALICE.seal(kind.payloadType(), Kind.DOMAIN, body, signature);
    }

    private static void statement(Bytes envelope) throws MessageException {
        Statement read = READER.read(envelope, Crafted.NOW);
        require(read.envelope().equals(envelope), "another envelope was kept");
        require(READER.readAgain(envelope).equals(read), "read again it is another");
        if (read instanceof Proposal proposal) {
            require(
                    proposal.participant(proposal.proposer()).isPresent(),
                    "the proposer takes no part");
            require(proposal.hasPeer(proposal.header().author()), "through no peer of a member");
        }
        if (read instanceof Consent consent) {
            consent(consent.groupKey());
        }
        if (read instanceof Invitation request) {
            require(request.keys().contains(request.requester()), "the requester signs nothing");
            request.messages()
                    .forEach(message -> {
                        var _ = message.toSign();
                    });
        }
    }

    private static void consent(GroupKey key) {
        try {
            GroupKey again =
                    switch (key) {
                        case GroupKey.Bare bare ->
                                GroupKey.parse(bare.bytes(), Bytes.EMPTY, List.of());
                        case GroupKey.Extended extended ->
                                GroupKey.parse(
                                        extended.bytes(),
                                        extended.origin().fingerprint(),
                                        extended.origin().path().stream()
                                                .map(Long::intValue)
                                                .toList());
                    };
            require(again.equals(key), "another key was written");
            require(!key.text().isEmpty(), "a key without a text");
        } catch (KeyException e) {
            throw new AssertionError("what was written is no key", e);
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static List<byte[]> seeds(Target what) {
        List<Bytes> envelopes = envelopes();
        List<byte[]> all = new ArrayList<>();
        switch (what) {
            case STATEMENT -> envelopes.forEach(e -> all.add(e.toArray()));
            case BODY -> envelopes.forEach(e -> all.add(bodyOf(e).toArray()));
            case QUESTION -> {
                all.add(
                        ExchangeCodec.encode(
                                (Question) new Question.Greeting(Optional.of(envelopes.get(0)))));
                all.add(ExchangeCodec.encode(new Question.Deliveries(List.of(delivery()))));
                all.add(ExchangeCodec.encode(new Question.Fetch(delivery().id())));
                all.add(
                        ExchangeCodec.encode(
                                new Question.Group(
                                        proposal().id(),
                                        Optional.of(proposal().envelope()),
                                        List.of(consent(proposal(), GroupForm.EXTENDED).envelope()),
                                        Optional.of(descriptor(GroupForm.EXTENDED).encoding()))));
                all.add(
                        ExchangeCodec.encode(
                                new Question.InboxQuery(
                                        ALICE.publicKey(), Set.of(delivery().id()))));
                all.add(ExchangeCodec.encode(new Question.Adverts(envelopes)));
                all.add(
                        ExchangeCodec.encode(
                                new Question.Find(
                                        Set.of(TransactionType.SWAP),
                                        Optional.of(ALICE.publicKey()))));
            }
            case ANSWER -> {
                all.add(
                        ExchangeCodec.encode(
                                new Answer.Receipts(
                                        List.of(
                                                new Answer.Receipt(
                                                        ReceiptCode.TAKEN, envelopes)))));
                all.add(ExchangeCodec.encode((Answer) delivery()));
                all.add(
                        ExchangeCodec.encode(
                                new Answer.Group(new Answer.Receipt(ReceiptCode.OVER, envelopes))));
                all.add(ExchangeCodec.encode(new Answer.Found(envelopes, true)));
                all.add(ExchangeCodec.encode(new Answer.AdvertsTaken()));
            }
            case DELIVERY -> all.add(ExchangeCodec.encodeDelivery(delivery()).toArray());
            case DESCRIPTOR -> {
                all.add(descriptor(GroupForm.EXTENDED).encoding().toArray());
                all.add(descriptor(GroupForm.FIXED).encoding().toArray());
            }
            case RECORD ->
                    all.add(
                            new GroupRecord(
                                            proposal().envelope(),
                                            List.of(
                                                    consent(proposal(), GroupForm.EXTENDED)
                                                            .envelope()),
                                            Optional.of(descriptor(GroupForm.FIXED).encoding()))
                                    .encode()
                                    .toArray());
        }
        return all;
    }

    private static List<Bytes> envelopes() {
        long now = Crafted.NOW.toEpochMilli();
        Invitation request = request();
        return List.of(
                ALICE.signer
                        .contact(
                                Optional.of(Bytes.wrap(new byte[32])),
                                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")),
                                now,
                                Crafted.NOW.plus(Duration.ofDays(1)))
                        .envelope(),
                request.envelope(),
                ALICE.signer.join(request, now).envelope(),
                ALICE.signer.refuse(request, now, "NO", "no").envelope(),
                ALICE.signer.withdraw(request, now, "no").envelope(),
                proposal().envelope(),
                consent(proposal(), GroupForm.EXTENDED).envelope(),
                consent(proposal(), GroupForm.FIXED).envelope(),
                BOB.signer
                        .seal(proposal().id(), Bytes.fromHex("33".repeat(32)), SIGNATURE, now)
                        .envelope(),
                BOB.signer.held(proposal().id(), Bytes.fromHex("33".repeat(32)), now).envelope(),
                following().envelope(),
                ALICE.signer.leave(following(), now).envelope(),
                BOB.signer
                        .succession(following().id(), SOME_HASH, SOME_HASH, SIGNATURE, now)
                        .envelope(),
                advert(now),
                ALICE.signer.retire(now, now).envelope());
    }

    private static final SchnorrSignature SIGNATURE =
            new SchnorrSignature(Bytes.fromHex("44".repeat(64)));

    private static final Bytes SOME_HASH = Bytes.fromHex("33".repeat(32));

    /// Alice leaves, who proposes it.
    private static Proposal following() {
        return ALICE.signer.proposal(
                new ProposalDraft(
                        "savings",
                        List.of(BOB.member(), CAROL.member()),
                        GroupForm.FIXED,
                        8,
                        Duration.ofDays(1),
                        Optional.of(
                                new ProposalDraft.After(SOME_HASH, 2, List.of(ALICE.member())))),
                Crafted.NOW.toEpochMilli());
    }

    private static GroupDescriptor descriptor(GroupForm form) {
        long now = Crafted.NOW.toEpochMilli();
        Proposal proposal =
                ALICE.signer.proposal(
                        new ProposalDraft(
                                "savings",
                                List.of(ALICE.member(), BOB.member()),
                                form,
                                7,
                                Duration.ofDays(1)),
                        now);
        GroupKey other =
                switch (form) {
                    case EXTENDED -> GroupKey.Extended.ofMaster(master((byte) 1).neuter());
                    case FIXED -> new GroupKey.Bare(CAROL.publicKey());
                };
        return GroupDescriptor.of(
                proposal,
                Map.of(
                        ALICE.publicKey(),
                        ALICE.signer.consent(proposal, groupKey(form), "", SIGNATURE, now),
                        BOB.publicKey(),
                        BOB.signer.consent(proposal, other, "rules", SIGNATURE, now)));
    }

    private static ExtendedPrivateKey master(byte first) {
        byte[] seed = new byte[32];
        seed[0] = first;
        try {
            return ExtendedPrivateKey.fromSeed(seed, ExtendedKeyVersions.TESTNET);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Proposal proposal() {
        return ALICE.signer.proposal(
                new ProposalDraft(
                        "savings",
                        List.of(ALICE.member(), BOB.member()),
                        GroupForm.EXTENDED,
                        7,
                        Duration.ofDays(1)),
                Crafted.NOW.toEpochMilli());
    }

    private static Consent consent(Proposal proposal, GroupForm form) {
        return BOB.signer.consent(
                proposal, groupKey(form), "rules", SIGNATURE, Crafted.NOW.toEpochMilli());
    }

    private static GroupKey groupKey(GroupForm form) {
        try (ExtendedPrivateKey key = master((byte) 0)) {
            return switch (form) {
                case EXTENDED -> GroupKey.Extended.ofMaster(key.neuter());
                case FIXED -> new GroupKey.Bare(key.publicKey());
            };
        }
    }

    private static Bytes advert(long now) {
        Vouch vouch =
                Vouch.make(
                        BOB.key,
                        Crafted.NETWORK,
                        ALICE.publicKey(),
                        Crafted.NOW.plusSeconds(9),
                        new SecureRandom());
        AdvertTerms terms =
                AdvertTerms.of(List.of(TransactionType.SPEND, TransactionType.SWAP))
                        .named("alice", "co-signs")
                        .purpose("payroll")
                        .amounts(new AmountRange(1, 2))
                        .fee(new AdvertTerms.Fee(1, 2));
        return ALICE.signer
                .advert(
                        new AdvertDraft(terms, List.of(vouch), Duration.ofDays(1)),
                        ALICE.signer.contact(
                                Optional.of(Bytes.wrap(new byte[32])),
                                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")),
                                now,
                                Crafted.NOW),
                        now)
                .envelope();
    }

    private static Invitation request() {
        return ALICE.signer.request(ALICE.draft(BOB.publicKey()), Crafted.NOW.toEpochMilli());
    }

    private static Question.Delivery delivery() {
        Invitation request = request();
        return new Question.Delivery(
                request.id(),
                Optional.of(request.envelope()),
                Bytes.fromHex("70736274ff"),
                List.of(BOB.signer.join(request, Crafted.NOW.toEpochMilli()).envelope()));
    }

    private static Bytes bodyOf(Bytes envelope) {
        try {
            SignedEnvelope opened = SignedEnvelope.decode(envelope);
            Kind kind = Kind.ofPayloadType(opened.payloadType()).orElseThrow();
            byte[] body = StatementPb.parseFrom(opened.payload().toArray()).getBody().toByteArray();
            return Bytes.concat(
                    Bytes.wrap(new byte[] {(byte) KINDS.indexOf(kind)}), Bytes.wrap(body));
        } catch (EnvelopeException | InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
