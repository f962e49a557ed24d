package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.base.TokenBucket;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Answer;
import org.tutti.signing.internal.wire.Challenge;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Hello;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.SessionEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Who is there: which process speaks for each member, whether a copy of one is there too, whether
/// all mean the same group, and how far each member's journal was seen to be.
///
/// Nothing is signed before every other member has said hello to this process and agrees to the
/// terms, nor while two processes have one member's identity. Each node finds a copy by its own
/// challenges (see [MemberProcesses]); what others say of one only makes it challenge. A challenge
/// is passed on by members that see other processes than its author, and so is an answer: a copy
/// that is connected to other members than the original is found too.
///
/// Used by the engine's thread only.
final class Presence {
    /// Shortest time between two challenges to all, and how long an answer that is on the way may
    /// take before a process is doubted.
    static final Duration CHALLENGE_PAUSE = Duration.ofMillis(500);

    /// While members are missing nothing is signed: the challenge after a new process waits for
    /// more of them, so that a large group that starts does not challenge itself without end. Not
    /// longer than this, so that a copy is found meanwhile too.
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /// How often the processes of a member are challenged while there are two.
    static final Duration COPY_CHALLENGED_EVERY = Duration.ofSeconds(5);

    /// Challenges, answers, and questions for parts of a hand-over on the streams of one member,
    /// whoever wrote them, that are handled at once, and in a second: each may cost a signature.
    private static final Rate MESSAGES = new Rate(256, 64);

    /// Hellos of one member: apart, so that nobody's other messages keep one from being heard.
    private static final Rate HELLOS = new Rate(32, 4);

    /// Challenges of one author that are passed on: an honest one makes two in a second, and each
    /// is a message to every member.
    private static final Rate PASSED_ON = new Rate(8, 4);

    private record Rate(int atOnce, int perSecond) {}

    /// Challenges of others that are remembered, so that they are passed on once, and answers to
    /// them the way back.
    private static final int MAX_HEARD = 1_024;

    private record ChallengeId(int author, Bytes boot, long number) {}

    private record HelloId(Bytes boot, long number) {}

    private final EngineContext context;
    private final List<MemberProcesses> processes = new ArrayList<>();
    private final PeerHeads heads;
    private final GroupTerms terms;
    private final Set<Integer> greeted = new HashSet<>();
    private final OtherGroups otherGroups = new OtherGroups();
    private final UnheardMembers unheard = new UnheardMembers();

    /// SAFETY 3, 9: of a process that has not answered no head counts, and no copy is found.
    private final UnheardMembers unanswered = new UnheardMembers();

    /// Members that this node has said hello to.
    private final Set<Integer> challenged = new HashSet<>();

    private final @Nullable Terms[] signedTerms;
    private final @Nullable TokenBucket[] messages;
    private final @Nullable TokenBucket[] hellos;
    private final @Nullable TokenBucket[] passedOn;

    /// A process of each member that others have spoken of, and when it has to have answered.
    private final @Nullable Bytes[] doubted;

    private final Instant[] doubtedAt;
    private Instant nextDoubt = Instant.MAX;

    private final Set<Integer> toAsk = new TreeSet<>();

    /// Members of whom a process has answered after another: in the next challenge on all of their
    /// connections, because this node's link may lead to the new one alone.
    private final Set<Integer> toReachAll = new TreeSet<>();

    /// From which member each challenge came first, oldest first.
    private final Map<ChallengeId, Integer> heardFrom = new LinkedHashMap<>();

    /// Signed once: the others verify it once.
    private @Nullable Terms ownTerms;

    /// The process of each member that this node's last hello named, where a relay stands between.
    private final @Nullable Bytes[] named;

    /// The last hello of each member that counted, where a relay stands between.
    private final @Nullable HelloId[] lastHello;

    private boolean anyCopied;
    private boolean allAgreed;
    private long challenges;
    private Instant challengeAt = Instant.MAX;

    /// When the first process answered that has not been in a challenge yet, and when they will be.
    private Instant newSince = Instant.MAX;

    private Instant newDueAt = Instant.MAX;

