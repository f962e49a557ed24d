package org.tutti.coordinator.session;

import org.tutti.bytes.Bytes;
import org.tutti.coordinator.approval.Decision;
import org.tutti.coordinator.blame.Evidence;
import org.tutti.coordinator.group.Member;
import org.tutti.coordinator.journal.JournalHead;
import org.tutti.coordinator.journal.JournalRecord;
import org.tutti.coordinator.request.MessageToSign;
import org.tutti.coordinator.request.SessionId;
import org.tutti.coordinator.wire.Contribution;
import org.tutti.coordinator.wire.DropReason;
import org.tutti.coordinator.wire.Inbound;
import org.tutti.coordinator.wire.Inbound.Statement;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// One live session: approving → readiness → nonces → partial signatures → ended.
///
/// Here are the phases, their deadlines and who is heard in which; the two rounds' cryptography is
/// in [Rounds], the ways to end in [Endings]. Belongs to the engine's thread.
///
/// Longer than a file should be, on purpose: who wants to know what a signer does with a message in
/// a phase finds all of it here, in the order in which it happens.
final class Session {
    private enum Phase {
        APPROVING,
        READINESS,
        NONCES,
        PARTIALS
    }

    private final Desk desk;
    private final Inbound.Request request;
    private final Prosecutor prosecutor;
    private final Endings endings;
    private final long[] requestFloors;
    private Phase phase = Phase.APPROVING;
    private Attempt attempt;
    private Rounds rounds;
    private Instant deadline = Instant.MAX;
    private Instant helpAt = Instant.MAX;
    private List<Bytes> leftover = List.of();

    private Session(Desk desk, Inbound.Request request, int attemptNumber, long[] requestFloors) {
        this.desk = desk;
        this.request = request;
        this.prosecutor = new Prosecutor(request.envelope(), desk.group.size());
        this.endings = new Endings(desk, request, () -> attempt.close());
        this.attempt = new Attempt(attemptNumber, desk.group.size());
        this.rounds = new Rounds(desk, request.request(), List.of());
        this.requestFloors = requestFloors;
    }

    /// A session that is new here; asks for approval.
    ///
    /// @param fresh the request was made right now: every Ready of others will answer it, so none
    ///   may tell less of its journal than is known now
    static Session open(Desk desk, Inbound.Request request, boolean fresh) {
        long[] floors = fresh ? desk.heads.floors() : new long[desk.group.size()];
        Session session = new Session(desk, request, 1, floors);
        session.setDeadline(desk.timeouts.readiness());
        desk.emit(new SessionEvent.Announced(desk.now(), request.request(), request.author()));
        desk.act(new Action.AskApproval(request.request(), request.author(), session.deadline));
        return session;
    }

    /// SAFETY 2: a session of before a restart goes on with fresh nonces under a new attempt
    /// number. It was approved: its Ready is in the journal.
    ///
    /// @param lastAttempt the highest that may have been announced
    /// @param leftover own envelopes of an attempt that was signed in: they may be sent again, as
    ///   they are
    static Session resume(
            Desk desk, Inbound.Request request, int lastAttempt, List<Bytes> leftover) {
        int next = Math.min(lastAttempt + 1, desk.limits.attempts());
        Session session = new Session(desk, request, next, new long[desk.group.size()]);
        session.endings.journaled();
        session.leftover = leftover;
        desk.emit(new SessionEvent.Resumed(desk.now(), request.request(), session.attempt.number));
        if (lastAttempt >= desk.limits.attempts()) {
            session.abort(
                    AbortCode.ATTEMPTS_EXHAUSTED,
                    List.of(),
                    "the last attempt was before the restart");
        } else {
            session.decide(new Decision.Approved(request.request().messages()));
        }
        return session;
    }

    SessionId id() {
        return request.request().sessionId();
    }

    Inbound.Request request() {
        return request;
    }

    Optional<Ending> ending() {
        return endings.ending();
    }

