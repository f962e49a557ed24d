package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.ConsentMessage;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.RecoveryState;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.signing.session.SessionEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Journals that were lost (SAFETY 34). A member whose journal is a new one says so in its hello,
/// and signs nothing until every other member has consented to it, each by its operator, and has
/// handed over what may be signed or was: no signature is complete without that member's, so what
/// one member with its journal remembers is all that can have been signed.
///
/// Whoever has consented does not count heads of the earlier journals any more, and takes no
/// statement with one.
///
/// Used by the engine's thread only.
final class Recovery {
    /// When a member that does not answer is asked again.
    static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    /// Consents of one member whose signature is wrong, before others are dropped unverified.
    private static final int MAX_BAD_CONSENTS = 3;

    /// How often one member's wish for a consent is told; the state has it after that too.
    private static final int MAX_TOLD = 16;

    /// The sessions of the engine.
    interface Sessions {
        /// Whether it has ended here or goes on.
        boolean has(SessionId id);

        /// One that was over before this journal was made.
        void restore(JournalReplay.ReplayedSession known);

        /// Partial signatures or signatures of one that it has, not verified.
        void learn(Member from, Inbound.HandedOver.Session known);
    }

    private final EngineContext context;
    private final Bytes ownJournal;
    private final int self;

    // This node's own.
    private boolean began;
    private boolean earlierUnknown;
    private boolean over;
    private boolean stuckTold;
    private final JournalRecord.@Nullable Consent[] received;
    private final boolean[] handedOver;
    private final Bytes[] position;
    private final Instant[] askAgainAt;
    private final int[] taken;
    private final int[] badConsents;
    private final Set<Bytes> replacedOwn = new HashSet<>();

    // Of other members.
    private final Bytes[] askedFor;
    private final int[] told;
    private final JournalRecord.@Nullable Consent[] given;
    private final List<Set<Bytes>> replaced = new ArrayList<>();

    Recovery(EngineContext context, Bytes ownJournal) {
        int size = context.group.size();
        this.context = context;
        this.ownJournal = ownJournal;
        this.self = context.self().index();
        this.received = new JournalRecord.Consent[size];
        this.handedOver = new boolean[size];
        this.position = new Bytes[size];
        this.askAgainAt = new Instant[size];
        this.taken = new int[size];
        this.badConsents = new int[size];
        this.askedFor = new Bytes[size];
        this.told = new int[size];
        this.given = new JournalRecord.Consent[size];
        Arrays.fill(position, Bytes.EMPTY);
        Arrays.fill(askAgainAt, Instant.MAX);
        Arrays.fill(askedFor, Bytes.EMPTY);
        for (int i = 0; i < size; i++) {
            replaced.add(new HashSet<>());
        }
    }

    /// What an earlier process has written down.
    void restore(RecoveryState state) {
        began = state.began();
        earlierUnknown = state.earlierUnknown();
        over = state.over();
        for (JournalRecord.Consent consent : state.consents()) {
            if (consent.signer() == self && consent.member() < given.length) {
                gave(consent);
            } else if (consent.member() == self && consent.signer() < received.length) {
                received(consent);
            }
        }
        for (int signer : state.handedOver()) {
            if (signer < handedOver.length) {
                handedOver[signer] = true;
            }
        }
    }

    /// What the operator has said since may be all that was missing.
    void resume() {
        finishIfAll();
    }

    private void gave(JournalRecord.Consent consent) {
        given[consent.member()] = consent;
        Set<Bytes> ids = replaced.get(consent.member());
        ids.addAll(consent.replaced());
        consent.oldHead().map(JournalHead::journal).ifPresent(ids::add);
        ids.remove(consent.journal());
    }

    private void received(JournalRecord.Consent consent) {
        received[consent.signer()] = consent;
        replacedOwn.addAll(consent.replaced());
        consent.oldHead().map(JournalHead::journal).ifPresent(replacedOwn::add);
        replacedOwn.remove(ownJournal);
    }

    // --- this node's own journal

    /// Whether this node's journal must not be used yet.
    boolean isRecovering() {
        return began && !over;
    }

    /// Id of this node's journal while it must not be used; otherwise empty.
    Bytes recoveringWith() {
        return isRecovering() ? ownJournal : Bytes.EMPTY;
    }

    /// Whether a head that this node has signed is of a journal from before this one: it says
    /// nothing of this one.
    ///
    /// Until all have consented that is taken to be so: a member shows what it remembers until its
    /// operator has consented.
    boolean isOfEarlierJournal(JournalHead head) {
        return !head.journal().equals(ownJournal)
                && (isRecovering() || replacedOwn.contains(head.journal()));
    }

