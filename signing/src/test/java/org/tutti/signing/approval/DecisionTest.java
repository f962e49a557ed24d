package org.tutti.signing.approval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.util.ArrayList;
import java.util.List;

class DecisionTest {
    @Test
    void approvedMessagesCannotChangeAfterTheDecision() {
        MessageToSign message = new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.none());
        List<MessageToSign> messages = new ArrayList<>(List.of(message));
        Decision.Approved approved = new Decision.Approved(messages);
        messages.clear();
        assertThat(approved.messages()).containsExactly(message);
    }
}
