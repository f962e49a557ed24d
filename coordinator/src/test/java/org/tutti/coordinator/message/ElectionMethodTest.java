package org.tutti.coordinator.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class ElectionMethodTest {
    private static final RequestId REQUEST = new RequestId(Bytes.fromHex("22".repeat(32)));
    private final List<PublicKey> keys =
            Stream.generate(() -> SecretKey.generate(new SecureRandom()).publicKey())
                    .limit(5)
                    .toList();

    @Test
    void eachMethodElectsAsItsNameSays() {
        assertThat(ElectionMethod.FIRST.order(REQUEST, keys)).isEqualTo(keys);
        assertThat(ElectionMethod.LAST.order(REQUEST, keys)).isEqualTo(keys.reversed());
        assertThat(ElectionMethod.LEXICOGRAPHIC.order(REQUEST, keys)).isEqualTo(KeySort.sort(keys));
        assertThat(ElectionMethod.HASH.order(REQUEST, keys))
                .isSortedAccordingTo(
                        Comparator.comparing(key ->
                                TaggedHash.of("tutti/election", REQUEST.bytes(), key.bytes())));
        assertThat(ElectionMethod.FIRST.elect(REQUEST, keys)).isEqualTo(keys.getFirst());
    }

    @ParameterizedTest
    @EnumSource
    void everybodyComesOnce(ElectionMethod method) {
        assertThat(method.order(REQUEST, keys)).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void aHashElectsAnotherForAnotherRequest() {
        Set<PublicKey> elected = new HashSet<>();
        IntStream.range(0, 100)
                .forEach(i ->
                        elected.add(
                                ElectionMethod.HASH.elect(
                                        new RequestId(Bytes.fromHex("%064x".formatted(i))), keys)));
        assertThat(elected).hasSize(5);
    }
}
