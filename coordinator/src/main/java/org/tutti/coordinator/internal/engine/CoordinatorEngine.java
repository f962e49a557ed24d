package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.CoordinatorException.Code;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Reachable;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.Step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// All requests of one node: takes what is said and what happens, with the time, and says what is
/// to be done. Owns no thread, socket, clock or disk; not safe for threads.
///
/// The life of a request: it is taken (from its requester, or from anybody who has it), judged by
/// this node's policy, perhaps by a person, and joined. Signers give connected signers all joins
/// that these lack, and leave that to the requester while it is there. When all have joined, the
/// signers are a group; the requester asks it for the signatures, again and again while the request
/// counts, as soon as all are connected and have all joins.
///
/// One class, because one statement, connection or session changes a request's case, what others
/// are told and whom this node wants to be connected to at the same moment; what is known of one
/// request and of one signer is in [RequestCase] and [Signer].
public final class CoordinatorEngine {
    /// How long what others say is left to a connected requester to pass on.
    static final Duration REQUESTERS_TIME = Duration.ofMillis(500);

    private final StatementSigner signer;
    private final PeerId self;
    private final RequestLimits limits;
    private final RequestRoom room;
    private final Map<RequestId, RequestCase> cases = new LinkedHashMap<>();

    /// Those of raw messages that are signed, the first signed first. They have no owner who would
    /// settle them, and stay for a while, because others may still need what this node has sent.
    private final Map<RequestId, RequestCase> lingering = new LinkedHashMap<>();

    private final Set<PeerId> connected = new HashSet<>();
    private final Contacts contacts;

    /// Requests that are over, until nobody can bring them back.
    private final Map<RequestId, Instant> over = new LinkedHashMap<>();

    /// What ended some of them, for those who have not heard of it.
    private final Map<RequestId, Bytes> endings = new LinkedHashMap<>();

    /// Keys whose requests this node has joined.
    private final BoundedMap<PublicKey, Boolean> joinedWith;

    /// Adverts go with other statements only where they are not longer than these may be.
    private static final int MAX_ADVERT_BYTES = MessageLimits.DEFAULT.statementBytes();

    private @Nullable Contact ownContact;
    private Function<PublicKey, Optional<Advert>> adverts = _ -> Optional.empty();
    private long wantedChanges;

    /// Who reads an answer to what it has just delivered, with all that it lacks: it is sent
    /// nothing besides.
    private @Nullable PeerId answering;

    private List<EngineOutput> outputs = new ArrayList<>();

    public CoordinatorEngine(StatementSigner signer, PeerId self, RequestLimits limits) {
        this.signer = signer;
        this.self = self;
        this.limits = limits;
        this.room = new RequestRoom(limits);
        this.contacts = new Contacts(limits.contacts());
        this.joinedWith = new BoundedMap<>(limits.contacts());
    }

    private PublicKey ownKey() {
        return signer.publicKey();
    }

    /// What is to be done because of what was called since the last time, in order.
    public List<EngineOutput> takeOutputs() {
        List<EngineOutput> taken = outputs;
        outputs = new ArrayList<>();
        return taken;
    }

    private void emit(CoordinatorEvent event) {
        outputs.add(new EngineOutput.Emit(event));
    }

    /// Whom this node's key speaks through, from now on.
    public void use(Contact own) {
        ownContact = own;
    }

    /// Where adverts are looked up whose keys are asked: a request to a key that was found goes to
    /// the peer that its advert names.
    ///
    /// @param found the advert of a key that counts, at once
    public void use(Function<PublicKey, Optional<Advert>> found) {
        adverts = found;
    }

    /// Above what this node said last of a request, and the time where that is possible. What a
    /// clock said that was far ahead counts nowhere, and binds nobody.
    private long nextSequence(RequestCase known, Instant now) {
        long millis = now.toEpochMilli();
        long last = known.own().said().map(said -> said.header().sequence()).orElse(0L);
        return last > now.plus(limits.clockSkew()).toEpochMilli()
                ? millis
                : Math.max(millis, last + 1);
    }

    // --- what this node's user asks for

    /// Takes a request that this node has made.
    ///
    /// @param judgement of this node's policy, if it was quick; otherwise it is asked
    public void announce(Invitation request, Bytes psbt, Optional<Judgement> judgement, Instant now)
            throws CoordinatorException {
        if (!request.requester().equals(ownKey())) {
            throw new CoordinatorException(Code.NOT_OURS, request + " was made by another");
        }
        requireRoom(request);
        outputs.add(new EngineOutput.Append(new LogEntry.Taken(request.envelope(), psbt)));
        RequestCase opened = open(request, psbt, now);
        emit(new CoordinatorEvent.RequestCreated(now, request));
        outputs.add(new EngineOutput.Publish(request.envelope()));
        judge(opened, judgement, now);
        spread(opened, now);
    }

    private void requireRoom(Invitation request) throws CoordinatorException {
        if (!hasRoom(request)) {
            throw new CoordinatorException(
                    Code.BUSY, "there is no room for another request of this key");
        }
    }

    private boolean hasRoom(Invitation request) {
        return room.has(request, isTrusted(request.requester()));
    }

    /// Whether this node has joined a request of this key before, or it is its own.
    private boolean isTrusted(PublicKey requester) {
        return requester.equals(ownKey()) || joinedWith.get(requester) != null;
    }

    private RequestCase open(Invitation request, Bytes psbt, Instant now) {
        RequestCase opened = new RequestCase(request, psbt, ownKey(), now, limits);
        cases.put(request.id(), opened);
        wantedChanges++;
        room.enter(request);
        for (Signer other : opened.others()) {
            adverts.apply(other.key()).ifPresent(this::learnAdvert);
            peerOf(other, now)
                    .filter(connected::contains)
                    .ifPresent(_ -> other.connection(true, limits));
        }
        return opened;
    }

