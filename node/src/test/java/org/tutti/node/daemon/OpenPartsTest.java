package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

class OpenPartsTest {
    private final OpenParts open = new OpenParts();
    private final List<String> closed = new ArrayList<>();

    @Test
    void theLastOpenedIsClosedFirstAlsoWhenAPartFails() {
        AutoCloseable first = () -> closed.add("first");
        AutoCloseable broken =
                () -> {
                    closed.add("broken");
                    throw new IOException("disk full");
                };
        AutoCloseable last = () -> closed.add("last");
        assertThat(open.add(first)).isSameAs(first);
        open.add(broken);
        open.add(last);
        assertThat(open.closeAll()).isTrue();
        assertThat(closed).containsExactly("last", "broken", "first");
    }

    @Test
    void aSecondCloseFindsNothingOpen() {
        AutoCloseable part = () -> closed.add("part");
        open.add(part);
        open.close();
        assertThat(open.closeAll()).isFalse();
        assertThat(closed).containsExactly("part");
    }
}
