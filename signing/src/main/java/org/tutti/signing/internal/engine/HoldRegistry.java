package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// Who holds what on this node, and which idempotency keys are taken. Knows no time but the one
/// that comes in, and does nothing by itself.
///
/// Two rules keep an operation from happening twice. A committed hold is given up by nobody but its
/// owner's [#settle]; until then another session gets one of its resources only as a version of the
/// same operation that shares a resource with all its committed versions, so that at most one of
/// them can happen, or when the operator allows the conflict. And an idempotency key belongs to one
/// content from the first Ready on; what does nothing itself may cancel it.
final class HoldRegistry {
    /// How long a requester ranks last after a session of its that had won ended unsigned.
    static final Duration PENALTY = Duration.ofHours(1);

    /// How long a key stays taken after its hold was settled.
    static final Duration KEY_KEPT = JournalRetention.KEY_KEPT;

    private static final int MAX_PENALTIES = 4_096;

    /// Versions of one operation whose outcomes are remembered.
    static final int MAX_OUTCOMES = 64;

    private final SignerGroup group;
    private final SigningLimits.Held limits;
    private final Map<SessionId, HoldEntry> entries = new LinkedHashMap<>();

    private final Map<Bytes, Set<SessionId>> byResource = new HashMap<>();

    /// The resources that another operation should not choose. Other threads ask for it.
    private final Set<Bytes> held = ConcurrentHashMap.newKeySet();

    private final Map<Key, Binding> keys = new LinkedHashMap<>();
    private final Map<Integer, Integer> keysOfRequester = new HashMap<>();

    /// By keys that are taken; other threads ask for it.
    private final Map<Key, List<SettledHold>> outcomes = new ConcurrentHashMap<>();

    private final BoundedMap<Penalty, Instant> penalties = new BoundedMap<>(MAX_PENALTIES);
    private final Map<Integer, Bytes> requesterHashes = new HashMap<>();
    private long bytes;

    /// An idempotency key of one requester.
    private record Key(int requester, Bytes key) {}

    private record Penalty(int requester, Bytes resource) {}

    /// What a key is bound to.
    private static final class Binding {
        Bytes content;
        final Set<SessionId> sessions = new HashSet<>();
        final SessionId first;

        /// When it is free again; null while a session holds it.
        @Nullable Instant freeAt;

        Binding(Bytes content, SessionId first) {
            this.content = content;
            this.first = first;
        }
    }

    /// What a session gets.
    sealed interface Claim {
        /// The resources are its own for the attempt.
        ///
        /// @param displaced sessions that lose them, none of which is in an attempt with nonces
        record Granted(List<HoldEntry> displaced) implements Claim {}

        /// It comes first, but has to wait until the attempt of another session is over.
        record Waits() implements Claim {}

        /// It cannot have them.
        ///
        /// @param lost whether only because another session came first
        record Refused(String code, String reason, boolean lost) implements Claim {}
    }

    /// What the registry has to know of a live session.
    ///
    /// @param busy whether its current attempt has nonces
    /// @param knownPartial as in [HoldRank]
    record Progress(boolean busy, boolean knownPartial) {}

    HoldRegistry(SignerGroup group, SigningLimits.Held limits) {
        this.group = group;
        this.limits = limits;
    }

    /// A session wants its resources for its next attempt.
    ///
    /// @param progress of a live session
    Claim claim(
            SigningRequest request,
            int requester,
            Hold hold,
            Function<SessionId, Progress> progress,
            Instant now) {
        if (hold.isNone()) {
            return new Claim.Granted(List.of());
        }
        HoldEntry known = entries.get(request.sessionId());
        if (known != null && known.state == HoldEntry.State.COMMITTED) {
            return new Claim.Granted(List.of());
        }
        HoldEntry entry = new HoldEntry(request, requester, hold);
        if (known != null) {
            // The approval was asked again, and may hold something else now.
            entry.won = known.won;
            free(known);
        }
        Claim.Refused refused = refusal(entry, known != null, now);
        if (refused != null) {
            return refused;
        }
        boolean waits = false;
        List<HoldEntry> displaced = new ArrayList<>();
        HoldRank own = rank(entry, progress, now);
        for (HoldEntry other : competing(entry)) {
            Progress its = progress.apply(other.request.sessionId());
            boolean first = own.isBefore(rank(other, progress, now));
            if (other.state == HoldEntry.State.RESERVED && its.busy()) {
                if (!first) {
                    return lost(other);
                }
                waits = true;
            } else if (first) {
                displaced.add(other);
            } else {
                return lost(other);
            }
        }
        if (waits) {
            put(entry, HoldEntry.State.WAITING);
            return new Claim.Waits();
        }
        displaced.forEach(this::free);
        entry.won |= !displaced.isEmpty();
        put(entry, HoldEntry.State.RESERVED);
        bind(entry);
        return new Claim.Granted(displaced);
    }

