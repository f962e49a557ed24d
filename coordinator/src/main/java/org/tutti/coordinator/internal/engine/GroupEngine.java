package org.tutti.coordinator.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.CoordinatorException.Code;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.Reachable;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// All groups of one node, from the proposal on: takes what is said and what happens, with the
/// time, and says what is to be done. Owns no thread, socket, clock, disk or secret of a group; not
/// safe for threads.
///
/// The life of a proposal: each member consents with a fresh key. Whoever has all consents makes
/// the same descriptor of them, and seals it: signs it with its group key. Whoever holds all seals,
/// on disk, says that it holds them. A group is formed when all have said so: then all hold all
/// signatures.
///
/// **Nobody shows an address that another could still give up.** Until a node has said that it
/// holds all seals, a refusal, a contradiction or the end of time ends the proposal there, and it
/// will never say so; once it has said so, nothing ends it there. So where one node has formed the
/// group, every honest member waits for it, and forms it when the rest arrives.
///
/// A group that follows another is made in the same way, and all members of the other take part,
/// those too who leave: they sign with their keys there that it follows, and say that they hold
/// everything. **Each says that for one successor of a group alone, ever**, so at most one can be
/// formed as long as one member of the old group keeps to it and has its log.
///
/// One class, because one statement, connection or ended rival changes a proposal's case, what
/// others are told and what this node may sign at the same moment; what is known of one proposal is
/// in [GroupCase], and what has to be right of a group that follows another in [Succeeding].
public final class GroupEngine {
    private final StatementSigner signer;
    private final PeerId self;
    private final GroupLimits limits;
    private final ExtendedKeyVersions versions;
    private final Map<ProposalId, GroupCase> cases = new LinkedHashMap<>();
    private final Set<PeerId> connected = new HashSet<>();

    /// Peers that are being told something: one thing after the other.
    private final Set<PeerId> telling = new HashSet<>();

    private List<EngineOutput> outputs = new ArrayList<>();
    private long undecidedBytes;
    private long wantedChanges;

    /// @param self the peer through which the signer speaks
    /// @param versions of this network's extended keys
    public GroupEngine(
            StatementSigner signer, PeerId self, GroupLimits limits, ExtendedKeyVersions versions) {
        this.signer = signer;
        this.self = self;
        this.limits = limits;
        this.versions = versions;
    }

    private PublicKey ownKey() {
        return signer.publicKey();
    }

    /// What is to be done, in this order.
    public List<EngineOutput> takeOutputs() {
        List<EngineOutput> taken = outputs;
        outputs = new ArrayList<>();
        return taken;
    }

    private void emit(GroupEvent event) {
        outputs.add(new EngineOutput.EmitGroup(event));
    }

    // --- what this node does

    /// This node proposes a group.
    ///
    /// @param proposal of this node, read again as others will
    public void propose(Proposal proposal, Instant now) throws CoordinatorException {
        if (decided() >= limits.open()) {
            throw new CoordinatorException(Code.BUSY, "there is no room for another group");
        }
        GroupCase made = new GroupCase(proposal, ownKey());
        if (proposal.previous().isPresent()) {
            GroupDescriptor previous =
                    formed(proposal.previous().get())
                            .orElseThrow(() ->
                                    new CoordinatorException(
                                            Code.INVALID,
                                            "this node is in no group with the descriptor that is"
                                                    + " to be followed"));
            Optional<String> fault = Succeeding.fault(proposal, previous);
            if (fault.isPresent()) {
                throw new CoordinatorException(Code.INVALID, fault.get());
            }
            made.previous = previous;
            requireOnlySuccessor(made);
        }
        cases.put(proposal.id(), made);
        wantedChanges++;
        outputs.add(new EngineOutput.Append(new LogEntry.GroupTaken(proposal.envelope())));
        emit(new GroupEvent.GroupProposed(now, proposal, true));
        spread(made, now);
    }

    /// This node becomes a member, if all others do.
    ///
    /// @param groupKey whose secret is on disk
    /// @param policy by which rules it will sign, in words
    /// @param proof by the group key
    public void consent(
            ProposalId id, GroupKey groupKey, String policy, SchnorrSignature proof, Instant now)
            throws CoordinatorException {
        GroupCase known = requireWaiting(id, true);
        agree(
                known,
                signer.consent(known.proposal, groupKey, policy, proof, now.toEpochMilli()),
                now);
    }

    /// This node, which is in the group that is followed and not in the next, agrees.
    public void leave(ProposalId id, Instant now) throws CoordinatorException {
        GroupCase known = requireWaiting(id, false);
        agree(known, signer.leave(known.proposal, now.toEpochMilli()), now);
    }

    private void agree(GroupCase known, Statement statement, Instant now) {
        long before = undecided(known);
        take(known, statement, now);
        undecidedBytes -= before - undecided(known);
        wantedChanges++;
        advance(known, now);
        spread(known, now);
    }

