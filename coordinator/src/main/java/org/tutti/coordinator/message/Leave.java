package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A member of a group agrees that another group follows it, in which it is no member.
public record Leave(Header header, Bytes envelope) implements Statement {}
