package org.tutti.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;

import java.util.List;
import java.util.Optional;

/// The operations as JSON objects, to the byte: programs write and read them.
class OperationsTest {
    private final FakeNode node = new FakeNode();

    @Test
    void theAddressHasFourFields() throws Exception {
        assertThat(answer("{\"op\":\"address\"}"))
                .isEqualTo(
                        """
                        {"address":"bcrt1p","network":"regtest","internalKey":"aa","outputKey":"bb"}\
                        """);
    }

    @Test
    void theStatusIsOneFlatObjectWithThreeLists() throws Exception {
        assertThat(answer("{\"op\":\"status\"}"))
                .isEqualTo(
                        """
                        {"network":"regtest","address":"bcrt1p",\
                        "peerId":"alice","height":7,"tip":"00ff","members":[\
                        {"signer":0,"alias":"Bob","peerId":"bob","signingKey":"02aa","self":false,"connected":true,\
                        "since":"2026-01-02T03:04:05Z","roundTripMicros":412,"state":"agreed"},\
                        {"signer":1,"peerId":"alice","signingKey":"03bb","self":true,"connected":false,\
                        "state":"other-group","theirs":"77"}],\
                        "recovery":{"journal":"a1","accepted":["bob","carol"],"told":["bob"],\
                        "nobodyRemembers":false},\
                        "totalSat":9,"spendableSat":5,"spendableCoins":1,"coins":[\
                        {"txid":"cc","vout":0,"valueSat":5,"height":1,"coinbase":true,"spendable":true},\
                        {"txid":"dd","vout":4000000000,"valueSat":4,"height":7,"coinbase":true,\
                        "spendable":false,"heldBy":"5e"}],"payments":[\
                        {"txid":"ee","state":"seen","since":"2026-01-02T03:04:06Z",\
                        "created":"2026-01-02T03:04:05Z","requester":"alice","confirmations":0,\
                        "seenBy":2,"session":"5e","key":"rent","amountSat":3,\
                        "outputs":[{"to":"carol","amountSat":3}],"feeSat":4,"feeRate":2.25,"rung":{"number":2,"of":3}},\
                        {"txid":"ff","state":"confirmed","since":"2026-01-02T03:04:05Z",\
                        "confirmations":2,"blockHash":"00ee","seenBy":0,"amountSat":0,\
                        "outputs":[]}],\
                        "sessions":[{"session":"5e","requester":"alice","attempt":2,\
                        "phase":"nonces","waitedFor":["bob"]}],\
                        "policy":{"maxAmountSat":8,"leftTodaySat":6,"maxFeeSat":2,\
                        "anyDestination":false,"destinations":["carol"]},\
                        "secrets":{"memoryLocked":false,"leftOutOfCoreFiles":true,\
                        "notDumpable":true,"coreFilesOff":true,"attachOff":true,"missing":["swap"]},\
                        "refused":[],\
                        "chain":{"phase":"blocks","headers":9,"tipAgeSeconds":600,"connected":1,\
                        "agreeing":1,"fresh":false,"bytes":1000000,"secondsLeft":3,\
                        "obstacles":[{"code":"BLOCKS_MISSING","message":"nobody"}],\
                        "peers":[{"peer":"127.0.0.1:1","state":"connected","userAgent":"/btcd/",\
                        "height":9,"agrees":true,"penalty":0,"last":"CLOSED"}]}}\
                        """);
    }

    @Test
    void aGroupIsToldWithItsMembersAndItsAddressWhenItIsThere() throws Exception {
        String group =
                """
                {"proposal":"%s","own":true,"phase":"formed","name":"savings","form":"extended",\
                "epoch":1,"birthday":7,"proposer":"%s","made":"2026-01-01T00:00:00Z",\
                "expires":"2026-01-02T00:00:00Z","members":[{"key":"%s","name":"alice",\
                "peer":"12D3KooW","self":true,"connected":true,"consented":true,\
                "policy":"small sums","sealed":true,"holds":true}],"leaving":[],\
                "descriptor":"%s","address":"bcrt1p"}\
                """
                        .formatted(
                                "0d".repeat(32), "02".repeat(33), "02".repeat(33), "0e".repeat(32));
        assertThat(answer("{\"op\":\"groups\"}")).isEqualTo("{\"groups\":[" + group + "]}");
        String id = "\"group\":\"" + "0d".repeat(32) + "\"";
        assertThat(answer("{\"op\":\"group\"," + id + "}")).isEqualTo(group);
        assertThat(answer("{\"op\":\"group-consent\"," + id + ",\"policy\":\"\"}"))
                .isEqualTo(group);
        assertThat(answer("{\"op\":\"group-refuse\"," + id + ",\"reason\":\"\"}")).isEqualTo(group);
        assertThat(answer("{\"op\":\"group-propose\",\"name\":\"n\",\"members\":[\"a\"]}"))
                .isEqualTo(group);
        assertThat(answer("{\"op\":\"group-export\"," + id + "}"))
                .isEqualTo(
                        """
                        {"id":"%s","descriptor":"tr(musig())","address":"bcrt1p","birthday":7,\
                        "network":"regtest","encoding":"00","record":"0a"}\
                        """
                                .formatted("0e".repeat(32)));
        assertThat(answer("{\"op\":\"group-import\",\"record\":\"" + "0d".repeat(32) + "\"}"))
                .isEqualTo(group);
    }

