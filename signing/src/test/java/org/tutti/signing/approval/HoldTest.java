package org.tutti.signing.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

class HoldTest {
    private static final Bytes CONTENT = Bytes.wrap(new byte[32]);

    private static Set<Bytes> resources(int count) {
        Set<Bytes> resources = new HashSet<>();
        for (int i = 0; i < count; i++) {
            resources.add(Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array()));
        }
        return resources;
    }

    @Test
    void aHoldHasABoundForEachOfItsParts() {
        Set<Bytes> longest = Set.of(Bytes.wrap(new byte[Hold.MAX_RESOURCE_BYTES]));
        assertThat(new Hold(resources(Hold.MAX_RESOURCES), CONTENT).resources()).hasSize(256);
        assertThat(new Hold(longest, CONTENT).resources()).isEqualTo(longest);
        refuses(resources(Hold.MAX_RESOURCES + 1), CONTENT);
        refuses(Set.of(Bytes.wrap(new byte[Hold.MAX_RESOURCE_BYTES + 1])), CONTENT);
        refuses(Set.of(Bytes.EMPTY), CONTENT);
        refuses(resources(1), Bytes.wrap(new byte[33]));
    }

    private static void refuses(Set<Bytes> resources, Bytes content) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Hold(resources, content))
                .withMessageContaining(resources.size() + " resources");
    }

    @Test
    void whatHoldsNothingHasNeitherResourcesNorContent() {
        assertThat(Hold.NONE.isNone()).isTrue();
        assertThat(new Hold(resources(1), Bytes.EMPTY).isNone()).isFalse();
        assertThat(new Hold(Set.of(), CONTENT).isNone()).isFalse();
    }
}