    /// A member consents to this node's journal.
    void receive(Inbound.Consented consented) {
        Member author = consented.author();
        int signer = author.index();
        JournalRecord.Consent consent = consented.consent();
        if (!isRecovering() || signer == self) {
            context.drop(author, DropReason.DUPLICATE);
            return;
        }
        if (received[signer] == null) {
            boolean valid =
                    consent.member() == self
                            && consent.journal().equals(ownJournal)
                            && badConsents[signer] < MAX_BAD_CONSENTS
                            && ConsentMessage.isOf(
                                    consent, context.requestGroup(), author.signingKey());
            if (!valid) {
                badConsents[signer]++;
                context.drop(author, DropReason.BAD_CONSENT);
                return;
            }
            context.append(consent);
            received(consent);
            context.emit(
                    new SessionEvent.RecoveryConsented(
                            context.now(), author, context.self(), ownJournal));
        }
        ask(signer);
    }

    private void ask(int signer) {
        if (!handedOver[signer]) {
            askAgainAt[signer] = context.running().plus(ASK_AGAIN);
            Bytes envelope =
                    context.envelopeSigner.askForHandOver(ownJournal, position[signer]).envelope();
            context.output(new EngineOutput.Send(signer, envelope));
        }
    }

    /// A part of what a member remembers.
    ///
    /// @param holds what its sessions hold, as this node's approval reads them
    void receive(Inbound.HandedOver message, List<Hold> holds, Sessions sessions) {
        Member author = message.author();
        int signer = author.index();
        HandOver part = message.handOver();
        boolean expected =
                isRecovering()
                        && received[signer] != null
                        && !handedOver[signer]
                        && part.journal().equals(ownJournal)
                        && part.after().equals(position[signer]);
        if (!expected) {
            context.drop(author, DropReason.DUPLICATE);
            return;
        }
        int items = part.sessions().size() + part.keys().size();
        boolean goesOn =
                part.last() || (items > 0 && part.through().compareTo(position[signer]) > 0);
        taken[signer] += items;
        if (!goesOn || taken[signer] > mostItems() || !hasRoomFor(part)) {
            // It has more than an honest member can have: it is not asked again.
            context.drop(author, DropReason.BAD_HAND_OVER);
            askAgainAt[signer] = Instant.MAX;
            return;
        }
        for (int i = 0; i < message.sessions().size(); i++) {
            take(author, message.sessions().get(i), holds.get(i), sessions);
        }
        part.keys().forEach(key -> take(author, key));
        position[signer] = part.through();
        if (part.last()) {
            handedOver[signer] = true;
            askAgainAt[signer] = Instant.MAX;
            context.append(new JournalRecord.HandedOver(signer));
            finishIfAll();
        } else {
            ask(signer);
        }
    }

    /// As many as a member holds and remembers at most.
    private long mostItems() {
        return context.limits.held().sessions()
                + (long) context.group.size() * context.limits.held().keysPerRequester();
    }

    /// All sessions of a part are taken, or none: what does not fit must not be forgotten.
    private boolean hasRoomFor(HandOver part) {
        return context.holds().hasRoomFor(part.sessions().size());
    }

    /// SAFETY 34: a session counts if this node took part in it, which its own nonces prove, or if
    /// it is signed. Its request is verified; what it holds is what this node reads in it.
    private void take(
            Member from, Inbound.HandedOver.Session session, Hold hold, Sessions sessions) {
        SigningRequest request = session.request().request();
        SessionId id = request.sessionId();
        if (hold.isNone()) {
            return;
        }
        if (sessions.has(id)) {
            sessions.learn(from, session);
            return;
        }
        Optional<Contribution> own =
                session.nonces().stream()
                        .filter(nonces -> nonces.author().index() == self)
                        .map(Inbound.Statement::contribution)
                        .findFirst();
        boolean signed = isSigned(request, session.signatures());
        if (!Admission.isOf(context.group, request) || (own.isEmpty() && !signed)) {
            context.drop(from, DropReason.BAD_HAND_OVER);
            return;
        }
        int attempt = own.map(Contribution::attempt).orElse(1);
        JournalRecord.Sign sign = own.isPresent() ? signOf(request, attempt, session) : null;
        JournalRecord end =
                signed
                        ? new JournalRecord.Final(id, session.signatures())
                        : new JournalRecord.Ended(id, JournalRecord.Ended.HANDED_OVER);
        long expires = request.expires().toEpochMilli();
        context.append(
                new JournalRecord.Ready(
                        id, attempt, 0, session.request().envelope(), hold, expires));
        if (sign != null) {
            context.append(sign);
        }
        context.append(end);
        sessions.restore(
                new JournalReplay.ReplayedSession(
                        session.request(), true, hold, attempt, 0, false, sign, end));
        sessions.learn(from, session);
    }