    @Test
    void aPaymentIsFoundByItsId() throws Exception {
        assertThat(answer("{\"op\":\"payments\"}"))
                .startsWith("{\"payments\":[{\"txid\":\"ee\",")
                .contains("{\"txid\":\"ff\",");
        assertThat(answer("{\"op\":\"payment\",\"id\":\"ff\"}"))
                .isEqualTo(
                        """
                        {"txid":"ff","state":"confirmed","since":"2026-01-02T03:04:05Z",\
                        "confirmations":2,"blockHash":"00ee","seenBy":0,"amountSat":0,"outputs":[]}\
                        """);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> answer("{\"op\":\"payment\",\"id\":\"gg\"}"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_SUCH_PAYMENT"));
    }

    @Test
    void aPaymentIsBumpedOrCancelled() throws Exception {
        assertThat(answer("{\"op\":\"bump\",\"id\":\"rent\",\"feeRate\":9}"))
                .isEqualTo(
                        """
                        {"session":"aa","txid":"bump","feeSat":9,"state":"signed","key":"rent"}\
                        """);
        assertThat(answer("{\"op\":\"cancel\",\"id\":\"rent\"}"))
                .contains("\"txid\":\"cancel\",\"state\"");
        refused("{\"op\":\"bump\"}", "id: a string is needed");
    }

    @Test
    void beforeTheFirstBlockTheTipIsNull() throws Exception {
        assertThat(
                        JsonLine.write(
                                new Operations(new FakeNode(FakeNode.EMPTY))
                                        .handle(JsonLine.parse("{\"op\":\"status\"}"))))
                .contains("\"height\":-1,\"tip\":null,");
    }

    @Test
    void aPaymentMayLeaveOutFeeRateCoinsAndKey() throws Exception {
        assertThat(answer("{\"op\":\"pay\",\"to\":\"carol\",\"amountSat\":5}"))
                .isEqualTo(
                        """
                        {"session":"aa","txid":"dd","feeSat":462,"state":"signed","key":"4b"}\
                        """);
        var _ =
                answer(
                        "{\"op\":\"pay\",\"to\":\"carol\",\"amountSat\":5,\"feeRate\":3,\"coins\":2}");
        var _ =
                answer(
                        """
                        {"op":"pay","to":"carol","amountSat":5,"key":"rent","again":true}\
                        """);
        assertThat(node.paid)
                .containsExactly(
                        new PayRequest("carol", 5, Optional.empty(), Optional.empty()),
                        new PayRequest("carol", 5, Optional.of(3L), Optional.of(2L)),
                        new PayRequest(
                                "carol",
                                5,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("rent"),
                                Optional.of(true)));
    }

    @Test
    void whatOnlyTheOperatorMayDecideIsPassedOn() throws Exception {
        assertThat(answer("{\"op\":\"accept-clock\"}"))
                .isEqualTo("{\"time\":\"2026-01-02T03:04:05Z\"}");
        assertThat(answer("{\"op\":\"allow-conflict\",\"session\":\"5e\"}"))
                .isEqualTo("{\"session\":\"5e\"}");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> answer("{\"op\":\"allow-conflict\",\"session\":\"aa\"}"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_SUCH_SESSION"));
        assertThat(answer("{\"op\":\"accept-recovery\",\"peerId\":\"bob\",\"journal\":\"a1\"}"))
                .isEqualTo("{\"peerId\":\"bob\",\"journal\":\"a1\"}");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() ->
                        answer("{\"op\":\"accept-recovery\",\"peerId\":\"al\",\"journal\":\"a1\"}"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_SUCH_MEMBER"));
    }

    @Test
    void aRequestIsMadeShownJoinedAndEnded() throws Exception {
        String whole =
                """
                {"request":"a1","own":true,"phase":"awaiting-approval","requester":"02aa",\
                "made":"2026-01-02T03:04:05Z","expires":"2026-01-03T03:04:05Z","type":"spend",\
                "amountSat":7,"description":"rent","purpose":"","election":"hash",\
                "coordinator":"02aa","birthday":3,"messages":1,"psbt":true,"address":"bcrt1p",\
                "summary":["pays 7 sat"],"signers":[{"key":"02aa","name":"Bob","self":true,\
                "connected":false,"state":"joined","since":"2026-01-02T03:04:05Z"}],\
                "signatures":[]}\
                """;
        assertThat(answer("{\"op\":\"request-create\",\"keys\":[\"bob\"],\"psbt\":\"cHNi\"}"))
                .isEqualTo(whole);
        assertThat(node.ordered).containsExactly(RequestOrder.of(List.of("bob"), "cHNi"));
        assertThat(answer("{\"op\":\"request\",\"request\":\"a1\"}")).isEqualTo(whole);
        assertThat(answer("{\"op\":\"requests\"}")).isEqualTo("{\"requests\":[" + whole + "]}");
        assertThat(answer("{\"op\":\"request-join\",\"request\":\"a1\"}")).isEqualTo(whole);
        assertThat(answer("{\"op\":\"request-refuse\",\"request\":\"a1\",\"reason\":\"no\"}"))
                .isEqualTo("{\"request\":\"a1 refused: no\"}");
        assertThat(answer("{\"op\":\"advertise\",\"types\":[\"swap\"]}"))
                .startsWith("{\"key\":\"02aaaa");
        assertThat(answer("{\"op\":\"withdraw-advert\"}")).contains("\"advertised\":true");
        assertThat(answer("{\"op\":\"signers\",\"waitMillis\":5}"))
                .contains("\"via\":\"dht\"")
                .contains("\"end\":\"complete\"");
        assertThat(answer("{\"op\":\"vouch\",\"key\":\"alice\",\"seconds\":60}"))
                .isEqualTo("{\"key\":\"alice\",\"vouch\":\"alice:60:00\"}");
        assertThat(answer("{\"op\":\"request-withdraw\",\"request\":\"a1\",\"reason\":\"no\"}"))
                .isEqualTo("{\"request\":\"a1 withdrawn: no\"}");
        assertThat(answer("{\"op\":\"request-release\",\"request\":\"a1\"}"))
                .isEqualTo("{\"request\":\"a1 released\"}");
        assertThat(answer("{\"op\":\"request-round\",\"request\":\"a1\",\"round\":2}"))
                .isEqualTo(whole);
        refused("{\"op\":\"request-round\",\"request\":\"a1\"}", "round: an integer is needed");
        refused("{\"op\":\"request-create\",\"psbt\":\"cHNi\"}", "keys: an array is needed");
        refused("{\"op\":\"request-refuse\",\"request\":\"a1\"}", "reason: a string is needed");
    }

    @Test
    void sessionsAreToldAndWatched() throws Exception {
        assertThat(answer("{\"op\":\"sessions\"}"))
                .startsWith(
                        """
                        {"sessions":[{"session":"5e","request":"a1","own":true,"phase":"round-1",\
                        "since":"2026-01-02T03:04:05Z","waitedFor":["02aa"],"signers":[{\
                        """);
        assertThat(answer("{\"op\":\"session\",\"session\":\"5e\"}"))
                .startsWith("{\"session\":\"5e\"");
        assertThat(answer("{\"op\":\"session-events\",\"after\":3,\"waitMillis\":0}"))
                .isEqualTo("{\"next\":4,\"missed\":0,\"lines\":[\"{}\"]}");
        refused("{\"op\":\"session-events\"}", "waitMillis: an integer is needed");
    }

    @Test
    void whatTheNodeRefusesIsPassedOn() {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> answer("{\"op\":\"pay\",\"to\":\"mallory\",\"amountSat\":5}"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("DESTINATION_NOT_ALLOWED"));
    }

    @Test
    void whatIsNotARequestIsRefusedAndNothingIsPaid() {
        refused("{}", "op: a string is needed");
        refused("{\"op\":7}", "op: a string is needed");
        refused(
                "{\"op\":\"steal\"}",
                "op: unknown operation \"steal\"; known: address, status, pay, payments, payment, bump, cancel, accept-clock, allow-conflict, accept-recovery, request-create, requests, request, request-join, request-refuse, request-withdraw, request-release, request-round, sessions, session, session-events, group-propose, group-consent, group-refuse, groups, group, group-export, group-import, advertise, withdraw-advert, signers, vouch, signer-events");
        refused("{\"op\":\"pay\",\"amountSat\":5}", "to: a string is needed");
        refused("{\"op\":\"pay\",\"to\":\"carol\"}", "amountSat: an integer is needed");
        refused(
                "{\"op\":\"pay\",\"to\":\"carol\",\"amountSat\":5,\"feerate\":1}",
                "feerate: unknown field; known here: to, amountSat, feeRate, coins, key, again, feeLadder, group");
        refused(
                "{\"op\":\"pay\",\"to\":\"carol\",\"amountSat\":5,\"again\":\"yes\"}",
                "again: true or false is needed");
        refused("{\"op\":\"address\",\"of\":\"bob\"}", "of: unknown field; known here: group");
        assertThat(node.paid).isEmpty();
    }

    private String answer(String request) throws ApiException, JsonLineException {
        return JsonLine.write(new Operations(node).handle(JsonLine.parse(request)));
    }

    private void refused(String request, String message) {
        assertThatExceptionOfType(JsonLineException.class)
                .isThrownBy(() -> answer(request))
                .withMessage(message);
    }
}