    private static Claim lost(HoldEntry to) {
        to.won = true;
        return new Claim.Refused(
                "CONFLICTING_SESSION",
                "session "
                        + to.request.sessionId().brief()
                        + " uses the same resources and takes precedence",
                true);
    }

    private Claim.@Nullable Refused refusal(HoldEntry entry, boolean known, Instant now) {
        if (!known && (entries.size() >= limits.sessions() || bytes >= limits.bytes())) {
            return no("TOO_MANY_HELD", "too many operations are not final yet");
        }
        forgetKeys(entry.requester, now);
        Claim.Refused byKey = refusalOfKey(entry, now);
        if (byKey != null) {
            return byKey;
        }
        for (HoldEntry other : conflicting(entry)) {
            if (other.state == HoldEntry.State.COMMITTED
                    && !other.conflictAllowed
                    && !isVersionOf(entry, other)) {
                return no(
                        "CONFLICTING_SESSION",
                        "session "
                                + other.request.sessionId().brief()
                                + " may already be signed and uses the same resources");
            }
        }
        return null;
    }

    private Claim.@Nullable Refused refusalOfKey(HoldEntry entry, Instant now) {
        Key key = key(entry);
        Binding binding = key == null ? null : keys.get(key);
        if (key == null) {
            return null;
        }
        if (binding == null) {
            int taken = keysOfRequester.getOrDefault(entry.requester, 0);
            return taken < limits.keysPerRequester()
                    ? null
                    : no("TOO_MANY_KEYS", "too many idempotency keys are taken");
        }
        if (isOver(binding, now)) {
            forget(key);
            return null;
        }
        String holder = "session " + binding.first;
        if (!entry.cancels() && !binding.content.equals(entry.hold.content())) {
            return no("KEY_IN_USE", holder + " uses this idempotency key for different content");
        }
        if (binding.freeAt != null) {
            return no("ALREADY_DONE", holder + " had the same key and content and is settled");
        }
        Set<Bytes> common = new HashSet<>(entry.hold.resources());
        boolean committed = false;
        for (SessionId id : binding.sessions) {
            HoldEntry other = entries.get(id);
            if (other == null || id.equals(entry.request.sessionId())) {
                continue;
            }
            if (other.live) {
                return no("ALREADY_RUNNING", "session " + id + " is for the same");
            }
            if (other.state == HoldEntry.State.COMMITTED) {
                committed = true;
                common.retainAll(other.hold.resources());
            }
        }
        return committed && common.isEmpty()
                ? no(
                        "MAY_HAPPEN_TWICE",
                        holder + " may already be signed, and this would not make it impossible")
                : null;
    }

    private static Claim.Refused no(String code, String reason) {
        return new Claim.Refused(code, reason, false);
    }

    /// Another version of the same operation, or what cancels it: that it shares a resource with
    /// all of them was checked, so that at most one can happen.
    private boolean isVersionOf(HoldEntry entry, HoldEntry other) {
        Key key = key(entry);
        return key != null
                && key.equals(key(other))
                && (entry.cancels()
                        || other.cancels()
                        || entry.hold.content().equals(other.hold.content()));
    }

    private List<HoldEntry> conflicting(HoldEntry entry) {
        Set<SessionId> ids = new HashSet<>();
        for (Bytes resource : entry.hold.resources()) {
            ids.addAll(byResource.getOrDefault(resource, Set.of()));
        }
        ids.remove(entry.request.sessionId());
        return ids.stream()
                .map(this::existing)
                .filter(other -> other.conflictsWith(entry))
                .toList();
    }

    private HoldEntry existing(SessionId id) {
        HoldEntry entry = entries.get(id);
        if (entry == null) {
            throw new IllegalStateException("the resources of session " + id + " are not free");
        }
        return entry;
    }

    private List<HoldEntry> competing(HoldEntry entry) {
        return conflicting(entry).stream()
                .filter(other -> other.live && other.state != HoldEntry.State.COMMITTED)
                .toList();
    }

    private HoldRank rank(HoldEntry entry, Function<SessionId, Progress> progress, Instant now) {
        SessionId id = entry.request.sessionId();
        boolean penalized =
                entry.hold.resources().stream()
                        .anyMatch(resource -> {
                            Instant until = penalties.get(new Penalty(entry.requester, resource));
                            return until != null && now.isBefore(until);
                        });
        return new HoldRank(
                progress.apply(id).knownPartial(),
                penalized,
                requesterHash(entry.requester),
                id.bytes());
    }