    /// @param member whether this node is to be a member, or one that leaves
    private GroupCase requireWaiting(ProposalId id, boolean member) throws CoordinatorException {
        GroupCase known = require(id);
        if (known.isOver()
                || known.hasAgreed(ownKey())
                || known.proposal.member(ownKey()).isPresent() != member) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, "the proposal does not wait for this node's consent");
        }
        requireOnlySuccessor(known);
        if (!known.own && decided() >= limits.open()) {
            throw new CoordinatorException(Code.BUSY, "there is no room for another group");
        }
        return known;
    }

    /// A group has one successor: another is agreed to when the first can never be formed.
    private void requireOnlySuccessor(GroupCase known) throws CoordinatorException {
        if (hasRival(known, other -> other.isDecided(ownKey()))) {
            throw new CoordinatorException(
                    Code.NOT_WAITING,
                    "another group that follows the same is being made, or is there");
        }
    }

    /// Whether there is another successor of the same group of this node.
    private boolean hasRival(GroupCase known, Predicate<GroupCase> counts) {
        return known.yields(ownKey())
                && rivals(known).anyMatch(other -> !other.isOver() && counts.test(other));
    }

    private Stream<GroupCase> rivals(GroupCase known) {
        return cases.values().stream()
                .filter(other -> other != known)
                .filter(other -> other.proposal.previous().equals(known.proposal.previous()));
    }

    /// A group that is there, and that this node is in.
    private Optional<GroupDescriptor> formed(Bytes descriptor) {
        return cases.values().stream()
                .filter(known -> known.formed && known.proposal.member(ownKey()).isPresent())
                .flatMap(known -> Optional.ofNullable(known.descriptor).stream())
                .filter(group -> group.id().equals(descriptor))
                .findFirst();
    }

    /// The group that is to be followed, as its proposer names it.
    ///
    /// @param descriptor its id
    /// @param members of the next
    /// @throws CoordinatorException if this node is in no such group
    public ProposalDraft.After after(Bytes descriptor, List<Proposal.Member> members)
            throws CoordinatorException {
        GroupDescriptor previous =
                formed(descriptor)
                        .orElseThrow(() ->
                                new CoordinatorException(
                                        Code.NO_SUCH_PROPOSAL, "this node is in no such group"));
        Set<PublicKey> staying = new HashSet<>();
        members.forEach(member -> staying.add(member.key()));
        return new ProposalDraft.After(
                previous.id(),
                previous.epoch() + 1,
                previous.members().stream()
                        .filter(member -> !staying.contains(member.key()))
                        .map(member -> new Proposal.Member(member.key(), member.peer()))
                        .toList());
    }

    /// This node does not become a member, which ends the proposal.
    public void refuse(ProposalId id, String code, String reason, Instant now)
            throws CoordinatorException {
        GroupCase known = requireOpen(id);
        end(known, signer.refuse(known.proposal, now.toEpochMilli(), code, reason), now);
    }

    /// This node takes its proposal back.
    public void withdraw(ProposalId id, String reason, Instant now) throws CoordinatorException {
        GroupCase known = requireOpen(id);
        if (!known.own) {
            throw new CoordinatorException(Code.NOT_OURS, "another node proposed it");
        }
        end(known, signer.withdraw(known.proposal, now.toEpochMilli(), reason), now);
    }

    private void end(GroupCase known, Statement statement, Instant now) {
        long before = undecided(known);
        take(known, statement, now);
        undecidedBytes -= before - undecided(known);
        spread(known, now);
    }

    /// The descriptor that this node was to sign is signed.
    ///
    /// @param seal by its key in the group, if it was to
    /// @param succession by its key in the group that is followed, if it was to
    public void sealed(
            ProposalId id,
            Bytes descriptor,
            Optional<SchnorrSignature> seal,
            Optional<SchnorrSignature> succession,
            Instant now) {
        GroupCase known = cases.get(id);
        if (known == null || known.isOver() || known.hasSigned(ownKey())) {
            return;
        }
        long made = now.toEpochMilli();
        seal.ifPresent(by -> take(known, signer.seal(id, descriptor, by, made), now));
        succession.ifPresent(by ->
                take(
                        known,
                        signer.succession(
                                id, known.proposal.previous().orElseThrow(), descriptor, by, made),
                        now));
        advance(known, now);
        spread(known, now);
    }

    private GroupCase require(ProposalId id) throws CoordinatorException {
        GroupCase known = cases.get(id);
        if (known == null) {
            throw new CoordinatorException(Code.NO_SUCH_PROPOSAL, "no such proposal is here");
        }
        return known;
    }

    /// Once this node has said that it holds all seals, another may have formed the group.
    private GroupCase requireOpen(ProposalId id) throws CoordinatorException {
        GroupCase known = require(id);
        if (known.isOver() || known.helds.containsKey(ownKey())) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, "the proposal is over, or all have signed the group");
        }
        return known;
    }

    private long decided() {
        return cases.values().stream()
                .filter(known -> !known.isOver() && known.isDecided(ownKey()))
                .count();
    }

    /// What a case counts among the proposals of others that this node has not decided about.
    private long undecided(GroupCase known) {
        return known.isOver() || known.isDecided(ownKey()) ? 0 : known.bytes;
    }

    // --- what others say

    /// A proposal that is here, for reading what is said about it.
    public Optional<Proposal> proposal(ProposalId id) {
        return Optional.ofNullable(cases.get(id)).map(known -> known.proposal);
    }

    /// A peer hands over a proposal, or what was said about it.
    ///
    /// @param proposal verified; empty where only statements are new
    /// @param statements verified
    /// @param previous the group that it follows, as the peer says
    public ReceiptCode received(
            PeerId from,
            ProposalId id,
            Optional<Proposal> proposal,
            List<Statement> statements,
            Optional<GroupDescriptor> previous,
            Instant now) {
        GroupCase known = cases.get(id);
        if (known == null) {
            if (proposal.isEmpty()) {
                return ReceiptCode.UNKNOWN_REQUEST;
            }
            ReceiptCode code = admit(from, proposal.get(), now);
            if (code != ReceiptCode.TAKEN) {
                return code;
            }
            known = open(proposal.get(), now);
        }
        GroupCase.Link link = known.links.get(from);
        if (link == null) {
            // Keys of a group go to its members alone: whoever is none learns not even that it is
            // here.
            return ReceiptCode.NOT_ASKED;
        }
        link.hasProposal = true;
        if (previous.isPresent()
                && !previous.map(GroupDescriptor::id).equals(known.proposal.previous())) {
            return ReceiptCode.INVALID;
        }
        boolean taken = hear(known, link, statements, now);
        if (previous.isPresent() && takePrevious(known, previous.get(), now)) {
            link.hasPrevious = true;
            advance(known, now);
        }
        spread(known, now);
        return known.isOver() ? ReceiptCode.OVER : taken ? ReceiptCode.TAKEN : ReceiptCode.BUSY;
    }

    /// What a peer lacks of a proposal that is over here.
    public List<Bytes> ending(PeerId from, ProposalId id) {
        return Optional.ofNullable(cases.get(id))
                .filter(known -> known.isOver() && known.proposal.hasPeer(from))
                .map(GroupCase::statements)
                .orElse(List.of());
    }

    /// Whoever was not in the group that is followed is told of it when all have agreed: until then
    /// its keys are its members' alone.
    ///
    /// @return false if it is not taken, or ends the proposal
    private boolean takePrevious(GroupCase known, GroupDescriptor previous, Instant now) {
        if (known.isOver() || known.previous != null || !known.hasAgreed(ownKey())) {
            return known.previous != null;
        }
        if (previous.member(ownKey()).isPresent()) {
            // It was in that group, and has forgotten it: what it signed there it does not know.
            end(
                    known,
                    signer.refuse(
                            known.proposal,
                            now.toEpochMilli(),
                            ReceiptCode.UNKNOWN_PREVIOUS.name(),
                            "this member does not hold the group that is followed"),
                    now);
            return false;
        }
        outputs.add(
                new EngineOutput.Append(
                        new LogEntry.GroupPrevious(known.proposal.id(), previous.encoding())));
        return usePrevious(known, previous, now);
    }

    /// @return false if it ends the proposal
    private boolean usePrevious(GroupCase known, GroupDescriptor previous, Instant now) {
        Optional<String> fault = Succeeding.fault(known.proposal, previous);
        if (fault.isPresent()) {
            fail(
                    known,
                    GroupFailure.Code.BAD_PREVIOUS,
                    fault.get(),
                    List.of(known.proposal.proposer()),
                    List.of(),
                    now);
            return false;
        }
        known.previous = previous;
        for (Consent consent : known.consents.values()) {
            if (Succeeding.usesKeyOf(previous, consent)) {
                fail(known, GroupFailure.Code.USED_KEY, List.of(consent), now);
                return false;
            }
        }
        return true;
    }

    private ReceiptCode admit(PeerId from, Proposal proposal, Instant now) {
        boolean asked =
                proposal.hasPeer(from)
                        && !from.equals(self)
                        && proposal.participant(ownKey())
                                .filter(m -> m.peer().equals(self))
                                .isPresent();
        if (!asked) {
            return ReceiptCode.NOT_ASKED;
        }
        Optional<ReceiptCode> refused = proposal.previous().flatMap(id -> refused(proposal, id));
        if (refused.isPresent()) {
            return refused.get();
        }
        if (!proposal.header().notAfter().isAfter(now)) {
            return ReceiptCode.OVER;
        }
        List<GroupCase> undecided = cases.values().stream().filter(c -> undecided(c) > 0).toList();
        PeerId author = proposal.header().author();
        boolean room =
                undecided.size() < limits.undecided()
                        && undecided.stream()
                                        .filter(c -> c.proposal.header().author().equals(author))
                                        .count()
                                < limits.undecidedPerPeer()
                        && undecidedBytes + GroupCase.size(proposal.envelope())
                                <= limits.undecidedBytes();
        return room ? ReceiptCode.TAKEN : ReceiptCode.BUSY;
    }

    /// Whether a proposal to follow a group is not looked at. Who was not in that group cannot tell
    /// yet.
    private Optional<ReceiptCode> refused(Proposal proposal, Bytes previous) {
        Optional<GroupDescriptor> known = formed(previous);
        if (known.isEmpty()) {
            boolean forming =
                    cases.values().stream()
                            .filter(one -> one.proposal.member(ownKey()).isPresent())
                            .flatMap(one -> Optional.ofNullable(one.descriptor).stream())
                            .anyMatch(group -> group.id().equals(previous));
            return forming || proposal.member(ownKey()).isEmpty()
                    ? Optional.of(ReceiptCode.UNKNOWN_PREVIOUS)
                    : Optional.empty();
        }
        return Succeeding.fault(proposal, known.get()).isPresent()
                        || successor(previous).isPresent()
                ? Optional.of(ReceiptCode.INVALID)
                : Optional.empty();
    }

    /// The group that follows one of this node's, if it is there.
    private Optional<Bytes> successor(Bytes descriptor) {
        return cases.values().stream()
                .filter(known -> known.formed)
                .filter(known -> known.proposal.previous().filter(descriptor::equals).isPresent())
                .flatMap(known -> Optional.ofNullable(known.descriptor).stream())
                .map(GroupDescriptor::id)
                .findFirst();
    }

    private GroupCase open(Proposal proposal, Instant now) {
        GroupCase opened = new GroupCase(proposal, ownKey());
        opened.previous = proposal.previous().flatMap(this::formed).orElse(null);
        cases.put(proposal.id(), opened);
        undecidedBytes += undecided(opened);
        outputs.add(new EngineOutput.Append(new LogEntry.GroupTaken(proposal.envelope())));
        emit(new GroupEvent.GroupProposed(now, proposal, opened.own));
        judge(opened);
        return opened;
    }

    /// Where another successor of the same group is being made, this one is judged when that has
    /// failed.
    private void judge(GroupCase known) {
        if (!known.isOver()
                && !known.isDecided(ownKey())
                && !hasRival(known, other -> other.isDecided(ownKey()))) {
            outputs.add(new EngineOutput.JudgeGroup(known.proposal));
        }
    }

    /// @return false if there was no room for all
    private boolean hear(
            GroupCase known, GroupCase.Link link, List<Statement> statements, Instant now) {
        boolean all = true;
        long before = undecided(known);
        for (Statement statement : statements) {
            if (statement.header().key().equals(ownKey())) {
                // What this node said counts from its own log: else others could bring back a
                // consent that it has taken back and forgotten.
                continue;
            }
            long after = undecidedBytes - before + undecided(known);
            if (undecided(known) > 0
                    && !known.has(statement)
                    && after + GroupCase.size(statement.envelope()) > limits.undecidedBytes()) {
                all = false;
                continue;
            }
            take(known, statement, now);
            if (known.has(statement)) {
                // Only what is kept here: a member can sign as many others as it likes.
                link.has.add(statement.envelope());
            }
        }
        undecidedBytes -= before - undecided(known);
        advance(known, now);
        return all;
    }

    /// One statement, verified. What is no member's through its peer is left out.
    private void take(GroupCase known, Statement statement, Instant now) {
        if (!known.proposal.admits(statement) || known.isOver()) {
            return;
        }
        switch (statement) {
            case Consent consent -> {
                if (known.proposal.member(consent.header().key()).isPresent()) {
                    consented(known, consent, now);
                }
            }
            case Seal seal -> {
                if (known.proposal.member(seal.header().key()).isPresent()
                        && known.seals.putIfAbsent(seal.header().key(), seal) == null) {
                    keep(known, seal);
                }
            }
            case Leave leave -> {
                PublicKey key = leave.header().key();
                if (known.proposal.member(key).isEmpty()
                        && known.leaves.putIfAbsent(key, leave) == null) {
                    keep(known, leave);
                    emitAgreed(known, key, now);
                }
            }
            case Succession succession -> {
                if (known.proposal.previous().isPresent()
                        && known.successions.putIfAbsent(succession.header().key(), succession)
                                == null) {
                    keep(known, succession);
                }
            }
            case Held held -> {
                if (known.helds.putIfAbsent(held.header().key(), held) == null) {
                    keep(known, held);
                }
            }
            case Refusal refusal -> {
                if (mayEnd(known)) {
                    fail(
                            known,
                            GroupFailure.Code.REFUSED,
                            refusal.code() + ": " + refusal.reason(),
                            List.of(refusal.header().key()),
                            List.of(refusal.envelope()),
                            now);
                }
            }
            case Withdrawal withdrawal -> {
                if (mayEnd(known) && withdrawal.header().key().equals(known.proposal.proposer())) {
                    fail(
                            known,
                            GroupFailure.Code.WITHDRAWN,
                            withdrawal.reason(),
                            List.of(withdrawal.header().key()),
                            List.of(withdrawal.envelope()),
                            now);
                }
            }
            case Reachable _, Invitation _, Join _, Proposal _, Retirement _ -> {
                // They are about something else.
            }
        }
    }

    /// Until this node has said that it holds all seals, no other can have formed the group.
    private boolean mayEnd(GroupCase known) {
        return !known.helds.containsKey(ownKey());
    }

    private void keep(GroupCase known, Statement statement) {
        known.bytes += GroupCase.size(statement.envelope());
        outputs.add(new EngineOutput.Append(new LogEntry.GroupSaid(statement.envelope())));
    }

    private void consented(GroupCase known, Consent consent, Instant now) {
        PublicKey member = consent.header().key();
        Consent first = known.consents.get(member);
        if (first == null) {
            Optional<GroupFailure.Code> fault = faultOf(known, consent);
            if (fault.isPresent()) {
                fail(known, fault.get(), List.of(consent), now);
                return;
            }
            for (Consent other : known.consents.values()) {
                // BIP327 allows a key twice; but then one of two members signs for both.
                if (other.groupKey().key().xOnly().equals(consent.groupKey().key().xOnly())) {
                    fail(known, GroupFailure.Code.DUPLICATE_KEY, List.of(other, consent), now);
                    return;
                }
            }
            known.consents.put(member, consent);
            keep(known, consent);
            emitAgreed(known, member, now);
        } else if (!first.groupKey().equals(consent.groupKey())
                || !first.policyHash().equals(consent.policyHash())) {
            if (mayEnd(known)) {
                fail(known, GroupFailure.Code.TWO_CONSENTS, List.of(first, consent), now);
            }
        }
    }

    private void emitAgreed(GroupCase known, PublicKey member, Instant now) {
        emit(
                new GroupEvent.GroupConsented(
                        now,
                        known.proposal.id(),
                        member,
                        known.agreed(),
                        known.proposal.participants().size()));
    }

    /// What is wrong with a consent, whatever the others are.
    private Optional<GroupFailure.Code> faultOf(GroupCase known, Consent consent) {
        Proposal proposal = known.proposal;
        GroupKey groupKey = consent.groupKey();
        if (groupKey.form() != proposal.form()) {
            return Optional.of(GroupFailure.Code.WRONG_FORM);
        }
        if (groupKey instanceof GroupKey.Extended extended
                && !extended.versions().equals(versions)) {
            return Optional.of(GroupFailure.Code.WRONG_NETWORK);
        }
        if (known.previous != null && Succeeding.usesKeyOf(known.previous, consent)) {
            return Optional.of(GroupFailure.Code.USED_KEY);
        }
        if (proposal.participants().stream()
                .anyMatch(member -> member.key().xOnly().equals(groupKey.key().xOnly()))) {
            return Optional.of(GroupFailure.Code.KNOWN_KEY);
        }
        Bytes proven =
                Consent.proofMessage(proposal.id(), consent.header().key(), groupKey.bytes());
        return Schnorr.verify(groupKey.key().xOnly(), proven.toArray(), consent.proof())
                ? Optional.empty()
                : Optional.of(GroupFailure.Code.ROGUE_KEY);
    }

    /// What follows from what is here.
    private void advance(GroupCase known, Instant now) {
        if (known.isOver() || known.formed) {
            return;
        }
        if (known.descriptor == null
                && known.allAgreed()
                && (known.previous != null || known.proposal.previous().isEmpty())) {
            known.descriptor = GroupDescriptor.of(known.proposal, known.consents);
        }
        GroupDescriptor descriptor = known.descriptor;
        if (descriptor == null) {
            return;
        }
        seal(known, descriptor);
        for (Seal seal : known.seals.values()) {
            if (!check(known, descriptor, seal, now)) {
                return;
            }
        }
        for (Succession succession : known.successions.values()) {
            if (!check(known, descriptor, succession, now)) {
                return;
            }
        }
        int yielding = known.previous == null ? 0 : known.previous.members().size();
        if (known.verified.size() < known.members() || known.yielded.size() < yielding) {
            return;
        }
        if (!known.helds.containsKey(ownKey())) {
            if (hasRival(known, other -> other.helds.containsKey(ownKey()))) {
                return; // It can be formed: then this one never may.
            }
            Held held = signer.held(known.proposal.id(), descriptor.id(), now.toEpochMilli());
            known.helds.put(ownKey(), held);
            keep(known, held);
        }
        // Its own seal is of this descriptor: a held of another is a contradiction, and none.
        long holding =
                known.helds.values().stream()
                        .filter(held -> held.descriptor().equals(descriptor.id()))
                        .count();
        if (holding == known.proposal.participants().size()) {
            known.formed = true;
            wantedChanges++;
            emit(
                    known.proposal.member(ownKey()).isPresent()
                            ? new GroupEvent.GroupFormed(now, known.proposal.id(), descriptor)
                            : new GroupEvent.GroupLeft(
                                    now,
                                    known.proposal.id(),
                                    known.proposal.previous().orElseThrow(),
                                    descriptor.id()));
        }
    }

    /// Has this node sign, unless it has; and of two successors of a group only one at a time.
    private void seal(GroupCase known, GroupDescriptor descriptor) {
        if (known.sealing
                || known.hasSigned(ownKey())
                || hasRival(
                        known, other -> other.sealing || other.successions.containsKey(ownKey()))) {
            return;
        }
        known.sealing = true;
        outputs.add(
                new EngineOutput.SealGroup(
                        known.proposal.id(),
                        descriptor.id(),
                        known.proposal.member(ownKey()).isPresent(),
                        Optional.ofNullable(known.previous)
                                .filter(_ -> known.yields(ownKey()))
                                .map(old -> new EngineOutput.Yielding(old.proposal(), old.id()))));
    }

    /// @return false if it ends the proposal
    private boolean check(
            GroupCase known, GroupDescriptor descriptor, Succession succession, Instant now) {
        PublicKey member = succession.header().key();
        GroupDescriptor previous = known.previous;
        // Whoever was not in the group that is followed has nothing to sign of it.
        if (previous == null || !known.yields(member) || known.yielded.contains(member)) {
            return true;
        }
        if (!succession.descriptor().equals(descriptor.id())) {
            known.differing.putIfAbsent(member, now);
            return true;
        }
        if (!Succeeding.isSigned(previous, member, succession)) {
            fail(known, GroupFailure.Code.BAD_SUCCESSION, List.of(succession), now);
            return false;
        }
        known.yielded.add(member);
        return true;
    }

    /// @return false if the seal ends the proposal
    private boolean check(GroupCase known, GroupDescriptor descriptor, Seal seal, Instant now) {
        PublicKey member = seal.header().key();
        if (known.verified.contains(member)) {
            return true;
        }
        if (!seal.descriptor().equals(descriptor.id())) {
            // Perhaps a third has given the two of them different consents: they find out.
            known.differing.putIfAbsent(member, now);
            return true;
        }
        PublicKey groupKey =
                Objects.requireNonNull(known.consents.get(member), "all have consented")
                        .groupKey()
                        .key();
        if (!Schnorr.verify(
                groupKey.xOnly(), Seal.message(seal.descriptor()).toArray(), seal.signature())) {
            fail(known, GroupFailure.Code.BAD_SEAL, List.of(seal), now);
            return false;
        }
        known.verified.add(member);
        return true;
    }

    /// By what somebody said.
    private void fail(
            GroupCase known, GroupFailure.Code code, List<Statement> evidence, Instant now) {
        fail(
                known,
                code,
                reason(code),
                evidence.stream().map(statement -> statement.header().key()).distinct().toList(),
                evidence.stream().map(Statement::envelope).toList(),
                now);
    }

    private static String reason(GroupFailure.Code code) {
        return switch (code) {
            case REFUSED -> "a member refused";
            case WITHDRAWN -> "the proposer took it back";
            case EXPIRED -> "not all members signed in time";
            case ROGUE_KEY -> "a member did not show that its key is its own";
            case DUPLICATE_KEY -> "two members gave the same key";
            case KNOWN_KEY -> "a member gave a key by which members are found";
            case WRONG_NETWORK -> "a member gave a key of another network";
            case WRONG_FORM -> "a member gave a key of another form";
            case TWO_CONSENTS -> "a member consented twice, differently";
            case DESCRIPTOR_DIFFERS -> "a member signed another descriptor";
            case BAD_SEAL -> "a member's signature of the descriptor is wrong";
            case BAD_PREVIOUS -> "the group that it follows is not as the proposal says";
            case USED_KEY -> "a member gave a key of the group that is followed";
            case BAD_SUCCESSION ->
                    "a member's signature with its key of the group that is followed is wrong";
        };
    }

    private void fail(
            GroupCase known,
            GroupFailure.Code code,
            String reason,
            List<PublicKey> culprits,
            List<Bytes> evidence,
            Instant now) {
        if (known.isOver() || !mayEnd(known)) {
            return;
        }
        GroupFailure failure = new GroupFailure(code, reason, culprits);
        known.failure = Optional.of(failure);
        known.ending.addAll(evidence);
        wantedChanges++;
        for (Bytes envelope : evidence) {
            outputs.add(new EngineOutput.Append(new LogEntry.GroupSaid(envelope)));
        }
        outputs.add(
                new EngineOutput.Append(
                        new LogEntry.GroupEnded(
                                known.proposal.id(),
                                code.name(),
                                reason,
                                culprits.stream().map(PublicKey::bytes).toList(),
                                now)));
        emit(new GroupEvent.GroupFailed(now, known.proposal.id(), failure));
        if (known.yields(ownKey())) {
            // Another successor of the same group may be made now.
            for (GroupCase other : rivals(known).toList()) {
                judge(other);
                advance(other, now);
            }
        }
        forgetOldest();
    }

    /// First those of others that this node never consented to: strangers make as many of them as
    /// they like.
    private void forgetOldest() {
        List<ProposalId> over =
                cases.values().stream()
                        .filter(GroupCase::isOver)
                        .sorted(Comparator.comparing(known -> known.isDecided(ownKey())))
                        .map(known -> known.proposal.id())
                        .toList();
        over.stream().limit(Math.max(0, over.size() - limits.over())).forEach(cases::remove);
    }

    // --- telling others

    /// A member, or anybody else who coordinates, is connected.
    public void connected(PeerId peer, Instant now) {
        if (connected.add(peer)) {
            tellNext(peer, now);
        }
    }

    public void disconnected(PeerId peer) {
        if (connected.remove(peer)) {
            telling.remove(peer);
            for (GroupCase known : cases.values()) {
                GroupCase.Link link = known.links.get(peer);
                if (link != null) {
                    link.reset();
                }
            }
        }
    }

    private void spread(GroupCase known, Instant now) {
        known.links.keySet().forEach(peer -> tell(known, peer, now));
    }

    private void tellNext(PeerId peer, Instant now) {
        for (GroupCase known : cases.values()) {
            if (tell(known, peer, now)) {
                return;
            }
        }
    }

    /// @return whether the peer is told something now
    private boolean tell(GroupCase known, PeerId peer, Instant now) {
        GroupCase.Link link = known.links.get(peer);
        if (link == null
                || !connected.contains(peer)
                || telling.contains(peer)
                || link.retry.isAfter(now)) {
            return false;
        }
        List<Bytes> missing =
                known.statements().stream().filter(one -> !link.has.contains(one)).toList();
        Optional<Bytes> previous = previousFor(known, link);
        // Of one that is over, those are told who know of it, or would else be asked in vain.
        if (missing.isEmpty() && previous.isEmpty() && (link.hasProposal || known.isOver())) {
            return false;
        }
        telling.add(peer);
        outputs.add(
                new EngineOutput.DeliverGroup(
                        peer,
                        known.proposal.id(),
                        link.hasProposal
                                ? Optional.empty()
                                : Optional.of(known.proposal.envelope()),
                        missing,
                        previous));
        return true;
    }

    /// The group that is followed, for one that was not in it and has to check what its members
    /// sign: when all have agreed, and not before.
    private static Optional<Bytes> previousFor(GroupCase known, GroupCase.Link link) {
        return Optional.ofNullable(known.previous)
                .filter(_ -> known.allAgreed() && !known.isOver())
                .filter(_ -> !link.hasPrevious && !known.yields(link.key))
                .map(GroupDescriptor::encoding);
    }

    /// What a peer answered to what it was told.
    ///
    /// @param whole whether it was told the proposal
    /// @param withPrevious whether it was told the group that is followed
    /// @param given envelopes of what it was told
    /// @param statements that it gave, verified
    public void receipt(
            PeerId from,
            ProposalId id,
            ReceiptCode code,
            boolean whole,
            boolean withPrevious,
            List<Bytes> given,
            List<Statement> statements,
            Instant now) {
        telling.remove(from);
        GroupCase known = cases.get(id);
        GroupCase.Link link = known == null ? null : known.links.get(from);
        if (known != null && link != null) {
            switch (code) {
                case TAKEN, OVER -> {
                    link.hasProposal = true;
                    link.hasPrevious |= withPrevious;
                    link.has.addAll(given);
                    link.failures = 0;
                    var _ = hear(known, link, statements, now);
                }
                case UNKNOWN_REQUEST -> {
                    link.hasProposal = false;
                    link.hasPrevious = false;
                    link.has.clear();
                    if (whole) {
                        later(link, now);
                    }
                }
                case NOT_ASKED, BUSY, INVALID, UNKNOWN_PREVIOUS -> later(link, now);
            }
            spread(known, now);
        }
        tellNext(from, now);
    }

    /// A peer did not answer.
    public void notDelivered(PeerId to, ProposalId id, Instant now) {
        telling.remove(to);
        GroupCase known = cases.get(id);
        if (known != null && known.links.containsKey(to)) {
            later(known.links.get(to), now);
        }
        tellNext(to, now);
    }

    private void later(GroupCase.Link link, Instant now) {
        Duration pause = limits.retryFirst().multipliedBy(1L << Math.min(link.failures, 16));
        link.failures++;
        link.retry = now.plus(pause.compareTo(limits.retryMost()) < 0 ? pause : limits.retryMost());
    }

    // --- time

    /// Time has passed.
    public void tick(Instant now) {
        for (GroupCase known : List.copyOf(cases.values())) {
            boolean past = !known.proposal.header().notAfter().isAfter(now);
            if (known.isOver()) {
                if (past) {
                    cases.remove(known.proposal.id());
                }
                continue;
            }
            if (known.formed) {
                continue;
            }
            long before = undecided(known);
            List<Statement> differing = differing(known, now);
            if (!differing.isEmpty()) {
                fail(known, GroupFailure.Code.DESCRIPTOR_DIFFERS, differing, now);
            } else if (past && !waitsForOthers(known, now)) {
                fail(
                        known,
                        GroupFailure.Code.EXPIRED,
                        reason(GroupFailure.Code.EXPIRED),
                        missing(known),
                        List.of(),
                        now);
            }
            undecidedBytes -= before - undecided(known);
        }
        connected.forEach(peer -> tellNext(peer, now));
    }

    /// What was signed of another descriptor, long enough ago.
    private List<Statement> differing(GroupCase known, Instant now) {
        List<Statement> differing = new ArrayList<>();
        known.differing.forEach((member, since) -> {
            boolean sealed = known.verified.contains(member) || !known.seals.containsKey(member);
            Statement said = sealed ? known.successions.get(member) : known.seals.get(member);
            if (said != null && !since.plus(limits.differs()).isAfter(now)) {
                differing.add(said);
            }
        });
        return differing;
    }

    /// Of a group that follows another, time alone does not soon end what this node has signed:
    /// another may hold everything by now, and would wait for this node for ever; then the old
    /// group would have no successor at all.
    private boolean waitsForOthers(GroupCase known, Instant now) {
        Instant end = known.proposal.header().notAfter().plus(limits.signedStays());
        return known.previous != null && known.hasSigned(ownKey()) && end.isAfter(now);
    }

    /// Who has not done its part: nobody knows more than that.
    private static List<PublicKey> missing(GroupCase known) {
        return known.proposal.participants().stream()
                .map(Proposal.Member::key)
                .filter(key -> known.allAgreed() ? !known.hasSigned(key) : !known.hasAgreed(key))
                .toList();
    }

    // --- what is asked

    /// Oldest first.
    public List<GroupView> groups() {
        return cases.values().stream().map(this::view).toList();
    }

    private GroupView view(GroupCase known) {
        return known.view(
                ownKey(),
                connected::contains,
                Optional.ofNullable(known.descriptor)
                        .filter(_ -> known.formed)
                        .flatMap(group -> successor(group.id())));
    }

    /// One of them.
    public Optional<GroupView> group(ProposalId id) {
        return Optional.ofNullable(cases.get(id)).map(this::view);
    }

    /// Grows whenever [#wanted] may have changed.
    public long wantedChanges() {
        return wantedChanges;
    }

    /// Members of what this node proposed or consented to, and of its groups: for what strangers
    /// propose nobody is dialled.
    public Set<Proposal.Member> wanted() {
        Set<Proposal.Member> wanted = new LinkedHashSet<>();
        for (GroupCase known : cases.values()) {
            if (!known.isOver() && known.isDecided(ownKey())) {
                // Once a group is there, those who have left have no part in it.
                boolean left = known.formed && known.proposal.member(ownKey()).isEmpty();
                List<Proposal.Member> needed =
                        known.formed ? known.proposal.members() : known.proposal.participants();
                needed.stream()
                        .filter(_ -> !left)
                        .filter(member -> !member.key().equals(ownKey()))
                        .forEach(wanted::add);
            }
        }
        return wanted;
    }

    // --- what another member has of a group

    /// Everything that was said of a formed group; empty if this node is in no such group.
    public Optional<GroupRecord> record(ProposalId id) {
        return Optional.ofNullable(cases.get(id))
                .filter(known -> known.formed && known.proposal.member(ownKey()).isPresent())
                .map(known ->
                        new GroupRecord(
                                known.proposal.envelope(),
                                known.recorded(),
                                Optional.ofNullable(known.previous)
                                        .map(GroupDescriptor::encoding)));
    }

    /// Takes a group back that this node was in, and has forgotten, as another member has it: all
    /// members' signatures are there, this node's own too, so it is what it agreed to, and formed.
    /// Can be told again.
    ///
    /// @param proposal verified; it may have expired
    /// @param said verified, this node's own statements too
    /// @param previous the group that it follows
    /// @throws CoordinatorException `INVALID` if anything is missing, differs or is no member's;
    ///   `NOT_WAITING` if this node takes part in the proposal, `BUSY` if there is no room
    public void adopt(
            Proposal proposal,
            List<Statement> said,
            Optional<GroupDescriptor> previous,
            Instant now)
            throws CoordinatorException {
        GroupCase here = cases.get(proposal.id());
        if (here != null && here.formed) {
            return;
        }
        if (here != null && here.isDecided(ownKey())) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, "this node takes part in the proposal itself");
        }
        if (decided() >= limits.open()) {
            throw new CoordinatorException(Code.BUSY, "there is no room for another group");
        }
        // Alone, so that what is wrong with it ends nothing else.
        GroupCase adopted =
                new GroupEngine(signer, self, limits, versions)
                        .formed(proposal, said, previous, now);
        undecidedBytes -= here == null ? 0 : undecided(here);
        cases.put(proposal.id(), adopted);
        wantedChanges++;
        outputs.add(new EngineOutput.Append(new LogEntry.GroupTaken(proposal.envelope())));
        previous.ifPresent(old ->
                outputs.add(
                        new EngineOutput.Append(
                                new LogEntry.GroupPrevious(proposal.id(), old.encoding()))));
        adopted.statements()
                .forEach(one -> outputs.add(new EngineOutput.Append(new LogEntry.GroupSaid(one))));
        emit(
                new GroupEvent.GroupFormed(
                        now, proposal.id(), Objects.requireNonNull(adopted.descriptor)));
        spread(adopted, now);
    }

    /// On an engine that has nothing else.
    private GroupCase formed(
            Proposal proposal,
            List<Statement> said,
            Optional<GroupDescriptor> previous,
            Instant now)
            throws CoordinatorException {
        if (proposal.member(ownKey()).filter(member -> member.peer().equals(self)).isEmpty()) {
            throw new CoordinatorException(
                    Code.INVALID, "this node, through its peer, is no member of the group");
        }
        if (!previous.map(GroupDescriptor::id).equals(proposal.previous())) {
            throw new CoordinatorException(
                    Code.INVALID, "the group that it follows is missing, or another one");
        }
        GroupCase known = new GroupCase(proposal, ownKey());
        cases.put(proposal.id(), known);
        if (previous.isEmpty() || usePrevious(known, previous.get(), now)) {
            said.forEach(statement -> take(known, statement, now));
            // What this node never said it does not say now.
            if (known.hasSigned(ownKey()) && known.helds.containsKey(ownKey())) {
                advance(known, now);
            }
        }
        if (!known.formed) {
            throw new CoordinatorException(
                    Code.INVALID,
                    known.failure
                            .map(failure -> failure.code() + ": " + failure.reason())
                            .orElse("not everything is there that all members have signed"));
        }
        return known;
    }

    // --- a restart

    /// What matters of the log.
    public List<LogEntry> snapshot() {
        List<LogEntry> entries = new ArrayList<>();
        for (GroupCase known : cases.values()) {
            entries.add(new LogEntry.GroupTaken(known.proposal.envelope()));
            known.everything().forEach(said -> entries.add(new LogEntry.GroupSaid(said)));
            // Also where this node was in it: by then it may be a later entry, or in none.
            if (known.previous != null) {
                entries.add(
                        new LogEntry.GroupPrevious(known.proposal.id(), known.previous.encoding()));
            }
            known.failure.ifPresent(failure ->
                    entries.add(
                            new LogEntry.GroupEnded(
                                    known.proposal.id(),
                                    failure.code().name(),
                                    failure.reason(),
                                    failure.culprits().stream().map(PublicKey::bytes).toList(),
                                    known.proposal.header().made())));
        }
        return entries;
    }

    /// An entry of the log, verified again, in its order and before anything else.
    public sealed interface Restored {
        record Taken(Proposal proposal) implements Restored {}

        record Said(Statement statement) implements Restored {}

        record Previous(ProposalId proposal, GroupDescriptor descriptor) implements Restored {}

        record Ended(ProposalId proposal, GroupFailure failure) implements Restored {}
    }

    /// What the log had.
    public void restore(List<Restored> entries, Instant now) {
        for (Restored entry : entries) {
            switch (entry) {
                case Restored.Taken(Proposal proposal) -> {
                    if (!cases.containsKey(proposal.id())) {
                        cases.put(proposal.id(), new GroupCase(proposal, ownKey()));
                    }
                }
                case Restored.Said(Statement statement) -> {
                    GroupCase known =
                            statement
                                    .header()
                                    .subject()
                                    .map(ProposalId::new)
                                    .map(cases::get) // Null where it is over.
                                    .orElse(null);
                    if (known != null) {
                        if (known.isOver()) {
                            if (!known.ending.contains(statement.envelope())) {
                                known.ending.add(statement.envelope());
                            }
                        } else {
                            take(known, statement, now);
                        }
                    }
                }
                case Restored.Previous(ProposalId id, GroupDescriptor descriptor) -> {
                    GroupCase known = cases.get(id);
                    if (known != null) {
                        known.previous = descriptor;
                    }
                }
                case Restored.Ended(ProposalId id, GroupFailure failure) -> {
                    GroupCase known = cases.get(id);
                    if (known != null && !known.isOver()) {
                        known.failure = Optional.of(failure);
                    }
                }
            }
        }
        outputs.clear(); // All that is on disk, and was told.
        undecidedBytes = cases.values().stream().mapToLong(this::undecided).sum();
        wantedChanges++;
        for (GroupCase known : List.copyOf(cases.values())) {
            // The group that it follows is an older entry: by now it is there again.
            if (known.previous == null) {
                known.previous = known.proposal.previous().flatMap(this::formed).orElse(null);
            }
            judge(known);
            advance(known, now);
        }
    }
}
