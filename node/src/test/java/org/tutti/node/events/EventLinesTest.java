package org.tutti.node.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The JSON line of every event, to the byte: programs read them.
class EventLinesTest {
    private record Line(NodeEvent event, String json) {}

    private static final List<Line> LINES =
            List.of(
                    new Line(
                            new NodeEvent.Started("alice", "02aa", "regtest", 3),
                            """
                            {"event":"started","t":1767323045678.901,"peerId":"alice","signingKey":"02aa",\
                            "network":"regtest","members":3}\
                            """),
                    new Line(
                            new NodeEvent.Agreed("regtest", "bb", "cc", "bcrt1p", "5120cc"),
                            """
                            {"event":"agreed","t":1767323045678.901,"network":"regtest","internalKey":"bb","outputKey":"cc",\
                            "address":"bcrt1p","scriptPubKey":"5120cc"}\
                            """),
                    new Line(
                            new NodeEvent.AddressDiffers("bob", "bc1p"),
                            """
                            {"event":"address-differs","t":1767323045678.901,"peerId":"bob","theirs":"bc1p"}\
                            """),
                    new Line(
                            new NodeEvent.GroupDiffers("bob", "77", "88"),
                            """
                            {"event":"group-differs","t":1767323045678.901,"peerId":"bob","theirs":"77","ours":"88"}\
                            """),
                    new Line(
                            new NodeEvent.RequestCreated(
                                    "a1", 3, "spend", 7, "rent", "2026-01-03T03:04:05Z"),
                            """
                            {"event":"request-created","t":1767323045678.901,"request":"a1","signers":3,"type":"spend","amountSat":7,\
                            "description":"rent","expires":"2026-01-03T03:04:05Z"}\
                            """),
                    new Line(
                            new NodeEvent.RequestArrived(
                                    "a1",
                                    "02aa",
                                    NodeEvent.RequestChannel.INBOX,
                                    "bob",
                                    false,
                                    3,
                                    "spend",
                                    7,
                                    "rent"),
                            """
                            {"event":"request-arrived","t":1767323045678.901,"request":"a1","requester":"02aa","via":"inbox","peerId":"bob",\
                            "byRequester":false,"signers":3,"type":"spend","amountSat":7,"description":"rent"}\
                            """),
                    new Line(
                            new NodeEvent.ApprovalNeeded("a1", List.of("pays 7 sat")),
                            """
                            {"event":"approval-needed","t":1767323045678.901,"request":"a1","summary":["pays 7 sat"]}\
                            """),
                    new Line(
                            new NodeEvent.RequestJoined("a1", "02aa", 2, 3),
                            """
                            {"event":"request-joined","t":1767323045678.901,"request":"a1","signer":"02aa","joined":2,"signers":3}\
                            """),
                    new Line(
                            new NodeEvent.RequestRefused("a1", "02aa", "NO", "never"),
                            """
                            {"event":"request-refused","t":1767323045678.901,"request":"a1","signer":"02aa","code":"NO","reason":"never"}\
                            """),
                    new Line(
                            new NodeEvent.SignerAdvertised("02aa", List.of("swap"), "2026"),
                            """
                            {"event":"signer-advertised","t":1767323045678.901,"signer":"02aa","types":["swap"],"until":"2026"}\
                            """),
                    new Line(
                            new NodeEvent.SignerDiscovered(
                                    "02aa", "bob", List.of("swap"), "bobby", "dht"),
                            """
                            {"event":"signer-discovered","t":1767323045678.901,"signer":"02aa","peerId":"bob","types":["swap"],"nickname":"bobby","via":"dht"}\
                            """),
                    new Line(
                            new NodeEvent.SignerUpdated(
                                    "02aa", "bob", List.of("swap"), "bobby", "gossip"),
                            """
                            {"event":"signer-updated","t":1767323045678.901,"signer":"02aa","peerId":"bob","types":["swap"],"nickname":"bobby","via":"gossip"}\
                            """),
                    new Line(
                            new NodeEvent.SignerWithdrawn("02aa"),
                            """
                            {"event":"signer-withdrawn","t":1767323045678.901,"signer":"02aa"}\
                            """),
                    new Line(
                            new NodeEvent.SignerUnavailable("02aa", "expired"),
                            """
                            {"event":"signer-unavailable","t":1767323045678.901,"signer":"02aa","reason":"expired"}\
                            """),
                    new Line(
                            new NodeEvent.RequestWithdrawn("a1", "paid"),
                            """
                            {"event":"request-withdrawn","t":1767323045678.901,"request":"a1","reason":"paid"}\
                            """),
                    new Line(
                            new NodeEvent.GroupProposed("a1", "savings", "02aa", true, 3),
                            """
                            {"event":"group-proposed","t":1767323045678.901,"proposal":"a1",\
                            "name":"savings","proposer":"02aa","own":true,"members":3}\
                            """),
                    new Line(
                            new NodeEvent.GroupConsented("a1", "02aa", 2, 3),
                            """
                            {"event":"group-consented","t":1767323045678.901,"proposal":"a1",\
                            "member":"02aa","consented":2,"members":3}\
                            """),
                    new Line(
                            new NodeEvent.GroupFormed("a1", "d1", "bcrt1p", 2, "d0"),
                            """
                            {"event":"group-formed","t":1767323045678.901,"proposal":"a1",\
                            "descriptor":"d1","address":"bcrt1p","epoch":2,"previous":"d0"}\
                            """),
                    new Line(
                            new NodeEvent.GroupLeft("a1", "d0", "d1"),
                            """
                            {"event":"group-left","t":1767323045678.901,"proposal":"a1",\
                            "previous":"d0","successor":"d1"}\
                            """),
                    new Line(
                            new NodeEvent.OfGroup("a1".repeat(32), new NodeEvent.Tip(7, "00ff")),
                            """
                            {"event":"tip","t":1767323045678.901,"group":"%s",\
                            "height":7,"blockHash":"00ff"}\
                            """
                                    .formatted("a1".repeat(32))),
                    new Line(
                            new NodeEvent.GroupUnusable("d1d1d1d1d1", "KEY_LOST", "it is gone"),
                            """
                            {"event":"group-unusable","t":1767323045678.901,"group":"d1d1d1d1d1",\
                            "code":"KEY_LOST","reason":"it is gone"}\
                            """),
                    new Line(
                            new NodeEvent.GroupFailed("a1", "REFUSED", "no", List.of("02aa")),
                            """
                            {"event":"group-failed","t":1767323045678.901,"proposal":"a1",\
                            "code":"REFUSED","reason":"no","culprits":["02aa"]}\
                            """),
                    new Line(
                            new NodeEvent.RequestExpired("a1"),
                            """
                            {"event":"request-expired","t":1767323045678.901,"request":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.ParticipantConnected("a1", "02aa"),
                            """
                            {"event":"participant-connected","t":1767323045678.901,"request":"a1","signer":"02aa"}\
                            """),
                    new Line(
                            new NodeEvent.ParticipantDisconnected("a1", "02aa"),
                            """
                            {"event":"participant-disconnected","t":1767323045678.901,"request":"a1","signer":"02aa"}\
                            """),
                    new Line(
                            new NodeEvent.SignerLate("a1", "02aa"),
                            """
                            {"event":"signer-late","t":1767323045678.901,"request":"a1","signer":"02aa"}\
                            """),
                    new Line(
                            new NodeEvent.SessionReady("a1"),
                            """
                            {"event":"session-ready","t":1767323045678.901,"request":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.ShouldBroadcast("a1"),
                            """
                            {"event":"should-broadcast","t":1767323045678.901,"request":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastConfirmed("a1"),
                            """
                            {"event":"broadcast-confirmed","t":1767323045678.901,"request":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.SessionClosed("a1"),
                            """
                            {"event":"session-closed","t":1767323045678.901,"request":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.SessionCreated("a1", "5e"),
                            """
                            {"event":"session-created","t":1767323045678.901,"request":"a1","session":"5e"}\
                            """),
                    new Line(
                            new NodeEvent.SessionJoined("a1", "5e"),
                            """
                            {"event":"session-joined","t":1767323045678.901,"request":"a1","session":"5e"}\
                            """),
                    new Line(
                            new NodeEvent.PeerBlocked("12D3KooW", "FORGED", List.of("192.0.2.1")),
                            """
                            {"event":"peer-blocked","t":1767323045678.901,"peerId":"12D3KooW","code":"FORGED","addresses":["192.0.2.1"]}\
                            """),
                    new Line(
                            new NodeEvent.StepNeeded("a1", "5e", 1),
                            """
                            {"event":"step-needed","t":1767323045678.901,"request":"a1","session":"5e","round":1}\
                            """),
                    new Line(
                            new NodeEvent.Round1Complete("a1", "5e"),
                            """
                            {"event":"round1-complete","t":1767323045678.901,"request":"a1","session":"5e"}\
                            """),
                    new Line(
                            new NodeEvent.Round2Complete("a1", "5e"),
                            """
                            {"event":"round2-complete","t":1767323045678.901,"request":"a1","session":"5e"}\
                            """),
                    new Line(
                            new NodeEvent.SessionAborted("a1", "LATE", "too late", List.of("02aa")),
                            """
                            {"event":"session-aborted","t":1767323045678.901,"request":"a1","code":"LATE","reason":"too late","culprits":["02aa"]}\
                            """),
                    new Line(
                            new NodeEvent.Finalized("a1", List.of("cc")),
                            """
                            {"event":"finalized","t":1767323045678.901,"request":"a1","signatures":["cc"]}\
                            """),
                    new Line(
                            new NodeEvent.TransactionIncomplete("a1", "dd", List.of(1L)),
                            """
                            {"event":"transaction-incomplete","t":1767323045678.901,"request":"a1","txid":"dd","missing":[1]}\
                            """),
                    new Line(
                            new NodeEvent.TransactionConflicted("a1", "dd", "ee", 7),
                            """
                            {"event":"transaction-conflicted","t":1767323045678.901,"request":"a1","txid":"dd","by":"ee","height":7}\
                            """),
                    new Line(
                            new NodeEvent.TransactionSettled("a1", "dd", true, "dd"),
                            """
                            {"event":"transaction-settled","t":1767323045678.901,"request":"a1","txid":"dd","confirmed":true,"by":"dd"}\
                            """),
                    new Line(
                            new NodeEvent.RequestCoin(
                                    "bcrt1p", "dd", 1, 7, 5, NodeEvent.CoinState.RECEIVED),
                            """
                            {"event":"request-coin","t":1767323045678.901,"address":"bcrt1p","txid":"dd","vout":1,"valueSat":7,"height":5,"state":"received"}\
                            """),
                    new Line(
                            new NodeEvent.JournalMissing("/data/journal"),
                            """
                            {"event":"journal-missing","t":1767323045678.901,"path":"/data/journal"}\
                            """),
                    new Line(
                            new NodeEvent.CopyFound("bob", false),
                            """
                            {"event":"copy-found","t":1767323045678.901,"peerId":"bob","self":false}\
                            """),
                    new Line(
                            new NodeEvent.CopyGone("alice", true),
                            """
                            {"event":"copy-gone","t":1767323045678.901,"peerId":"alice","self":true}\
                            """),
                    new Line(
                            new NodeEvent.Listening("alice", List.of("/ip4/1", "/ip4/2")),
                            """
                            {"event":"listening","t":1767323045678.901,"peerId":"alice",\
                            "addresses":["/ip4/1","/ip4/2"]}\
                            """),
                    new Line(
                            new NodeEvent.PeerConnected("bob", 1, 2),
                            """
                            {"event":"peer-connected","t":1767323045678.901,"peerId":"bob",\
                            "connected":1,"members":2}\
                            """),
                    new Line(
                            new NodeEvent.PeerLost("bob", 0, 2, "reset"),
                            """
                            {"event":"peer-lost","t":1767323045678.901,"peerId":"bob",\
                            "connected":0,"members":2,"reason":"reset"}\
                            """),
                    new Line(
                            new NodeEvent.InboundRefused("/ip4/1", "GATED", "not a member", 3),
                            """
                            {"event":"inbound-refused","t":1767323045678.901,"address":"/ip4/1",\
                            "code":"GATED","reason":"not a member","count":3}\
                            """),
                    new Line(
                            new NodeEvent.AllMembersConnected(3),
                            """
                            {"event":"mesh-complete","t":1767323045678.901,"members":3}\
                            """),
                    new Line(
                            new NodeEvent.BitcoinPeerConnected("127.0.0.1:1", "/btcd/"),
                            """
                            {"event":"bitcoin-peer-connected","t":1767323045678.901,\
                            "address":"127.0.0.1:1","userAgent":"/btcd/"}\
                            """),
                    new Line(
                            new NodeEvent.BitcoinPeerLost("127.0.0.1:1", "CLOSED"),
                            """
                            {"event":"bitcoin-peer-lost","t":1767323045678.901,\
                            "address":"127.0.0.1:1","reason":"CLOSED"}\
                            """),
                    new Line(
                            new NodeEvent.Tip(5, "00ff"),
                            """
                            {"event":"tip","t":1767323045678.901,"height":5,"blockHash":"00ff"}\
                            """),
                    new Line(
                            new NodeEvent.ChainProgress(
                                    "headers", 900, 7, 80, 2, 70_000, Optional.of(5L)),
                            """
                            {"event":"chain-progress","t":1767323045678.901,"phase":"headers",\
                            "headers":900,"height":7,"headersPerSecond":80,"connected":2,\
                            "bytes":70000,"secondsLeft":5}\
                            """),
                    new Line(
                            new NodeEvent.ChainHeldBack("NO_PEER", "none"),
                            """
                            {"event":"chain-held-back","t":1767323045678.901,"code":"NO_PEER",\
                            "reason":"none"}\
                            """),
                    new Line(
                            new NodeEvent.ChainFreed("NO_PEER"),
                            """
                            {"event":"chain-freed","t":1767323045678.901,"code":"NO_PEER"}\
                            """),
                    new Line(
                            new NodeEvent.UtxoReceived("dd", 1, 5_000_000_000L, 7, true),
                            """
                            {"event":"coin","t":1767323045678.901,"txid":"dd","vout":1,\
                            "valueSat":5000000000,"height":7,"coinbase":true}\
                            """),
                    new Line(
                            new NodeEvent.UtxoChanged("dd", 1, NodeEvent.UtxoChange.SPENT),
                            """
                            {"event":"coin-changed","t":1767323045678.901,"txid":"dd","vout":1,\
                            "change":"spent"}\
                            """),
                    new Line(
                            new NodeEvent.Resumed("aa", 2),
                            """
                            {"event":"resumed","t":1767323045678.901,"session":"aa","attempt":2}\
                            """),
                    new Line(
                            new NodeEvent.Announced("aa", "dd", 2),
                            """
                            {"event":"announced","t":1767323045678.901,"session":"aa","txid":"dd",\
                            "inputs":2}\
                            """),
                    new Line(
                            new NodeEvent.RequestReceived("aa", "bob", "payment"),
                            """
                            {"event":"request-received","t":1767323045678.901,"session":"aa",\
                            "requester":"bob","purpose":"payment"}\
                            """),
                    new Line(
                            new NodeEvent.Ready("aa", 1, "bob", 0),
                            """
                            {"event":"ready","t":1767323045678.901,"session":"aa","attempt":1,\
                            "peerId":"bob","signer":0}\
                            """),
                    new Line(
                            new NodeEvent.AttemptStarted("aa", 1),
                            """
                            {"event":"attempt-started","t":1767323045678.901,"session":"aa","attempt":1}\
                            """),
                    new Line(
                            new NodeEvent.Nonces("aa", 1, "bob", 0),
                            """
                            {"event":"nonces","t":1767323045678.901,"session":"aa","attempt":1,\
                            "peerId":"bob","signer":0}\
                            """),
                    new Line(
                            new NodeEvent.Partials("aa", 1, "bob", 0),
                            """
                            {"event":"partials","t":1767323045678.901,"session":"aa","attempt":1,\
                            "peerId":"bob","signer":0}\
                            """),
                    new Line(
                            new NodeEvent.Signed(
                                    "aa",
                                    "dd",
                                    "0200",
                                    List.of(new NodeEvent.Prevout("ee", 0, 5, "5120cc")),
                                    List.of(new NodeEvent.SignedInput("11", "22"))),
                            """
                            {"event":"signed","t":1767323045678.901,"session":"aa","txid":"dd",\
                            "rawTx":"0200","prevouts":[{"txid":"ee","vout":0,"valueSat":5,\
                            "scriptPubKey":"5120cc"}],"inputs":[{"sighash":"11","signature":"22"}]}\
                            """),
                    new Line(
                            new NodeEvent.Checked("aa", "dd", 2),
                            """
                            {"event":"checked","t":1767323045678.901,"session":"aa","txid":"dd",\
                            "inputs":2}\
                            """),
                    new Line(
                            new NodeEvent.Broadcast("dd", "127.0.0.1:1"),
                            """
                            {"event":"broadcast","t":1767323045678.901,"txid":"dd","peer":"127.0.0.1:1"}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastAccepted("dd", "127.0.0.1:1"),
                            """
                            {"event":"broadcast-accepted","t":1767323045678.901,"txid":"dd",\
                            "peer":"127.0.0.1:1"}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastSeen("dd", "127.0.0.1:2", 1),
                            """
                            {"event":"broadcast-seen","t":1767323045678.901,"txid":"dd",\
                            "peer":"127.0.0.1:2","peers":1}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastUnseen("dd", 3),
                            """
                            {"event":"broadcast-unseen","t":1767323045678.901,"txid":"dd",\
                            "announced":3}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastDropped("dd", "127.0.0.1:1"),
                            """
                            {"event":"broadcast-dropped","t":1767323045678.901,"txid":"dd",\
                            "peer":"127.0.0.1:1"}\
                            """),
                    new Line(
                            new NodeEvent.BroadcastRefused("dd", "dust"),
                            """
                            {"event":"broadcast-refused","t":1767323045678.901,"txid":"dd",\
                            "reason":"dust"}\
                            """),
                    new Line(
                            new NodeEvent.Confirmed("dd", 7, "00ff", List.of("33", "44"), 1, 1),
                            """
                            {"event":"confirmed","t":1767323045678.901,"txid":"dd","height":7,\
                            "blockHash":"00ff","merkleBranch":["33","44"],"merkleIndex":1,\
                            "confirmations":1}\
                            """),
                    new Line(
                            new NodeEvent.Unconfirmed("dd", 7, "00ff"),
                            """
                            {"event":"unconfirmed","t":1767323045678.901,"txid":"dd","height":7,\
                            "blockHash":"00ff"}\
                            """),
                    new Line(
                            new NodeEvent.Refused(
                                    "aa", "bob", "FEE_ABOVE_LIMIT", "too much", false),
                            """
                            {"event":"refused","t":1767323045678.901,"session":"aa","peerId":"bob",\
                            "code":"FEE_ABOVE_LIMIT","reason":"too much","partialsLeft":false}\
                            """),
                    new Line(
                            new NodeEvent.Aborted(
                                    "aa",
                                    "bob",
                                    "BAD_PARTIAL",
                                    "wrong",
                                    List.of("carol"),
                                    List.of(),
                                    List.of(),
                                    Optional.of("evidence/aa"),
                                    false),
                            """
                            {"event":"aborted","t":1767323045678.901,"session":"aa","by":"bob",\
                            "code":"BAD_PARTIAL","reason":"wrong","culprits":["carol"],"observed":[],\
                            "claimed":[],"evidence":"evidence/aa","partialsLeft":false}\
                            """),
                    new Line(
                            new NodeEvent.Aborted(
                                    "aa",
                                    "bob",
                                    "EXPIRED",
                                    "late",
                                    List.of(),
                                    List.of("dave"),
                                    List.of("carol"),
                                    Optional.empty(),
                                    true),
                            """
                            {"event":"aborted","t":1767323045678.901,"session":"aa","by":"bob",\
                            "code":"EXPIRED","reason":"late","culprits":[],"observed":["dave"],\
                            "claimed":["carol"],"evidence":null,"partialsLeft":true}\
                            """),
                    new Line(
                            new NodeEvent.AttemptFailed("aa", 1, List.of("carol"), "waited"),
                            """
                            {"event":"attempt-failed","t":1767323045678.901,"session":"aa","attempt":1,\
                            "holdouts":["carol"],"reason":"waited"}\
                            """),
                    new Line(
                            new NodeEvent.Dropped("bob", "NOT_A_MEMBER", 4),
                            """
                            {"event":"dropped","t":1767323045678.901,"peerId":"bob",\
                            "reason":"NOT_A_MEMBER","count":4}\
                            """),
                    new Line(
                            new NodeEvent.CheckFailed("aa", "dd", "input 0: false"),
                            """
                            {"event":"check-failed","t":1767323045678.901,"session":"aa","txid":"dd",\
                            "reason":"input 0: false"}\
                            """),
                    new Line(
                            new NodeEvent.ClockStepped(-7200),
                            """
                            {"event":"clock-stepped","t":1767323045678.901,"seconds":-7200}\
                            """),
                    new Line(
                            new NodeEvent.JournalWentBack("bob"),
                            """
                            {"event":"journal-went-back","t":1767323045678.901,"peerId":"bob"}\
                            """),
                    new Line(
                            new NodeEvent.JournalNotCompacted("disk full"),
                            """
                            {"event":"journal-not-compacted","t":1767323045678.901,\
                            "reason":"disk full"}\
                            """),
                    new Line(
                            new NodeEvent.RecoveryAsked("bob", "a1"),
                            """
                            {"event":"recovery-asked","t":1767323045678.901,"peerId":"bob",\
                            "journal":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.RecoveryAccepted("carol", "bob", "a1"),
                            """
                            {"event":"recovery-accepted","t":1767323045678.901,"by":"carol",\
                            "peerId":"bob","journal":"a1"}\
                            """),
                    new Line(
                            new NodeEvent.Recovered(),
                            """
                            {"event":"recovered","t":1767323045678.901}\
                            """),
                    new Line(
                            new NodeEvent.NobodyRemembers(),
                            """
                            {"event":"nobody-remembers","t":1767323045678.901}\
                            """),
                    new Line(
                            new NodeEvent.JournalFailed("disk full"),
                            """
                            {"event":"journal-failed","t":1767323045678.901,"reason":"disk full"}\
                            """),
                    new Line(
                            new NodeEvent.Failed("PORT_IN_USE", "taken"),
                            """
                            {"event":"failed","t":1767323045678.901,"code":"PORT_IN_USE",\
                            "message":"taken"}\
                            """),
                    new Line(
                            new NodeEvent.Reloaded(List.of("a = 1"), List.of("epoch")),
                            """
                            {"event":"reloaded","t":1767323045678.901,"changes":["a = 1"],\
                            "needRestart":["epoch"]}\
                            """),
                    new Line(
                            new NodeEvent.ReloadFailed("line 3"),
                            """
                            {"event":"reload-failed","t":1767323045678.901,"reason":"line 3"}\
                            """),
                    new Line(
                            new NodeEvent.Log("warn", "org.a", "b", Optional.of("c\n")),
                            """
                            {"event":"log","t":1767323045678.901,"level":"warn","logger":"org.a",\
                            "message":"b","error":"c\\n"}\
                            """),
                    new Line(
                            new NodeEvent.EventsDropped(7),
                            """
                            {"event":"events-dropped","t":1767323045678.901,"count":7}\
                            """),
                    new Line(
                            new NodeEvent.Stopped(),
                            """
                            {"event":"stopped","t":1767323045678.901}\
                            """));

    @Test
    void everyEventHasExactlyThisLine() {
        Instant at = Instant.parse("2026-01-02T03:04:05.678901234Z");
        for (Line line : LINES) {
            assertThat(new JsonEvents().line(at, line.event())).isEqualTo(line.json());
        }
    }

    @Test
    void whatWasPrintedIsReadAgain() throws Exception {
        for (Line line : LINES) {
            NodeEvent event = line.event();
            assertThat(NodeEvent.read(JsonLine.parse(line.json())))
                    .contains(event instanceof NodeEvent.OfGroup of ? of.event() : event);
        }
        assertThat(NodeEvent.read(JsonLine.parse("{\"event\":\"of-a-newer-version\"}"))).isEmpty();
        assertThat(NodeEvent.read(JsonLine.parse("{\"ok\":true}"))).isEmpty();
        assertThatExceptionOfType(JsonLineException.class)
                .isThrownBy(() -> NodeEvent.read(JsonLine.parse("{\"event\":\"tip\"}")));
    }

    @Test
    void noEventIsLeftOut() {
        assertThat(LINES.stream().map(line -> line.event().getClass()).collect(Collectors.toSet()))
                .isEqualTo(Set.of(NodeEvent.class.getPermittedSubclasses()));
    }
}