    private Instant notBefore = Instant.MIN;
    private Instant nextForCopies = Instant.MAX;

    /// @param text of the terms, as this node takes them to be
    Presence(EngineContext context, Bytes text) {
        this.context = context;
        int size = context.group.size();
        int self = context.self().index();
        for (int i = 0; i < size; i++) {
            processes.add(
                    i == self
                            ? MemberProcesses.ofSelf(context.envelopeSigner.boot())
                            : MemberProcesses.ofOther());
        }
        this.heads = new PeerHeads(size);
        this.terms = new GroupTerms(context.group, text);
        this.signedTerms = new Terms[size];
        this.messages = new TokenBucket[size];
        this.hellos = new TokenBucket[size];
        this.passedOn = new TokenBucket[size];
        this.doubted = new Bytes[size];
        this.named = new Bytes[size];
        this.lastHello = new HelloId[size];
        this.doubtedAt = new Instant[size];
        Arrays.fill(doubtedAt, Instant.MAX);
        this.greeted.add(self);
    }

    /// What an earlier process has written down.
    ///
    /// @param agreed in the journal, verified then; of another text they do not count
    /// @param statements with the others' heads
    void restore(List<JournalRecord.Agreed> agreed, List<Inbound.Statement> statements) {
        Instant now = context.running();
        statements.stream()
                .filter(statement -> !isReplaced(statement))
                .forEach(statement -> heads.observe(statement, Instant.MIN, now));
        for (JournalRecord.Agreed record : agreed) {
            Terms said = new Terms(record.terms(), record.signature());
            if (record.signer() < context.group.size() && said.text().equals(terms.own())) {
                terms.said(record.signer(), said);
                signedTerms[record.signer()] = said;
            }
        }
        ownTerms = signedTerms[context.self().index()];
        if (ownTerms == null) {
            ownTerms = context.signer.agree(terms.own());
            agree(context.self(), ownTerms);
        }
        if (!allAgreed && terms.missing().isEmpty()) {
            allAgreed = true;
            context.emit(new SessionEvent.TermsAgreed(context.now()));
        }
    }

    // --- messages

    /// The stream to this member is open: it is told who is here and what is remembered of it.
    void connected(int member) {
        unheard.forget(member);
        unanswered.forget(member);
        greet(member, false);
        context.recovery().connected(member);
    }

    private void greet(int member, boolean sayAgain) {
        challenged.add(member);
        challenges++;
        Inbound.Greeting hello =
                context.envelopeSigner.greet(
                        heads.highest(member, context.running()),
                        challenges,
                        ownTerms(),
                        sayAgain,
                        context.recovery().recoveringWith(),
                        named[member] == null ? Bytes.EMPTY : named[member]);
        context.output(new EngineOutput.Send(member, hello.envelope()));
    }

    /// Tells all that are there what has changed.
    void greetAll() {
        for (int member = 0; member < processes.size(); member++) {
            if (member != context.self().index()) {
                greet(member, false);
            }
        }
    }

    private Terms ownTerms() {
        Terms own = ownTerms;
        if (own == null) {
            throw new IllegalStateException("not restored yet");
        }
        return own;
    }

    /// Whether the author of this hello has missed what was sent to it, and is told it now.
    boolean hasMissed(Inbound.Greeting greeting) {
        return greeting.hello().sayAgain()
                && unheard.sayAgain(greeting.author().index(), context.running());
    }

    /// A hello, after this node's journal was compared with what it remembers.
    ///
    /// @return whether it is of a process that this node's hellos have not named yet, and that has
    ///   to be told everything after this
    boolean receive(Inbound.Greeting greeting) {
        Member author = greeting.author();
        if (isTooMuch(author, hellos, HELLOS)) {
            return false;
        }
        int member = author.index();
        Bytes boot = greeting.hello().boot();
        answer(greeting.author(), boot, greeting.hello().challenge(), author);
        doubt(member, boot);
        if (challenged.contains(member) && processes.get(member).present().isEmpty()) {
            unanswered.lacks(member, context.running());
        }
        boolean unnamed = context.overRelay && !boot.equals(named[member]);
        if (unnamed) {
            named[member] = boot;
        }
        if (!context.overRelay || isForThisProcess(author, greeting.hello())) {
            count(greeting);
        }
        return unnamed;
    }

