package org.tutti.wallet.policy;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which coins are locked by sessions that this signer approved, so that it does not sign two
/// transactions that spend the same coin at the same time. The same transaction may be signed in
/// several sessions.
///
/// In memory only: after a restart [PaymentApproval#resumed] locks again what the journal brings
/// back.
///
/// Threads: approvals run side by side, so checking and locking is one step under one monitor.
public final class CoinLocks {
    /// The most sessions that are remembered.
    public static final int MAX_SESSIONS = 4_096;

    private final int maxSessions;
    private final Map<SessionId, Lock> sessions = new HashMap<>();

    private record Lock(Txid txid, Set<OutPoint> utxos, Instant until) {}

    /// What became of an attempt to lock coins.
    public enum Outcome {
        /// The coins are locked for the session.
        LOCKED,
        /// One of them is locked for another transaction.
        CONFLICT,
        /// [#MAX_SESSIONS] are remembered already.
        FULL
    }

    public CoinLocks() {
        this(MAX_SESSIONS);
    }

    CoinLocks(int maxSessions) {
        this.maxSessions = maxSessions;
    }

    /// Locks the coins of a transaction for a session until the session's request expires.
    synchronized Outcome lock(
            SessionId session, Txid txid, List<OutPoint> utxos, Instant until, Instant now) {
        sessions.values().removeIf(lock -> !lock.until().isAfter(now));
        for (Lock other : sessions.values()) {
            boolean sameTransaction = other.txid().equals(txid);
            if (!sameTransaction && utxos.stream().anyMatch(other.utxos()::contains)) {
                return Outcome.CONFLICT;
            }
        }
        if (sessions.size() >= maxSessions && !sessions.containsKey(session)) {
            return Outcome.FULL;
        }
        sessions.put(session, new Lock(txid, new HashSet<>(utxos), until));
        return Outcome.LOCKED;
    }

    /// Frees the coins of a session that ended without signatures. One that ended with them stays
    /// locked until its request expires: its transaction is on its way.
    public synchronized void release(SessionId session) {
        sessions.remove(session);
    }

    /// Whether a live session locks the coin; asked when coins for another payment are selected.
    public synchronized boolean isLocked(OutPoint utxo, Instant now) {
        return sessions.values().stream()
                .anyMatch(r -> r.until().isAfter(now) && r.utxos().contains(utxo));
    }

    /// How many sessions lock coins, expired ones included until the next one comes.
    public synchronized int size() {
        return sessions.size();
    }
}