    /// When this session wants to be looked at.
    Instant nextLook() {
        return helpAt.isBefore(deadline) ? helpAt : deadline;
    }

    int attemptNumber() {
        return attempt.number;
    }

    String phaseName() {
        return phase.name();
    }

    // --- approval and readiness

    void decide(Decision decision) {
        if (phase != Phase.APPROVING || endings.over()) {
            return;
        }
        switch (decision) {
            case Decision.Refused(String code, String reason) -> refuse(code, reason);
            case Decision.Approved(List<MessageToSign> messages) -> {
                // SAFETY 14: what is signed is what the approval rebuilt; the request only has to
                // agree.
                if (!messages.equals(request.request().messages())) {
                    refuse(
                            "MESSAGES_DIFFER",
                            "the request's messages are not those of its context");
                    return;
                }
                approve(messages);
            }
        }
    }

    private void approve(List<MessageToSign> messages) {
        try {
            List<KeyAggContext> contexts = new ArrayList<>();
            for (MessageToSign message : messages) {
                contexts.add(desk.contexts.of(message.tweak()));
            }
            rounds = new Rounds(desk, request.request(), contexts);
        } catch (InvalidTweakException _) {
            refuse("BAD_TWEAK", "a tweak leads to no key");
            return;
        }
        becomeReady();
    }

    private void becomeReady() {
        phase = Phase.READINESS;
        if (attempt.number > 1) {
            setDeadline(desk.timeouts.readiness());
        }
        // SAFETY 2: on disk before it is said, so that a restarted signer takes a higher attempt
        // and never says
        // anything else in this one.
        Bytes envelope = endings.isJournaled() ? Bytes.EMPTY : request.envelope();
        desk.append(new JournalRecord.Ready(id(), attempt.number, envelope));
        endings.journaled();
        attempt.floors = desk.heads.floors();
        Statement ready = say(new Contribution.Ready(desk.signer.vouch(), desk.durableHead()));
        prosecutor.vouched(ready);
        attempt.ready.put(ready);
        desk.emit(new SessionEvent.ReadySeen(desk.now(), id(), desk.self(), attempt.number));
        advance();
    }

    private void refuse(String code, String reason) {
        Statement refusal = say(new Contribution.Refuse(code, reason));
        endings.refused(desk.self(), code, reason, refusal.envelope());
    }

    // --- what others say

    void receive(Statement statement) {
        if (endings.over()) {
            return;
        }
        Member author = statement.author();
        if (author.equals(desk.self())) {
            desk.drop(author, DropReason.DUPLICATE);
            return;
        }
        switch (statement.contribution().body()) {
            case Contribution.Refuse(String code, String reason) ->
                    endings.refused(author, code, reason, statement.envelope());
            case Contribution.Abort abort -> endings.abortedBy(author, abort, statement.envelope());
            case Contribution.Final fin -> finishedElsewhere(author, fin);
            case Contribution.Want want -> answer(statement, want);
            case Contribution.View _ -> view(statement);
            case Contribution.Ready _, Contribution.Nonces _, Contribution.Partials _ ->
                    slotted(statement);
        }
    }

    private void slotted(Statement statement) {
        Member author = statement.author();
        int number = statement.contribution().attempt();
        if (number < attempt.number) {
            desk.drop(author, DropReason.STALE_ATTEMPT);
            return;
        }
        if (number > attempt.number) {
            boolean ready = statement.contribution().body() instanceof Contribution.Ready;
            if (!ready || number > desk.limits.attempts()) {
                desk.drop(author, DropReason.FUTURE_ATTEMPT);
                return;
            }
            failAttempt(number);
        }
        if (tooEarly(statement.contribution().body())) {
            desk.drop(author, DropReason.OUT_OF_PHASE);
            return;
        }
        Attempt.Slots slots = attempt.slots(phaseOf(statement.contribution().body()));
        Statement known = slots.get(author.index());
        if (known == null) {
            accept(statement);
        } else if (known.payload().equals(statement.payload())) {
            desk.drop(author, DropReason.DUPLICATE);
        } else {
            // SAFETY 8: two different ones for the same slot are proof of equivocation.
            equivocated(author, known.envelope(), statement.envelope());
        }
    }