    /// SAFETY 35: a relay may repeat a hello that was for another member, or for a process of the
    /// past, and so hide what the author remembers by now. One that names this process was made
    /// after it began. It counts if its author's process has answered a challenge, so that the
    /// heads that this process states are remembered, and is not older than another that counted.
    private boolean isForThisProcess(Member author, Hello hello) {
        int member = author.index();
        if (!hello.receiverBoot().equals(context.envelopeSigner.boot())
                || !isPresent(member, hello.boot())) {
            return false;
        }
        HelloId last = lastHello[member];
        if (last != null && last.boot.equals(hello.boot()) && hello.challenge() <= last.number) {
            context.drop(author, DropReason.DUPLICATE);
            return false;
        }
        lastHello[member] = new HelloId(hello.boot(), hello.challenge());
        return true;
    }

    /// Whether this process of a member is the one that has answered a challenge last, or one of
    /// two.
    private boolean isPresent(int member, Bytes boot) {
        return processes.get(member).present().contains(boot);
    }

    /// SAFETY 35: whether the head in a statement will be remembered. Over a relay that withholds
    /// answers it would not be: then the statement is not taken either.
    boolean mayTake(Inbound.Statement statement) {
        return !context.overRelay
                || !(statement.contribution().body() instanceof Contribution.WithHead)
                || isPresent(statement.author().index(), statement.contribution().boot());
    }

    private void count(Inbound.Greeting greeting) {
        Member author = greeting.author();
        int member = author.index();
        unheard.forget(member);
        otherGroups.forget(member);
        if (!isSigned(author, greeting.hello().terms())) {
            context.drop(author, DropReason.BAD_TERMS);
            return;
        }
        agree(author, greeting.hello().terms());
        context.recovery().greeted(author, greeting.hello().recovering());
        if (greeted.add(member) && complete()) {
            context.resourcesFreed();
        }
    }

    /// Verified once, as long as it says the same.
    private boolean isSigned(Member author, Terms said) {
        int member = author.index();
        boolean valid =
                said.equals(signedTerms[member])
                        || context.verification.isAgreed(context.requestGroup(), author, said);
        if (valid) {
            signedTerms[member] = said;
        }
        return valid;
    }

    private void agree(Member author, Terms said) {
        Bytes before = terms.other(author.index());
        boolean first = terms.said(author.index(), said);
        Bytes other = terms.other(author.index());
        if (other != null && (before == null || !other.equals(before))) {
            context.emit(new SessionEvent.TermsDiffer(context.now(), author, other));
        }
        if (other == null && before != null) {
            context.resourcesFreed();
        }
        if (first) {
            context.append(new JournalRecord.Agreed(author.index(), said.text(), said.signature()));
            if (terms.missing().isEmpty()) {
                allAgreed = true;
                context.emit(new SessionEvent.TermsAgreed(context.now()));
            }
        }
    }

    /// A member says hello for a group that this node does not have.
    void otherGroup(int member, Bytes group) {
        if (!greeted.contains(member)) {
            otherGroups.said(member, group, context.running());
        }
    }

    void receive(Inbound.Challenged challenged) {
        Challenge challenge = challenged.challenge();
        Member author = challenged.author();
        Member via = challenged.via();
        Bytes ownBoot = context.envelopeSigner.boot();
        int self = context.self().index();
        boolean own = author.index() == self && challenge.boot().equals(ownBoot);
        if (own || isTooMuch(via, messages, MESSAGES)) {
            return;
        }
        ChallengeId id = new ChallengeId(author.index(), challenge.boot(), challenge.number());
        if (heardFrom.putIfAbsent(id, via.index()) != null) {
            return;
        }
        if (heardFrom.size() > MAX_HEARD) {
            heardFrom.remove(heardFrom.keySet().iterator().next());
        }
        BitSet concerned =
                challenge.concerns(processes.stream().map(MemberProcesses::present).toList());
        if (concerned.get(self)) {
            answer(author, challenge.boot(), challenge.number(), via);
        }
        if (!isTooMuch(author, passedOn, PASSED_ON)) {
            passOn(challenged, concerned);
        }
        for (Challenge.Seen seen : challenge.seen()) {
            doubt(seen.signer(), seen.boot());
        }
        if (author.index() == self) {
            doubt(self, challenge.boot());
        }
    }

