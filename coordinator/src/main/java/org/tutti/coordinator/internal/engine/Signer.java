package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What a node knows of one signer of one request.
final class Signer {
    private final PublicKey key;

    /// Its latest join or refusal.
    private @Nullable Statement said;

    /// Its latest join, even if it has refused after it: the group was formed with it.
    private @Nullable Join joined;

    /// Statements of this request that its peer has, by their envelopes.
    private final Set<Bytes> has = new HashSet<>();

    private boolean hasRequest;
    private boolean connected;
    private boolean late;
    private boolean underWay;
    private @Nullable Instant retryAt;
    private Duration pause;
    private SignerState state = SignerState.UNREACHABLE;
    private Instant since;
    private @Nullable Instant heard;

    Signer(PublicKey key, Instant now, RequestLimits limits) {
        this.key = key;
        this.since = now;
        this.pause = limits.retryFirst();
    }

    PublicKey key() {
        return key;
    }

    Optional<Statement> said() {
        return Optional.ofNullable(said);
    }

    Optional<Join> join() {
        return said instanceof Join join ? Optional.of(join) : Optional.empty();
    }

    /// As [#join], whatever it said after it.
    Optional<Join> everJoined() {
        return Optional.ofNullable(joined);
    }

    /// Takes a join or refusal, if it is newer than what it said before.
    boolean say(Statement statement) {
        if (said != null && said.header().sequence() >= statement.header().sequence()) {
            return false;
        }
        said = statement;
        if (statement instanceof Join join) {
            joined = join;
        }
        return true;
    }

    /// As this node itself says it.
    void replace(Statement statement) {
        said = null;
        var _ = say(statement);
    }

    /// Whom it speaks through for this request, if it has said so.
    Optional<PeerId> peer() {
        return said().map(statement -> statement.header().author());
    }

    boolean isConnected() {
        return connected;
    }

    boolean hasRequest() {
        return hasRequest;
    }

    void took() {
        hasRequest = true;
    }

    /// Its process may be another by the next time.
    void connection(boolean open, RequestLimits limits) {
        connected = open;
        underWay = false;
        retryAt = null;
        pause = limits.retryFirst();
        if (!open) {
            // The request is on its disk, or it will say that it is not.
            has.clear();
        }
    }

    /// It does not have the request any more.
    void lost() {
        hasRequest = false;
        has.clear();
    }

    boolean hasStatement(Bytes envelope) {
        return has.contains(envelope);
    }

    void gotStatement(Bytes envelope) {
        has.add(envelope);
    }

    void forgetStatements() {
        has.clear();
    }

    /// Whether something may be sent to it now.
    boolean isFree(Instant now) {
        return connected && !underWay && (retryAt == null || !now.isBefore(retryAt));
    }

    void begin() {
        underWay = true;
    }

    void succeeded(RequestLimits limits) {
        underWay = false;
        retryAt = null;
        pause = limits.retryFirst();
    }

    void failed(Instant now, RequestLimits limits) {
        underWay = false;
        retryAt = now.plus(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(limits.retryMost()) < 0 ? doubled : limits.retryMost();
    }

    void heard(Instant now) {
        heard = now;
    }

    Optional<Instant> lastHeard() {
        return Optional.ofNullable(heard);
    }

    void late(boolean value) {
        late = value;
    }

    /// Brings the state up to date.
    void look(boolean done, Instant now) {
        SignerState next;
        if (said instanceof Refusal) {
            next = SignerState.REFUSED;
        } else if (done) {
            next = SignerState.DONE;
        } else if (said instanceof Join) {
            next = late ? SignerState.LATE : SignerState.JOINED;
        } else if (!connected) {
            next = SignerState.UNREACHABLE;
        } else {
            next = hasRequest ? SignerState.AWAITING_APPROVAL : SignerState.CONNECTED;
        }
        if (next != state) {
            state = next;
            since = now;
        }
    }

    SignerState state() {
        return state;
    }

    Instant since() {
        return since;
    }
}
