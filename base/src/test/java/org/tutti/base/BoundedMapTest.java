package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BoundedMapTest {
    @Test
    void theEntryUsedLeastRecentlyIsForgotten() {
        BoundedMap<String, Integer> map = new BoundedMap<>(2);
        map.put("a", 1);
        map.put("b", 2);
        assertThat(map.get("a")).isEqualTo(1);
        map.put("c", 3);
        assertThat(map.get("b")).isNull();
        assertThat(map.get("a")).isEqualTo(1);
        assertThat(map.get("c")).isEqualTo(3);
        assertThat(map.size()).isEqualTo(2);
    }

    @Test
    void aRemovedEntryMakesRoom() {
        BoundedMap<String, Integer> map = new BoundedMap<>(1);
        map.put("a", 1);
        assertThat(map.remove("a")).isEqualTo(1);
        assertThat(map.remove("a")).isNull();
        map.put("b", 2);
        assertThat(map.size()).isEqualTo(1);
    }

    @Test
    void aBoundOfNothingIsRefused() {
        assertThatThrownBy(() -> new BoundedMap<String, Integer>(0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
