package org.tutti.testkit.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.Key;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class KeySpaceTest {
    @Test
    void theNearestAreThoseThatSortingByDistanceGives() {
        SplittableRandom random = new SplittableRandom(1);
        List<Contact> contacts = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            byte[] key = new byte[36];
            random.nextBytes(key);
            contacts.add(Contact.of(PeerId.ofEncodedKey(Bytes.wrap(key)), List.of()));
        }
        KeySpace space = new KeySpace(contacts);
        for (int i = 0; i < 50; i++) {
            Key target = new Key(random.nextLong(), random.nextLong(), random.nextLong(), 0);
            List<Contact> sorted = new ArrayList<>(contacts);
            sorted.sort((left, right) -> target.compareDistance(left.key(), right.key()));
            assertThat(space.closest(target, 20)).isEqualTo(sorted.subList(0, 20));
        }
        assertThat(space.closest(Key.of(Bytes.EMPTY), 600)).hasSize(500);
        assertThat(new KeySpace(List.of()).closest(Key.of(Bytes.EMPTY), 5)).isEmpty();
    }
}
