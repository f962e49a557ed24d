package org.tutti.node.events;

import org.tutti.node.json.JsonRecords;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// An event in words. A member is called by its alias, and by the end of its peer id, in which peer
/// ids differ.
public final class TextEvents {
    /// Digits of a group's id that are shown.
    private static final int GROUP_DIGITS = 8;

    private final UnaryOperator<String> names;

    /// @param names what the member with a peer id is called
    public TextEvents(UnaryOperator<String> names) {
        this.names = names;
    }

    /// The event in one line, without its time. What others wrote in it is not cleaned yet.
    public String text(NodeEvent event) {
        return switch (event) {
            case NodeEvent.Started e ->
                    e.members() == 0
                            ? "a signer without a group on %s, this node is %s, its key %s"
                                    .formatted(e.network(), e.peerId(), e.signingKey())
                            : "group of %d on %s, this node is %s"
                                    .formatted(e.members(), e.network(), e.peerId());
            case NodeEvent.Agreed e -> "all members agree on the address " + e.address();
            case NodeEvent.AddressDiffers e ->
                    "member %s derives a different group address, %s: nothing is signed with it"
                            .formatted(names.apply(e.peerId()), e.theirs());
            case NodeEvent.GroupDiffers e ->
                    "member %s is in group %s, this node in %s: network, epoch or a key differ"
                            .formatted(names.apply(e.peerId()), e.theirs(), e.ours());
            case NodeEvent.CopyFound e ->
                    (e.self()
                                    ? "another process has this node's identity"
                                    : "two processes have the identity of member "
                                            + names.apply(e.peerId()))
                            + ": nothing is signed until one is gone";
            case NodeEvent.CopyGone e ->
                    e.self()
                            ? "the other process with this node's identity is gone"
                            : "one of the two processes of member %s is gone"
                                    .formatted(names.apply(e.peerId()));
            case NodeEvent.Listening e -> "listening on " + String.join(", ", e.addresses());
            case NodeEvent.PeerConnected e ->
                    "member %s connected (%d of %d)"
                            .formatted(names.apply(e.peerId()), e.connected(), e.members());
            case NodeEvent.PeerLost e ->
                    "member %s lost (%d of %d left): %s"
                            .formatted(
                                    names.apply(e.peerId()),
                                    e.connected(),
                                    e.members(),
                                    e.reason());
            case NodeEvent.InboundRefused e ->
                    "refused %s from %s, %s: %s"
                            .formatted(
                                    e.count() == 1
                                            ? "a connection"
                                            : e.count() + " connections, the last",
                                    e.address(),
                                    e.code(),
                                    e.reason());
            case NodeEvent.AllMembersConnected e -> "all " + e.members() + " members are connected";
            case NodeEvent.BitcoinPeerConnected e ->
                    "Bitcoin peer %s connected (%s)".formatted(e.address(), e.userAgent());
            case NodeEvent.BitcoinPeerLost e ->
                    "Bitcoin peer %s lost: %s".formatted(e.address(), e.reason());
            case NodeEvent.Tip e -> "tip %d %s".formatted(e.height(), e.blockHash());
            case NodeEvent.ChainProgress e ->
                    "catching up: header %,d, block %,d, %,d headers/s, %d peers, %,.1f MB%s"
                            .formatted(
                                    e.headers(),
                                    e.height(),
                                    e.headersPerSecond(),
                                    e.connected(),
                                    e.bytes() / 1e6,
                                    e.secondsLeft().map(s -> ", " + s + " s left").orElse(""));
            case NodeEvent.ChainHeldBack e ->
                    "the chain is held back, %s: %s".formatted(e.code(), e.reason());
            case NodeEvent.ChainFreed e ->
                    "the chain is no longer held back by %s".formatted(e.code());
            case NodeEvent.UtxoReceived e ->
                    "coin %s:%d, %d sat, height %d%s"
                            .formatted(
                                    e.txid(),
                                    e.vout(),
                                    e.valueSat(),
                                    e.height(),
                                    e.coinbase() ? ", coinbase" : "");
            case NodeEvent.UtxoChanged e ->
                    "coin %s:%d %s".formatted(e.txid(), e.vout(), JsonRecords.name(e.change()));
            case NodeEvent.Resumed e ->
                    "session %s continues after the restart, attempt %d"
                            .formatted(shorten(e.session()), e.attempt());
            case NodeEvent.Announced e ->
                    "session %s announced: sign %d inputs of %s"
                            .formatted(shorten(e.session()), e.inputs(), e.txid());
            case NodeEvent.RequestReceived e ->
                    "session %s: %s asks for a %s"
                            .formatted(
                                    shorten(e.session()), names.apply(e.requester()), e.purpose());
            case NodeEvent.Ready e ->
                    "session %s: %s is ready"
                            .formatted(shorten(e.session()), names.apply(e.peerId()));
            case NodeEvent.AttemptStarted e ->
                    "session %s: attempt %d, all are ready"
                            .formatted(shorten(e.session()), e.attempt());
            case NodeEvent.Nonces e ->
                    "session %s: nonces of %s"
                            .formatted(shorten(e.session()), names.apply(e.peerId()));
            case NodeEvent.Partials e ->
                    "session %s: partial signatures of %s verify"
                            .formatted(shorten(e.session()), names.apply(e.peerId()));
            case NodeEvent.Signed e ->
                    "session %s: signed %s".formatted(shorten(e.session()), e.txid());
            case NodeEvent.Checked e ->
                    "the script interpreter accepts all %d inputs of %s"
                            .formatted(e.inputs(), e.txid());
            case NodeEvent.Broadcast e ->
                    "%s sent to %s, which asked for it".formatted(e.txid(), e.peer());
            case NodeEvent.BroadcastAccepted e ->
                    "%s is in the memory pool of %s".formatted(e.txid(), e.peer());
            case NodeEvent.BroadcastSeen e ->
                    "%s was relayed: %s has it, and not from here (%d peer(s) by now)"
                            .formatted(e.txid(), e.peer(), e.peers());
            case NodeEvent.BroadcastUnseen e ->
                    "no Bitcoin peer has asked for %s (announced to %d); it is announced again"
                            .formatted(e.txid(), e.announced());
            case NodeEvent.BroadcastDropped e ->
                    "%s got %s and says that it does not have it".formatted(e.peer(), e.txid());
            case NodeEvent.BroadcastRefused e ->
                    "%s was not accepted for broadcast: %s".formatted(e.txid(), e.reason());
            case NodeEvent.Confirmed e ->
                    "%s confirmed in block %s, height %d, Merkle branch checked, %d confirmation(s)"
                            .formatted(e.txid(), e.blockHash(), e.height(), e.confirmations());
            case NodeEvent.Unconfirmed e ->
                    "%s is no longer confirmed: block %s left the chain"
                            .formatted(e.txid(), e.blockHash());
            case NodeEvent.Refused e ->
                    "session %s: %s refuses, %s: %s%s"
                            .formatted(
                                    shorten(e.session()),
                                    names.apply(e.peerId()),
                                    e.code(),
                                    e.reason(),
                                    unknown(e.partialsLeft()));
            case NodeEvent.Aborted e ->
                    "session %s aborted by %s, %s: %s%s%s%s%s%s"
                            .formatted(
                                    shorten(e.session()),
                                    names.apply(e.by()),
                                    e.code(),
                                    e.reason(),
                                    names(", because of ", e.culprits()),
                                    names(", waited for ", e.observed()),
                                    names(", who accuses without proof ", e.claimed()),
                                    e.evidence().map(file -> ", evidence in " + file).orElse(""),
                                    unknown(e.partialsLeft()));
            case NodeEvent.AttemptFailed e ->
                    "session %s: attempt %d failed: %s"
                            .formatted(shorten(e.session()), e.attempt(), e.reason());
            case NodeEvent.Dropped e ->
                    "dropped a message from %s: %s (%d so far)"
                            .formatted(names.apply(e.peerId()), e.reason(), e.count());
            case NodeEvent.CheckFailed e ->
                    "the script interpreter refuses %s: %s".formatted(e.txid(), e.reason());
            case NodeEvent.ClockStepped e ->
                    "the clock was set by %+d seconds: spending limits stay used until you run ./tutti node accept-clock"
                            .formatted(e.seconds());
            case NodeEvent.JournalWentBack e ->
                    "this node's journal went back, as %s shows; this node no longer signs with it"
                            .formatted(names.apply(e.peerId()));
            case NodeEvent.JournalMissing e ->
                    "there are keys, but no journal at %s: if this node has signed before, it was lost, and what it signed is forgotten here"
                            .formatted(e.path());
            case NodeEvent.JournalNotCompacted e ->
                    "the journal grows and cannot be compacted now: " + e.reason();
            case NodeEvent.RecoveryAsked e ->
                    "%s has lost its journal and asks to go on with %s: if its operator says so too, tell this node with ./tutti node accept-recovery; until then nothing is signed"
                            .formatted(names.apply(e.peerId()), e.journal());
            case NodeEvent.RecoveryAccepted e ->
                    "%s has accepted journal %s of %s"
                            .formatted(names.apply(e.by()), e.journal(), names.apply(e.peerId()));
            case NodeEvent.Recovered _ ->
                    "all members have accepted this node's new journal: it signs again";
            case NodeEvent.NobodyRemembers _ ->
                    "all members have lost their journals, so that nobody knows earlier payments: if you know that too, stop the node and run ./tutti node recover --earlier-payments-unknown";
            case NodeEvent.JournalFailed e ->
                    "the journal cannot be written, this node no longer signs: " + e.reason();
            case NodeEvent.RequestCreated e ->
                    "request %s made: %d signers, %s of %d sat, until %s: %s"
                            .formatted(
                                    shorten(e.request()),
                                    e.signers(),
                                    e.type(),
                                    e.amountSat(),
                                    e.expires(),
                                    e.description());
            case NodeEvent.RequestArrived e ->
                    "request %s of %s arrived %s: %d signers; it says %s of %d sat: %s"
                            .formatted(
                                    shorten(e.request()),
                                    key(e.requester()),
                                    arrived(e),
                                    e.signers(),
                                    e.type(),
                                    e.amountSat(),
                                    e.description());
            case NodeEvent.ApprovalNeeded e ->
                    "request %s waits for a decision (./tutti request join or refuse): %s"
                            .formatted(shorten(e.request()), String.join("; ", e.summary()));
            case NodeEvent.RequestJoined e ->
                    "request %s: %s has joined (%d of %d)"
                            .formatted(
                                    shorten(e.request()), key(e.signer()), e.joined(), e.signers());
            case NodeEvent.RequestRefused e ->
                    "request %s: %s refuses, %s: %s"
                            .formatted(shorten(e.request()), key(e.signer()), e.code(), e.reason());
            case NodeEvent.RequestWithdrawn e ->
                    "request %s was taken back: %s".formatted(shorten(e.request()), e.reason());
            case NodeEvent.SignerAdvertised e ->
                    "advertises as %s for %s, until %s"
                            .formatted(key(e.signer()), String.join(", ", e.types()), e.until());
            case NodeEvent.SignerDiscovered e ->
                    "signer %s \"%s\" found for %s (%s)"
                            .formatted(
                                    key(e.signer()),
                                    e.nickname(),
                                    String.join(", ", e.types()),
                                    e.via());
            case NodeEvent.SignerUpdated e ->
                    "signer %s \"%s\" advertises anew, for %s (%s)"
                            .formatted(
                                    key(e.signer()),
                                    e.nickname(),
                                    String.join(", ", e.types()),
                                    e.via());
            case NodeEvent.SignerWithdrawn e ->
                    "signer %s has taken its advert back".formatted(key(e.signer()));
            case NodeEvent.SignerUnavailable e ->
                    "signer %s is not available: %s".formatted(key(e.signer()), e.reason());
            case NodeEvent.RequestExpired e ->
                    "request %s expired before it was signed".formatted(shorten(e.request()));
            case NodeEvent.GroupProposed e ->
                    "group %s proposed by %s: %s, of %d members"
                            .formatted(
                                    shorten(e.proposal()),
                                    e.own() ? "this node" : key(e.proposer()),
                                    e.name(),
                                    e.members());
            case NodeEvent.GroupConsented e ->
                    "group %s: %s consents, %d of %d"
                            .formatted(
                                    shorten(e.proposal()),
                                    key(e.member()),
                                    e.consented(),
                                    e.members());
            case NodeEvent.GroupFormed e ->
                    "group %s is formed, descriptor %s, address %s%s"
                            .formatted(
                                    shorten(e.proposal()),
                                    shorten(e.descriptor()),
                                    e.address(),
                                    e.previous().isEmpty()
                                            ? ""
                                            : ", epoch %d after %s"
                                                    .formatted(e.epoch(), shorten(e.previous())));
            case NodeEvent.GroupLeft e ->
                    "group %s follows %s without this node, descriptor %s"
                            .formatted(
                                    shorten(e.proposal()),
                                    shorten(e.previous()),
                                    shorten(e.successor()));
            case NodeEvent.OfGroup e ->
                    "group " + e.group().substring(0, GROUP_DIGITS) + ": " + text(e.event());
            case NodeEvent.GroupUnusable e ->
                    "no part is taken in group %s, %s: %s"
                            .formatted(e.group().substring(0, GROUP_DIGITS), e.code(), e.reason());
            case NodeEvent.GroupFailed e ->
                    "group %s will not be: %s, %s%s"
                            .formatted(
                                    shorten(e.proposal()),
                                    e.code(),
                                    e.reason(),
                                    e.culprits().isEmpty()
                                            ? ""
                                            : ", by "
                                                    + String.join(
                                                            ", ",
                                                            e.culprits().stream()
                                                                    .map(TextEvents::key)
                                                                    .toList()));
            case NodeEvent.ParticipantConnected e ->
                    "request %s: %s is connected".formatted(shorten(e.request()), key(e.signer()));
            case NodeEvent.ParticipantDisconnected e ->
                    "request %s: %s is no longer connected"
                            .formatted(shorten(e.request()), key(e.signer()));
            case NodeEvent.SessionReady e ->
                    "request %s: all have joined".formatted(shorten(e.request()));
            case NodeEvent.SessionCreated e ->
                    "request %s: session %s announced"
                            .formatted(shorten(e.request()), shorten(e.session()));
            case NodeEvent.SessionJoined e ->
                    "request %s: takes part in session %s"
                            .formatted(shorten(e.request()), shorten(e.session()));
            case NodeEvent.PeerBlocked e ->
                    "peer %s is not answered any more for some time (%s)%s"
                            .formatted(
                                    e.peerId(),
                                    e.code(),
                                    e.addresses().isEmpty()
                                            ? ""
                                            : ", nor anybody at "
                                                    + String.join(", ", e.addresses()));
            case NodeEvent.StepNeeded e ->
                    "request %s: session %s waits for its round %d to be started"
                            .formatted(shorten(e.request()), shorten(e.session()), e.round());
            case NodeEvent.Round1Complete e ->
                    "request %s: all public nonces are here".formatted(shorten(e.request()));
            case NodeEvent.Round2Complete e ->
                    "request %s: all partial signatures are here".formatted(shorten(e.request()));
            case NodeEvent.SignerLate e ->
                    "request %s: %s is late".formatted(shorten(e.request()), key(e.signer()));
            case NodeEvent.SessionAborted e ->
                    "request %s: a session ended without signatures, %s: %s%s"
                            .formatted(
                                    shorten(e.request()),
                                    e.code(),
                                    e.reason(),
                                    e.culprits().isEmpty()
                                            ? ""
                                            : e.culprits().stream()
                                                    .map(TextEvents::key)
                                                    .collect(
                                                            Collectors.joining(
                                                                    ", ", ", because of ", "")));
            case NodeEvent.Finalized e ->
                    "request %s is signed, %d signature(s)"
                            .formatted(shorten(e.request()), e.signatures().size());
            case NodeEvent.TransactionIncomplete e ->
                    "request %s: inputs %s of %s are others' to sign and send"
                            .formatted(shorten(e.request()), e.missing(), e.txid());
            case NodeEvent.TransactionConflicted e ->
                    "request %s: %s in block %d spends a coin of %s"
                            .formatted(shorten(e.request()), e.by(), e.height(), e.txid());
            case NodeEvent.TransactionSettled e ->
                    e.confirmed()
                            ? "request %s: %s is final".formatted(shorten(e.request()), e.txid())
                            : "request %s: %s can no longer happen, because of %s"
                                    .formatted(shorten(e.request()), e.txid(), e.by());
            case NodeEvent.RequestCoin e ->
                    "coin %s:%d of %s, %d sat, height %d, %s"
                            .formatted(
                                    e.txid(),
                                    e.vout(),
                                    e.address(),
                                    e.valueSat(),
                                    e.height(),
                                    JsonRecords.name(e.state()));
            case NodeEvent.ShouldBroadcast e ->
                    "request %s: this node sends the transaction".formatted(shorten(e.request()));
            case NodeEvent.BroadcastConfirmed e ->
                    "request %s: what was signed is final".formatted(shorten(e.request()));
            case NodeEvent.SessionClosed e -> "request %s is over".formatted(shorten(e.request()));
            case NodeEvent.Reloaded e ->
                    "the configuration was read again: %s%s"
                            .formatted(
                                    e.changes().isEmpty()
                                            ? "nothing that is used now changed"
                                            : String.join("; ", e.changes()),
                                    e.needRestart().isEmpty()
                                            ? ""
                                            : "; used after the next start alone: "
                                                    + String.join(", ", e.needRestart()));
            case NodeEvent.ReloadFailed e ->
                    "the configuration was read again and is not used: " + e.reason();
            case NodeEvent.Log e -> e.message();
            case NodeEvent.EventsDropped e ->
                    e.count() + " events were not printed: nobody read what was printed before";
            case NodeEvent.Failed e -> "failed, %s: %s".formatted(e.code(), e.message());
            case NodeEvent.Stopped e -> "stopped";
        };
    }

    private static String arrived(NodeEvent.RequestArrived e) {
        String from = e.byRequester() ? "its requester" : "another who holds it";
        return switch (e.via()) {
            case DIRECT -> "from " + from;
            case GOSSIP -> "by gossip, from " + from;
            case INBOX -> "from an inbox in the DHT, kept by " + from;
        };
    }

    /// A signer, by the beginning of its key.
    private static String key(String key) {
        return key.length() <= 16 ? key : key.substring(0, 12) + "…";
    }

    private static String unknown(boolean partialsLeft) {
        return partialsLeft ? "; it may still be signed, do not repeat it without its key" : "";
    }

    private String names(String before, List<String> peerIds) {
        return peerIds.isEmpty()
                ? ""
                : peerIds.stream().map(names).collect(Collectors.joining(", ", before, ""));
    }

    private static String shorten(String session) {
        return session.length() <= 16 ? session : session.substring(0, 8);
    }
}