    /// Once: to all where every process of a signer is asked, which is rare; otherwise to the
    /// processes that it concerns.
    private void passOn(Inbound.Challenged challenged, BitSet concerned) {
        Challenge challenge = challenged.challenge();
        for (Member member : context.group.members()) {
            int index = member.index();
            if (index == context.self().index()) {
                continue;
            }
            if (concerned.get(index)) {
                context.output(new EngineOutput.SendToAllConnections(index, challenged.envelope()));
            } else if (!challenge.asked().isEmpty() && index != challenged.via().index()) {
                context.output(new EngineOutput.Send(index, challenged.envelope()));
            }
        }
    }

    void receive(Inbound.Answered answered) {
        Answer answer = answered.answer();
        int author = answered.author().index();
        Bytes ownBoot = context.envelopeSigner.boot();
        int self = context.self().index();
        boolean own = author == self && answer.boot().equals(ownBoot);
        if (own || isTooMuch(answered.via(), messages, MESSAGES)) {
            return;
        }
        if (answer.challenger() != self || !answer.challengerBoot().equals(ownBoot)) {
            passOn(answered);
            doubt(author, answer.boot());
            return;
        }
        if (answer.number() > challenges) {
            context.drop(answered.via(), DropReason.MALFORMED);
            return;
        }
        if (context.overRelay
                && processes.get(author).mayBeOfThePast(answer.boot(), answer.number())) {
            doubt(author, answer.boot());
            return;
        }
        if (author != self && !greeted.contains(author)) {
            unheard.lacks(author, context.running());
        }
        unanswered.forget(author);
        boolean known = processes.get(author).copied();
        boolean another = !processes.get(author).present().isEmpty();
        switch (processes
                .get(author)
                .answered(
                        answer.boot(),
                        answer.number(),
                        challenges,
                        context.running(),
                        answered.envelope())) {
            case NOTHING -> {}
            case NEW_PROCESS -> {
                if (another) {
                    toReachAll.add(author);
                }
                heads.answered(author, answer.boot()).ifPresent(this::observeHead);
                challengeTogether();
            }
            case COPY -> {
                if (!known) {
                    copyFound(answered.author());
                }
            }
        }
    }

    /// The way back that the challenge came.
    private void passOn(Inbound.Answered answered) {
        Answer answer = answered.answer();
        Integer to =
                heardFrom.get(
                        new ChallengeId(
                                answer.challenger(), answer.challengerBoot(), answer.number()));
        if (to != null && to != context.self().index()) {
            context.output(new EngineOutput.SendToAllConnections(to, answered.envelope()));
        }
    }