    /// SAFETY 7: nobody makes nonces before this node is ready, nor signs before it has sent its
    /// nonces.
    private boolean tooEarly(Contribution.Body body) {
        return switch (body) {
            case Contribution.Nonces _ -> phase == Phase.APPROVING;
            case Contribution.Partials _ -> phase == Phase.APPROVING || phase == Phase.READINESS;
            case Contribution.Ready _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    false;
        };
    }

    private static Contribution.Phase phaseOf(Contribution.Body body) {
        return switch (body) {
            case Contribution.Ready _ -> Contribution.Phase.READY;
            case Contribution.Nonces _ -> Contribution.Phase.NONCES;
            case Contribution.Partials _ -> Contribution.Phase.PARTIALS;
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new IllegalArgumentException("not a message of a phase");
        };
    }

    private void accept(Statement statement) {
        switch (statement.contribution().body()) {
            case Contribution.Ready ready -> acceptReady(statement, ready);
            case Contribution.Nonces nonces -> acceptNonces(statement, nonces);
            case Contribution.Partials _ -> {
                attempt.partials.put(statement);
                if (phase == Phase.PARTIALS) {
                    examine(statement.author().index());
                }
            }
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new IllegalArgumentException("not a message of a phase");
        }
        advance();
    }

    private void acceptReady(Statement statement, Contribution.Ready ready) {
        Member author = statement.author();
        if (!desk.vouched(author, ready.vouch())) {
            abort(
                    AbortCode.BAD_VOUCH,
                    List.of(author),
                    author + "'s signing key does not vouch for its peer id");
            return;
        }
        prosecutor.vouched(statement);
        if (journalFits(statement, ready.head(), requestFloors[author.index()])) {
            attempt.ready.put(statement);
            desk.emit(new SessionEvent.ReadySeen(desk.now(), id(), author, attempt.number));
        }
    }

    private void acceptNonces(Statement statement, Contribution.Nonces nonces) {
        Member author = statement.author();
        if (!rounds.parseNonces(attempt, author, nonces)) {
            abort(
                    AbortCode.BAD_CONTRIBUTION,
                    author,
                    author + " sent public nonces that are none",
                    prosecutor.charge(
                            Evidence.Kind.BAD_CONTRIBUTION,
                            author.index(),
                            List.of(),
                            statement.envelope()));
            return;
        }
        // The author made this after it had our Ready of this attempt, so it must know at least
        // what we knew then.
        if (journalFits(statement, nonces.head(), attempt.floors[author.index()])) {
            attempt.nonces.put(statement);
            desk.emit(new SessionEvent.NoncesSeen(desk.now(), id(), author, attempt.number));
            if (phase == Phase.READINESS) {
                // For its author all are ready: a Ready is being kept from this node, and the
                // others will not wait
                // for as long as readiness may take.
                helpAt = earlier(helpAt, desk.now().plus(desk.timeouts.nonces().dividedBy(4)));
            }
        }
    }

    /// SAFETY 3: a journal that went backwards is seen by those who remember more of it.
    private boolean journalFits(Statement statement, JournalHead head, long floor) {
        Member author = statement.author();
        Bytes contradicted = desk.heads.observe(author.index(), head, statement.envelope());
        if (contradicted != null) {
            abort(
                    AbortCode.JOURNAL_WENT_BACK,
                    author,
                    author + " told another journal of " + head.count() + " entries before",
                    contradicted.isEmpty()
                            ? Optional.empty()
                            : prosecutor.charge(
                                    Evidence.Kind.JOURNAL_FORK,
                                    author.index(),
                                    List.of(),
                                    contradicted,
                                    statement.envelope()));
            return false;
        }
        if (head.count() < floor) {
            String reason = author + "'s journal has " + head.count() + " entries and had " + floor;
            abort(AbortCode.JOURNAL_WENT_BACK, List.of(author), reason);
            return false;
        }
        return true;
    }

