package org.tutti.app.architecture.planted.a;

import org.tutti.app.architecture.planted.b.Second;

/// One half of a circle that the test of the architecture must find.
public record First(Second second) {}