    /// Whom a signer speaks through, as it said for this request or else for all.
    private Optional<PeerId> peerOf(Signer other, Instant now) {
        return other.peer().or(() -> contacts.get(other.key(), now).map(c -> c.header().author()));
    }

    /// A person, or a program for it, agrees.
    public void join(RequestId id, Instant now) throws CoordinatorException {
        RequestCase known = find(id);
        if (known.phase() != RequestPhase.AWAITING_APPROVAL) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, known.request() + " does not wait for a decision");
        }
        joinNow(known, now);
        advance(known, now);
    }

    /// A person, or a program for it, does not agree: also after having joined, as long as no
    /// session is under way.
    public void refuse(RequestId id, String code, String reason, Instant now)
            throws CoordinatorException {
        RequestCase known = find(id);
        if (!known.mayStillBeSigned() || known.isCommitted() || known.mayBeInSession(now, limits)) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, known.request() + " does not wait for a decision");
        }
        refuseNow(known, code, reason, now);
    }

    /// The requester takes its request back.
    public void withdraw(RequestId id, String reason, Instant now) throws CoordinatorException {
        RequestCase known = find(id);
        if (!known.isOwn()) {
            throw new CoordinatorException(
                    Code.NOT_OURS, known.request() + " was made by another signer");
        }
        Withdrawal statement = signer.withdraw(known.request(), nextSequence(known, now), reason);
        outputs.add(new EngineOutput.Append(new LogEntry.Said(statement.envelope())));
        known.withdrawn(statement);
        emit(new CoordinatorEvent.RequestWithdrawn(now, id, reason));
        finish(known, "WITHDRAWN", now);
    }

    private RequestCase find(RequestId id) throws CoordinatorException {
        RequestCase known = cases.get(id);
        if (known == null) {
            throw new CoordinatorException(
                    Code.NO_SUCH_REQUEST, "no request " + id + " is waiting here");
        }
        return known;
    }

    // --- what others say

    /// What a peer delivered, verified.
    ///
    /// @param request none where only statements are new
    /// @param psbt none where it is not there
    /// @param statements about this request, in any order
    /// @param judgement of this node's policy on the request, if it is new and the policy was quick
    public ReceiptCode delivered(
            PeerId from,
            Channel via,
            RequestId id,
            Optional<Invitation> request,
            Bytes psbt,
            List<Statement> statements,
            Optional<Judgement> judgement,
            Instant now) {
        answering = via == Channel.DIRECT ? from : null;
        try {
            return take(from, via, id, request, psbt, statements, judgement, now);
        } finally {
            answering = null;
        }
    }

    private ReceiptCode take(
            PeerId from,
            Channel via,
            RequestId id,
            Optional<Invitation> request,
            Bytes psbt,
            List<Statement> statements,
            Optional<Judgement> judgement,
            Instant now) {
        if (over.containsKey(id)) {
            return ReceiptCode.OVER;
        }
        RequestCase known = cases.get(id);
        if (known == null) {
            if (request.isEmpty()) {
                return ReceiptCode.UNKNOWN_REQUEST;
            }
            Optional<ReceiptCode> refused = refusal(request.get(), psbt, now);
            if (refused.isPresent()) {
                return refused.get();
            }
            known = take(request.get(), psbt, via, from, judgement, now);
        } else if (known.phase() == RequestPhase.FETCHING && !psbt.isEmpty()) {
            if (!isTransactionOf(known.request(), psbt)) {
                return ReceiptCode.INVALID;
            }
            fetched(known, psbt);
        }
        // Once for all statements: a request may have a thousand of each.
        List<Signer> speakers = speakers(known, from, now);
        for (Signer speaker : speakers) {
            speaker.heard(now);
            speaker.took();
            if (statements.stream().anyMatch(s -> speaker.hasStatement(s.envelope()))) {
                // It sends again what it knows to be here only if it has not read our answer.
                speaker.forgetStatements();
            }
        }
        for (Statement statement : statements) {
            if (cases.get(id) == known) {
                say(known, statement, speakers, now);
            }
        }
        if (cases.get(id) != known) {
            return ReceiptCode.OVER;
        }
        advance(known, now);
        spread(known, now);
        return ReceiptCode.TAKEN;
    }

    private Optional<ReceiptCode> refusal(Invitation request, Bytes psbt, Instant now) {
        if (!request.keys().contains(ownKey()) || request.requester().equals(ownKey())) {
            // One of our own that our disk has lost is nobody else's to bring back.
            return Optional.of(ReceiptCode.NOT_ASKED);
        }
        if (!request.header().notAfter().isAfter(now)) {
            return Optional.of(ReceiptCode.OVER);
        }
        if (!psbt.isEmpty() && !isTransactionOf(request, psbt)) {
            return Optional.of(ReceiptCode.INVALID);
        }
        return hasRoom(request) ? Optional.empty() : Optional.of(ReceiptCode.BUSY);
    }

    private static boolean isTransactionOf(Invitation request, Bytes psbt) {
        return request.psbt().filter(p -> p.equals(StatementSigner.reference(psbt))).isPresent();
    }

    private RequestCase take(
            Invitation request,
            Bytes psbt,
            Channel via,
            PeerId from,
            Optional<Judgement> judgement,
            Instant now) {
        RequestCase opened = open(request, psbt, now);
        emit(new CoordinatorEvent.RequestReceived(now, request, via, from));
        if (opened.phase() == RequestPhase.FETCHING) {
            outputs.add(new EngineOutput.Fetch(from, request.id()));
        } else {
            // What is refused at once leaves no more on the disk than that it was.
            if (judgement.filter(Judgement.Refused.class::isInstance).isEmpty()) {
                outputs.add(new EngineOutput.Append(new LogEntry.Taken(request.envelope(), psbt)));
            }
            judge(opened, judgement, now);
        }
        return opened;
    }

    private void fetched(RequestCase known, Bytes psbt) {
        outputs.add(new EngineOutput.Append(new LogEntry.Taken(known.request().envelope(), psbt)));
        known.fetched(psbt);
        judge(known);
    }

    private void judge(RequestCase known, Optional<Judgement> judgement, Instant now) {
        if (judgement.isPresent()) {
            judged(known.request().id(), judgement.get(), now);
        } else {
            judge(known);
        }
    }

    private void judge(RequestCase known) {
        outputs.add(new EngineOutput.Judge(known.request(), known.psbt()));
    }

    /// The signers of a request that speak through a peer.
    private List<Signer> speakers(RequestCase known, PeerId peer, Instant now) {
        return known.others().stream()
                .filter(other -> peerOf(other, now).filter(peer::equals).isPresent())
                .toList();
    }

    /// One join, refusal or withdrawal, whoever passed it on.
    ///
    /// @param speakers who has it by now, because it came from there
    private void say(RequestCase known, Statement statement, List<Signer> speakers, Instant now) {
        Statement.Header header = statement.header();
        if (statement instanceof Reachable reachable) {
            speakers.forEach(speaker -> speaker.gotStatement(reachable.envelope()));
            if (known.signer(header.key()).isPresent()) {
                var _ = learn(reachable, now);
            }
            return;
        }
        if (header.subject().filter(known.request().id().bytes()::equals).isEmpty()) {
            return;
        }
        Optional<Signer> author = known.signer(header.key());
        if (author.isEmpty() || header.key().equals(ownKey())) {
            return;
        }
        speakers.forEach(speaker -> speaker.gotStatement(statement.envelope()));
        switch (statement) {
            case Join join -> joined(known, author.get(), join, now);
            case Refusal refusal -> refused(known, author.get(), refusal, now);
            case Withdrawal withdrawal -> {
                if (header.key().equals(known.request().requester())) {
                    outputs.add(new EngineOutput.Append(new LogEntry.Said(withdrawal.envelope())));
                    known.withdrawn(withdrawal);
                    emit(
                            new CoordinatorEvent.RequestWithdrawn(
                                    now, known.request().id(), withdrawal.reason()));
                    finish(known, "WITHDRAWN", now);
                }
            }
            case Reachable _,
                    Invitation _,
                    Retirement _,
                    Proposal _,
                    Consent _,
                    Seal _,
                    Held _,
                    Leave _,
                    Succession _ -> {
                // They belong to no request.
            }
        }
    }

    private void joined(RequestCase known, Signer author, Join join, Instant now) {
        if (!author.say(join)) {
            return;
        }
        wantedChanges++;
        outputs.add(new EngineOutput.Note(new LogEntry.Said(join.envelope())));
        author.heard(now);
        boolean open = connected.contains(join.header().author());
        if (open != author.isConnected()) {
            author.connection(open, limits);
        }
        emit(
                new CoordinatorEvent.RequestJoined(
                        now,
                        known.request().id(),
                        author.key(),
                        known.joined(),
                        known.request().keys().size()));
    }

    private void refused(RequestCase known, Signer author, Refusal refusal, Instant now) {
        if (!author.say(refusal)) {
            return;
        }
        outputs.add(new EngineOutput.Append(new LogEntry.Said(refusal.envelope())));
        emit(
                new CoordinatorEvent.RequestRefused(
                        now, known.request().id(), author.key(), refusal.code(), refusal.reason()));
        finish(known, "REFUSED", now);
    }

    /// What a peer answered to a delivery of ours.
    ///
    /// @param given the statements that it was sent
    /// @param statements that it has and we may not
    public void receipt(
            PeerId from,
            RequestId id,
            ReceiptCode code,
            List<Bytes> given,
            List<Statement> statements,
            Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return;
        }
        List<Signer> speakers = speakers(known, from, now);
        for (Signer other : speakers) {
            other.heard(now);
            switch (code) {
                case TAKEN -> {
                    wantedChanges += other.hasRequest() ? 0 : 1;
                    other.succeeded(limits);
                    other.took();
                    given.forEach(other::gotStatement);
                }
                case UNKNOWN_REQUEST -> {
                    // Its disk was lost, or it was over there.
                    if (other.hasRequest()) {
                        other.succeeded(limits);
                        other.lost();
                    } else {
                        other.failed(now, limits);
                    }
                }
                case NOT_ASKED, BUSY, INVALID, OVER, UNKNOWN_PREVIOUS -> other.failed(now, limits);
            }
        }
        for (Statement statement : statements) {
            if (cases.get(id) == known) {
                say(known, statement, speakers, now);
            }
        }
        if (cases.get(id) == known) {
            advance(known, now);
            spread(known, now);
        }
    }

    /// A delivery did not get through.
    public void notDelivered(PeerId to, RequestId id, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return;
        }
        for (Signer other : known.others()) {
            if (peerOf(other, now).filter(to::equals).isPresent()) {
                other.failed(now, limits);
            }
        }
    }

    /// The transaction of a request came, or did not.
    ///
    /// @param psbt empty if it did not
    public void fetched(RequestId id, Bytes psbt, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null || known.phase() != RequestPhase.FETCHING) {
            return;
        }
        if (isTransactionOf(known.request(), psbt)) {
            fetched(known, psbt);
            advance(known, now);
            spread(known, now);
        } else {
            // Whoever has it delivers it whole; until then it takes no room.
            remove(known);
        }
    }

    /// Whom a key speaks through.
    ///
    /// @param contact an advert counts for keys that a request names: adverts of strangers take no
    ///   contact's place
    public boolean learn(Reachable contact, Instant now) {
        boolean learnt =
                switch (contact) {
                    case Contact one ->
                            !one.header().key().equals(ownKey())
                                    && contacts.learn(one, this::isNeeded);
                    case Advert one -> learnAdvert(one);
                };
        if (!learnt) {
            return false;
        }
        wantedChanges++;
        if (contact instanceof Contact && isNeeded(contact.header().key())) {
            outputs.add(new EngineOutput.Note(new LogEntry.Known(contact.envelope())));
        }
        boolean open = connected.contains(contact.header().author());
        for (RequestCase known : List.copyOf(cases.values())) {
            known.signer(contact.header().key())
                    .filter(other -> other.peer().isEmpty() && other.isConnected() != open)
                    .ifPresent(other -> {
                        other.connection(open, limits);
                        spread(known, now);
                    });
        }
        return true;
    }

    private boolean learnAdvert(Advert advert) {
        boolean learnt =
                !advert.header().key().equals(ownKey())
                        && advert.envelope().length() <= MAX_ADVERT_BYTES
                        && isNeeded(advert.header().key())
                        && contacts.learn(advert, this::isNeeded);
        if (learnt) {
            outputs.add(new EngineOutput.Note(new LogEntry.Known(advert.envelope())));
        }
        return learnt;
    }

    private boolean isNeeded(PublicKey key) {
        return cases.values().stream().anyMatch(known -> known.signer(key).isPresent());
    }

    // --- connections

    public void connected(PeerId peer, Instant now) {
        if (connected.add(peer)) {
            changed(peer, true, now);
        }
    }

    public void disconnected(PeerId peer, Instant now) {
        if (connected.remove(peer)) {
            changed(peer, false, now);
        }
    }

    private void changed(PeerId peer, boolean open, Instant now) {
        for (RequestCase known : List.copyOf(cases.values())) {
            for (Signer other : known.others()) {
                if (peerOf(other, now).filter(peer::equals).isPresent()) {
                    other.connection(open, limits);
                    RequestId id = known.request().id();
                    emit(
                            open
                                    ? new CoordinatorEvent.ParticipantConnected(
                                            now, id, other.key())
                                    : new CoordinatorEvent.ParticipantDisconnected(
                                            now, id, other.key()));
                }
            }
            advance(known, now);
            spread(known, now);
        }
    }

    // --- decisions

    /// What the policy said.
    public void judged(RequestId id, Judgement judgement, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null || known.phase() != RequestPhase.JUDGING) {
            return;
        }
        known.judged(judgement);
        switch (judgement) {
            case Judgement.Approved approved -> {
                if (approved.messages().equals(messages(known.request()))) {
                    joinNow(known, now);
                    advance(known, now);
                } else {
                    refuseDifferent(known, now);
                }
            }
            case Judgement.AskPerson ask -> {
                if (!ask.messages().equals(messages(known.request()))) {
                    refuseDifferent(known, now);
                } else if (known.isOwn()) {
                    // Whoever asks for it agrees to it.
                    joinNow(known, now);
                    advance(known, now);
                } else {
                    known.phase(RequestPhase.AWAITING_APPROVAL);
                    emit(new CoordinatorEvent.ApprovalNeeded(now, id, ask.summary()));
                }
            }
            case Judgement.Refused(String code, String reason) ->
                    refuseNow(known, code, reason, now);
        }
    }

    private void refuseDifferent(RequestCase known, Instant now) {
        refuseNow(
                known,
                "MESSAGES_DIFFER",
                "the messages are not this transaction's signature hashes",
                now);
    }

    private static List<org.tutti.signing.request.MessageToSign> messages(Invitation request) {
        return request.messages().stream().map(RequestedMessage::toSign).toList();
    }

    private void joinNow(RequestCase known, Instant now) {
        Join join = signer.join(known.request(), nextSequence(known, now));
        outputs.add(new EngineOutput.Append(new LogEntry.Said(join.envelope())));
        known.own().replace(join);
        wantedChanges++;
        joinedWith.put(known.request().requester(), true);
        known.phase(RequestPhase.JOINED);
        emit(
                new CoordinatorEvent.RequestJoined(
                        now,
                        known.request().id(),
                        ownKey(),
                        known.joined(),
                        known.request().keys().size()));
        spread(known, now);
    }

    private void refuseNow(RequestCase known, String code, String reason, Instant now) {
        Refusal refusal =
                signer.refuse(
                        known.request(),
                        nextSequence(known, now),
                        shortened(code, Refusal.MAX_CODE),
                        shortened(reason, Refusal.MAX_REASON));
        outputs.add(new EngineOutput.Append(new LogEntry.Said(refusal.envelope())));
        known.own().replace(refusal);
        emit(
                new CoordinatorEvent.RequestRefused(
                        now, known.request().id(), ownKey(), refusal.code(), refusal.reason()));
        finish(known, "REFUSED", now);
    }

    private static String shortened(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }

    // --- sessions

    /// Forms the group when all have joined, and begins a session when all are there.
    private void advance(RequestCase known, Instant now) {
        if (known.phase() == RequestPhase.JOINED && known.allJoined()) {
            known.phase(RequestPhase.READY);
            emit(new CoordinatorEvent.SessionReady(now, known.request().id()));
        }
        if (known.allJoined() && known.mayForm(now)) {
            known.formed(known.peers());
            outputs.add(new EngineOutput.FormGroup(known.request(), known.peers()));
        }
        if (known.isOwn() && known.phase() == RequestPhase.READY && known.canBegin(now)) {
            if (known.sessions() >= limits.sessions()) {
                finish(known, "SESSIONS_EXHAUSTED", now);
                return;
            }
            known.beginSession(now);
            outputs.add(new EngineOutput.Sign(known.request()));
        }
    }

    /// The group of a request could not be formed now: it is tried again.
    public void notFormed(RequestId id, Instant now) {
        RequestCase known = cases.get(id);
        if (known != null) {
            known.notFormed(now, limits);
        }
    }

    /// A session of a request is known here.
    ///
    /// @param own whether this node asked for it
    public void sessionStarted(RequestId id, SessionId session, boolean own, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return;
        }
        if (known.phase() == RequestPhase.READY) {
            known.beginSession(now);
        }
        emit(
                own
                        ? new CoordinatorEvent.SessionCreated(now, id, session)
                        : new CoordinatorEvent.SessionJoined(now, id, session));
    }

    /// A session of a request that goes step by step waits for this node's user.
    public void stepAwaited(RequestId id, SessionId session, Step step, Instant now) {
        RequestCase known = cases.get(id);
        if (known != null) {
            known.awaits(new RequestCase.Awaited(session, step));
            emit(new CoordinatorEvent.StepNeeded(now, id, session, step));
        }
    }

    /// This node's user takes a step.
    public void takeStep(RequestId id, Step step) throws CoordinatorException {
        RequestCase known = find(id);
        Optional<RequestCase.Awaited> awaited = known.awaited().filter(one -> one.step() == step);
        if (awaited.isEmpty()) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, known.request() + " does not wait for this step");
        }
        known.awaits(null);
        outputs.add(new EngineOutput.TakeStep(id, awaited.get().session(), step));
    }

    /// The signatures of a request, once they are here.
    public List<SchnorrSignature> signatures(RequestId id) throws CoordinatorException {
        return find(id).signatures();
    }

    /// All public nonces of a session are here.
    public void round1(RequestId id, SessionId session, Instant now) {
        if (cases.containsKey(id)) {
            emit(new CoordinatorEvent.Round1Complete(now, id, session));
        }
    }

    /// All partial signatures of a session are here.
    public void round2(RequestId id, SessionId session, Instant now) {
        if (cases.containsKey(id)) {
            emit(new CoordinatorEvent.Round2Complete(now, id, session));
        }
    }

    /// Messages of these did not come in time.
    public void late(RequestId id, List<PublicKey> keys, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return;
        }
        known.awaits(null); // The attempt is over.
        for (PublicKey key : keys) {
            known.signer(key)
                    .ifPresent(signer -> {
                        signer.late(true);
                        emit(new CoordinatorEvent.SignerLate(now, id, key));
                    });
        }
    }

    /// A session of it ended without signatures.
    public void sessionEnded(
            RequestId id, String code, String reason, List<PublicKey> culprits, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null || !known.mayBeInSession(now, limits)) {
            return;
        }
        emit(new CoordinatorEvent.SessionAborted(now, id, code, reason, culprits));
        known.sessionEnded(now, limits);
    }

    /// This node's partial signatures leave: nothing undoes that.
    public void committed(RequestId id) {
        RequestCase known = cases.get(id);
        if (known != null) {
            known.commit();
        }
    }

    /// All signatures of a request are here, verified.
    public void signed(RequestId id, List<SchnorrSignature> signatures, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return;
        }
        if (known.phase() != RequestPhase.SIGNED) {
            outputs.add(
                    new EngineOutput.Append(
                            new LogEntry.Signed(
                                    id,
                                    signatures.stream().map(SchnorrSignature::bytes).toList())));
            nowSigned(known, signatures, now);
            // They could not have signed without the request and the joins of all.
            List<Bytes> statements = statementsOf(known);
            for (Signer other : known.others()) {
                other.took();
                statements.forEach(other::gotStatement);
            }
            tellSigned(known, now);
            endLingering(now);
        }
    }

    private void nowSigned(RequestCase known, List<SchnorrSignature> signatures, Instant now) {
        boolean first = known.phase() != RequestPhase.SIGNED;
        known.signed(signatures, now);
        if (first && known.request().psbt().isEmpty()) {
            lingering.put(known.request().id(), known);
            room.linger(known.request());
        }
    }

    private void endLingering(Instant now) {
        while (!lingering.isEmpty()) {
            RequestCase oldest = lingering.values().iterator().next();
            if (lingering.size() <= limits.requests() && !oldest.lingers(limits.linger(), now)) {
                return;
            }
            end(oldest, "SIGNED", now);
        }
    }

    private void tellSigned(RequestCase known, Instant now) {
        RequestId id = known.request().id();
        emit(new CoordinatorEvent.Finalized(now, id, known.signatures()));
        PublicKey elected = known.request().election().elect(id, known.request().keys());
        if (known.request().psbt().isPresent() && elected.equals(ownKey())) {
            emit(new CoordinatorEvent.ShouldBroadcast(now, id));
        }
    }

    /// Requires that this node's partial signatures of a request may have left, and that no session
    /// of it can be under way: its owner alone may say that it will not happen.
    public void requireReleasable(RequestId id, Instant now) throws CoordinatorException {
        RequestCase known = find(id);
        if (known.mayStillBeSigned()
                || (known.phase() == RequestPhase.MAY_BE_SIGNED
                        && known.mayBeInSession(now, limits))) {
            throw new CoordinatorException(
                    Code.NOT_WAITING, known.request() + " holds nothing that could be released");
        }
    }

    /// What was signed is final, or can no longer happen.
    ///
    /// @param confirmed whether it happened
    public void settled(RequestId id, boolean confirmed, Instant now) {
        RequestCase known = cases.get(id);
        if (known != null) {
            if (confirmed) {
                emit(new CoordinatorEvent.BroadcastConfirmed(now, id));
            }
            end(known, confirmed ? "CONFIRMED" : "SETTLED", now);
        }
    }

    // --- the end

    /// No session is made of it any more. What this node has signed already stays until it is
    /// settled: rule 29, expiry and policy stop signing, never learning.
    private void finish(RequestCase known, String code, Instant now) {
        // In a session the partial signatures may leave at any moment.
        boolean mayHaveLeft = known.isCommitted() || known.mayBeInSession(now, limits);
        if (mayHaveLeft && known.request().psbt().isPresent()) {
            if (known.mayStillBeSigned()) {
                known.phase(RequestPhase.MAY_BE_SIGNED);
            }
            spread(known, now);
            return;
        }
        end(known, code, now);
    }

    private void end(RequestCase known, String code, Instant now) {
        RequestId id = known.request().id();
        Instant until = known.request().header().notAfter();
        outputs.add(new EngineOutput.Append(new LogEntry.Over(id, until, code)));
        if (!known.formed().isEmpty()) {
            outputs.add(new EngineOutput.LeaveGroup(id));
        }
        tellEnding(known, now);
        remove(known);
        remember(id, until);
        known.ending().stream()
                .findFirst()
                .ifPresent(ending -> {
                    endings.put(id, ending);
                    if (endings.size() > limits.endings()) {
                        endings.remove(endings.keySet().iterator().next());
                    }
                });
        emit(new CoordinatorEvent.SessionClosed(now, id, known.isCommitted()));
    }

    /// To everybody who is connected, whatever is under way to them: who is not hears it when it
    /// comes back with the request.
    private void tellEnding(RequestCase known, Instant now) {
        List<Bytes> ending = known.ending();
        for (Signer other : known.others()) {
            boolean news = ending.stream().anyMatch(s -> !other.hasStatement(s));
            Optional<PeerId> peer = peerOf(other, now).filter(p -> !p.equals(self));
            if (news && other.isConnected() && peer.isPresent()) {
                outputs.add(
                        new EngineOutput.Deliver(peer.get(), known.request().id(), false, ending));
            }
        }
    }

    private void remove(RequestCase known) {
        RequestId id = known.request().id();
        cases.remove(id);
        wantedChanges++;
        room.leave(known.request(), /* lingered= */ lingering.remove(id) != null);
    }

    private void remember(RequestId id, Instant until) {
        over.put(id, until);
        if (over.size() > limits.over()) {
            over.remove(over.keySet().iterator().next());
        }
    }

    /// Time has passed.
    public void tick(Instant now) {
        over.values().removeIf(until -> !until.isAfter(now));
        endings.keySet().retainAll(over.keySet());
        endLingering(now);
        for (RequestCase known : List.copyOf(cases.values())) {
            // One that this node made while its clock was far ahead counts nowhere.
            boolean expired =
                    !known.request().header().notAfter().isAfter(now)
                            || known.request()
                                    .header()
                                    .made()
                                    .isAfter(now.plus(limits.clockSkew()));
            if (known.phase() == RequestPhase.SIGNING && !known.mayBeInSession(now, limits)) {
                known.sessionEnded(now, limits); // Nobody told how it ended.
            }
            if (known.phase() == RequestPhase.MAY_BE_SIGNED
                    && !known.isCommitted()
                    && !known.mayBeInSession(now, limits)) {
                end(known, "OVER", now);
            } else if (expired
                    && known.mayStillBeSigned()
                    && known.phase() != RequestPhase.SIGNING) {
                emit(new CoordinatorEvent.RequestExpired(now, known.request().id()));
                finish(known, "EXPIRED", now);
            } else {
                advance(known, now);
                spread(known, now);
            }
        }
    }

    // --- spreading

    /// Gives every connected signer what it does not have. What the requester can pass on, because
    /// it is connected, others tell the requester alone, and the rest only if they have not heard
    /// for a while that these have it: else all would tell all what all others said.
    private void spread(RequestCase known, Instant now) {
        if (known.phase() == RequestPhase.FETCHING) {
            return;
        }
        Optional<Signer> requester =
                known.signer(known.request().requester()).filter(Signer::isConnected);
        boolean held = false;
        for (Signer other : known.others()) {
            Optional<PeerId> peer = peerOf(other, now).filter(p -> !p.equals(self));
            if (!other.isFree(now) || peer.isEmpty() || peer.get().equals(answering)) {
                continue;
            }
            List<Bytes> missing = new ArrayList<>();
            for (Bytes statement : statementsOf(known)) {
                if (!other.hasStatement(statement)) {
                    missing.add(statement);
                }
            }
            if (other.hasRequest() && missing.isEmpty()) {
                continue;
            }
            if (requester.isPresent() && requester.get() != other) {
                held = true;
                if (!known.hasHeldBack(REQUESTERS_TIME, now)) {
                    continue;
                }
            }
            other.begin();
            outputs.add(
                    new EngineOutput.Deliver(
                            peer.get(), known.request().id(), !other.hasRequest(), missing));
        }
        if (!held) {
            known.holdsNothingBack();
        }
    }

    /// What is said about a request, and whom its signers speak through: whoever gets it can reach
    /// them.
    private List<Bytes> statementsOf(RequestCase known) {
        List<Bytes> all = new ArrayList<>(known.statements());
        for (PublicKey key : known.request().keys()) {
            Optional<? extends Reachable> contact =
                    key.equals(ownKey()) ? Optional.ofNullable(ownContact) : contacts.newest(key);
            contact.map(Reachable::envelope).ifPresent(all::add);
        }
        return all;
    }

    // --- what the driver looks at

    /// All that is said about a request that is not over.
    public List<Bytes> statements(RequestId id) {
        return Optional.ofNullable(cases.get(id)).map(this::statementsOf).orElse(List.of());
    }

    /// What a delivery of a request has.
    public Optional<LogEntry.Taken> content(RequestId id) {
        return Optional.ofNullable(cases.get(id))
                .filter(known -> known.phase() != RequestPhase.FETCHING)
                .map(known -> new LogEntry.Taken(known.request().envelope(), known.psbt()));
    }

    /// The transaction of a request, for a peer that one of its signers speaks through: ids are
    /// public, what is paid to whom is not.
    public Bytes psbtFor(PeerId peer, RequestId id, Instant now) {
        return Optional.ofNullable(cases.get(id))
                .filter(known -> !speakers(known, peer, now).isEmpty())
                .map(RequestCase::psbt)
                .orElse(Bytes.EMPTY);
    }

    /// The statements about a request that a signer's peer may not have; of one that is over, what
    /// ended it. Others, who may bring a request to its signers, are told nothing of who and where
    /// these are.
    ///
    /// They count as told from now on: who does not read them sends again what it sent, and is told
    /// again.
    ///
    /// @param given what it has just sent
    public List<Bytes> statementsBeside(PeerId peer, RequestId id, List<Bytes> given, Instant now) {
        RequestCase known = cases.get(id);
        if (known == null) {
            return Optional.ofNullable(endings.get(id)).stream().toList();
        }
        List<Signer> speakers = speakers(known, peer, now);
        if (speakers.isEmpty()) {
            return List.of();
        }
        Set<Bytes> there = new HashSet<>(given);
        List<Bytes> beside =
                statementsOf(known).stream()
                        .filter(s -> !there.contains(s))
                        .filter(s -> !speakers.stream().allMatch(other -> other.hasStatement(s)))
                        .toList();
        speakers.forEach(other -> beside.forEach(other::gotStatement));
        return beside;
    }

    /// A request that is not over, and its transaction.
    public Optional<Invitation> request(RequestId id) {
        return Optional.ofNullable(cases.get(id)).map(RequestCase::request);
    }

    /// Whether this node agrees to a session of it now.
    public boolean maySign(RequestId id) {
        return Optional.ofNullable(cases.get(id))
                .filter(known -> known.own().join().isPresent())
                .filter(known -> known.mayStillBeSigned() && !known.isEnded())
                .isPresent();
    }

    /// What a log needs so that a restart finds the same.
    public List<LogEntry> snapshot() {
        List<LogEntry> entries = new ArrayList<>();
        over.forEach((id, until) -> entries.add(new LogEntry.Over(id, until, "OVER")));
        Set<PublicKey> told = new HashSet<>();
        for (RequestCase known : cases.values()) {
            if (known.phase() == RequestPhase.FETCHING) {
                continue;
            }
            entries.add(new LogEntry.Taken(known.request().envelope(), known.psbt()));
            known.everStated().forEach(s -> entries.add(new LogEntry.Said(s)));
            known.others().stream()
                    .filter(other -> told.add(other.key()))
                    .flatMap(other -> contacts.all(other.key()))
                    .forEach(contact -> entries.add(new LogEntry.Known(contact.envelope())));
            if (known.phase() == RequestPhase.SIGNED) {
                entries.add(
                        new LogEntry.Signed(
                                known.request().id(),
                                known.signatures().stream().map(SchnorrSignature::bytes).toList()));
            }
        }
        return entries;
    }

    /// Whom this node wants to be connected to, whose contacts it lacks, and for whom it keeps
    /// requests.
    ///
    /// @param peers signers of requests that this node has joined, with the addresses that they
    ///   told: for what strangers only ask for, nobody is dialled or looked for
    /// @param unknown keys of such requests that nobody knows a peer of
    /// @param recipients keys that have not got a request, with their inbox keys
    public record Wanted(
            Map<PeerId, List<Multiaddr>> peers,
            Set<PublicKey> unknown,
            Map<PublicKey, Bytes> recipients) {}

    /// Grows whenever [#wanted] may have changed.
    public long wantedChanges() {
        return wantedChanges;
    }

    public Wanted wanted(Instant now) {
        Map<PeerId, List<Multiaddr>> peers = new LinkedHashMap<>();
        Set<PublicKey> unknown = new LinkedHashSet<>();
        Map<PublicKey, Bytes> recipients = new LinkedHashMap<>();
        for (RequestCase known : cases.values()) {
            if (known.phase() == RequestPhase.SIGNED) {
                continue;
            }
            boolean joined = known.isOwn() || known.own().join().isPresent();
            for (Signer other : known.others()) {
                Optional<Reachable> contact = contacts.get(other.key(), now);
                Optional<PeerId> peer = peerOf(other, now);
                if (!joined || !needsConnection(known, other)) {
                    // Only kept for who is away, or reached through the signer who relays.
                } else if (peer.isEmpty()) {
                    unknown.add(other.key());
                } else {
                    peers.putIfAbsent(
                            peer.get(),
                            contact.filter(c -> c.header().author().equals(peer.get()))
                                    .map(Reachable::addresses)
                                    .orElse(List.of()));
                }
                if (other.said().isEmpty() && !other.hasRequest()) {
                    contact.flatMap(Reachable::inboxKey)
                            .ifPresent(inbox -> recipients.put(other.key(), inbox));
                }
            }
        }
        return new Wanted(peers, unknown, recipients);
    }

    /// Where a signer relays, the others need no connection with each other: each has one with the
    /// relay, and, until all have joined, with the requester, who tells them of each other.
    private boolean needsConnection(RequestCase known, Signer other) {
        boolean withRequester = known.isOwn() || other.key().equals(known.request().requester());
        return known.isLinked(other) || (withRequester && !known.allJoined());
    }

    /// What is kept for a recipient.
    ///
    /// @param known what the recipient has already
    public List<RequestId> keptFor(PublicKey recipient, Set<RequestId> known) {
        return cases.values().stream()
                .filter(kept -> kept.mayStillBeSigned())
                .filter(kept -> kept.phase() != RequestPhase.FETCHING)
                .filter(kept -> !known.contains(kept.request().id()))
                .filter(kept -> kept.signer(recipient).filter(s -> s.said().isEmpty()).isPresent())
                .map(kept -> kept.request().id())
                .toList();
    }

    /// Whom a key speaks through, as it said for all.
    public Optional<Reachable> contact(PublicKey key, Instant now) {
        return contacts.get(key, now);
    }

    /// The inbox key of a key that is known.
    public Optional<Bytes> inboxKey(PublicKey recipient, Instant now) {
        return contacts.get(recipient, now).flatMap(Reachable::inboxKey);
    }

    /// Whether a request is here, or was.
    public boolean knows(RequestId id) {
        return cases.containsKey(id) || over.containsKey(id);
    }

    /// What is kept, each within [RequestLimits].
    ///
    /// @param requests that are not over
    /// @param bytes that they take
    /// @param contacts of keys
    /// @param over requests that are over and remembered
    /// @param endings of those
    public record Kept(int requests, long bytes, int contacts, int over, int endings) {}

    public Kept kept() {
        return new Kept(cases.size(), room.bytes(), contacts.size(), over.size(), endings.size());
    }

    /// Oldest first.
    public List<RequestView> requests(Instant now) {
        return cases.values().stream().map(known -> known.view(now)).toList();
    }

    // --- a restart

    /// What the log had, in its order, before anything else. The statements were verified; what has
    /// expired meanwhile ends with the first tick.
    public void restore(List<Restored> entries, Instant now) {
        for (Restored entry : entries) {
            switch (entry) {
                case Restored.Taken(Invitation request, Bytes psbt) -> {
                    if (!cases.containsKey(request.id())) {
                        var _ = open(request, psbt, now);
                    }
                }
                case Restored.Said(Statement statement) -> restoreSaid(statement);
                case Restored.Known(Reachable contact) -> {
                    var _ = contacts.learn(contact, this::isNeeded);
                }
                case Restored.Signed(RequestId id, List<SchnorrSignature> signatures) -> {
                    RequestCase known = cases.get(id);
                    if (known != null) {
                        known.commit();
                        nowSigned(known, signatures, now);
                    }
                }
                case Restored.Over(RequestId id, Instant until) -> {
                    RequestCase known = cases.get(id);
                    if (known != null) {
                        remove(known);
                    }
                    if (until.isAfter(now)) {
                        remember(id, until);
                    }
                }
            }
        }
        outputs.clear();
        for (RequestCase known : List.copyOf(cases.values())) {
            resume(known, now);
        }
    }

    private void restoreSaid(Statement statement) {
        Optional<RequestCase> known =
                statement
                        .header()
                        .subject()
                        .map(RequestId::new)
                        .map(cases::get); // Null where it is over.
        if (known.isEmpty()) {
            return;
        }
        switch (statement) {
            case Withdrawal withdrawal -> known.get().withdrawn(withdrawal);
            case Join _, Refusal _ ->
                    known.get()
                            .signer(statement.header().key())
                            .ifPresent(signer -> {
                                var _ = signer.say(statement);
                            });
            case Reachable _,
                    Invitation _,
                    Retirement _,
                    Proposal _,
                    Consent _,
                    Seal _,
                    Held _,
                    Leave _,
                    Succession _ -> {
                // They belong to no request.
            }
        }
    }

    private void resume(RequestCase known, Instant now) {
        if (known.phase() == RequestPhase.SIGNED) {
            formAgain(known);
            tellSigned(known, now);
        } else if (known.isEnded()) {
            known.mayHaveSigned(now);
            formAgain(known);
        } else if (known.own().join().isPresent()) {
            joinedWith.put(known.request().requester(), true);
            known.phase(RequestPhase.JOINED);
            if (known.own().peer().filter(self::equals).isEmpty()) {
                joinNow(known, now); // This node has another identity than it had.
            }
            advance(known, now);
        } else {
            judge(known);
        }
    }

    private void formAgain(RequestCase known) {
        if (known.peers().size() == known.request().keys().size()) {
            known.formed(known.peers());
            outputs.add(new EngineOutput.FormGroup(known.request(), known.peers()));
        }
    }

    /// An entry of the log, read and verified.
    public sealed interface Restored {
        record Taken(Invitation request, Bytes psbt) implements Restored {}

        record Said(Statement statement) implements Restored {}

        record Known(Reachable contact) implements Restored {}

        record Signed(RequestId request, List<SchnorrSignature> signatures) implements Restored {}

        record Over(RequestId request, Instant until) implements Restored {}
    }
}