    // --- the rounds

    private void advance() {
        if (!endings.over() && phase == Phase.READINESS && attempt.ready.full()) {
            makeNonces();
        }
        if (!endings.over() && phase == Phase.NONCES && attempt.nonces.full()) {
            sign();
        }
        if (!endings.over() && phase == Phase.PARTIALS && attempt.allVerified()) {
            finish(rounds.aggregate(attempt));
        }
    }

    /// SAFETY 7: only here, when every signer is ready, are nonces made.
    private void makeNonces() {
        phase = Phase.NONCES;
        setDeadline(desk.timeouts.nonces());
        desk.emit(new SessionEvent.AttemptStarted(desk.now(), id(), attempt.number));
        Statement nonces =
                say(new Contribution.Nonces(rounds.makeNonces(attempt), desk.durableHead()));
        attempt.nonces.put(nonces);
        desk.emit(new SessionEvent.NoncesSeen(desk.now(), id(), desk.self(), attempt.number));
    }

    private void sign() {
        phase = Phase.PARTIALS;
        setDeadline(desk.timeouts.partials());
        Contribution.Partials body = rounds.sign(attempt);
        Statement partials = desk.sealer.seal(id(), attempt.number, body);
        // SAFETY 3: the journal's entry is made durable before the partial signatures leave.
        desk.append(rounds.journalEntry(attempt, partials));
        desk.act(new Action.Broadcast(partials.envelope()));
        attempt.partials.put(partials);
        desk.emit(new SessionEvent.PartialSeen(desk.now(), id(), desk.self(), attempt.number));
        for (int i = 0; i < desk.group.size() && !endings.over(); i++) {
            if (attempt.partials.get(i) != null && i != desk.self().index()) {
                examine(i);
            }
        }
    }

    /// SAFETY 11: verified on arrival, and a bad one names its signer. Only a partial signature
    /// that claims the nonces that this node has can be judged; for another the views are compared.
    private void examine(int index) {
        Statement statement = attempt.partials.get(index);
        if (statement == null
                || !(statement.contribution().body() instanceof Contribution.Partials partials)) {
            return;
        }
        Member author = statement.author();
        if (!partials.viewHash().equals(attempt.viewHash)) {
            showView();
            compareViews(index, statement, partials);
            return;
        }
        switch (rounds.verify(attempt, author, partials)) {
            case VALID ->
                    desk.emit(
                            new SessionEvent.PartialSeen(desk.now(), id(), author, attempt.number));
            case MALFORMED ->
                    abort(
                            AbortCode.BAD_CONTRIBUTION,
                            author,
                            author + " sent partial signatures that are none",
                            prosecutor.charge(
                                    Evidence.Kind.BAD_CONTRIBUTION,
                                    index,
                                    List.of(),
                                    statement.envelope()));
            case INVALID ->
                    abort(
                            AbortCode.BAD_PARTIAL,
                            author,
                            author + " sent a partial signature that does not verify",
                            prosecutor.charge(
                                    Evidence.Kind.BAD_PARTIAL,
                                    index,
                                    attempt.nonces.all().stream().map(Statement::envelope).toList(),
                                    statement.envelope()));
        }
    }

    /// Someone saw other nonces: everybody gets to see ours, once an attempt.
    private void showView() {
        if (attempt.ownView == null) {
            List<Bytes> envelopes = attempt.nonces.all().stream().map(Statement::envelope).toList();
            attempt.ownView = say(new Contribution.View(envelopes));
        }
    }