    private void copyFound(Member member) {
        anyCopied = true;
        heads.copyFound(member.index(), context.running());
        context.emit(new SessionEvent.CopyFound(context.now(), member));
        if (!member.equals(context.self())) {
            // Its own signatures tell each of the two that there is another.
            processes
                    .get(member.index())
                    .answers()
                    .forEach(answer ->
                            context.output(
                                    new EngineOutput.SendToAllConnections(member.index(), answer)));
        }
        ask(member.index());
        nextForCopies = earlier(nextForCopies, context.running().plus(COPY_CHALLENGED_EVERY));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /// Another process of a member than the one that has answered speaks, or is spoken of. If it is
    /// a new one its own answer is on the way; if it has not come a little later, as when this
    /// node's link still leads to the other one, all processes of the member are challenged.
    private void doubt(int member, Bytes boot) {
        List<Bytes> present = processes.get(member).present();
        if (!present.isEmpty() && !present.contains(boot)) {
            doubted[member] = boot;
            if (doubtedAt[member].equals(Instant.MAX)) {
                doubtedAt[member] = context.running().plus(CHALLENGE_PAUSE);
                nextDoubt = earlier(nextDoubt, doubtedAt[member]);
            }
        }
    }

    private void askWhereInDoubt(Instant now) {
        nextDoubt = Instant.MAX;
        for (int member = 0; member < doubted.length; member++) {
            Bytes boot = doubted[member];
            if (boot != null && !now.isBefore(doubtedAt[member])) {
                if (!processes.get(member).present().contains(boot)) {
                    ask(member);
                }
                doubted[member] = null;
                doubtedAt[member] = Instant.MAX;
            }
            nextDoubt = earlier(nextDoubt, doubtedAt[member]);
        }
    }

    /// In the next challenge.
    private void ask(int member) {
        toAsk.add(member);
        challengeBy(context.running());
    }

    /// The new processes of all members that come together are in one challenge.
    private void challengeTogether() {
        Instant now = context.running();
        newSince = earlier(newSince, now);
        Instant soon = now.plus(CHALLENGE_PAUSE);
        boolean anyMissing = greeted.size() < context.group.size();
        newDueAt =
                anyMissing ? earlier(soon, newSince.plus(LONGEST_PAUSE)) : earlier(newDueAt, soon);
    }

    private void challengeBy(Instant time) {
        challengeAt = earlier(challengeAt, time);
    }

    private void answer(Member challenger, Bytes challengerBoot, long number, Member via) {
        Bytes envelope =
                context.envelopeSigner
                        .answer(challenger.index(), challengerBoot, number)
                        .envelope();
        context.output(new EngineOutput.Send(via.index(), envelope));
        if (!via.equals(challenger) && !challenger.equals(context.self())) {
            context.output(new EngineOutput.Send(challenger.index(), envelope));
        }
    }

    /// Whether a question for the next part of a hand-over comes too soon after many others.
    boolean asksTooMuch(Member author) {
        return isTooMuch(author, messages, MESSAGES);
    }

    private boolean isTooMuch(Member from, @Nullable TokenBucket[] buckets, Rate rate) {
        long now = context.running().toEpochMilli() * 1_000_000;
        TokenBucket bucket = buckets[from.index()];
        if (bucket == null) {
            bucket = new TokenBucket(rate.atOnce, rate.perSecond, now);
            buckets[from.index()] = bucket;
        }
        boolean taken = bucket.take(now);
        if (!taken) {
            context.drop(from, DropReason.TOO_MANY_ANSWERS);
        }
        return !taken;
    }

    // --- time

    /// What is due: after each input.
    void act() {
        Instant now = context.running();
        if (!now.isBefore(nextForCopies)) {
            nextForCopies = Instant.MAX;
            anyCopied = false;
            for (Member member : context.group.members()) {
                MemberProcesses known = processes.get(member.index());
                if (known.forgetGone(now)) {
                    context.emit(new SessionEvent.CopyGone(context.now(), member));
                    context.resourcesFreed();
                } else if (known.copied()) {
                    anyCopied = true;
                    ask(member.index());
                    nextForCopies = now.plus(COPY_CHALLENGED_EVERY);
                }
            }
        }
        unheard.due(now).forEach(member -> greet(member, true));
        unanswered.due(now).forEach(member -> greet(member, false));
        otherGroups.due(now).forEach(this::isInAnotherGroup);
        context.recovery().act();
        if (!now.isBefore(nextDoubt)) {
            askWhereInDoubt(now);
        }
        if (!now.isBefore(nextChallenge())) {
            challenge(now);
        }
    }

    private void isInAnotherGroup(int member) {
        Member named = context.group.member(member);
        otherGroups
                .of(member)
                .ifPresent(group ->
                        context.emit(new SessionEvent.OtherGroup(context.now(), named, group)));
    }

    private Instant nextChallenge() {
        Instant due = earlier(challengeAt, newDueAt);
        return due.isBefore(notBefore) ? notBefore : due;
    }

    private void challenge(Instant now) {
        notBefore = now.plus(CHALLENGE_PAUSE);
        challengeAt = Instant.MAX;
        newSince = Instant.MAX;
        newDueAt = Instant.MAX;
        challenges++;
        processes.forEach(known -> known.challenged(now));
        heads.challenged(now);
        List<Challenge.Seen> seen = new ArrayList<>();
        for (int i = 0; i < processes.size(); i++) {
            for (Bytes boot : processes.get(i).present()) {
                seen.add(new Challenge.Seen(i, boot));
            }
        }
        List<Integer> asked = List.copyOf(toAsk);
        toAsk.clear();
        Bytes envelope = context.envelopeSigner.challenge(challenges, seen, asked).envelope();
        context.output(new EngineOutput.Broadcast(envelope));
        toReachAll.addAll(asked);
        toReachAll.remove(context.self().index());
        for (int member : toReachAll) {
            context.output(new EngineOutput.SendToAllConnections(member, envelope));
        }
        toReachAll.clear();
    }

    /// When [#act] has to run at the latest; [Instant#MAX] if it need not.
    Instant nextDeadline() {
        Instant next = earlier(earlier(nextChallenge(), nextForCopies), nextDoubt);
        next = earlier(earlier(next, unheard.next()), unanswered.next());
        next = earlier(next, otherGroups.next());
        return earlier(next, context.recovery().nextDeadline());
    }

    // --- what sessions ask

    /// The head of a member's journal in a statement of the process that is there, or will have
    /// been when it answers.
    void observeHead(Inbound.Statement statement) {
        if (isReplaced(statement)) {
            return;
        }
        MemberProcesses known = processes.get(statement.author().index());
        Bytes boot = statement.contribution().boot();
        if (known.hasAnswered(boot)) {
            known.challengedAt(boot)
                    .ifPresent(challengedAt ->
                            heads.observe(statement, challengedAt, context.running()));
        } else {
            heads.observeUnanswered(statement);
        }
    }

    private boolean isReplaced(Inbound.Statement statement) {
        return statement.contribution().body() instanceof Contribution.WithHead withHead
                && context.recovery().isReplaced(statement.author().index(), withHead.head());
    }

    /// The highest head of a member's journal that counts.
    Optional<JournalHead> rememberedHead(int member) {
        return heads.highest(member, context.running())
                .map(statement -> statement.contribution().body())
                .filter(Contribution.WithHead.class::isInstance)
                .map(body -> ((Contribution.WithHead) body).head());
    }

    /// Heads of a member's earlier journals count no more.
    void forgetReplacedHeads(int member) {
        heads.forget(member, head -> context.recovery().isReplaced(member, head));
    }

    /// Whether all members are there, as one process each, with a journal that may be used, and
    /// mean the same group.
    boolean complete() {
        return greeted.size() == context.group.size()
                && copied().isEmpty()
                && differing().isEmpty()
                && context.recovery().recovering().isEmpty();
    }

    /// The members of whose identity there are two processes.
    List<Member> copied() {
        return anyCopied
                ? membersWhere(member -> processes.get(member.index()).copied())
                : List.of();
    }

    /// The members that have not said hello to this process.
    List<Member> ungreeted() {
        return membersWhere(member -> !greeted.contains(member.index()));
    }

    /// The members whose terms are others.
    List<Member> differing() {
        return membersWhere(member -> terms.other(member.index()) != null);
    }

    private List<Member> membersWhere(Predicate<Member> condition) {
        List<Member> found = List.of();
        for (Member member : context.group.members()) {
            if (condition.test(member)) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(member);
            }
        }
        return found;
    }

    /// What is known of each member.
    List<MemberState> states() {
        return context.group.members().stream()
                .map(member -> {
                    int index = member.index();
                    return new MemberState(
                            member,
                            greeted.contains(index),
                            terms.hasAgreed(index),
                            processes.get(index).copied(),
                            Optional.ofNullable(terms.other(index)),
                            otherGroups.of(index),
                            context.recovery().askedFor(index),
                            context.recovery()
                                    .askedFor(index)
                                    .filter(journal ->
                                            context.recovery().mayHandOver(index, journal))
                                    .isPresent());
                })
                .toList();
    }
}
