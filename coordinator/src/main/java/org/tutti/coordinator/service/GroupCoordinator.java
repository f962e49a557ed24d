package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.group.GroupPolicy;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.internal.engine.EngineOutput;
import org.tutti.coordinator.internal.engine.GroupEngine;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes lasting groups with others: proposes, consents, and shows which are there
/// (docs/protocol.md, "Groups").
///
/// **With n-of-n, any member of a group can freeze its money**, by not signing: nobody can take it,
/// and nobody can spend it without all. Propose to, and consent with, those whom you know, or keep
/// little there.
///
/// Threads: what a group's key signs is signed on virtual threads; everything else is the loop's of
/// its [Coordinator]. Safe for all threads.
public final class GroupCoordinator {
    private static final System.Logger LOG = System.getLogger(GroupCoordinator.class.getName());

    private final GroupEngine engine;
    private final PeerId self;
    private final StatementSigner signer;
    private final StatementReader reader;
    private final Verifier verifier;
    private final Loop loop;
    private final Tasks tasks;
    private final Optional<GroupKeys> keys;
    private final GroupPolicy policy;
    private final InstantSource clock;
    private final SecureRandom random;

    GroupCoordinator(
            GroupEngine engine,
            StatementSigner signer,
            StatementReader reader,
            Verifier verifier,
            Loop loop,
            Tasks tasks,
            CoordinatorBuilder b) {
        this.engine = engine;
        this.self = b.host().peerId();
        this.signer = signer;
        this.reader = reader;
        this.verifier = verifier;
        this.loop = loop;
        this.tasks = tasks;
        this.keys = b.groupKeys();
        this.policy = b.groupPolicy;
        this.clock = b.clock;
        this.random = b.random;
    }

    // --- what a user asks for

    /// Proposes a group to others, and consents to it; or agrees to leave, where it follows one
    /// that this node is in and has no place for it. Returns when it is on disk; the others are
    /// told when they are connected.
    ///
    /// @param words by which rules this node will sign, in words; empty: it signs nothing by itself
    /// @throws CoordinatorException if the limits have no room for another, or the draft is invalid
    /// @throws IOException if the group's key cannot be kept
    public Proposal propose(ProposalDraft draft, String words)
            throws CoordinatorException, IOException, InterruptedException {
        requireWords(words);
        Proposal proposal = made(draft);
        if (!isMember(proposal)) {
            return call(now -> {
                engine.propose(proposal, now);
                engine.leave(proposal.id(), now);
                return proposal;
            });
        }
        Own own = own(proposal, true).orElseThrow();
        return call(now -> {
            engine.propose(proposal, now);
            engine.consent(proposal.id(), own.groupKey, words, own.proof, now);
            return proposal;
        });
    }

