package org.tutti.lightclient.wire;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Fuzzing;

import java.util.List;

class MessageFuzzTest {
    static List<String> targets() {
        return MessageFuzz.targets();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void damagedPayloadsAreMessagesOrRefused(String target) {
        Fuzzing.damaged(MessageFuzz.seeds(target), 1_000, input -> MessageFuzz.test(target, input));
    }

    @ParameterizedTest
    @MethodSource("targets")
    @Tag("fuzz")
    void jazzerFindsNothing(String target) {
        Fuzzing.withJazzer(MessageFuzz.class, target, MessageFuzz.seeds(target));
    }
}
