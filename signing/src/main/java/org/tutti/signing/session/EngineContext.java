package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.EnvelopeSigner;
import org.tutti.signing.wire.EnvelopeVerifier;
import org.tutti.signing.wire.KeyAttestation;
import org.tutti.signing.wire.SigningLimits;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the sessions of one engine share: who is who, the journal's head, the time, and the list of
/// actions that is being made. Belongs to the engine's thread.
final class EngineContext {
    final SignerGroup group;
    final EnvelopeSigner sealer;
    final Signer signer;
    final SessionTimeouts timeouts;
    final SigningLimits limits;
    final EnvelopeVerifier opener;
    final KeyContexts contexts;
    final PeerHeads heads;
    private final Path evidenceFolder;
    private final List<Map<DropReason, Long>> drops = new ArrayList<>();
    private final @Nullable Bytes[] vouches;
    private JournalHead head;
    private JournalHead forcedHead;
    private Instant now = Instant.EPOCH;
    private List<EngineOutput> actions = new ArrayList<>();

    EngineContext(EngineConfig config, JournalHead head) {
        this.group = config.group();
        this.sealer = config.sealer();
        this.signer = config.signer();
        this.timeouts = config.timeouts();
        this.limits = config.limits();
        this.evidenceFolder = config.evidenceFolder();
        this.opener = new EnvelopeVerifier(group, limits);
        this.contexts = new KeyContexts(group.signingKeys());
        this.heads = new PeerHeads(group.size());
        for (int i = 0; i < group.size(); i++) {
            drops.add(new EnumMap<>(DropReason.class));
        }
        this.vouches = new Bytes[group.size()];
        this.head = head;
        this.forcedHead = head;
    }

    void begin(Instant now) {
        this.now = now;
        this.actions = new ArrayList<>();
    }

    List<EngineOutput> actions() {
        return actions;
    }

    Instant now() {
        return now;
    }

    Member self() {
        return sealer.self();
    }

    void act(EngineOutput action) {
        actions.add(action);
    }

    void emit(SessionEvent event) {
        actions.add(new EngineOutput.Emit(event));
    }

    void append(JournalRecord record) {
        head = head.next(record.type(), record.payload());
        if (record.mustForce()) {
            forcedHead = head;
        }
        actions.add(new EngineOutput.Append(record));
    }

    /// The head that a crash cannot take back. Only this one may be told to others: a signer that
    /// tells a head, crashes and comes back with less would be blamed for a journal that went
    /// backwards.
    JournalHead durableHead() {
        return forcedHead;
    }

    /// SAFETY 8: dropped and counted.
    void drop(Member from, DropReason reason) {
        long count = drops.get(from.index()).merge(reason, 1L, Long::sum);
        if (Long.bitCount(count) == 1) {
            emit(new SessionEvent.Dropped(now, from, reason, count));
        }
    }

    long dropped(int member, DropReason reason) {
        return drops.get(member).getOrDefault(reason, 0L);
    }

    /// Whether the member's signing key vouches for its peer id; verified once for each distinct
    /// vouch.
    boolean vouched(Member member, Bytes vouch) {
        if (vouch.equals(vouches[member.index()])) {
            return true;
        }
        boolean valid =
                Schnorr.verify(
                        member.signingKey().xOnly(),
                        KeyAttestation.message(member.peerId(), member.signingKey()).toArray(),
                        new SchnorrSignature(vouch));
        if (valid) {
            vouches[member.index()] = vouch;
        }
        return valid;
    }

    Path evidencePath(String fileName) {
        return evidenceFolder.resolve(fileName);
    }
}