    private boolean isSigned(SigningRequest request, List<Bytes> signatures) {
        if (signatures.isEmpty()) {
            return false;
        }
        try {
            List<KeyAggContext> keys = new ArrayList<>();
            for (MessageToSign message : request.messages()) {
                keys.add(context.keyContexts.of(message));
            }
            return MusigRounds.verifyFinal(
                    request, keys, signatures.stream().map(SchnorrSignature::new).toList());
        } catch (InvalidTweakException _) {
            return false;
        }
    }

    /// As the entry that was lost, as far as it is known. With all nonces and this node's own
    /// partial signatures, others' can still be verified, and its own be sent again.
    private JournalRecord.Sign signOf(
            SigningRequest request, int attempt, Inbound.HandedOver.Session session) {
        List<Inbound.Statement> nonces = session.nonces();
        boolean all =
                nonces.size() == context.group.size()
                        && IntStream.range(0, nonces.size())
                                .allMatch(i ->
                                        nonces.get(i).author().index() == i
                                                && nonces.get(i).contribution().attempt()
                                                        == attempt);
        Bytes nonceSetHash =
                all
                        ? NonceSetHash.of(nonces.stream().map(Inbound.Statement::payload).toList())
                        : Bytes.EMPTY;
        Bytes partials =
                session.partials().stream()
                        .filter(own ->
                                own.author().index() == self
                                        && own.contribution().attempt() == attempt
                                        && own.contribution().body()
                                                instanceof Contribution.Partials body
                                        && body.nonceSetHash().equals(nonceSetHash))
                        .map(Inbound.Statement::envelope)
                        .findFirst()
                        .orElse(Bytes.EMPTY);
        return new JournalRecord.Sign(
                request.sessionId(),
                attempt,
                request.messages().stream().map(MessageToSign::hash).toList(),
                all ? nonces.stream().map(Inbound.Statement::envelope).toList() : List.of(),
                List.of(),
                nonceSetHash,
                partials);
    }

    /// Its content cannot be verified, because its request is gone. It can only keep its requester
    /// from using the key again for a time.
    private void take(Member from, HandOver.Key key) {
        Instant latest = context.now().plus(HoldRegistry.KEY_KEPT);
        Instant free = Instant.ofEpochMilli(Math.min(key.freeMillis(), latest.toEpochMilli()));
        // SAFETY 30: not passed over because this wall clock, which may be far ahead, says that it
        // is free: the member that has it does not say so.
        if (context.holds().isKeyTaken(key.requester(), key.key())) {
            return;
        }
        if (!context.holds().hasRoomForKey(key.requester())) {
            context.drop(from, DropReason.BAD_HAND_OVER);
            return;
        }
        JournalRecord.Settled settled =
                new JournalRecord.Settled(
                        new SessionId(key.session()),
                        key.requester(),
                        key.key(),
                        key.content(),
                        free,
                        Bytes.EMPTY);
        context.append(settled);
        context.holds().restoreKey(settled, context.running().plus(HoldRegistry.KEY_KEPT));
    }

    /// SAFETY 34: not if all have lost their journals, unless the operator knows: then nobody says
    /// what was signed before.
    private void finishIfAll() {
        if (!isRecovering() || !isOfAll(signer -> handedOver[signer])) {
            return;
        }
        boolean somebodyRemembers =
                IntStream.range(0, received.length)
                        .anyMatch(signer -> {
                            JournalRecord.Consent consent = received[signer];
                            return consent != null && !consent.recovering();
                        });
        if (somebodyRemembers || earlierUnknown) {
            over = true;
            context.append(new JournalRecord.Recovered());
            context.emit(new SessionEvent.Recovered(context.now()));
            context.presence().greetAll();
            context.resourcesFreed();
        } else if (!stuckTold) {
            stuckTold = true;
            context.emit(new SessionEvent.NobodyRemembers(context.now()));
        }
    }

    private boolean isOfAll(IntPredicate condition) {
        return IntStream.range(0, context.group.size())
                .filter(member -> member != self)
                .allMatch(condition);
    }

