package org.tutti.node.events;

import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Everything that a running node reports. In JSON the event's name is the record's name in
/// kebab-case, where [#nameOf] says nothing else, and its fields are the record's components:
/// `{"event":"peer-connected","t":…,"peerId":…}` (`t`: milliseconds since 1970 with microseconds
/// behind the point).
///
/// Hashes of transactions and blocks are written as Bitcoin writes them, reversed hex; keys,
/// signatures and sighashes as plain hex; amounts in satoshi. Session ids are 64 hex digits.
public sealed interface NodeEvent {
    /// What the event is called in JSON: `PeerConnected` is `peer-connected`.
    default String eventName() {
        return nameOf(getClass());
    }

    /// What events of this type are called in JSON.
    static String nameOf(Class<? extends NodeEvent> type) {
        // What they were called first, which programs wait for.
        if (type == AllMembersConnected.class) {
            return "mesh-complete";
        }
        if (type == UtxoReceived.class) {
            return "coin";
        }
        if (type == UtxoChanged.class) {
            return "coin-changed";
        }
        return type.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /// The event that a node printed as JSON; empty if it is of a kind that this version does not
    /// know. Fields that it does not know are ignored: an event of a group ([OfGroup]) is read
    /// without it.
    ///
    /// @throws JsonLineException if a field is missing or has the wrong type
    static Optional<NodeEvent> read(JsonObject line) throws JsonLineException {
        Optional<String> name = line.text("event");
        for (Class<?> type : NodeEvent.class.getPermittedSubclasses()) {
            Class<? extends NodeEvent> event = type.asSubclass(NodeEvent.class);
            if (name.isPresent() && name.get().equals(nameOf(event))) {
                return Optional.of(
                        (NodeEvent) JsonRecords.readKnown(type.asSubclass(Record.class), line));
            }
        }
        return Optional.empty();
    }

    /// Keys are read and the group is known.
    ///
    /// @param members of the group; 0 without one
    record Started(String peerId, String signingKey, String network, int members)
            implements NodeEvent {}

    /// All members have agreed, each with its signing key, that this is the group's address. Told
    /// at each start from then on.
    record Agreed(
            String network,
            String internalKey,
            String outputKey,
            String address,
            String scriptPubKey)
            implements NodeEvent {}

    /// A member takes the group's address to be another: nothing is signed with it.
    ///
    /// @param theirs what it says
    record AddressDiffers(String peerId, String theirs) implements NodeEvent {}

    /// A member is in another group: network, epoch or a key differ in its configuration.
    ///
    /// @param theirs id of that group
    /// @param ours id of this node's group
    record GroupDiffers(String peerId, String theirs, String ours) implements NodeEvent {}

    /// Two processes with this member's identity, perhaps this node's own, are there: nothing is
    /// signed until one is gone.
    ///
    /// @param self whether it is this node's own
    record CopyFound(String peerId, boolean self) implements NodeEvent {}

    /// One of the two is gone.
    record CopyGone(String peerId, boolean self) implements NodeEvent {}

    /// The node accepts connections at these multiaddresses, each with its /p2p/ part.
    record Listening(String peerId, List<String> addresses) implements NodeEvent {}

    /// A member is connected, or connected again; `connected` of `members` others are.
    record PeerConnected(String peerId, int connected, int members) implements NodeEvent {}

    record PeerLost(String peerId, int connected, int members, String reason)
            implements NodeEvent {}

    /// Connections were refused: not from a member, one too many, or with a wrong handshake. Told
    /// at once for the first with a code, and then once a minute.
    ///
    /// @param address of the last one
    /// @param count how many since this code was last told
    record InboundRefused(String address, String code, String reason, long count)
            implements NodeEvent {}

    /// Every member is connected.
    ///
    /// @param members this node among them
    record AllMembersConnected(int members) implements NodeEvent {}

    record BitcoinPeerConnected(String address, String userAgent) implements NodeEvent {}

    record BitcoinPeerLost(String address, String reason) implements NodeEvent {}

    /// The best chain's end, all of its blocks from the birthday on checked.
    record Tip(int height, String blockHash) implements NodeEvent {}

    /// How far the node is while it catches up with the chain, once a second at most.
    ///
    /// @param phase `headers` or `blocks`
    /// @param headers height of the best chain of headers
    /// @param height of the last block that was checked
    /// @param connected Bitcoin peers that are
    /// @param bytes read from them since the start
    /// @param secondsLeft by the clock and the speed so far; absent where nobody can say
    record ChainProgress(
            String phase,
            int headers,
            int height,
            long headersPerSecond,
            int connected,
            long bytes,
            Optional<Long> secondsLeft)
            implements NodeEvent {}

    /// Something holds the chain's tip back, or makes it doubtful.
    ///
    /// @param code such as `NO_PEER`, `FUTURE_HEADER`, `BLOCKS_MISSING`, `DISK_FULL`
    record ChainHeldBack(String code, String reason) implements NodeEvent {}

    /// It does so no longer.
    record ChainFreed(String code) implements NodeEvent {}

    /// A coin of the group's in a verified block.
    record UtxoReceived(String txid, long vout, long valueSat, int height, boolean coinbase)
            implements NodeEvent {}

    /// A coin of the group's was spent; or it was lost or restored because a block left the chain.
    record UtxoChanged(String txid, long vout, UtxoChange change) implements NodeEvent {}

    /// What happened to a coin.
    enum UtxoChange {
        SPENT,
        LOST,
        RESTORED
    }

    /// A session from before a restart continues.
    record Resumed(String session, int attempt) implements NodeEvent {}

    /// This node asked the group to sign.
    record Announced(String session, String txid, int inputs) implements NodeEvent {}

    /// A member asked the group to sign.
    record RequestReceived(String session, String requester, String purpose) implements NodeEvent {}

    /// A member, perhaps this node, approved.
    record Ready(String session, int attempt, String peerId, int signer) implements NodeEvent {}

    /// Everyone approved: nonces are made now, for this attempt.
    record AttemptStarted(String session, int attempt) implements NodeEvent {}

    /// A member's public nonces are here.
    record Nonces(String session, int attempt, String peerId, int signer) implements NodeEvent {}

    /// A member's partial signatures are here and verify.
    record Partials(String session, int attempt, String peerId, int signer) implements NodeEvent {}

    /// What was signed for one input: 32 and 64 bytes.
    record SignedInput(String sighash, String signature) {}

    /// The output that an input spends, from a block that this node verified.
    record Prevout(String txid, long vout, long valueSat, String scriptPubKey) {}

    /// The whole group's signatures are here and verify as BIP340; `rawTx` carries them.
    record Signed(
            String session,
            String txid,
            String rawTx,
            List<Prevout> prevouts,
            List<SignedInput> inputs)
            implements NodeEvent {}

    /// The script interpreter accepts every input of the signed transaction.
    record Checked(String session, String txid, int inputs) implements NodeEvent {}

    /// A Bitcoin peer asked for the transaction, and got it.
    record Broadcast(String txid, String peer) implements NodeEvent {}

    /// A Bitcoin peer that got the transaction from this node serves it back: it keeps it.
    record BroadcastAccepted(String txid, String peer) implements NodeEvent {}

    /// A Bitcoin peer has the transaction that did not get it from this node: it was relayed.
    ///
    /// @param peers how many such there are by now
    record BroadcastSeen(String txid, String peer, int peers) implements NodeEvent {}

    /// No Bitcoin peer has asked for the transaction in time, and none is known to have it. It is
    /// announced again.
    ///
    /// @param announced how many peers were told of it
    record BroadcastUnseen(String txid, int announced) implements NodeEvent {}

    /// A Bitcoin peer that got the transaction from this node says that it does not have it.
    record BroadcastDropped(String txid, String peer) implements NodeEvent {}

    /// A Bitcoin peer does not take the transaction.
    record BroadcastRefused(String txid, String reason) implements NodeEvent {}

    /// The transaction is in a block of the best chain, and the Merkle branch to its root was
    /// checked here.
    record Confirmed(
            String txid,
            int height,
            String blockHash,
            List<String> merkleBranch,
            int merkleIndex,
            int confirmations)
            implements NodeEvent {}

    /// A reorganisation took the block of the transaction away.
    record Unconfirmed(String txid, int height, String blockHash) implements NodeEvent {}

    /// A signer refused, with its policy's code.
    ///
    /// @param partialsLeft whether this node's partial signatures had left, so that it may still be
    ///   signed
    record Refused(String session, String peerId, String code, String reason, boolean partialsLeft)
            implements NodeEvent {}

    /// The session ended without a signature; all members are named by peer id.
    ///
    /// @param by who gave up
    /// @param culprits the members that the evidence convicts
    /// @param observed the members that this node saw silent or behind, which proves nothing
    /// @param claimed the members that `by`, if it is another member, holds responsible without
    ///   proof
    /// @param partialsLeft whether this node's partial signatures had left, so that it may still be
    ///   signed
    record Aborted(
            String session,
            String by,
            String code,
            String reason,
            List<String> culprits,
            List<String> observed,
            List<String> claimed,
            Optional<String> evidence,
            boolean partialsLeft)
            implements NodeEvent {}

    /// An attempt ended, the session goes on with the next one.
    record AttemptFailed(String session, int attempt, List<String> holdouts, String reason)
            implements NodeEvent {}

    /// A message of a member's was dropped; `reason` is the signing module's own code.
    ///
    /// @param count how many of this reason came from this member so far
    record Dropped(String peerId, String reason, long count) implements NodeEvent {}

    /// The signatures are complete, but the script interpreter refuses the transaction.
    record CheckFailed(String session, String txid, String reason) implements NodeEvent {}

    /// The wall clock was set while the node ran: limits are not freed, and nothing is forgotten,
    /// until the operator has looked at the clock.
    ///
    /// @param seconds positive if it was set forward
    record ClockStepped(long seconds) implements NodeEvent {}

    /// A member has shown that this node's journal went back, or is not the one that was used: this
    /// node no longer signs with it.
    ///
    /// @param peerId the member
    record JournalWentBack(String peerId) implements NodeEvent {}

    /// There are keys, but no journal: if this node has signed before, its journal was lost, and it
    /// may have forgotten what it did. The others show it, if they remember.
    ///
    /// @param path where it should be
    record JournalMissing(String path) implements NodeEvent {}

    /// The journal grows and cannot be compacted now, as on a full disk; the node goes on with it
    /// and tries again when it has grown by as much again.
    record JournalNotCompacted(String reason) implements NodeEvent {}

    /// A member's journal was lost, and it asks to go on with a new one: its operator says the same
    /// id, and then `./tutti node accept-recovery` tells this node so. Nothing is signed until all
    /// members have been told.
    ///
    /// @param journal id of the new one, 32 hex digits
    record RecoveryAsked(String peerId, String journal) implements NodeEvent {}

    /// A member's operator has accepted another's new journal, perhaps this node's.
    ///
    /// @param by the member
    /// @param peerId whose journal it is
    record RecoveryAccepted(String by, String peerId, String journal) implements NodeEvent {}

    /// All have accepted this node's new journal, and told it what may be signed or was: it signs
    /// from now on.
    record Recovered() implements NodeEvent {}

    /// All have, and all have lost their journals: nobody says what was signed before. The operator
    /// has to say that this is so, with `./tutti node recover --earlier-payments-unknown`.
    record NobodyRemembers() implements NodeEvent {}

    /// The journal cannot be written: this node no longer signs.
    record JournalFailed(String reason) implements NodeEvent {}

    /// This node made a request. Here and below `request` is its id, 64 hex digits, and signers are
    /// named by their keys, compressed, hex.
    ///
    /// @param signers how many
    /// @param expires ISO 8601, UTC
    record RequestCreated(
            String request,
            int signers,
            String type,
            long amountSat,
            String description,
            String expires)
            implements NodeEvent {}

    /// A request that names this node's key arrived, told once however often it comes. Type, amount
    /// and description are claims of its requester.
    ///
    /// @param requester the key that asks
    /// @param via how it came
    /// @param peerId of who handed it over
    /// @param byRequester whether that was the requester itself, and not another who holds it
    record RequestArrived(
            String request,
            String requester,
            RequestChannel via,
            String peerId,
            boolean byRequester,
            int signers,
            String type,
            long amountSat,
            String description)
            implements NodeEvent {}

    /// How a request reached this node.
    enum RequestChannel {
        /// Over a stream, from the requester or another who has it.
        DIRECT,
        /// By gossip.
        GOSSIP,
        /// From an inbox that was found through the DHT, after this node had been away.
        INBOX
    }

    /// The rules allow a request, and a person decides: `./tutti request join` or `refuse`.
    ///
    /// @param summary what it really does
    record ApprovalNeeded(String request, List<String> summary) implements NodeEvent {}

    /// A signer, perhaps this one, has joined; `joined` of `signers` have.
    record RequestJoined(String request, String signer, int joined, int signers)
            implements NodeEvent {}

    /// A signer, perhaps this one, has refused, which ends the request.
    record RequestRefused(String request, String signer, String code, String reason)
            implements NodeEvent {}

    /// The requester took it back.
    record RequestWithdrawn(String request, String reason) implements NodeEvent {}

    /// This node advertises what it co-signs, for the first time or again.
    record SignerAdvertised(String signer, List<String> types, String until) implements NodeEvent {}

    /// A signer was found that was not known.
    ///
    /// @param signer its key, 66 hex digits
    /// @param nickname what it calls itself, as anybody may
    /// @param via `direct`, `gossip` or `dht`
    record SignerDiscovered(
            String signer, String peerId, List<String> types, String nickname, String via)
            implements NodeEvent {}

    /// A signer that is known has a newer advert.
    record SignerUpdated(
            String signer, String peerId, List<String> types, String nickname, String via)
            implements NodeEvent {}

    /// A signer, perhaps this one, has taken its advert back.
    record SignerWithdrawn(String signer) implements NodeEvent {}

    /// A signer that is known cannot be asked at once any more.
    ///
    /// @param reason `expired` or `disconnected`
    record SignerUnavailable(String signer, String reason) implements NodeEvent {}

    /// It expired before it was signed.
    record RequestExpired(String request) implements NodeEvent {}

    /// A group was proposed: by this node, or to it.
    ///
    /// @param members how many it is to have
    record GroupProposed(String proposal, String name, String proposer, boolean own, int members)
            implements NodeEvent {}

    /// A member, perhaps this one, has consented; `consented` of `members` have.
    record GroupConsented(String proposal, String member, int consented, int members)
            implements NodeEvent {}

    /// All members hold the signatures of all: the group is there. Told again at each start.
    ///
    /// @param descriptor its id
    /// @param address the first that others pay to
    /// @param epoch 1 for a new group, one more for each that follows
    /// @param previous id of the descriptor that it follows; empty for a new group
    record GroupFormed(
            String proposal, String descriptor, String address, int epoch, String previous)
            implements NodeEvent {}

    /// A group that follows one that this node is in is there, without this node.
    ///
    /// @param previous id of the descriptor that is followed
    /// @param successor id of the descriptor that follows it
    record GroupLeft(String proposal, String previous, String successor) implements NodeEvent {}

    /// An event of a group that strangers have formed. In JSON it has the name and the fields of
    /// the event, and `group` beside them.
    ///
    /// @param group the descriptor's id
    record OfGroup(String group, NodeEvent event) implements NodeEvent {
        @Override
        public String eventName() {
            return event.eventName();
        }
    }

    /// This node cannot take part in a group that is formed.
    ///
    /// @param group the descriptor's id
    record GroupUnusable(String group, String code, String reason) implements NodeEvent {}

    /// The proposal will never be a group.
    ///
    /// @param culprits members' keys
    record GroupFailed(String proposal, String code, String reason, List<String> culprits)
            implements NodeEvent {}

    /// A signer of a request is connected.
    record ParticipantConnected(String request, String signer) implements NodeEvent {}

    /// A signer of a request that is not over is no longer connected.
    record ParticipantDisconnected(String request, String signer) implements NodeEvent {}

    /// All have joined: the signers of the request are a group for its life.
    record SessionReady(String request) implements NodeEvent {}

    /// This node announced a session of the request to its signers.
    record SessionCreated(String request, String session) implements NodeEvent {}

    /// This node takes part in a session of the request.
    record SessionJoined(String request, String session) implements NodeEvent {}

    /// A peer has sent what nobody honest sends as often as may be: its questions about requests
    /// are not answered for some time.
    ///
    /// @param code what it sent last
    /// @param addresses IP addresses from which nobody is answered either, from now on
    record PeerBlocked(String peerId, String code, List<String> addresses) implements NodeEvent {
        public PeerBlocked {
            addresses = List.copyOf(addresses);
        }
    }

    /// A session of the request waits for this node's operator.
    ///
    /// @param round 1: to send its public nonces; 2: to send its partial signatures
    record StepNeeded(String request, String session, int round) implements NodeEvent {}

    /// All public nonces are here.
    record Round1Complete(String request, String session) implements NodeEvent {}

    /// All partial signatures are here.
    record Round2Complete(String request, String session) implements NodeEvent {}

    /// A signer's message did not come in time.
    record SignerLate(String request, String signer) implements NodeEvent {}

    /// A session of the request ended without signatures; another is made while the request counts.
    ///
    /// @param culprits the signers that it is blamed on
    record SessionAborted(String request, String code, String reason, List<String> culprits)
            implements NodeEvent {}

    /// All signatures are here, each verified; told again at each start until the request is
    /// settled.
    ///
    /// @param signatures BIP340, 64 bytes each, hex
    record Finalized(String request, List<String> signatures) implements NodeEvent {}

    /// The keys' signatures are right, and inputs of others are not signed in the PSBT: they
    /// complete and send the transaction.
    ///
    /// @param missing indices of these inputs
    record TransactionIncomplete(String request, String txid, List<Long> missing)
            implements NodeEvent {}

    /// A block spends a coin of the request's transaction otherwise.
    ///
    /// @param by what spends it
    record TransactionConflicted(String request, String txid, String by, int height)
            implements NodeEvent {}

    /// The transaction is final, or can no longer be.
    ///
    /// @param confirmed whether it happened
    /// @param by what is in the block
    record TransactionSettled(String request, String txid, boolean confirmed, String by)
            implements NodeEvent {}

    /// A coin at the address of the keys of a request that is not over.
    ///
    /// @param address `tr(musig(keys))`
    /// @param height of the block that it is in
    record RequestCoin(
            String address, String txid, long vout, long valueSat, int height, CoinState state)
            implements NodeEvent {}

    /// What happened to a coin of a request's keys.
    enum CoinState {
        RECEIVED,
        SPENT,
        LOST,
        RESTORED
    }

    /// This node is the one that should send the transaction.
    record ShouldBroadcast(String request) implements NodeEvent {}

    /// What was signed is final.
    record BroadcastConfirmed(String request) implements NodeEvent {}

    /// Nothing of the request goes on here any more.
    record SessionClosed(String request) implements NodeEvent {}

    /// The configuration was read again.
    ///
    /// @param changes what is used from now on
    /// @param needRestart keys that differ and are used after the next start alone
    record Reloaded(List<String> changes, List<String> needRestart) implements NodeEvent {}

    /// The configuration was read again and is not used, because it is wrong.
    record ReloadFailed(String reason) implements NodeEvent {}

    /// What a part of the program notes besides the events.
    ///
    /// @param level `error`, `warn`, `info`, `debug` or `trace`
    /// @param logger the part, as the configuration's `log.levels` name it
    /// @param error where it came from, with line feeds
    record Log(String level, String logger, String message, Optional<String> error)
            implements NodeEvent {}

    /// Events that were not printed, because what was printed before waited too long for a reader.
    record EventsDropped(long count) implements NodeEvent {}

    /// The node did not start, or cannot continue.
    record Failed(String code, String message) implements NodeEvent {}

    /// The node was asked to stop, and has.
    record Stopped() implements NodeEvent {}
}