    private Bytes requesterHash(int requester) {
        return requesterHashes.computeIfAbsent(
                requester,
                index ->
                        TaggedHash.of(
                                "tutti/hold-rank",
                                group.id().toArray(),
                                group.member(index).signingKey().bytes().toArray()));
    }

    private static @Nullable Key key(HoldEntry entry) {
        Bytes key = entry.request.idempotencyKey();
        return key.isEmpty() ? null : new Key(entry.requester, key);
    }

    private void put(HoldEntry entry, HoldEntry.State state) {
        SessionId id = entry.request.sessionId();
        remove(id);
        entries.put(id, entry);
        entry.state = state;
        bytes += bytesOf(entry);
        for (Bytes resource : entry.hold.resources()) {
            byResource.computeIfAbsent(resource, _ -> new HashSet<>(2)).add(id);
            updateHeld(resource);
        }
    }

    /// What stays in memory with a hold: the request, and the nonces of the attempt that was signed
    /// in, under which others' partial signatures are verified later.
    private long bytesOf(HoldEntry entry) {
        return entry.request.payload().length()
                + (long) group.size() * Admission.nonceEnvelopeBytes(entry.request);
    }

    private void bind(HoldEntry entry) {
        Key key = key(entry);
        if (key == null) {
            return;
        }
        SessionId id = entry.request.sessionId();
        Binding binding = keys.get(key);
        if (binding == null) {
            binding = new Binding(entry.hold.content(), id);
            keys.put(key, binding);
            keysOfRequester.merge(entry.requester, 1, Integer::sum);
        }
        if (binding.content.isEmpty()) {
            // What cancels was put back first.
            binding.content = entry.hold.content();
        }
        binding.sessions.add(id);
    }

    private void unbind(HoldEntry entry) {
        Key key = key(entry);
        Binding binding = key == null ? null : keys.get(key);
        if (key == null || binding == null) {
            return;
        }
        binding.sessions.remove(entry.request.sessionId());
        if (binding.sessions.isEmpty() && binding.freeAt == null) {
            forget(key);
        }
    }

    private void forget(Key key) {
        outcomes.remove(key);
        if (keys.remove(key) != null) {
            keysOfRequester.merge(key.requester(), -1, Integer::sum);
        }
    }

    private void remove(SessionId id) {
        HoldEntry entry = entries.remove(id);
        if (entry == null) {
            return;
        }
        bytes -= bytesOf(entry);
        free(entry);
    }

    private void free(HoldEntry entry) {
        entry.state = HoldEntry.State.FREE;
        for (Bytes resource : entry.hold.resources()) {
            Set<SessionId> ids = byResource.get(resource);
            if (ids != null) {
                ids.remove(entry.request.sessionId());
                if (ids.isEmpty()) {
                    byResource.remove(resource);
                }
            }
            updateHeld(resource);
        }
    }

    /// To be called after each change of who holds the resource, or of what a holder allows.
    private void updateHeld(Bytes resource) {
        if (byResource.getOrDefault(resource, Set.of()).stream()
                .allMatch(id -> existing(id).conflictAllowed)) {
            held.remove(resource);
        } else {
            held.add(resource);
        }
    }

    /// This node's partial signatures leave.
    void commit(SessionId id) {
        HoldEntry entry = entries.get(id);
        if (entry == null) {
            return; // Nothing is held.
        }
        if (entry.state != HoldEntry.State.RESERVED && entry.state != HoldEntry.State.COMMITTED) {
            throw new IllegalStateException("session " + id + " signs what it has not reserved");
        }
        entry.state = HoldEntry.State.COMMITTED;
    }

    /// Puts back what a journal has: a hold whose partial signatures left.
    void restore(SigningRequest request, int requester, Hold hold, boolean conflictAllowed) {
        HoldEntry entry = new HoldEntry(request, requester, hold);
        entry.conflictAllowed = conflictAllowed;
        put(entry, HoldEntry.State.COMMITTED);
        bind(entry);
    }

    /// Whether so many more may be held.
    boolean hasRoomFor(int more) {
        return entries.size() + more <= limits.sessions() && bytes < limits.bytes();
    }

    /// Whether a key is bound to something.
    boolean isKeyTaken(int requester, Bytes key) {
        return keys.containsKey(new Key(requester, key));
    }

    /// Whether one more key of the requester may be taken.
    boolean hasRoomForKey(int requester) {
        return keysOfRequester.getOrDefault(requester, 0) < limits.keysPerRequester();
    }