    /// As others will read it: whatever they would refuse is refused here.
    private Proposal made(ProposalDraft draft) throws CoordinatorException {
        try {
            Proposal proposal = signer.proposal(draft, clock.instant().toEpochMilli());
            var _ = reader.read(proposal.envelope(), clock.instant());
            return proposal;
        } catch (MessageException | IllegalArgumentException e) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID, String.valueOf(e.getMessage()));
        }
    }

    private boolean isMember(Proposal proposal) {
        return proposal.member(signer.publicKey()).isPresent();
    }

    /// For a draft of a group that follows one of this node's: its next epoch, and who leaves, each
    /// through the peer that it named last.
    ///
    /// @param descriptor id of the group that is followed, 32 bytes
    /// @param members of the next
    /// @throws CoordinatorException if this node is in no such group, or it is not formed
    public ProposalDraft.After after(Bytes descriptor, List<Proposal.Member> members)
            throws CoordinatorException, InterruptedException {
        ProposalDraft.After first = call(_ -> engine.after(descriptor, members));
        List<Proposal.Member> leaving = new ArrayList<>();
        for (Proposal.Member member : first.leaving()) {
            leaving.add(member(member.key()).orElse(member));
        }
        return new ProposalDraft.After(first.previous(), first.epoch(), leaving);
    }

    /// Becomes a member of a group that waits for this node's decision; or agrees to leave, where
    /// that follows a group of this node without it.
    ///
    /// @param words as in [#propose]
    public void consent(ProposalId id, String words)
            throws CoordinatorException, IOException, InterruptedException {
        requireWords(words);
        Optional<Proposal> proposal = call(_ -> engine.proposal(id));
        if (proposal.isEmpty()) {
            throw new CoordinatorException(
                    CoordinatorException.Code.NO_SUCH_PROPOSAL, "no such proposal is here");
        }
        if (!isMember(proposal.get())) {
            call(now -> {
                engine.leave(id, now);
                return true;
            });
            return;
        }
        Own own = own(proposal.get(), true).orElseThrow();
        call(now -> {
            engine.consent(id, own.groupKey, words, own.proof, now);
            return true;
        });
    }

    /// Does not become a member, which ends the proposal, as long as no other can have the group.
    ///
    /// @param code upper-case word for programs
    /// @param reason one sentence for people; it is sent to the others
    public void refuse(ProposalId id, String code, String reason)
            throws CoordinatorException, InterruptedException {
        call(now -> {
            engine.refuse(id, code, reason, now);
            return true;
        });
    }

    /// Takes a proposal of this node's back, as long as no other can have the group.
    public void withdraw(ProposalId id, String reason)
            throws CoordinatorException, InterruptedException {
        call(now -> {
            engine.withdraw(id, reason, now);
            return true;
        });
    }

    /// Everything that was said of a formed group, for a member that has lost it: it is given over
    /// another channel, and [#adopt] takes it there.
    ///
    /// @throws CoordinatorException `NO_SUCH_PROPOSAL` if this node is in no such group
    public GroupRecord record(ProposalId id) throws CoordinatorException, InterruptedException {
        return call(_ -> engine.record(id))
                .orElseThrow(() ->
                        new CoordinatorException(
                                CoordinatorException.Code.NO_SUCH_PROPOSAL,
                                "this node is in no such group, or it is not formed"));
    }

    /// Takes a group back that this node has lost, from what another member has of it. Everything
    /// in it is verified: a record can bring back nothing that this node has not agreed to, with a
    /// key that it still has. Returns when it is on disk.
    ///
    /// @return its proposal
    /// @throws CoordinatorException `INVALID` if it is no formed group of this node's, or this
    ///   node's key of it is not here; `NOT_WAITING` if the group is being made; `BUSY`
    /// @throws IOException if the group's key cannot be read
    public ProposalId adopt(GroupRecord record)
            throws CoordinatorException, IOException, InterruptedException {
        Proposal proposal;
        List<Statement> said = new ArrayList<>();
        Optional<GroupDescriptor> previous;
        try {
            if (!(reader.readAgain(record.proposal()) instanceof Proposal read)) {
                throw new MessageException(Code.WRONG_KIND, "it begins with no proposal");
            }
            proposal = read;
            for (Bytes envelope : record.statements()) {
                said.add(reader.readAgain(envelope));
            }
            previous =
                    record.previous().isPresent()
                            ? Optional.of(GroupDescriptor.parse(record.previous().get()))
                            : Optional.empty();
        } catch (MessageException | IllegalArgumentException e) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID, String.valueOf(e.getMessage()));
        }
        requireOwnKey(proposal, said);
        return call(now -> {
            engine.adopt(proposal, said, previous, now);
            return proposal.id();
        });
    }

    private void requireOwnKey(Proposal proposal, List<Statement> said)
            throws CoordinatorException, IOException {
        Optional<GroupKey> here = own(proposal, false).map(Own::groupKey);
        boolean same =
                said.stream()
                        .anyMatch(one ->
                                one instanceof Consent consent
                                        && consent.header().key().equals(signer.publicKey())
                                        && Optional.of(consent.groupKey()).equals(here));
        if (!same) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID,
                    here.isEmpty()
                            ? "this node's key of the group is not here: bring it back first"
                            : "this node has another key of the group than it consented with");
        }
    }

    /// All proposals and groups that are remembered, oldest first.
    public List<GroupView> groups() throws InterruptedException {
        try {
            return call(_ -> engine.groups());
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    /// One of them.
    public Optional<GroupView> group(ProposalId id) throws InterruptedException {
        try {
            return call(_ -> engine.group(id));
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As a proposal names a key: this node's own, or one whose contact is known here.
    public Optional<Proposal.Member> member(PublicKey key) throws InterruptedException {
        if (key.equals(signer.publicKey())) {
            return Optional.of(new Proposal.Member(key, self));
        }
        try {
            return loop.call((e, now) ->
                    e.contact(key, now)
                            .map(contact -> new Proposal.Member(key, contact.header().author())));
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireWords(String words) throws CoordinatorException {
        if (words.length() > Consent.MAX_POLICY || !PlainText.isPlain(words)) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID,
                    "rules in words have at most " + Consent.MAX_POLICY + " plain characters");
        }
    }

    private interface Step<T> {
        T run(Instant now) throws CoordinatorException;
    }

    private <T> T call(Step<T> step) throws CoordinatorException, InterruptedException {
        try {
            return loop.call((_, now) -> step.run(now));
        } catch (CoordinatorException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // --- the group's key

    /// This node's key in a group, and that it is its own.
    private record Own(GroupKey groupKey, SchnorrSignature proof) {}

    /// @param make whether it is made if there is none
    private Optional<Own> own(Proposal proposal, boolean make)
            throws CoordinatorException, IOException {
        if (keys.isEmpty()) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID, "this node keeps no keys of groups");
        }
        Optional<ExtendedPrivateKey> secret =
                make
                        ? Optional.of(keys.get().create(proposal.id()))
                        : keys.get().find(proposal.id());
        if (secret.isEmpty()) {
            return Optional.empty();
        }
        try (ExtendedPrivateKey key = secret.get()) {
            GroupKey groupKey = groupKey(proposal.form(), key);
            Bytes message =
                    Consent.proofMessage(proposal.id(), signer.publicKey(), groupKey.bytes());
            return Optional.of(
                    new Own(groupKey, Schnorr.sign(key.secretKey(), message.toArray(), random)));
        }
    }

    private static GroupKey groupKey(GroupForm form, ExtendedPrivateKey key) {
        return switch (form) {
            case EXTENDED -> GroupKey.Extended.ofMaster(key.neuter());
            case FIXED -> new GroupKey.Bare(key.publicKey());
        };
    }

    // --- what the engine wants; on the loop's thread

    void judge(Proposal proposal) {
        tasks.run(
                "judge-group",
                () -> {
                    try {
                        switch (policy.judge(proposal)) {
                            case GroupPolicy.Agree(String words) -> consent(proposal.id(), words);
                            case GroupPolicy.Ask _ -> {
                                // A person decides.
                            }
                            case GroupPolicy.Decline(String code, String reason) ->
                                    refuse(proposal.id(), code, reason);
                        }
                    } catch (CoordinatorException e) {
                        LOG.log(System.Logger.Level.DEBUG, "{0} is over", proposal);
                    } catch (IOException e) {
                        LOG.log(System.Logger.Level.ERROR, "no key for " + proposal, e);
                    }
                });
    }

    void seal(EngineOutput.SealGroup output) {
        tasks.run(
                "seal-group",
                () -> {
                    Optional<SchnorrSignature> seal =
                            output.member()
                                    ? signed(output.proposal(), Seal.message(output.descriptor()))
                                    : Optional.empty();
                    Optional<SchnorrSignature> succession =
                            output.yielding()
                                    .flatMap(old ->
                                            signed(
                                                    old.proposal(),
                                                    Succession.message(
                                                            old.descriptor(),
                                                            output.descriptor())));
                    boolean all =
                            seal.isPresent() == output.member()
                                    && succession.isPresent() == output.yielding().isPresent();
                    loop.post((_, now) -> {
                        if (all) {
                            engine.sealed(
                                    output.proposal(), output.descriptor(), seal, succession, now);
                        } else {
                            engine.refuse(
                                    output.proposal(),
                                    "KEY_LOST",
                                    "this member cannot read its key of the group",
                                    now);
                        }
                        return true;
                    });
                });
    }

    /// @return empty if the key of that group cannot be read
    private Optional<SchnorrSignature> signed(ProposalId group, Bytes message) {
        try (ExtendedPrivateKey key = keys.isEmpty() ? null : keys.get().find(group).orElse(null)) {
            return key == null
                    ? Optional.empty()
                    : Optional.of(Schnorr.sign(key.secretKey(), message.toArray(), random));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "a group's key cannot be read", e);
            return Optional.empty();
        }
    }

    /// Tells a member what it lacks.
    void deliver(Exchanges exchanges, EngineOutput.DeliverGroup output) {
        Optional<Proposal> proposal = engine.proposal(output.proposal());
        tasks.run(
                "deliver-group",
                () -> {
                    Optional<Answer.Receipt> receipt = Optional.empty();
                    try {
                        if (exchanges.ask(
                                        output.to(),
                                        new Question.Group(
                                                output.proposal(),
                                                output.envelope(),
                                                output.statements(),
                                                output.previous()))
                                instanceof Answer.Group(Answer.Receipt given)) {
                            receipt = Optional.of(given);
                        }
                    } catch (IOException e) {
                        // Told below.
                    }
                    List<Statement> statements =
                            receipt.isPresent() && proposal.isPresent()
                                    ? verifier.readAll(
                                            receipt.get().statements(), proposal.get(), output.to())
                                    : List.of();
                    Optional<ReceiptCode> code = receipt.map(Answer.Receipt::code);
                    loop.post((_, now) -> {
                        if (code.isPresent()) {
                            engine.receipt(
                                    output.to(),
                                    output.proposal(),
                                    code.get(),
                                    output.envelope().isPresent(),
                                    output.previous().isPresent(),
                                    output.statements(),
                                    statements,
                                    now);
                        } else {
                            engine.notDelivered(output.to(), output.proposal(), now);
                        }
                        return true;
                    });
                });
    }

    // --- answering

    /// On disk when this returns.
    Answer.Group answer(PeerId peer, Question.Group question)
            throws MessageException, InterruptedException {
        if (keys.isEmpty()) {
            return receipt(ReceiptCode.NOT_ASKED);
        }
        try {
            Optional<Proposal> known = call(_ -> engine.proposal(question.id()));
            if (known.isEmpty() && question.proposal().isEmpty()) {
                return receipt(ReceiptCode.UNKNOWN_REQUEST);
            }
            Proposal proposal = known.isPresent() ? known.get() : proposal(peer, question);
            if (!proposal.hasPeer(peer)) {
                return receipt(ReceiptCode.NOT_ASKED); // Nothing of it costs a signature.
            }
            List<Statement> statements = verifier.readAll(question.statements(), proposal, peer);
            Optional<GroupDescriptor> previous = previous(peer, proposal, question);
            return call(now -> {
                ReceiptCode code =
                        engine.received(
                                peer,
                                question.id(),
                                Optional.of(proposal),
                                statements,
                                previous,
                                now);
                return new Answer.Group(
                        new Answer.Receipt(code, engine.ending(peer, question.id())));
            });
        } catch (MessageException e) {
            return receipt(e.code() == Code.EXPIRED ? ReceiptCode.OVER : ReceiptCode.INVALID);
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer.Group receipt(ReceiptCode code) {
        return new Answer.Group(new Answer.Receipt(code, List.of()));
    }

    /// Its id is its hash: only the one that the proposal names is read.
    private Optional<GroupDescriptor> previous(
            PeerId from, Proposal proposal, Question.Group question) throws MessageException {
        if (question.previous().isEmpty()) {
            return Optional.empty();
        }
        try {
            GroupDescriptor previous = GroupDescriptor.parse(question.previous().get());
            if (!proposal.previous().equals(Optional.of(previous.id()))) {
                throw new MessageException(
                        Code.WRONG_KIND, "not the descriptor that the proposal follows");
            }
            return Optional.of(previous);
        } catch (MessageException e) {
            verifier.punish(from, e);
            throw e;
        }
    }

    private Proposal proposal(PeerId from, Question.Group question) throws MessageException {
        if (verifier.read(question.proposal().orElseThrow(), from) instanceof Proposal proposal
                && proposal.id().equals(question.id())) {
            return proposal;
        }
        MessageException e =
                new MessageException(Code.WRONG_KIND, "not the proposal that was named");
        verifier.punish(from, e);
        throw e;
    }

    /// The key by which others name this node.
    public PublicKey key() {
        return signer.publicKey();
    }

    @Override
    public String toString() {
        return "groups of " + signer.publicKey();
    }
}