    private void view(Statement statement) {
        int index = statement.author().index();
        if (statement.contribution().attempt() != attempt.number) {
            desk.drop(statement.author(), DropReason.STALE_ATTEMPT);
        } else if (phase != Phase.NONCES && phase != Phase.PARTIALS) {
            desk.drop(statement.author(), DropReason.OUT_OF_PHASE);
        } else if (attempt.views[index] != null) {
            desk.drop(statement.author(), DropReason.DUPLICATE);
        } else {
            attempt.views[index] = statement;
            if (phase == Phase.PARTIALS) {
                examineView(index);
            }
        }
    }

    private void examineView(int index) {
        Statement partials = attempt.partials.get(index);
        if (partials != null
                && partials.contribution().body() instanceof Contribution.Partials body
                && !body.viewHash().equals(attempt.viewHash)) {
            compareViews(index, partials, body);
        }
    }

    private void compareViews(int index, Statement partials, Contribution.Partials claim) {
        Statement shown = attempt.views[index];
        if (shown == null || !(shown.contribution().body() instanceof Contribution.View view)) {
            return; // It will come, or its author is a holdout at the deadline.
        }
        List<Statement> mine = attempt.nonces.all();
        switch (Prosecutor.judge(desk, view, attempt.number, mine, claim.viewHash())) {
            case Prosecutor.ViewFinding.FalseView _ ->
                    abort(
                            AbortCode.BAD_VIEW,
                            shown.author(),
                            shown.author() + " signed for other nonces than it shows",
                            prosecutor.charge(
                                    Evidence.Kind.BAD_VIEW,
                                    index,
                                    List.of(),
                                    shown.envelope(),
                                    partials.envelope()));
            case Prosecutor.ViewFinding.Equivocation(int signer, Bytes other) ->
                    equivocated(desk.group.member(signer), mine.get(signer).envelope(), other);
            case Prosecutor.ViewFinding.Same _ -> {}
        }
    }

    private void equivocated(Member culprit, Bytes one, Bytes two) {
        abort(
                AbortCode.EQUIVOCATION,
                culprit,
                culprit + " signed two different messages for one slot",
                prosecutor.charge(
                        Evidence.Kind.EQUIVOCATION, culprit.index(), List.of(), one, two));
    }

    // --- time, loss and help

    /// Looks at the clock.
    void tick() {
        if (endings.over()) {
            return;
        }
        if (!desk.now().isBefore(request.request().expires())) {
            abort(AbortCode.EXPIRED, holdouts(), "the request has expired");
        } else if (!desk.now().isBefore(deadline)) {
            switch (phase) {
                case APPROVING -> refuse("APPROVAL_TIMEOUT", "no decision in time");
                case READINESS ->
                        abort(AbortCode.NO_ANSWER, holdouts(), "not everyone was ready in time");
                case NONCES, PARTIALS -> nextAttempt();
            }
        } else if (!desk.now().isBefore(helpAt)) {
            helpAt = Instant.MAX;
            askForHelp();
        }
    }

    private void nextAttempt() {
        List<Member> missing = holdouts();
        if (attempt.number >= desk.limits.attempts()) {
            abort(AbortCode.ATTEMPTS_EXHAUSTED, missing, "the last attempt failed");
        } else {
            failAttempt(attempt.number + 1);
        }
    }

    /// SAFETY 2: unspent nonces of the old attempt are wiped; the new one gets fresh ones.
    private void failAttempt(int next) {
        if (phase == Phase.NONCES || phase == Phase.PARTIALS) {
            desk.emit(new SessionEvent.AttemptFailed(desk.now(), id(), attempt.number, holdouts()));
        }
        attempt.close();
        attempt = new Attempt(next, desk.group.size());
        if (phase != Phase.APPROVING) {
            becomeReady();
        }
    }