    /// Puts back a key that stays taken after a hold with it was settled. There may be several, of
    /// versions of one operation; one that cancels has no content of its own.
    void restoreKey(JournalRecord.Settled settled, Instant freeAt) {
        int requester = settled.requester();
        Key key = new Key(requester, settled.idempotencyKey());
        Binding binding = keys.get(key);
        if (binding == null) {
            binding = new Binding(settled.content(), settled.session());
            keys.put(key, binding);
            keysOfRequester.merge(requester, 1, Integer::sum);
        }
        if (binding.content.isEmpty()) {
            binding.content = settled.content();
        }
        Instant before = binding.freeAt;
        binding.freeAt = before == null || before.isBefore(freeAt) ? freeAt : before;
        remember(key, new SettledHold(settled.session(), settled.content(), settled.outcome()));
    }

    /// What its owner said became of a hold that it settled.
    void rememberOutcome(HoldEntry entry, Bytes outcome) {
        Key key = key(entry);
        if (key != null) {
            remember(
                    key, new SettledHold(entry.request.sessionId(), entry.hold.content(), outcome));
        }
    }

    private void remember(Key key, SettledHold settled) {
        outcomes.merge(
                key,
                List.of(settled),
                (known, one) ->
                        Stream.concat(known.stream(), one.stream())
                                .distinct()
                                .limit(MAX_OUTCOMES)
                                .toList());
    }

    /// The settled holds of a requester with this key. Threads: any.
    List<SettledHold> settled(int requester, Bytes key) {
        return outcomes.getOrDefault(new Key(requester, key), List.of());
    }

    /// The attempt is over: what was not committed is free for others.
    void releaseAttempt(SessionId id) {
        HoldEntry entry = entries.get(id);
        if (entry != null && entry.state != HoldEntry.State.COMMITTED) {
            free(entry);
        }
    }

    /// The session has ended here.
    ///
    /// @return whether its hold is committed, and stays
    boolean ended(SessionId id, boolean signed, Instant now) {
        HoldEntry entry = entries.get(id);
        if (entry == null) {
            return false;
        }
        entry.live = false;
        if (entry.won && !signed) {
            entry.hold
                    .resources()
                    .forEach(resource ->
                            penalties.put(
                                    new Penalty(entry.requester, resource), now.plus(PENALTY)));
        }
        if (signed && entry.state != HoldEntry.State.COMMITTED) {
            // This node's partial signatures left, and it does not know: another process with its
            // keys made them. The signatures exist, so what they use is held.
            put(entry, HoldEntry.State.COMMITTED);
            bind(entry);
        }
        if (entry.state == HoldEntry.State.COMMITTED) {
            return true;
        }
        remove(id);
        unbind(entry);
        return false;
    }

    /// Frees a committed hold whose session is over; its key stays taken.
    ///
    /// @return what was held, or null if nothing was
    @Nullable HoldEntry settle(SessionId id, Instant now) {
        HoldEntry entry = entries.get(id);
        if (entry == null || entry.live || entry.state != HoldEntry.State.COMMITTED) {
            return null;
        }
        remove(id);
        Key key = key(entry);
        Binding binding = key == null ? null : keys.get(key);
        if (binding != null) {
            binding.sessions.remove(id);
            binding.freeAt = now.plus(KEY_KEPT);
        }
        return entry;
    }

    /// The operator lets another operation make this one impossible.
    ///
    /// @return whether there is such a hold
    boolean allowConflict(SessionId id) {
        HoldEntry entry = entries.get(id);
        if (entry == null || entry.state != HoldEntry.State.COMMITTED) {
            return false;
        }
        entry.conflictAllowed = true;
        entry.hold.resources().forEach(this::updateHeld);
        return true;
    }

    /// Frees keys whose time is over, when their requester needs another and has many.
    private void forgetKeys(int requester, Instant now) {
        if (keysOfRequester.getOrDefault(requester, 0) < limits.keysPerRequester() / 2) {
            return;
        }
        keys.entrySet().stream()
                .filter(e -> e.getKey().requester() == requester && isOver(e.getValue(), now))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::forget);
    }

    private static boolean isOver(Binding binding, Instant now) {
        Instant freeAt = binding.freeAt;
        return freeAt != null && binding.sessions.isEmpty() && !now.isBefore(freeAt);
    }

    /// Whether another operation would have to leave the resource alone: not where the operator
    /// allowed the conflict with each session that holds it. Threads: any.
    boolean isHeld(Bytes resource) {
        return held.contains(resource);
    }

    /// Sessions that wait for another's attempt to end.
    List<SessionId> waiting() {
        return entries.values().stream()
                .filter(entry -> entry.state == HoldEntry.State.WAITING)
                .map(entry -> entry.request.sessionId())
                .toList();
    }
}
