package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the sessions of one engine share: group and keys, the journal's head, the time, and the
/// list of outputs of the current input. Used by the engine's thread only.
final class EngineContext {
    final SignerGroup group;
    final EnvelopeSigner envelopeSigner;
    final Signer signer;
    final SessionTimeouts timeouts;
    final SigningLimits limits;
    final EnvelopeVerifier envelopeVerifier;
    final KeyContexts keyContexts;
    final PeerHeads heads;
    private final Path evidenceFolder;
    private final List<Map<DropReason, Long>> drops = new ArrayList<>();
    private final @Nullable KeyAttestation[] attestations;
    private final RequestGroup requestGroup;
    private JournalHead head;
    private JournalHead forcedHead;
    private Instant now = Instant.EPOCH;
    private List<EngineOutput> outputs = new ArrayList<>();

    EngineContext(EngineConfig config, JournalHead head) {
        this.group = config.group();
        this.envelopeSigner = config.envelopeSigner();
        this.signer = config.signer();
        this.timeouts = config.timeouts();
        this.limits = config.limits();
        this.evidenceFolder = config.evidenceFolder();
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        this.keyContexts = new KeyContexts(group.signingKeys());
        this.heads = new PeerHeads(group.size());
        for (int i = 0; i < group.size(); i++) {
            drops.add(new EnumMap<>(DropReason.class));
        }
        this.attestations = new KeyAttestation[group.size()];
        this.requestGroup = RequestGroup.of(group);
        this.head = head;
        this.forcedHead = head;
    }

    void begin(Instant now) {
        this.now = now;
        this.outputs = new ArrayList<>();
    }

    List<EngineOutput> outputs() {
        return outputs;
    }

    Instant now() {
        return now;
    }

    Member self() {
        return envelopeSigner.self();
    }

    void output(EngineOutput output) {
        outputs.add(output);
    }

    void emit(SessionEvent event) {
        outputs.add(new EngineOutput.Emit(event));
    }

    void append(JournalRecord record) {
        head = head.next(record.type(), record.payload());
        if (record.mustForce()) {
            forcedHead = head;
        }
        outputs.add(new EngineOutput.Append(record));
    }

    /// The head of what a crash cannot lose. Only this one may be sent to others: a signer that
    /// reports a head, crashes and comes back with fewer entries would be blamed for a journal that
    /// went backwards.
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

    /// Whether the member's signing key attests its peer id, at whatever time. The one with the
    /// highest sequence is verified once.
    boolean attested(Member member, KeyAttestation attestation) {
        KeyAttestation known = attestations[member.index()];
        if (attestation.equals(known)) {
            return true;
        }
        boolean valid = attestation.isOf(requestGroup, member);
        if (valid && (known == null || attestation.sequence() > known.sequence())) {
            attestations[member.index()] = attestation;
        }
        return valid;
    }

    /// The group as requests name it.
    RequestGroup requestGroup() {
        return requestGroup;
    }

    Path evidencePath(String fileName) {
        return evidenceFolder.resolve(fileName);
    }
}