    private List<Member> holdouts() {
        return IntStream.range(0, desk.group.size())
                .filter(i ->
                        switch (phase) {
                            case APPROVING, READINESS -> attempt.ready.get(i) == null;
                            case NONCES -> attempt.nonces.get(i) == null;
                            case PARTIALS -> attempt.verified[i] == null;
                        })
                .mapToObj(desk.group::member)
                .toList();
    }

    /// Half-way to the deadline: whoever withholds a message from some and not from all is got
    /// round, because the others pass it on; and who never saw the request gets it.
    private void askForHelp() {
        List<Integer> missing = holdouts().stream().map(Member::index).toList();
        switch (phase) {
            case APPROVING -> {}
            case READINESS -> {
                missing.forEach(this::resend);
                say(new Contribution.Want(Contribution.Phase.READY, missing));
            }
            case NONCES -> say(new Contribution.Want(Contribution.Phase.NONCES, missing));
            case PARTIALS -> say(new Contribution.Want(Contribution.Phase.PARTIALS, missing));
        }
    }

    private void answer(Statement statement, Contribution.Want want) {
        int to = statement.author().index();
        if (statement.contribution().attempt() != attempt.number) {
            desk.drop(statement.author(), DropReason.STALE_ATTEMPT);
        } else if (attempt.answers[to] >= Contribution.Phase.values().length) {
            desk.drop(statement.author(), DropReason.TOO_MANY_ANSWERS);
        } else {
            attempt.answers[to]++;
            for (int wanted : want.signers()) {
                Statement known = attempt.slots(want.phase()).get(wanted);
                if (known != null && wanted != to) {
                    desk.act(new Action.Send(to, known.envelope()));
                }
            }
        }
    }

    /// Everything that a member may have missed.
    void resend(int to) {
        desk.act(new Action.Send(to, request.envelope()));
        leftover.forEach(envelope -> desk.act(new Action.Send(to, envelope)));
        int self = desk.self().index();
        for (Contribution.Phase each : Contribution.Phase.values()) {
            Statement own = attempt.slots(each).get(self);
            if (own != null) {
                desk.act(new Action.Send(to, own.envelope()));
            }
        }
        if (attempt.ownView != null) {
            desk.act(new Action.Send(to, attempt.ownView.envelope()));
        }
    }

    private void setDeadline(Duration wait) {
        deadline = earlier(desk.now().plus(wait), request.request().expires());
        helpAt = desk.now().plus(wait.dividedBy(2));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private Statement say(Contribution.Body body) {
        Statement statement = desk.sealer.seal(id(), attempt.number, body);
        desk.act(new Action.Broadcast(statement.envelope()));
        return statement;
    }

    // --- endings

    /// SAFETY 12: verified as BIP340 before it is used or told.
    private void finish(List<SchnorrSignature> signatures) {
        if (!rounds.verifyFinal(signatures)) {
            abort(
                    AbortCode.INTERNAL,
                    List.of(),
                    "valid partial signatures made an invalid signature");
            return;
        }
        endings.signed(signatures);
    }

    /// SAFETY 13: the stored answer of someone who has finished. Nothing but the signatures is
    /// believed.
    private void finishedElsewhere(Member author, Contribution.Final fin) {
        List<SchnorrSignature> signatures =
                fin.signatures().stream().map(SchnorrSignature::new).toList();
        if (phase == Phase.APPROVING) {
            desk.drop(author, DropReason.OUT_OF_PHASE);
        } else if (rounds.verifyFinal(signatures)) {
            finish(signatures);
        } else {
            desk.drop(author, DropReason.BAD_FINAL);
        }
    }

    private void abort(AbortCode code, Member culprit, String reason, Optional<Evidence> evidence) {
        endings.abort(attempt.number, code, culprit, reason, evidence);
    }

    void abort(AbortCode code, List<Member> culprits, String reason) {
        endings.abort(attempt.number, code, culprits, reason);
    }

    /// Ends here, and goes on at the next start.
    void suspend(AbortCode code, String reason) {
        endings.suspend(code, reason);
    }
}