    /// How far this node's own recovery is; empty if there is none, or it is over.
    Optional<RecoveryStatus> status() {
        if (!isRecovering()) {
            return Optional.empty();
        }
        List<Member> members = context.group.members();
        return Optional.of(
                new RecoveryStatus(
                        ownJournal,
                        members.stream().filter(m -> received[m.index()] != null).toList(),
                        members.stream().filter(m -> handedOver[m.index()]).toList(),
                        stuckTold));
    }

    // --- the journals of others

    /// A member's hello.
    ///
    /// @param journal that it may not use yet; empty if there is none
    void greeted(Member member, Bytes journal) {
        int index = member.index();
        boolean news = !journal.equals(askedFor[index]);
        askedFor[index] = journal;
        if (news && journal.isEmpty()) {
            context.resourcesFreed();
        }
        JournalRecord.Consent consent = given[index];
        if (!journal.isEmpty() && consent != null && consent.journal().equals(journal)) {
            send(consent);
        } else if (news && !journal.isEmpty() && told[index] < MAX_TOLD) {
            told[index]++;
            context.emit(new SessionEvent.RecoveryAsked(context.now(), member, journal));
        }
    }

    /// The stream to this member is open again: the consent may have been lost with the last one,
    /// and the member's hello may have come before.
    void connected(int member) {
        JournalRecord.Consent consent = given[member];
        if (consent != null && consent.journal().equals(askedFor[member])) {
            send(consent);
        }
    }

    private void send(JournalRecord.Consent consent) {
        context.output(
                new EngineOutput.Send(
                        consent.member(), context.envelopeSigner.consent(consent).envelope()));
    }

    /// The operator consents to the journal that the member asks for.
    ///
    /// @return whether that is new; otherwise it asks for none, or for another, or has the consent
    boolean consent(int member, Bytes journal) {
        JournalRecord.Consent before = given[member];
        if (journal.isEmpty()
                || !journal.equals(askedFor[member])
                || (before != null && before.journal().equals(journal))) {
            return false;
        }
        Optional<JournalHead> oldHead =
                context.presence()
                        .rememberedHead(member)
                        .filter(head -> !head.journal().equals(journal));
        Set<Bytes> ids = new HashSet<>(replaced.get(member));
        if (before != null) {
            ids.add(before.journal());
        }
        ids.remove(journal);
        JournalRecord.Consent consent =
                context.signer.consent(
                        self,
                        member,
                        journal,
                        oldHead,
                        isRecovering(),
                        ids.stream().sorted().limit(JournalRecord.Consent.MAX_REPLACED).toList());
        gave(consent);
        context.presence().forgetReplacedHeads(member);
        context.append(consent);
        send(consent);
        context.emit(
                new SessionEvent.RecoveryConsented(
                        context.now(), context.self(), context.group.member(member), journal));
        return true;
    }

    /// Whether this node has consented to that journal, and so hands over what it remembers.
    boolean mayHandOver(int member, Bytes journal) {
        JournalRecord.Consent consent = given[member];
        return consent != null && consent.journal().equals(journal);
    }

    /// Whether a head is of another journal than the one that was consented to last: of one before,
    /// whether this node knew of it or not.
    boolean isReplaced(int member, JournalHead head) {
        JournalRecord.Consent consent = given[member];
        return consent != null && !consent.journal().equals(head.journal());
    }

    /// The members, this one among them, whose journals must not be used yet.
    List<Member> recovering() {
        if (!isRecovering() && Arrays.stream(askedFor).allMatch(Bytes::isEmpty)) {
            return List.of();
        }
        return context.group.members().stream()
                .filter(member ->
                        member.index() == self
                                ? isRecovering()
                                : !askedFor[member.index()].isEmpty())
                .toList();
    }

    /// The journal that the member asks for.
    Optional<Bytes> askedFor(int member) {
        return Optional.of(askedFor[member]).filter(journal -> !journal.isEmpty());
    }

    // --- time

    /// What is due: after each input.
    void act() {
        if (isRecovering()) {
            for (int signer = 0; signer < askAgainAt.length; signer++) {
                if (!context.running().isBefore(askAgainAt[signer])) {
                    ask(signer);
                }
            }
        }
    }

    /// When [#act] has to run at the latest; [Instant#MAX] if it need not.
    Instant nextDeadline() {
        return isRecovering()
                ? Arrays.stream(askAgainAt).min(Instant::compareTo).orElse(Instant.MAX)
                : Instant.MAX;
    }
}
