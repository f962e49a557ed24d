package org.tutti.lightclient.connection;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.Verack;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.Services;

import java.util.ArrayList;
import java.util.List;

/// The exchange of `version` and `verack`, without I/O: feed it what comes, send what it says.
///
/// The one who dialled speaks first. Between `version` and `verack` peers announce features:
/// `wtxidrelay` (BIP339) is said by us too and noted, others (`sendaddrv2`, …) pass unread. Used
/// once; not thread-safe.
public final class Handshake {
    /// Oldest protocol version that can talk to us: `sendheaders` (BIP130).
    public static final int MIN_PROTOCOL = 70_012;

    /// Oldest protocol version that knows `wtxidrelay` (BIP339).
    public static final int WTXID_RELAY_PROTOCOL = 70_016;

    /// Says that transactions are announced to the sender by wtxid (BIP339); no payload.
    static final P2pMessage WTXID_RELAY = new P2pMessage.Unknown("wtxidrelay", Bytes.EMPTY);

    /// Most messages that may pass before the handshake is done.
    public static final int MAX_MESSAGES = 32;

    private final Version ours;
    private final boolean dialled;
    private final long neededServices;
    private @Nullable Version theirs;
    private boolean verackSeen;
    private boolean wtxidRelaySeen;
    private int messages;

    /// What to do next.
    public sealed interface Step {
        /// Send these and keep reading.
        record Continue(List<P2pMessage> send) implements Step {}

        /// Send these; the peer is ready.
        record Done(List<P2pMessage> send, Version theirs) implements Step {}

        /// Hang up.
        record Refused(DisconnectReason reason) implements Step {}
    }

    /// @param dialled whether we opened the connection, and so speak first
    /// @param neededServices bits that the peer must offer
    public Handshake(Version ours, boolean dialled, long neededServices) {
        this.ours = ours;
        this.dialled = dialled;
        this.neededServices = neededServices;
    }

    /// What to send before anything was read.
    public List<P2pMessage> start() {
        return dialled ? List.of(ours) : List.of();
    }

    /// Whether the peer has said nothing yet.
    public boolean isSilent() {
        return messages == 0;
    }

    /// The next message of the peer.
    public Step on(P2pMessage message) {
        if (++messages > MAX_MESSAGES) {
            return refused(
                    Code.HANDSHAKE_ORDER, "more than " + MAX_MESSAGES + " messages before verack");
        }
        return switch (message) {
            case Version version -> onVersion(version);
            case Verack _ -> onVerack();
            case P2pMessage other when theirs == null ->
                    refused(Code.HANDSHAKE_ORDER, other.command() + " before version");
            case P2pMessage other -> {
                wtxidRelaySeen |= other.command().equals(WTXID_RELAY.command());
                yield new Step.Continue(List.of());
            }
        };
    }

    private Step onVersion(Version version) {
        if (theirs != null) {
            return refused(Code.HANDSHAKE_ORDER, "a second version");
        }
        if (version.nonce() == ours.nonce()) {
            return refused(Code.SELF_CONNECTION, "our own nonce");
        }
        if (version.protocol() < MIN_PROTOCOL) {
            return refused(Code.OLD_PROTOCOL, "protocol " + version.protocol());
        }
        if (isPruned(version.services())) {
            return refused(
                    Code.PRUNED,
                    "a pruned node, which has the last blocks alone; one that has all is needed");
        }
        if ((version.services() & neededServices) != neededServices) {
            return refused(
                    Code.MISSING_SERVICES, "services " + Long.toHexString(version.services()));
        }
        theirs = version;
        List<P2pMessage> answer = new ArrayList<>();
        if (!dialled) {
            answer.add(ours);
        }
        if (knowsWtxidRelay(version)) {
            answer.add(WTXID_RELAY);
        }
        answer.add(new Verack());
        return new Step.Continue(answer);
    }

    /// Whether both sides announce transactions by wtxid (BIP339: "If both peers have sent
    /// `wtxidrelay`").
    public boolean wtxidRelay() {
        return wtxidRelaySeen && theirs != null && knowsWtxidRelay(theirs);
    }

    /// Each side has the lower of both versions.
    private boolean knowsWtxidRelay(Version version) {
        return Math.min(version.protocol(), ours.protocol()) >= WTXID_RELAY_PROTOCOL;
    }

    private boolean isPruned(long services) {
        return (neededServices & Services.NETWORK) != 0
                && (services & Services.NETWORK) == 0
                && (services & Services.NETWORK_LIMITED) != 0;
    }

    private Step onVerack() {
        if (theirs == null) {
            return refused(Code.HANDSHAKE_ORDER, "verack before version");
        }
        if (verackSeen) {
            return refused(Code.HANDSHAKE_ORDER, "a second verack");
        }
        verackSeen = true;
        return new Step.Done(List.of(), theirs);
    }

    private static Step refused(Code code, String detail) {
        return new Step.Refused(new DisconnectReason(code, detail));
    }
}
