package org.tutti.app.demo;

import java.time.Duration;

/// A point in time by which something must have happened.
///
/// @param length how long it was when it was set
/// @param end on the clock of `System.nanoTime`
record Deadline(Duration length, long end) {
    static Deadline in(Duration length) {
        return new Deadline(length, System.nanoTime() + length.toNanos());
    }

    long nanosLeft() {
        return end - System.nanoTime();
    }

    String text() {
        return "within " + length.toSeconds() + " s";
    }
}
