package org.tutti.node.api;

import org.tutti.node.json.JsonInlined;
import org.tutti.node.json.JsonOmitted;
import org.tutti.wallet.payments.PaymentState;

import java.util.List;
import java.util.Optional;

/// What a node knows.
///
/// @param network such as `regtest`
/// @param address the group's; absent until all members have agreed on it once
/// @param peerId this node's
/// @param height of the best chain's last block, all of its blocks from the birthday on checked; -1
///   before the first
/// @param tip hash of that block, reversed hex
/// @param members the whole group, this node among them, in the order of their signer numbers;
///   empty without a group
/// @param recovery how far this node is whose journal was lost; absent while its journal is used
/// @param coins unspent ones, oldest first, a bounded number
/// @param payments newest first, a bounded number
/// @param sessions those of the group that have not ended
/// @param requests those that are not over, newest first, a bounded number; absent where this node
///   takes none
/// @param groups those that strangers have formed with this node, a bounded number; absent where
///   there is none. Everything above is the configured group's
/// @param policy what this node signs
/// @param secrets how well the system keeps what must stay in this node's memory
/// @param refused connections and streams, by reason
/// @param chain how far the chain is followed, and what holds it back
public record NodeStatus(
        String network,
        @JsonOmitted Optional<String> address,
        String peerId,
        int height,
        Optional<String> tip,
        List<Member> members,
        @JsonOmitted Optional<Recovery> recovery,
        @JsonInlined Balance balance,
        List<Utxo> coins,
        List<Payment> payments,
        List<Session> sessions,
        @JsonOmitted Optional<List<RequestInfo>> requests,
        @JsonOmitted Optional<List<FormedGroup>> groups,
        Policy policy,
        Secrets secrets,
        List<Refused> refused,
        Chain chain) {
    public NodeStatus {
        sessions = List.copyOf(sessions);
        members = List.copyOf(members);
        coins = List.copyOf(coins);
        payments = List.copyOf(payments);
        refused = List.copyOf(refused);
    }

    /// A group that strangers have formed.
    ///
    /// @param group the descriptor's id
    /// @param address that nobody has paid to yet
    /// @param caughtUp whether all blocks since its birthday have been read
    /// @param height of the last one that was
    /// @param signs whether this node signs anything for it: it named its policy, and has one
    /// @param coins unspent ones, oldest first, a bounded number
    /// @param payments newest first, a bounded number
    public record FormedGroup(
            String group,
            String name,
            String address,
            boolean caughtUp,
            int height,
            boolean signs,
            List<Member> members,
            @JsonInlined Balance balance,
            List<Utxo> coins,
            List<Payment> payments) {
        public FormedGroup {
            members = List.copyOf(members);
            coins = List.copyOf(coins);
            payments = List.copyOf(payments);
        }
    }

    /// Connections and streams that were refused since the start.
    ///
    /// @param reason such as `GATED`, for a peer that may not connect, or the name of a limit
    public record Refused(String reason, long count) {}

    /// A member of the group.
    ///
    /// @param signer number in the group, from 0
    /// @param alias what this node's configuration calls it
    /// @param signingKey compressed, 33 bytes, hex
    /// @param self whether it is this node
    /// @param connected whether this node is connected to it; false for itself
    /// @param since when it was connected, or lost; where it never was, since when it is dialled.
    ///   ISO 8601, UTC; absent for this node
    /// @param roundTripMicros how long it took to answer the last ping, in microseconds; absent
    ///   where it is not connected, or was not pinged yet
    /// @param theirs its group or address where that differs, or its new journal
    public record Member(
            int signer,
            @JsonOmitted Optional<String> alias,
            String peerId,
            String signingKey,
            boolean self,
            boolean connected,
            @JsonOmitted Optional<String> since,
            @JsonOmitted Optional<Long> roundTripMicros,
            State state,
            @JsonOmitted Optional<String> theirs) {
        /// How this node and the member stand.
        public enum State {
            /// It means the same group and address as this node.
            AGREED,
            /// It has not said so yet.
            WAITING,
            /// Its journal was lost, and it asks to go on with the new one in `theirs`.
            RECOVERING,
            /// This node's operator has accepted that, but not all have, or it is not told
            /// everything yet.
            ACCEPTED,
            /// Network, epoch or a key differ in its configuration.
            OTHER_GROUP,
            /// It derives another address from the same keys.
            OTHER_ADDRESS,
            /// Two processes have its identity: nothing is signed until one is gone.
            COPIED
        }
    }

    /// How far this node is whose journal was lost, and which signs nothing until all are done.
    ///
    /// @param journal id of its new one, which the others' operators accept
    /// @param accepted peer ids of the members whose operators have
    /// @param told peer ids of the members that have told everything they remember
    /// @param nobodyRemembers all have done both, but have lost their journals too: see `./tutti
    ///   node recover --earlier-payments-unknown`
    public record Recovery(
            String journal, List<String> accepted, List<String> told, boolean nobodyRemembers) {
        public Recovery {
            accepted = List.copyOf(accepted);
            told = List.copyOf(told);
        }
    }

    /// What the group owns.
    ///
    /// @param totalSat all unspent coins
    /// @param spendableSat those that a payment may spend now
    /// @param spendableCoins how many these are
    public record Balance(long totalSat, long spendableSat, int spendableCoins) {}

    /// An unspent coin of the group's.
    ///
    /// @param height of the block that it is in
    /// @param spendable whether a payment may spend it now
    /// @param heldBy session of the payment that it is promised to; another payment does not take
    ///   it before that one is final or given up
    public record Utxo(
            String txid,
            long vout,
            long valueSat,
            int height,
            boolean coinbase,
            boolean spendable,
            @JsonOmitted Optional<String> heldBy) {}

    /// How far the chain is followed, and what holds it back.
    ///
    /// @param phase `connecting` (no peer), `headers` or `blocks` (catching up), or `following`
    /// @param headers height of the best chain of headers
    /// @param tipAgeSeconds how old its last block is by its header
    /// @param connected Bitcoin peers that are
    /// @param agreeing those of them whose chain ends with ours
    /// @param fresh whether payments can be judged by this chain now
    /// @param bytes read from all peers since the start
    /// @param secondsLeft until it is caught up, by the clock and its speed; absent where nobody
    ///   can say
    /// @param obstacles what holds the tip back, or makes it doubtful
    /// @param peers all that are configured
    public record Chain(
            String phase,
            int headers,
            long tipAgeSeconds,
            int connected,
            int agreeing,
            boolean fresh,
            long bytes,
            @JsonOmitted Optional<Long> secondsLeft,
            List<Obstacle> obstacles,
            List<BitcoinPeer> peers) {
        public Chain {
            obstacles = List.copyOf(obstacles);
            peers = List.copyOf(peers);
        }
    }

    /// Something that holds the tip back.
    ///
    /// @param code see [org.tutti.lightclient.sync.SyncStatus.Obstacle.Code]
    public record Obstacle(String code, String message) {}

    /// A Bitcoin peer.
    ///
    /// @param state `waiting`, `dialling`, `connected` or `banned`
    /// @param height of the header of most work that it has shown; -1 where it has shown none
    /// @param penalty what it has against it; 0 is best
    /// @param last why its last connection, or attempt, ended
    public record BitcoinPeer(
            String peer,
            String state,
            String userAgent,
            int height,
            boolean agrees,
            int penalty,
            @JsonOmitted Optional<String> last) {}

    /// What this node signs.
    ///
    /// @param maxAmountSat most that a payment may send away
    /// @param leftTodaySat what all payments of these 24 hours may still take; absent without a
    ///   limit
    /// @param maxFeeSat most that the miner may get of a transaction
    /// @param anyDestination whether any address may be paid
    /// @param destinations the addresses that may be paid, or their scripts in hex
    public record Policy(
            long maxAmountSat,
            @JsonOmitted Optional<Long> leftTodaySat,
            long maxFeeSat,
            boolean anyDestination,
            List<String> destinations) {
        public Policy {
            destinations = List.copyOf(destinations);
        }
    }

    /// How well the system keeps signing key and secret nonces in the node's memory.
    ///
    /// @param memoryLocked whether they are never written to swap
    /// @param leftOutOfCoreFiles whether their memory is left out of core files
    /// @param notDumpable whether other processes of the same user cannot read the process's memory
    /// @param coreFilesOff whether a crash leaves no core file
    /// @param attachOff whether the JVM lets no process of the same user attach
    /// @param missing what could not be had and why, for people; empty if everything could
    public record Secrets(
            boolean memoryLocked,
            boolean leftOutOfCoreFiles,
            boolean notDumpable,
            boolean coreFilesOff,
            boolean attachOff,
            List<String> missing) {
        public Secrets {
            missing = List.copyOf(missing);
        }
    }

    /// A payment of the group's.
    ///
    /// @param since when it came into this state, as far as this process saw it; after a restart,
    ///   of the restart. ISO 8601, UTC
    /// @param created when it was asked for, by the requester's clock; absent where it was only
    ///   found in a block
    /// @param requester peer id of the member that asked for it
    /// @param confirmations 1 in the last block, 0 in none; of what spends its coin, where it is
    ///   conflicted
    /// @param conflict the transaction that spends a coin of it otherwise
    /// @param seenBy how many Bitcoin peers have it that did not get it from this node
    /// @param blockHash of the block that it is in
    /// @param session that it is signed in; absent where it was only found in a block, as the
    ///   following ones are
    /// @param key it was asked for with, if this node did
    /// @param amountSat what it pays to others, all together
    /// @param outputs what it pays to whom
    /// @param feeSat what the miner gets; absent where this node does not have its coins, as
    ///   `feeRate` is
    /// @param feeRate satoshi per virtual byte, with two digits behind the point
    /// @param rung where its session signs several rates, which of them it is
    /// @param group the descriptor's id of the group, if strangers have formed it
    public record Payment(
            String txid,
            PaymentState state,
            String since,
            @JsonOmitted Optional<String> created,
            @JsonOmitted Optional<String> requester,
            int confirmations,
            @JsonOmitted Optional<String> blockHash,
            @JsonOmitted Optional<String> conflict,
            int seenBy,
            @JsonOmitted Optional<String> session,
            @JsonOmitted Optional<String> key,
            long amountSat,
            List<Output> outputs,
            @JsonOmitted Optional<Long> feeSat,
            @JsonOmitted Optional<Double> feeRate,
            @JsonOmitted Optional<Rung> rung,
            @JsonOmitted Optional<String> group) {
        public Payment {
            outputs = List.copyOf(outputs);
        }

        /// Of the configured group.
        public Payment(
                String txid,
                PaymentState state,
                String since,
                Optional<String> created,
                Optional<String> requester,
                int confirmations,
                Optional<String> blockHash,
                Optional<String> conflict,
                int seenBy,
                Optional<String> session,
                Optional<String> key,
                long amountSat,
                List<Output> outputs,
                Optional<Long> feeSat,
                Optional<Double> feeRate,
                Optional<Rung> rung) {
            this(
                    txid,
                    state,
                    since,
                    created,
                    requester,
                    confirmations,
                    blockHash,
                    conflict,
                    seenBy,
                    session,
                    key,
                    amountSat,
                    outputs,
                    feeSat,
                    feeRate,
                    rung,
                    Optional.empty());
        }
    }

    /// One of the rates that a session signs.
    ///
    /// @param number from 1, the cheapest
    /// @param of how many there are
    public record Rung(int number, int of) {}

    /// A session that has not ended.
    ///
    /// @param requester peer id of the member that asked for it
    /// @param attempt from 1
    /// @param waitedFor peer ids of the members whose messages are missing, this node's among them
    ///   where it has not decided yet
    public record Session(
            String session, String requester, int attempt, Phase phase, List<String> waitedFor) {
        public Session {
            waitedFor = List.copyOf(waitedFor);
        }

        /// How far a session is.
        public enum Phase {
            /// This node's policy has not decided yet.
            APPROVING,
            /// It has, and another session has the coins.
            WAITING,
            /// Members say that they are ready; no nonce exists.
            READINESS,
            /// Public nonces are exchanged.
            NONCES,
            /// Partial signatures are exchanged: from here on it may be signed.
            PARTIALS
        }
    }

    /// What a payment pays to somebody.
    ///
    /// @param to address, or the script in hex where it has no address
    public record Output(String to, long amountSat) {}
}
