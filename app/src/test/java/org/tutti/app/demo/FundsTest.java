package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;

/// What can be spent, as one node's events tell it.
class FundsTest {
    private final Funds funds = new Funds(100, 1);

    @Test
    void aRewardCanBeSpentByTheHundredthBlockAfterItsOwn() throws Exception {
        assertThat(see(coin(1, "true"))).isFalse();
        assertThat(see(tip(99))).isFalse();
        assertThat(see(tip(100))).isTrue();
    }

    @Test
    void aCoinWhoseBlockLeftTheChainDoesNotCountUntilItIsBack() throws Exception {
        assertThat(see(tip(7))).isFalse();
        assertThat(see(coin(7, "false"))).isTrue();
        assertThat(see(changed("lost"))).isFalse();
        assertThat(see(tip(8))).isFalse();
        assertThat(see(coin(8, "false"))).isTrue();
        assertThat(see(changed("spent"))).isFalse();
        assertThat(see(changed("restored"))).isTrue();
        assertThat(funds.sumOf(1)).isEqualTo(5);
    }

    private boolean see(String event) throws JsonLineException {
        return funds.see(NodeEvent.read(JsonLine.parse(event)).orElseThrow());
    }

    private static String tip(int height) {
        return "{\"event\":\"tip\",\"height\":%d,\"blockHash\":\"00\"}".formatted(height);
    }

    private static String coin(int height, String coinbase) {
        return """
        {"event":"coin","txid":"aa","vout":0,"valueSat":5,"height":%d,"coinbase":%s}\
        """
                .formatted(height, coinbase);
    }

    private static String changed(String how) {
        return """
        {"event":"coin-changed","txid":"aa","vout":0,"change":"%s"}\
        """
                .formatted(how);
    }
}
