package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is known of one transaction by now, from the events of its broadcast: a pure count.
///
/// It succeeded if a block has it; or at least one peer asked for it, or has it, and another one
/// has it that did not get it from us. Where only one peer takes transactions, what that one says
/// has to do.
final class BroadcastTally {
    private final Txid txid;
    private final Set<String> takers = new HashSet<>();
    private final Set<String> announced = new HashSet<>();
    private final Set<String> requested = new HashSet<>();
    private final Set<String> accepted = new HashSet<>();
    private final Set<String> seen = new HashSet<>();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private final Set<String> dropped = new HashSet<>();
    private final Map<String, Long> feeFilters = new LinkedHashMap<>();
    private @Nullable BroadcastFault fault;
    private String detail = "";
    private int confirmedAt = -1;
    private int conflictAt = -1;
    private String conflict = "";

    BroadcastTally(Txid txid) {
        this.txid = txid;
    }

    void add(BroadcastEvent event) {
        if (!event.txid().equals(txid)) {
            return;
        }
        switch (event) {
            case BroadcastEvent.Announced(var _, String peer, var _) -> {
                takers.add(peer);
                announced.add(peer);
            }
            case BroadcastEvent.HeldBack(var _, String peer) -> takers.add(peer);
            case BroadcastEvent.Requested(var _, String peer, var _) -> requested.add(peer);
            case BroadcastEvent.Accepted(var _, String peer, var _) -> {
                accepted.add(peer);
                dropped.remove(peer);
                refused.remove(peer);
            }
            case BroadcastEvent.Seen(var _, String peer, var _) -> {
                takers.add(peer);
                seen.add(peer);
            }
            case BroadcastEvent.Dropped(var _, String peer) -> dropped.add(peer);
            case BroadcastEvent.Refused(var _, String peer, int _, String reason) ->
                    refused.put(peer, reason);
            case BroadcastEvent.BelowFeeFilter(var _, String peer, long rate) ->
                    feeFilters.put(peer, rate);
            case BroadcastEvent.NotTaken(var _, BroadcastFault why, String text) -> {
                fault = why;
                detail = text;
            }
            case BroadcastEvent.Confirmed(var _, int height) -> confirmedAt = height;
            case BroadcastEvent.Conflicted(var _, var spent, Txid by, int height) -> {
                conflictAt = height;
                conflict = "block %d spends %s in %s".formatted(height, spent, by);
            }
            case BroadcastEvent.Reopened _ -> {
                confirmedAt = -1;
                conflictAt = -1;
            }
            case BroadcastEvent.Unseen _, BroadcastEvent.Displaced _, BroadcastEvent.NotSaved _ -> {
                // Nothing that would be counted.
            }
        }
    }

    Optional<BroadcastFault> fault() {
        return Optional.ofNullable(fault);
    }

    /// Takes it that the fault is over: it is tried again.
    void clearFault() {
        fault = null;
    }

    /// Whether nothing that is still to come would make more of it.
    ///
    /// @param allHeard whether every peer that was named has been heard of
    boolean isSettled(boolean allHeard) {
        return fault != null
                || conflictAt >= 0
                || confirmedAt >= 0
                || (isRelayed() && allHeard)
                || (allHeard && takers.size() == 1 && !accepted.isEmpty());
    }

    private boolean isRelayed() {
        return !seen.isEmpty() && requested.size() + seen.size() > 1;
    }

    /// @param allHeard whether every peer that was named has been heard of
    boolean ok(boolean allHeard) {
        if (fault != null || conflictAt >= 0) {
            return false;
        }
        boolean alone =
                allHeard
                        && takers.size() == 1
                        && refused.isEmpty()
                        && dropped.isEmpty()
                        && !(requested.isEmpty() && accepted.isEmpty() && seen.isEmpty());
        return confirmedAt >= 0 || isRelayed() || alone;
    }

    /// The most that is known.
    private String state() {
        if (fault != null) {
            return "not-taken";
        }
        if (conflictAt >= 0) {
            return "conflicted";
        }
        if (confirmedAt >= 0) {
            return "confirmed";
        }
        if (!seen.isEmpty()) {
            return "seen";
        }
        if (!accepted.isEmpty()) {
            return "accepted";
        }
        if (!refused.isEmpty()) {
            return "refused";
        }
        if (!dropped.isEmpty()) {
            return "dropped";
        }
        if (!requested.isEmpty()) {
            return "requested";
        }
        return announced.isEmpty() ? "not-announced" : "unseen";
    }

    /// The fields of the result that say what is known.
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("txid", txid.toString());
        fields.put("state", state());
        fields.put("announced", (long) announced.size());
        fields.put("requested", (long) requested.size());
        fields.put("accepted", (long) accepted.size());
        fields.put("seen", (long) seen.size());
        if (confirmedAt >= 0) {
            fields.put("confirmedHeight", (long) confirmedAt);
        }
        return fields;
    }

    /// Why it is not a success.
    record Failure(String code, String message) {}

    /// @param connected whether any peer is connected
    Failure failure(boolean connected) {
        if (fault != null) {
            return new Failure(fault.name(), detail);
        }
        return switch (state()) {
            case "conflicted" -> new Failure("CONFLICTED", conflict);
            case "refused" -> new Failure("REFUSED", peers(refused));
            case "dropped" ->
                    new Failure("DROPPED", "got it, and do not have it any more: " + dropped);
            case "not-announced" -> notAnnounced(connected);
            case "unseen" ->
                    new Failure(
                            "UNSEEN",
                            "no peer asked for it, and none is known to have it; told were "
                                    + announced);
            default ->
                    new Failure(
                            "NOT_RELAYED",
                            "asked for by %s, and kept by %s; no peer is known to have it that did not get it from here"
                                    .formatted(requested, accepted));
        };
    }

    private Failure notAnnounced(boolean connected) {
        if (!feeFilters.isEmpty()) {
            return new Failure(
                    "FEE_TOO_LOW", "peers want at least, in sat/kvB: " + peers(feeFilters));
        }
        return connected
                ? new Failure("NO_TAKER", "no peer that is connected takes transactions")
                : new Failure("NO_PEER", "no peer is connected");
    }

    private static String peers(Map<String, ?> said) {
        StringBuilder text = new StringBuilder();
        said.forEach((peer, what) ->
                text.append(text.isEmpty() ? "" : "; ").append(peer).append(": ").append(what));
        return text.toString();
    }
}
