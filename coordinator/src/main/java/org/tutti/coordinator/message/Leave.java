package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A member of a group agrees that the group of the next epoch follows, of which it is not a
/// member.
public record Leave(Header header, Bytes envelope) implements Statement {}
